"""The widget and its line: nothing lost or doubled whatever the network, the storage and other tabs do."""

import json

from playwright.sync_api import Frame, Page, Route, WebSocketRoute, expect

from conversations.actions.sessions import end_session
from conversations.events import Actor
from conversations.models import Contact, Conversation, Message, Session
from tests.browser.aside import aside
from tests.browser.visitor import OpenPage, Site, Visitor, Wire, stored_texts

NO_STORAGE = """
    for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, {get() { throw new DOMException('blocked', 'SecurityError') }});
"""


def test_agent_sees_delivered_then_read(site: Site, open_page: OpenPage) -> None:
    carol = Visitor(open_page(), site).begin("Hello")
    carol.page.evaluate("madang('close')")
    site.answer("Delivered while closed")
    badge = carol.page.locator("madang-widget button")
    expect(badge).to_have_accessible_name("Open messages, 1 unread")
    expect(carol.page).to_have_title("(1) New message · Sopoong, goods for a day outside")
    carol.page.wait_for_timeout(500)
    marks = site.marks()
    assert (marks.delivered_seq, marks.read_seq) == (2, 0)
    badge.click()
    expect(carol.frame.locator(".mw-m .mw-b")).to_be_visible()
    expect(carol.page).to_have_title("Sopoong, goods for a day outside")
    carol.page.wait_for_timeout(500)
    assert site.marks().read_seq == 2


def test_visitor_who_is_not_looking_has_not_read(site: Site, open_page: OpenPage) -> None:
    carol = Visitor(open_page(), site).begin("Hello")
    carol.page.locator(".lg").focus()
    site.answer("Seen, not read")
    expect(carol.frame.locator(".mw-m .mw-b")).to_be_visible()
    carol.page.wait_for_timeout(500)
    marks = site.marks()
    assert (marks.delivered_seq, marks.read_seq) == (2, 0)
    carol.frame.locator("textarea").focus()
    carol.page.wait_for_timeout(500)
    assert site.marks().read_seq == 2


def test_nothing_is_made_before_the_first_word(site: Site, open_page: OpenPage) -> None:
    carol = Visitor(open_page(), site).begin("One")
    for text in ("Two", "Three"):
        carol.frame.get_by_role("button", name="Back").click()
        carol.frame.locator("[data-new]").click()
        expect(carol.frame.locator("textarea")).to_be_focused()
        assert Conversation.objects.count() == {"Two": 1, "Three": 2}[text]
        carol.write(text)
        carol.write(f"{text} again")
        carol.expect_all_sent()
        expect(carol.frame.locator(".mw-me .mw-b")).to_have_text([text, f"{text} again"])
    assert stored_texts() == ["One", "Two", "Two again", "Three", "Three again"]
    assert Conversation.objects.count() == 3


def test_outbox_survives_a_reload(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    wire = Wire(page)
    carol = Visitor(page, site).begin("before")
    wire.is_whole = False
    wire.cut()
    expect(carol.frame.locator(".mw-bn")).to_be_hidden()
    page.context.route("**/client/v1/poll*", lambda route: route.abort())
    carol.write("while away")
    expect(carol.frame.locator(".mw-rc").last).to_have_text("Waiting for connection")
    expect(carol.frame.locator(".mw-bn")).to_contain_text("No connection")
    carol.open()
    carol.frame.locator(".mw-card").first.click()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["before", "while away"])
    wire.is_whole = True
    page.context.unroute("**/client/v1/poll*")
    carol.expect_all_sent()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["before", "while away"])
    assert stored_texts() == ["before", "while away"]


def test_browser_that_knows_it_is_offline_says_so(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    carol = Visitor(page, site).begin("before")
    page.context.set_offline(True)
    carol.write("while away")
    expect(carol.frame.locator(".mw-rc").last).to_have_text("Waiting for connection", timeout=3000)
    expect(carol.frame.locator(".mw-bn")).to_contain_text("No connection", timeout=4000)
    page.wait_for_timeout(8000)
    expect(carol.frame.locator(".mw-bn")).to_be_visible()
    page.context.set_offline(False)
    expect(carol.frame.locator(".mw-bn")).to_be_hidden(timeout=3000)
    carol.expect_all_sent()
    assert stored_texts() == ["before", "while away"]


def test_two_tabs_share_the_visitor_and_the_outbox(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    wire = Wire(page)
    first = Visitor(page, site).begin("from the first")
    second = Visitor(page.context.new_page(), site).open()
    second.frame.locator(".mw-card").first.click()
    expect(second.frame.locator(".mw-me .mw-b")).to_have_text(["from the first"])
    wire.is_whole = False
    wire.cut()
    first.write("one")
    expect(second.frame.locator(".mw-me .mw-b")).to_have_text(["from the first", "one"])
    second.write("two")
    texts = ["from the first", "one", "two"]
    expect(first.frame.locator(".mw-me .mw-b")).to_have_text(texts)
    wire.is_whole = True
    for tab in (first, second):
        frame_of(tab.page).evaluate("dispatchEvent(new Event('online'))")
    for tab in (first, second):
        tab.expect_all_sent()
        expect(tab.frame.locator(".mw-me .mw-b")).to_have_text(texts)
    assert stored_texts() == texts
    assert Contact.objects.count() == 1


def test_lost_last_message_comes_with_the_next_pong(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    lost: list[str] = []

    def connect(socket: WebSocketRoute) -> None:
        def pass_on(message: str | bytes) -> None:
            if isinstance(message, str) and '"type":"message"' in message and "last words" in message and not lost:
                lost.append(message)
            else:
                socket.send(message)

        socket.connect_to_server().on_message(pass_on)

    page.context.route_web_socket("**/ws/client/", connect)
    carol = Visitor(page, site).begin("Hello")
    site.answer("last words")
    page.wait_for_timeout(1500)
    assert len(lost) == 1
    page.clock.fast_forward(25_000)
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("last words")


def test_line_that_died_without_a_word_is_opened_anew(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    is_dead = [False]
    opened: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        opened.append(socket)
        server, first = socket.connect_to_server(), len(opened) == 1
        socket.on_message(lambda message: None if first and is_dead[0] else server.send(message))
        server.on_message(lambda message: None if first and is_dead[0] else socket.send(message))

    page.context.route_web_socket("**/ws/client/", connect)
    carol = Visitor(page, site).begin("Hello")
    is_dead[0] = True
    site.answer("into the dead line")
    page.wait_for_timeout(1000)
    assert len(opened) == 1
    for _ in range(3):  # the ping, its deadline, the wait before the next try
        page.clock.fast_forward(25_000)
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("into the dead line")
    assert len(opened) == 2


def frame_of(page: Page) -> Frame:
    return next(frame for frame in page.frames if "/widget/" in frame.url)


def test_blocked_sockets_fall_back_to_polling_and_come_back(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    wire = Wire(page)
    wire.is_whole = False
    carol = Visitor(page, site).begin("by polling")
    site.answer("heard by polling")
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("heard by polling")
    expect(carol.frame.locator(".mw-bn")).to_be_hidden()
    carol.page.wait_for_timeout(700)
    assert site.marks().read_seq == 2
    wire.is_whole = True
    frame_of(page).evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(1000)
    assert wire.connections == 1
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "/poll" in request.url else None)
    carol.write("by socket")
    carol.expect_all_sent()
    page.wait_for_timeout(4000)
    assert polls == []
    assert stored_texts() == ["by polling", "heard by polling", "by socket"]


def test_blocked_storage_works_in_memory(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.add_init_script(NO_STORAGE)
    carol = Visitor(page, site).begin("no storage")
    site.answer("fine")
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text("fine")
    assert page.context.cookies() == []


def test_full_server_is_waited_out(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        error = {"error": {"code": "too_many_requests", "title": "Slow down", "field": None, "limit": 2}}
        route.fulfill(status=429, headers={"Retry-After": "2"}, body=json.dumps(error))

    page.context.route("**/client/v1/session", refuse_once)
    carol = Visitor(page, site).open()
    expect(carol.frame.locator("[data-new]")).to_be_visible(timeout=10_000)
    assert len(refused) == 1


def test_refused_message_can_be_sent_again_or_deleted(site: Site, open_page: OpenPage) -> None:
    page = open_page()

    def spoil(message: str | bytes) -> str | bytes:
        return message.replace("bad", "x" * 5000) if isinstance(message, str) and spoiled[0] else message

    spoiled = [True]

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: server.send(spoil(message)))

    page.context.route_web_socket("**/ws/client/", connect)
    carol = Visitor(page, site).begin("good")
    carol.write("bad one")
    failed = carol.frame.locator(".mw-rc.fail")
    expect(failed).to_contain_text("Not sent: This is too long.")
    carol.write("bad two")
    expect(failed).to_have_count(2)
    failed.nth(1).get_by_role("button", name="Delete").click()
    expect(failed).to_have_count(1)
    spoiled[0] = False
    failed.get_by_role("button", name="Try again").click()
    carol.expect_all_sent()
    assert stored_texts() == ["good", "bad one"]


def test_thread_says_who_ended_it_and_starts_again(site: Site, open_page: OpenPage) -> None:
    carol = Visitor(open_page(), site).begin("Hello")
    site.answer("Bye")
    conversation = Conversation.objects.get()
    aside(lambda: end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=Actor.of_user(site.maya)))
    ended = carol.frame.locator(".mw-ev")
    expect(ended).to_have_text("Sopoong ended the conversation")
    expect(carol.frame.locator("textarea")).to_have_attribute("placeholder", "Write to start again")
    carol.write("One more thing")
    carol.expect_all_sent()
    expect(ended).to_have_text("Sopoong ended the conversation")
    assert Message.objects.latest("pk").session_id != Message.objects.earliest("pk").session_id


def test_slow_send_says_so(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    held = [False]

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if not (held[0] and isinstance(message, str) and '"type":"send"' in message):
                server.send(message)

        socket.on_message(pass_on)

    page.context.route_web_socket("**/ws/client/", connect)
    carol = Visitor(page, site).begin("quick")
    held[0] = True
    carol.write("slow")
    state = carol.frame.locator(".mw-rc")
    expect(state).to_have_text("", timeout=900)
    expect(state).to_have_text("Sending")
    expect(state).to_have_text("Still sending", timeout=15_000)
    expect(carol.frame.locator(".mw-bn")).to_be_hidden()
    held[0] = False
    frame_of(page).evaluate("location.reload()")
    expect(carol.frame.locator(".mw-card").first).to_be_visible()
    carol.frame.locator(".mw-card").first.click()
    expect(carol.frame.locator(".mw-me .mw-b")).to_have_text(["quick", "slow"])
    expect(state).to_have_text("Sent")


def test_read_mark_that_a_dying_line_swallowed_is_told_again(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    swallowed: list[str] = []
    lines: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        is_first = not lines
        lines.append(socket)

        def pass_on(message: str | bytes) -> None:
            if is_first and '"type":"read"' in str(message):
                swallowed.append(str(message))
            else:
                server.send(message)

        socket.on_message(pass_on)

    page.context.route_web_socket("**/ws/client/", connect)
    carol = Visitor(page, site).begin("Hello")
    site.answer("You there?")
    expect(carol.frame.locator(".mw-m .mw-b")).to_be_visible()
    while not swallowed:
        page.wait_for_timeout(100)
    assert site.marks().read_seq < 2
    lines[0].close(code=1012)
    while site.marks().read_seq < 2:
        page.wait_for_timeout(100)
    expect(page).to_have_title("Sopoong, goods for a day outside")


def test_widget_waits_for_its_turn(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    opened: list[WebSocketRoute] = []
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if "/client/v1/poll" in request.url else None)

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        opened.append(socket)
        server.on_message(lambda message: held.append((socket, message)))

    page.context.route_web_socket("**/ws/client/", connect)
    Visitor(page, site).open()
    # Longer than a socket may take to open, and a ping to be answered.
    page.wait_for_timeout(9500)
    assert (len(opened), len(held), polls) == (1, 1, [])
    for socket, message in held:
        socket.send(message)
    page.wait_for_timeout(500)
    assert (len(opened), polls) == (1, [])


def test_answer_that_comes_late_takes_nothing_back(site: Site, open_page: OpenPage) -> None:
    """The row of a conversation that just began is asked for by HTTP; here the answer comes after the session's end."""
    page = open_page()
    asked: list[Route] = []
    page.context.route("**/client/v1/conversations/*", lambda route: asked.append(route))
    carol = Visitor(page, site).begin("Hello")
    while not asked:
        page.wait_for_timeout(50)
    stale = asked[0].fetch()
    conversation = Conversation.objects.get()
    aside(lambda: end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=Actor.of_user(site.maya)))
    placeholder = carol.frame.locator("textarea")
    expect(placeholder).to_have_attribute("placeholder", "Write to start again")
    asked[0].fulfill(response=stale)
    page.wait_for_timeout(500)
    expect(placeholder).to_have_attribute("placeholder", "Write to start again")
