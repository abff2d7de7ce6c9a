"""Reading a long thread: the reader's place, what is announced, the keyboard."""

import pytest
from playwright.sync_api import Route, expect

from conversations import live
from conversations.actions.messages import Author, post_message, receive
from conversations.models import Conversation, Identity
from tests.browser.aside import aside
from tests.browser.visitor import OpenPage, Site, Visitor

TOP = "each => each.scrollTop"
TO_END = "each => each.scrollHeight - each.scrollTop - each.clientHeight"


@pytest.fixture
def carol(site: Site, open_page: OpenPage) -> Visitor:
    return Visitor(open_page(), site).begin("Hello")


def write_many(site: Site, count: int, start: int = 1) -> None:
    def work() -> None:
        conversation = Conversation.objects.get()
        author = Author.agent(site.maya)
        for n in range(start, start + count):
            post_message(conversation=conversation, author=author, content={"type": "text", "text": f"line {n}"})

    aside(work)


def test_two_hundred_messages_load_as_the_reader_goes_up(site: Site, carol: Visitor) -> None:
    write_many(site, 200)
    carol.open()
    log = carol.frame.locator(".mw-log")
    expect(carol.frame.locator(".mw-m .mw-b").last).to_have_text("line 200")
    assert log.evaluate(TO_END) < 2
    loaded = 50
    for _ in range(4):
        first = carol.frame.locator(".mw-m .mw-b").first
        words = first.inner_text()
        log.evaluate("each => { each.scrollTop = 90 }")
        expect(carol.frame.locator("[role=listitem][data-id]")).to_have_count(min(201, loaded + 50))
        loaded += 50
        still = carol.frame.get_by_text(words, exact=True).bounding_box()
        head = log.bounding_box()
        assert still is not None and head is not None
        # What the reader looked at is still before their eyes.
        assert head["y"] - 140 <= still["y"] <= head["y"] + 60
    texts = carol.frame.locator(".mw-m .mw-b").all_inner_texts()
    assert texts == [f"line {n}" for n in range(1, 201)]


def test_reader_of_old_messages_is_not_pulled_down(site: Site, carol: Visitor) -> None:
    write_many(site, 40)
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_count(40)
    log = carol.frame.locator(".mw-log")
    # All 40 and carol's own word were read before she scrolls up.
    while (read := site.marks().read_seq) < 41:
        carol.page.wait_for_timeout(100)
    log.evaluate("each => { each.scrollTop = 200 }")
    carol.page.wait_for_timeout(200)
    write_many(site, 2, start=41)
    chip = carol.frame.get_by_role("button", name="2 new messages")
    expect(chip).to_be_visible()
    assert log.evaluate(TOP) == 200
    assert site.marks().read_seq == read
    chip.click()
    expect(chip).to_be_hidden()
    expect(carol.frame.locator(".mw-m .mw-b").last).to_be_in_viewport()
    carol.page.wait_for_timeout(500)
    assert site.marks().read_seq == 43


def test_flood_is_announced_as_a_number(site: Site, carol: Visitor) -> None:
    heard = carol.frame.locator("#polite")
    site.answer("One")
    expect(heard).to_have_text("Maya: One")
    write_many(site, 3)
    expect(heard).to_have_text("4 new messages from Maya")


def test_answer_that_comes_before_its_conversation_is_known_is_heard(site: Site, open_page: OpenPage) -> None:
    page, held = open_page(), list[Route]()
    page.route("**/client/v1/conversations/*", lambda route: held.append(route))
    carol = Visitor(page, site).begin("Hello")
    site.answer("One")
    expect(carol.frame.get_by_text("One", exact=True).first).to_be_visible()
    assert held
    for each in held:
        each.continue_()
    expect(carol.frame.locator("#polite")).to_have_text("Maya: One")


def test_each_message_says_who_when_what_and_how_it_stands(site: Site, carol: Visitor) -> None:
    site.answer("Good morning")
    site.answer("How can I help?")
    carol.write("A question")
    carol.expect_all_sent()
    rows = [" ".join(row.split()) for row in carol.frame.locator("[role=listitem][data-id]").all_text_contents()]
    times = carol.frame.locator("[role=listitem][data-id] .vh").all_text_contents()
    clock = next(each for each in times if each.startswith("You ")).removeprefix("You ")
    # The letter in front is the avatar's, which screen readers pass over.
    assert rows == [
        f"You {clock}HelloSent",
        f"MMaya{clock}Good morning",
        f"MMaya {clock}How can I help?",
        f"You {clock}A questionSent",
    ]
    log = carol.frame.locator(".mw-log")
    log.focus()
    carol.page.keyboard.press("ArrowUp")
    expect(carol.frame.locator(".mw-me").last).to_be_focused()
    carol.page.keyboard.press("ArrowUp")
    expect(carol.frame.locator(".mw-m").last).to_be_focused()


def test_header_says_who_answers(site: Site, carol: Visitor) -> None:
    expect(carol.frame.locator("h1")).to_have_text("Sopoong")
    site.answer("Good morning")
    expect(carol.frame.locator("h1")).to_have_text("Maya")
    expect(carol.frame.locator(".mw-h p")).to_have_text("Sopoong")
    carol.frame.get_by_role("button", name="Back").click()
    card = carol.frame.locator(".mw-card").first
    expect(card).to_contain_text("Maya from Sopoong")
    expect(card).to_contain_text("Good morning")


def test_end_asks_first_and_is_there_only_where_allowed(site: Site, carol: Visitor) -> None:
    carol.frame.get_by_role("button", name="More").click()
    carol.frame.get_by_role("button", name="End conversation").click()
    dialog = carol.frame.get_by_role("dialog", name="End this conversation?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    carol.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(carol.frame.locator("textarea")).to_be_visible()
    carol.frame.get_by_role("button", name="More").click()
    carol.frame.get_by_role("button", name="End conversation").click()
    carol.frame.get_by_role("button", name="End it").click()
    expect(carol.frame.locator(".mw-ev")).to_have_text("You ended the conversation")
    expect(carol.frame.get_by_role("button", name="More")).to_be_hidden()
    carol.write("One more")
    carol.expect_all_sent()
    expect(carol.frame.locator(".mw-ev")).to_have_text("You ended the conversation")
    brand = site.widget.channel.brand
    brand.visitor_may_end_session = False
    brand.save()
    carol.open()
    carol.frame.locator(".mw-card").first.click()
    expect(carol.frame.locator(".mw-me")).to_have_count(2)
    expect(carol.frame.get_by_role("button", name="More")).to_be_hidden()


def test_home_shows_the_three_newest_with_a_ring_that_is_seen(site: Site, carol: Visitor) -> None:
    def some() -> None:
        for n in range(3):
            content = {"type": "text", "text": f"Topic {n}"}
            receive(identity=Identity.objects.get(), begins_new=True, client_id=f"new-{n}", content=content)

    aside(some)
    carol.open()
    cards = carol.frame.locator(".mw-cards .mw-card")
    expect(cards).to_have_count(5)
    for n, words in enumerate(("You: Topic 2", "You: Topic 1", "You: Topic 0", "Send a new message", "All messages")):
        expect(cards.nth(n)).to_contain_text(words)
    cards.nth(1).focus()
    carol.page.keyboard.press("Shift+Tab")
    expect(cards.first).to_be_focused()
    # Inside the card, so that the ring never lies on the brand's colour.
    assert cards.first.evaluate("each => getComputedStyle(each).outlineOffset") == "-3px"


def test_all_conversations_are_listed_a_page_at_a_time(site: Site, carol: Visitor) -> None:
    def many() -> None:
        identity = Identity.objects.get()
        for n in range(60):
            content = {"type": "text", "text": f"Topic {n}"}
            receive(identity=identity, begins_new=True, client_id=f"new-{n}", content=content)

    aside(many)
    carol.open()
    carol.frame.get_by_role("button", name="All messages").click()
    rows = carol.frame.locator(".mw-rows .mw-row")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("You: Topic 59")
    carol.frame.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(61)
    expect(carol.frame.get_by_role("button", name="Show more")).to_be_hidden()
    rows.last.click()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text("Hello")
    carol.frame.get_by_role("button", name="Back").click()
    expect(rows.first).to_be_focused()


def test_typing_is_shown_and_goes_with_the_message(site: Site, carol: Visitor) -> None:
    conversation = Conversation.objects.get()
    aside(lambda: live.announce(*live.agent_typing(conversation, site.maya, is_typing=True, is_note=False)))
    expect(carol.frame.get_by_role("img", name="Maya is typing")).to_be_visible()
    site.answer("Here it is")
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text(["Here it is"])


def test_sound_can_be_switched_off_and_never_breaks(site: Site, open_page: OpenPage) -> None:
    site.widget.sound = True
    site.widget.save()
    page = open_page()
    page.add_init_script("window.AudioContext = class { constructor() { throw new Error('no sound device'); } }")
    carol = Visitor(page, site).begin("Hello")
    page.locator(".lg").focus()
    site.answer("Ding")
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("Ding")
    carol.frame.get_by_role("button", name="More").click()
    switch = carol.frame.get_by_role("switch", name="Sound")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    carol.open()
    carol.frame.locator(".mw-card").first.click()
    expect(carol.frame.locator(".mw-me")).to_be_visible()
    carol.frame.get_by_role("button", name="More").click()
    expect(carol.frame.get_by_role("switch", name="Sound")).not_to_be_checked()
