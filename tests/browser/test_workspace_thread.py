"""The open thread: every word of the customer's shows."""

import pytest
from playwright.sync_api import Page, expect

from conversations.models import Conversation, User
from tests.browser.conftest import aside
from tests.browser.steps import Open, identity_of, open_row, sign_in
from tests.factories import reply, say

# Each would end a selector made of it, or say something else in one.
CLIENT_IDS = ['"', "]", "\\", "\n", '"] *, [x="', "plain"]


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    page = open_page()
    sign_in(page, shop)
    return page


def conversation_of(name: str) -> Conversation:
    return Conversation.objects.get(contact__name=name)


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
