"""The workspace while things happen: a line that breaks, colleagues in one thread, mentions, files."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from conversations.actions.messages import receive
from conversations.events import SYSTEM
from conversations.models import Conversation, Message, User
from routing.actions.agents import agent_of
from routing.actions.tickets import assign_ticket
from routing.models import Ticket
from tests.browser.aside import aside
from tests.browser.steps import (
    AgentWire,
    Open,
    identity_of,
    newcomer,
    open_row,
    send,
    settle,
    sign_in,
    stored,
    write_as,
)

NOTIFICATIONS = """
window.shown = [];
window.Notification = class {
  static permission = 'granted';
  static requestPermission() { return Promise.resolve('granted'); }
  constructor(title, { body }) { document.documentElement.dataset.shown = window.shown.push(`${title}: ${body}`); }
};
window.notes = 0;
OscillatorNode.prototype.start = () => { window.notes += 1; };
OscillatorNode.prototype.stop = () => {};
Object.defineProperty(document, 'hasFocus', { value: () => window.isLookedAt !== false });
"""


def signed_in(open_page: Open, shop: str, email: str = "agent@demo.test", **wishes: str) -> Page:
    page = open_page(**wishes)
    sign_in(page, shop, email)
    return page


def give(name: str, email: str) -> None:
    """Have a demo customer's ticket given to one of the demo's people."""
    ticket = Ticket.objects.get(conversation__contact__name=name)
    assign_ticket(ticket=ticket, agent=agent_of(User.objects.get(email=email)), by=SYSTEM)


def choose(name: str, text: str, payload: str) -> None:
    """Have a demo customer press a quick reply."""
    identity = identity_of(name)
    conversation = Conversation.objects.get(contact=identity.contact)
    receive(identity=identity, conversation=conversation, content={"type": "text", "text": text, "payload": payload})


def fill_form(name: str) -> None:
    """Have a demo customer answer the form they were sent."""
    identity = identity_of(name)
    form = Message.objects.get(conversation__contact=identity.contact, content__type="form")
    answers = [
        {"type": "text", "name": "order", "label": "주문 번호", "text": "SP-20431"},
        {"type": "text", "name": "address", "label": "새 주소", "text": "성수이로 21"},
        {"type": "email", "name": "email", "label": "이메일", "email": "seojun@mail.example"},
    ]
    content = {"type": "formResponse", "quotedMessageId": form.public_id, "fields": answers}
    receive(identity=identity, conversation=form.conversation, content=content)


@pytest.mark.parametrize(
    ("locale", "waits", "back"),
    [
        ("en-US", "Waiting for connection", "Connected again. Sent: 3."),
        ("ko-KR", "연결을 기다리는 중", "다시 연결됐어요. 보낸 답장: 3건."),
    ],
)
def test_replies_written_offline_are_sent_once_and_in_order(
    shop: str, open_page: Open, locale: str, waits: str, back: str
) -> None:
    page = open_page(locale=locale)
    wire = AgentWire(page)
    sign_in(page, shop)
    open_row(page, "Maya")
    wire.cut()
    expect(page.locator("#banner .m-banner")).to_be_visible()
    for n in range(3):
        send(page, f"offline {n}")
    expect(page.locator("#pending .m-rcpt")).to_have_text([waits] * 3)
    assert not [words for words in stored("Maya Okafor") if words.startswith("offline")]
    wire.mend()
    page.locator("#banner button").click()
    expect(page.locator("#banner .m-banner.ok")).to_have_text(back)
    expect(page.locator("#pending > *")).to_have_count(0)
    expect(page.locator("#messages .m-bub", has_text="offline")).to_have_text([f"offline {n}" for n in range(3)])
    assert [words for words in stored("Maya Okafor") if words.startswith("offline")] == [
        f"offline {n}" for n in range(3)
    ]


def test_browser_that_knows_it_is_offline_says_so(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    page.context.set_offline(True)
    banner, bar = page.locator("#banner .m-banner"), page.locator(".m-top")
    expect(banner).to_contain_text("No connection.", timeout=5000)
    # The page makes room: nothing of the bar lies under the banner.
    over, under, app = banner.bounding_box(), bar.bounding_box(), page.locator("#app").bounding_box()
    assert over and under and app
    assert under["y"] >= over["y"] + over["height"] and app["y"] + app["height"] == 900
    send(page, "from the tunnel")
    expect(page.locator("#pending .m-rcpt")).to_have_text("Waiting for connection")
    page.context.set_offline(False)
    expect(banner).to_contain_text("Connected again.")
    expect(page.locator("#messages .m-bub").last).to_have_text("from the tunnel")
    assert stored("Maya Okafor").count("from the tunnel") == 1


def test_line_that_brings_no_pong_is_gone_after_ten_seconds(shop: str, open_page: Open) -> None:
    page = open_page()
    page.clock.install()
    wire = AgentWire(page)
    sign_in(page, shop)
    open_row(page, "Maya")
    page.clock.run_for(26_000)
    page.wait_for_timeout(500)
    page.clock.run_for(20_000)
    expect(page.locator("#banner > *")).to_have_count(0)
    wire.is_mute, wire.is_whole = True, False
    page.clock.run_for(25_000)
    page.clock.run_for(13_000)
    expect(page.locator("#banner")).to_contain_text("No connection.")


@pytest.mark.parametrize("delay", [0, 1500])
def test_answer_lost_on_the_way_back_is_not_sent_twice(shop: str, open_page: Open, delay: int) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    tries: list[str] = []

    def lose_first_answer(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.fetch()
            # By now the socket has told of the message, or will have: both must end the same.
            page.wait_for_timeout(delay)
            route.abort()
        else:
            route.continue_()

    page.route("**/post/", lose_first_answer)
    send(page, "only once")
    expect(page.locator("#messages .m-bub", has_text="only once")).to_have_count(1)
    with page.expect_request("**/post/", timeout=20_000):
        expect(page.locator("#messages .m-bub", has_text="only once")).to_have_count(1)
    expect(page.locator("#pending > *")).to_have_count(0)
    assert len(tries) == 2
    assert stored("Maya Okafor").count("only once") == 1


def test_queue_outlives_the_page_and_waits_in_its_own_conversation(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    page.route("**/post/", lambda route: route.abort())
    send(page, "for Maya")
    expect(page.locator("#pending > *")).to_have_count(1)
    open_row(page, "Kenta")
    expect(page.locator("#pending > *")).to_have_count(0)
    send(page, "for Kenta")
    page.reload()
    expect(page.locator("#pending > *")).to_have_count(1)
    page.unroute("**/post/")
    page.reload()
    expect(page.locator("#messages .m-bub", has_text="for Kenta")).to_have_count(1)
    open_row(page, "Maya")
    expect(page.locator("#messages .m-bub", has_text="for Maya")).to_have_count(1)
    assert (stored("Maya Okafor").count("for Maya"), stored("Kenta Mori").count("for Kenta")) == (1, 1)


def test_refused_reply_can_be_tried_again_or_deleted(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    page.route("**/post/", lambda route: route.fulfill(status=400, json={"error": {"title": "No."}}))
    send(page, "first try")
    send(page, "regretted")
    expect(page.locator("#pending .m-rcpt.fail")).to_contain_text(["No.", "No."])
    page.locator("#pending > *", has_text="regretted").get_by_role("button", name="Delete").click()
    page.unroute("**/post/")
    page.locator("#pending").get_by_role("button", name="Try again").click()
    expect(page.locator("#messages .m-bub").last).to_have_text("first try")
    expect(page.locator("#pending > *")).to_have_count(0)
    assert "regretted" not in stored("Maya Okafor")


def test_queued_reply_that_was_overtaken_asks_before_it_goes(shop: str, open_page: Open) -> None:
    page = open_page()
    wire = AgentWire(page)
    sign_in(page, shop)
    open_row(page, "Maya")
    wire.cut()
    send(page, "Friday at noon")
    expect(page.locator("#pending .m-rcpt")).to_have_text("Waiting for connection")
    write_as("Maya Okafor", "Never mind, I bought one.")
    wire.mend()
    expect(page.locator("#pending").get_by_role("button", name="Send anyway")).to_be_visible(timeout=20_000)
    expect(page.locator("#messages .m-bub").last).to_have_text("Never mind, I bought one.")
    assert "Friday at noon" not in stored("Maya Okafor")
    page.locator("#pending").get_by_role("button", name="Send anyway").click()
    expect(page.locator("#messages .m-bub").last).to_have_text("Friday at noon")


def test_held_reply_goes_by_its_button(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    # The news does not reach this window before the reply leaves it.
    page.route("**/messages/**", lambda route: route.abort())
    open_row(page, "Maya")
    write_as("Maya Okafor", "One more thing")
    send(page, "It comes on Friday.")
    expect(page.locator("#held")).to_contain_text("Something new arrived. Read it; Ctrl ↵ sends anyway.")
    page.unroute("**/messages/**")
    page.locator("#held").get_by_role("button", name="Send anyway").click()
    expect(page.locator("#messages .m-bub").last).to_have_text("It comes on Friday.")
    expect(page.locator("#messages .m-bub", has_text="One more thing")).to_have_count(1)
    expect(page.locator("#held")).to_be_hidden()
    expect(page.locator("#held")).to_be_empty()


def test_second_tab_follows_what_the_first_sent(shop: str, open_page: Open) -> None:
    first = signed_in(open_page, shop)
    open_row(first, "Maya")
    first.fill("#reply", "It comes on Friday.")
    with first.expect_response("**/draft/"):
        pass
    tabs = [first.context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.goto(first.url)
        expect(tab.locator("#reply")).to_have_value("It comes on Friday.")
    tabs[1].fill("#reply", "It comes on Friday, I think.")
    first.press("#reply", "Control+Enter")
    expect(tabs[0].locator("#messages .m-bub").last).to_have_text("It comes on Friday.")
    expect(tabs[0].locator("#reply")).to_have_value("")
    expect(tabs[1].locator("#reply")).to_have_value("It comes on Friday, I think.")


def test_send_button_names_the_key_that_sends(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    expect(page.locator("#send .m-kbd")).to_have_text("Ctrl ↵")
    page.locator("summary[aria-label^=Account]").click()
    page.get_by_text("Let Enter send").click()
    expect(page.locator("#send .m-kbd")).to_have_text("↵")


def test_colleagues_see_each_other_and_who_types(shop: str, open_page: Open) -> None:
    yoonseo, jiho = signed_in(open_page, shop), signed_in(open_page, shop, "jiho@demo.test")
    conversation = Ticket.objects.get(conversation__contact__name="Maya Okafor").conversation.public_id
    for page in (yoonseo, jiho):
        page.goto(f"{shop}/workspace/inbox/open/{conversation}/")
        expect(page.locator("#reply")).to_be_visible()
    expect(yoonseo.locator("#presence")).to_have_attribute("aria-label", "Jiho Park is here too")
    jiho.locator("#reply").press_sequentially("I think")
    expect(yoonseo.locator("#collision")).to_have_text("Jiho Park is replying too")
    jiho.fill("#reply", "")
    expect(yoonseo.locator("#collision")).to_be_hidden()
    jiho.locator("#composer [role=tab]", has_text="Note").click()
    jiho.wait_for_timeout(3100)
    jiho.locator("#reply").press_sequentially("between us")
    expect(yoonseo.locator("#collision")).to_have_text("Jiho Park is writing a note")
    open_row(jiho, "Kenta")
    expect(yoonseo.locator("#presence")).to_be_hidden()


def test_who_died_without_a_word_is_gone_after_a_minute(shop: str, open_page: Open) -> None:
    page = open_page()
    page.clock.install()
    sign_in(page, shop)
    open_row(page, "Maya")
    conversation = Ticket.objects.get(conversation__contact__name="Maya Okafor").conversation.public_id
    ghost = {"conversation": conversation, "person": {"id": "0" * 24, "name": "Ghost", "typing": False}, "here": True}
    page.evaluate("(detail) => document.body.dispatchEvent(new CustomEvent('presence', { detail }))", ghost)
    expect(page.locator("#presence")).to_have_attribute("aria-label", "Ghost is here too")
    page.clock.run_for(30_000)
    expect(page.locator("#presence")).to_be_visible()
    page.clock.run_for(60_000)
    expect(page.locator("#presence")).to_be_hidden()


def test_mention_is_offered_by_keyboard_and_heard_of_at_once(shop: str, open_page: Open) -> None:
    yoonseo, jiho = signed_in(open_page, shop), signed_in(open_page, shop, "jiho@demo.test")
    before = int(jiho.locator("#view-mentions .n [aria-hidden]").inner_text())
    open_row(yoonseo, "Kenta")
    yoonseo.keyboard.press("i")
    yoonseo.keyboard.type("@")
    expect(yoonseo.locator("#mentions [role=option]")).to_have_count(4)
    offered, tabs = yoonseo.locator("#mentions").bounding_box(), yoonseo.locator("#composer .box-t").bounding_box()
    assert offered and tabs and offered["y"] + offered["height"] <= tabs["y"]
    yoonseo.keyboard.type("jih")
    expect(yoonseo.locator("#mentions [role=option]")).to_have_text(["Jiho Park"])
    yoonseo.keyboard.press("Enter")
    expect(yoonseo.locator("#reply")).to_have_value("@Jiho Park ")
    yoonseo.keyboard.type("can you ask the store?")
    yoonseo.keyboard.press("Control+Enter")
    expect(yoonseo.locator("#messages .m-mention").last).to_have_text("@Jiho Park")
    expect(jiho.locator("#toasts")).to_contain_text("Yoonseo Han mentioned you")
    expect(jiho.locator("#view-mentions .n [aria-hidden]")).to_have_text(str(before + 1))
    jiho.locator("#toasts button", has_text="Open").click()
    expect(jiho.locator("#messages .m-msg.note .m-bub").last).to_have_text("@Jiho Park can you ask the store?")
    expect(jiho.locator("#view-mentions .n [aria-hidden]")).to_have_text(str(before))


def test_desktop_tells_of_ones_own_and_nobodys_only(shop: str, open_page: Open) -> None:
    page = open_page()
    page.add_init_script(NOTIFICATIONS)
    sign_in(page, shop)
    page.locator("summary[aria-label^=Account]").click()
    page.get_by_text("Turn on desktop notifications").click()
    expect(page.locator("#app[data-notifications=yes]")).to_be_attached()
    open_row(page, "Maya")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.isLookedAt = false")
    write_as("Kenta Mori", "And on Monday?")
    expect(page.locator("html")).to_have_attribute("data-shown", "1")
    newcomer("stranger", "Anyone here?")
    expect(page.locator("html")).to_have_attribute("data-shown", "2")
    aside(lambda: give("Lucía Torres", "jiho@demo.test"))
    write_as("Lucía Torres", "Thanks, not for Yoonseo")
    page.wait_for_timeout(2500)
    assert page.evaluate("window.shown.map((each) => each.split(': ')[1])") == ["And on Monday?", "Anyone here?"]
    assert page.evaluate("window.notes") == 2
    assert re.match(r"\(\d\) ", page.title())


def test_customer_types_in_the_thread_and_in_the_row(shop: str, open_page: Open) -> None:
    agent, visitor = signed_in(open_page, shop), open_page()
    visitor.goto(f"{shop}/demo/")
    visitor.wait_for_function("typeof window.madang === 'function'")
    visitor.evaluate("madang('open')")
    frame = visitor.frame_locator("madang-widget iframe")
    frame.get_by_text("Send a new message").click()
    frame.locator("textarea").fill("Hello")
    frame.locator(".mw-snd").click()
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    settle()
    agent.goto(f"{shop}/workspace/inbox/unassigned/")
    open_row(agent, "Hello")
    frame.locator("textarea").press_sequentially("one mo")
    expect(agent.locator("#typing")).to_be_visible()
    expect(agent.locator("[data-row][aria-current] .ty")).to_be_visible()
    frame.locator(".mw-snd").click()
    expect(agent.locator("#messages .m-bub").last).to_have_text("one mo")
    expect(agent.locator("#typing")).to_be_hidden()
    expect(agent.locator("#announcer")).to_contain_text(": one mo")


def test_flood_is_counted_not_read_out(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    write_as("Maya Okafor", *[f"word {n}" for n in range(5)])
    expect(page.locator("#announcer")).to_have_text("5 new messages from Maya Okafor")


def test_runs_receipts_choices_and_new_rule(shop: str, open_page: Open) -> None:
    page = open_page()
    page.add_init_script(NOTIFICATIONS)
    sign_in(page, shop)
    open_row(page, "Kenta")
    send(page, "Also:")
    send(page, "bring the receipt.")
    ours = page.locator("#messages .m-msg.out")
    expect(ours).to_have_count(3)
    # What stands in the log after the seeded answer ends its run; the two new ones are a run of their own.
    expect(page.locator("#messages .m-msg.out.cont")).to_have_text([re.compile("bring the receipt")])
    expect(ours.locator(".m-rcpt")).to_have_count(2)
    expect(ours.nth(1).locator(".m-rcpt")).to_have_count(0)
    page.evaluate("window.isLookedAt = false")
    aside(lambda: choose("Kenta Mori", "Yes, a low chair", "keep:chair"))
    expect(page.locator("#messages .m-qr .on")).to_have_text("✓ Yes, a low chair")
    expect(page.locator("#messages [data-new]")).to_have_count(1)
    expect(page.locator("#messages > *").nth(-2)).to_have_attribute("data-new", "")


def test_answered_form_says_how_much_of_it(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "이서준")
    expect(page.locator(".form-state")).to_have_text("0 of 3")
    aside(lambda: fill_form("이서준"))
    expect(page.locator(".form-state")).to_have_text("3 of 3")
    expect(page.locator("#messages .m-msg").last).to_contain_text("SP-20431")
    page.reload()
    expect(page.locator(".form-state")).to_have_text("3 of 3")


def test_send_and_solve_keeps_one_ticket(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Kenta")
    page.fill("#reply", "See you there.")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("#toasts")).to_contain_text("Status: Solved.")
    settle()
    tickets = Ticket.objects.filter(conversation__contact__name="Kenta Mori")
    assert [ticket.status for ticket in tickets] == ["solved"]
    assert stored("Kenta Mori")[-1] == "See you there."


def test_long_outage_turns_red_and_counts_what_waits(shop: str, open_page: Open) -> None:
    page = open_page()
    page.clock.install()
    wire = AgentWire(page)
    sign_in(page, shop)
    open_row(page, "Maya")
    wire.cut()
    page.clock.run_for(1000)
    expect(page.locator("#banner > *")).to_have_count(0)
    page.clock.run_for(3000)
    expect(page.locator("#banner")).to_contain_text("Next try in")
    send(page, "kept")
    expect(page.locator("#pending .m-rcpt")).to_have_text("Waiting for connection")
    page.clock.run_for(125_000)
    expect(page.locator("#banner .danger")).to_contain_text("Replies waiting: 1.")


def test_several_files_go_with_one_reply(shop: str, open_page: Open, tmp_path: Path) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    files = []
    for name in ("one.txt", "two.txt", "three.txt"):
        (tmp_path / name).write_text(f"this is {name}\n")
        files.append(tmp_path / name)
    page.set_input_files("#file", files)
    expect(page.locator("#attached li")).to_have_count(3)
    page.get_by_role("button", name="Remove two.txt").click()
    expect(page.locator("#attached progress")).to_have_count(0)
    send(page, "Here they are")
    shown = page.locator("#messages .m-file")
    expect(shown).to_have_count(2)
    expect(shown.first).to_contain_text("one.txt")
    expect(shown.first).to_contain_text("16 B")
    expect(page.locator("#messages .m-bub").last).to_have_text("Here they are")
    expect(page.locator("#attached li")).to_have_count(0)


def test_picture_opens_over_the_thread(shop: str, open_page: Open) -> None:
    page = signed_in(open_page, shop)
    open_row(page, "Maya")
    paste = """async (box) => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 64;
        const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
        const data = new DataTransfer();
        data.items.add(new File([blob], 'pole.png', { type: 'image/png' }));
        box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    }"""
    page.locator("#reply").evaluate(paste)
    expect(page.locator("#attached li")).to_contain_text("pole.png")
    send(page, "")
    page.locator("#messages .pic").click()
    expect(page.locator("#preview")).to_be_visible()
    expect(page.locator("#preview-picture")).to_have_attribute("alt", "pole.png")
    page.keyboard.press("Escape")
    expect(page.locator("#preview")).to_be_hidden()
