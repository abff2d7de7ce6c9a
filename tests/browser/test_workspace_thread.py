"""The open thread: every word of the customer's shows, and what the server refuses to keep is said again."""

import pytest
from playwright.sync_api import Page, Route, expect

from conversations.models import Conversation, Draft, Participant, User
from tests.browser.aside import aside
from tests.browser.steps import Open, identity_of, open_row, requests_of, sign_in, sign_in_by_form, write_as
from tests.factories import reply, say

# Each would end a selector made of it, or say something else in one.
CLIENT_IDS = ['"', "]", "\\", "\n", '"] *, [x="', "plain"]


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    page = open_page()
    sign_in(page, shop)
    return page


class Refusals:
    """The server, or what stands before it, refuses what a page asks of an address, until they are over."""

    def __init__(self, page: Page, address: str) -> None:
        self.are_over, self.asked = False, 0
        page.route(address, self.answer)

    def answer(self, route: Route) -> None:
        self.asked += 1
        if self.are_over:
            route.continue_()
        else:
            route.fulfill(status=503)


def come_back(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('focus'))")


def conversation_of(name: str) -> Conversation:
    return Conversation.objects.get(contact__name=name)


def read_seq(name: str) -> int:
    mark = Participant.objects.filter(conversation__contact__name=name, user__email="agent@demo.test").first()
    return mark.read_seq if mark else 0


def test_no_client_id_hides_a_message(agent: Page) -> None:
    open_row(agent, "Maya")
    maya, yoonseo = identity_of("Maya Okafor"), User.objects.get(email="agent@demo.test")
    before = agent.locator("#messages .m-bub").count()
    for client_id in CLIENT_IDS:
        # From the customer, and from another program that this agent is signed in with.
        aside(lambda: say(maya, f"asked as {client_id!r}", client_id=client_id))  # noqa: B023
        aside(lambda: reply(conversation_of("Maya Okafor"), yoonseo, f"told {client_id!r}", client_id=f"{client_id}."))  # noqa: B023
    shown = [words for client_id in CLIENT_IDS for words in (f"asked as {client_id!r}", f"told {client_id!r}")]
    expect(agent.locator("#messages .m-bub")).to_have_count(before + len(shown))
    assert agent.locator("#messages .m-bub").all_inner_texts()[before:] == shown
    # An own word still leaves the ones that wait when it is stored.
    agent.fill("#reply", "All read.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#messages .m-bub").last).to_have_text("All read.")
    expect(agent.locator("#pending > *")).to_have_count(0)


@pytest.mark.parametrize("occasion", ["focus", "next message"])
def test_refused_mark_is_made_at_the_next_occasion(agent: Page, occasion: str) -> None:
    reads: list[str] = []
    agent.expose_function("heardRead", lambda: reads.append("read"))
    agent.evaluate("document.body.addEventListener('read', () => window.heardRead())")
    refusals = Refusals(agent, "**/read/")
    open_row(agent, "Maya")
    agent.wait_for_load_state("networkidle")
    assert (reads, read_seq("Maya Okafor")) == ([], 0)
    refusals.are_over, asked = True, refusals.asked
    with agent.expect_response("**/read/") as answer:
        if occasion == "focus":
            come_back(agent)
        else:
            write_as("Maya Okafor", "And the pegs?")
    assert answer.value.status == 204
    assert read_seq("Maya Okafor") == conversation_of("Maya Okafor").last_seq
    come_back(agent)
    agent.wait_for_load_state("networkidle")
    assert (len(reads), refusals.asked) == (1, asked + 1)


def test_refused_mark_takes_none_back_from_the_thread_that_is_open_by_then(agent: Page) -> None:
    held: list[Route] = []
    maya = conversation_of("Maya Okafor").public_id
    agent.route(f"**/{maya}/read/", lambda route: held.append(route))
    open_row(agent, "Maya")
    seen = requests_of(agent)
    with agent.expect_response("**/read/"):
        open_row(agent, "Kenta")
    # What Kenta's thread still fetches would mark it anew.
    agent.wait_for_timeout(1500)
    held[0].abort()
    agent.wait_for_timeout(300)
    come_back(agent)
    agent.wait_for_timeout(300)
    assert len([url for url in seen if url.endswith("/read/")]) == 1


def test_mark_is_made_when_the_line_is_back(agent: Page) -> None:
    refusals = Refusals(agent, "**/read/")
    open_row(agent, "Maya")
    agent.wait_for_load_state("networkidle")
    # The fragment may still be refused: the mark does not wait for it.
    Refusals(agent, "**/messages/**")
    refusals.are_over = True
    with agent.expect_response("**/read/") as answer:
        agent.evaluate("document.body.dispatchEvent(new CustomEvent('socket-open', { detail: { wasLost: true } }))")
    assert answer.value.status == 204


def test_draft_that_was_not_kept_is_not_the_one_to_forget(agent: Page) -> None:
    open_row(agent, "Maya")
    with agent.expect_response("**/draft/"):
        agent.fill("#reply", "It comes")
    Refusals(agent, "**/draft/")
    with agent.expect_response("**/draft/"):
        agent.fill("#reply", "It comes on Friday")
    with agent.expect_response("**/post/"):
        agent.keyboard.press("Control+Enter")
    assert not Draft.objects.exists()


def test_words_typed_after_the_sign_in_ran_out_stay_in_the_browser(agent: Page, shop: str) -> None:
    open_row(agent, "Maya")
    # Lists that are fetched anew would lead to the sign-in.
    agent.wait_for_timeout(1500)
    agent.wait_for_load_state("networkidle")
    agent.context.clear_cookies(name="sessionid")
    with agent.expect_response("**/draft/"):
        agent.fill("#reply", "half a sentence")
    agent.wait_for_load_state("networkidle")
    sign_in_by_form(agent, shop)
    open_row(agent, "Maya")
    expect(agent.locator("#reply")).to_have_value("half a sentence")
