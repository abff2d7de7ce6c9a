"""The whole of it: a visitor on a shop's page and an agent in the workspace, in two windows."""

import pytest
from playwright.sync_api import FrameLocator, Page, WebSocketRoute, expect

from conversations.models import Message
from routing.models import Ticket
from tests.browser.steps import Open, findings, settle, sign_in, sign_in_by_form


def open_widget(page: Page, shop: str) -> FrameLocator:
    page.goto(f"{shop}/demo/")
    page.wait_for_function("typeof window.madang === 'function'")
    page.evaluate("madang('open')")
    return page.frame_locator("madang-widget iframe")


def write(frame: FrameLocator, text: str) -> None:
    frame.locator("textarea").fill(text)
    frame.locator(".mw-snd").click()


@pytest.mark.parametrize(
    ("locale", "new_message", "question", "answer", "solve", "states"),
    [
        ("en-US", "Send a new message", "Is the tent waterproof?", "Yes, to 3,000 mm.", "Solve", "Sent Delivered Read"),
        ("ko-KR", "새 메시지 보내기", "텐트 방수되나요?", "네, 내수압 3,000mm예요.", "해결", "보냄 전송됨 읽음"),
    ],
)
def test_visitor_and_agent_talk(
    shop: str, open_page: Open, locale: str, new_message: str, question: str, answer: str, solve: str, states: str
) -> None:
    sent, delivered, read = states.split()
    visitor, agent = open_page(locale=locale), open_page(locale=locale)
    frame = open_widget(visitor, shop)
    frame.get_by_text(new_message).click()
    write(frame, question)
    expect(frame.locator(".mw-rc")).to_have_text(sent)
    settle()
    sign_in_by_form(agent, shop)
    agent.goto(f"{shop}/workspace/inbox/unassigned/")
    agent.locator("[data-row]", has_text=question).click()
    expect(agent.locator("#messages .m-bub")).to_have_text([question])
    agent.locator("[data-action=take]").click()
    expect(agent.locator("[data-action=release]")).to_be_visible()
    agent.fill("#reply", answer)
    agent.keyboard.press("Control+Enter")
    expect(frame.locator(".mw-m .mw-b")).to_have_text(answer)
    expect(agent.locator("#messages .m-bub")).to_have_text([question, answer])
    expect(agent.get_by_role("button", name=solve, exact=True)).to_be_visible()
    write(frame, "👍")
    expect(agent.locator("#messages .m-bub").last).to_have_text("👍")
    agent.evaluate("document.hasFocus = () => false")
    write(frame, "🙂")
    expect(frame.locator(".mw-rc")).to_have_text(delivered)
    agent.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))")
    expect(frame.locator(".mw-rc")).to_have_text(read)
    settle()
    ticket = Ticket.objects.order_by("-pk")[0]
    assert (str(ticket.assignee), ticket.status) == ("Yoonseo Han", "open")


def test_session_ends_and_history_stays(shop: str, open_page: Open) -> None:
    visitor = open_page()
    frame = open_widget(visitor, shop)
    frame.get_by_text("Send a new message").click()
    write(frame, "One question")
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    frame.get_by_role("button", name="More").click()
    frame.get_by_role("button", name="End conversation").click()
    frame.get_by_role("button", name="End it").click()
    expect(frame.locator(".mw-ev")).to_have_text("You ended the conversation")
    write(frame, "One more")
    expect(frame.locator(".mw-me .mw-b")).to_have_text(["One question", "One more"])
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    assert Message.objects.order_by("-pk")[0].session.state == "active"  # type: ignore[union-attr]
    visitor.reload()
    frame = open_widget(visitor, shop)
    frame.get_by_text("One more").click()
    expect(frame.locator(".mw-me .mw-b")).to_have_text(["One question", "One more"])


class Wire:
    """The widget's socket, which can be cut and mended."""

    def __init__(self, page: Page) -> None:
        self.is_whole = True
        self.open: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/client/", self.connect)

    def connect(self, socket: WebSocketRoute) -> None:
        if not self.is_whole:
            socket.close(code=1013)
            return
        socket.connect_to_server()
        self.open.append(socket)

    def cut(self) -> None:
        while self.open:
            self.open.pop().close(code=1012)


def test_words_written_offline_arrive_once(shop: str, open_page: Open) -> None:
    visitor = open_page()
    wire = Wire(visitor)
    frame = open_widget(visitor, shop)
    frame.get_by_text("Send a new message").click()
    write(frame, "before")
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    wire.is_whole = False
    wire.cut()
    expect(frame.locator(".mw-bn")).to_be_visible()
    write(frame, "while away")
    expect(frame.locator(".mw-rc").last).to_contain_text("Waiting for connection")
    wire.is_whole = True
    expect(frame.locator(".mw-rc")).to_have_text("Sent", timeout=30_000)
    expect(frame.locator(".mw-me .mw-b")).to_have_text(["before", "while away"])
    assert Message.objects.filter(content__text="while away").count() == 1


def test_what_the_widget_shows_after_many_cuts_is_what_is_stored(shop: str, open_page: Open) -> None:
    visitor = open_page()
    wire = Wire(visitor)
    frame = open_widget(visitor, shop)
    frame.get_by_text("Send a new message").click()
    for n in range(12):
        write(frame, f"word {n}")
        if n % 3 == 1:
            wire.cut()
    expect(frame.locator(".mw-me .mw-b")).to_have_text([f"word {n}" for n in range(12)])
    expect(frame.locator(".mw-me .mw-b.pend")).to_have_count(0, timeout=30_000)
    stored = list(Message.objects.filter(content__text__startswith="word ").order_by("seq"))
    assert [message.content["text"] for message in stored] == [f"word {n}" for n in range(12)]


def test_phone_viewport_fills_the_screen(shop: str, open_page: Open) -> None:
    phone = open_page(viewport={"width": 375, "height": 740}, locale="ko-KR")
    open_widget(phone, shop)
    box = phone.locator("madang-widget iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 375, "height": 740}


def test_widget_works_by_keyboard_alone(shop: str, open_page: Open) -> None:
    visitor = open_page()
    visitor.goto(f"{shop}/demo/")
    launcher = visitor.locator("madang-widget button")
    launcher.focus()
    visitor.keyboard.press("Enter")
    frame = visitor.frame_locator("madang-widget iframe")
    expect(frame.locator(".mw-card").first).to_be_focused()
    visitor.keyboard.press("Enter")
    expect(frame.locator("textarea")).to_be_focused()
    visitor.keyboard.type("by keyboard")
    visitor.keyboard.press("Enter")
    expect(frame.locator(".mw-me .mw-b")).to_have_text("by keyboard")
    visitor.keyboard.press("Escape")
    expect(launcher).to_be_focused()


def test_second_agent_is_told_who_took_it(shop: str, open_page: Open) -> None:
    pages = [open_page(), open_page()]
    for page, email in zip(pages, ("agent@demo.test", "jiho@demo.test"), strict=True):
        sign_in(page, shop, email)
        page.goto(f"{shop}/workspace/inbox/unassigned/")
        page.locator("[data-row]", has_text="Which mat size").click()
        page.wait_for_load_state("networkidle")
        expect(page.locator("[data-action=take]")).to_be_visible()
    # Both see the button; the second presses it before the page has heard of the first.
    pages[1].route("**/parts/**", lambda route: route.abort())
    pages[0].locator("[data-action=take]").click()
    expect(pages[0].locator("[data-action=release]")).to_be_visible()
    pages[1].locator("[data-action=take]").click()
    expect(pages[1].locator("#toasts")).to_contain_text("Yoonseo Han already took this.")


def test_reply_is_held_back_when_something_new_arrived(shop: str, open_page: Open) -> None:
    visitor, agent = open_page(), open_page()
    frame = open_widget(visitor, shop)
    frame.get_by_text("Send a new message").click()
    write(frame, "first")
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    settle()
    sign_in(agent, shop)
    agent.goto(f"{shop}/workspace/inbox/unassigned/")
    agent.locator("[data-row]", has_text="first").click()
    expect(agent.locator("#messages .m-bub")).to_have_text(["first"])
    agent.wait_for_load_state("networkidle")
    agent.fill("#reply", "my answer")
    agent.route("**/messages/?after=*", lambda route: route.abort())
    write(frame, "second")
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#held")).to_be_visible()
    assert not Message.objects.filter(content__text="my answer").exists()
    agent.unroute("**/messages/?after=*")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#messages .m-bub")).to_have_text(["first", "second", "my answer"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_for_a_screen_reader(shop: str, open_page: Open, theme: str) -> None:
    visitor, agent = open_page(color_scheme=theme), open_page(color_scheme=theme)
    frame = open_widget(visitor, shop)
    frame.get_by_text("Send a new message").click()
    write(frame, "hello")
    expect(frame.locator(".mw-rc")).to_have_text("Sent")
    visitor.goto(f"{shop}/widget/demo/")
    expect(visitor.locator(".mw-card").first).to_be_visible()
    assert findings(visitor) == []
    visitor.locator(".mw-card").first.click()
    expect(visitor.locator(".mw-me")).to_be_visible()
    assert findings(visitor) == []
    sign_in(agent, shop)
    agent.locator("[data-row]", has_text="Maya").click()
    expect(agent.locator("#reply")).to_be_visible()
    expect(agent.locator("#tk-tags")).to_be_visible()
    assert findings(agent) == []
