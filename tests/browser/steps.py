"""Steps that stories share: signing in, opening a conversation, doing the worker's work."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page, Request, WebSocketRoute, expect

from conversations import relay
from conversations.actions import visitors
from conversations.models import Channel, Conversation, Identity, Message, User
from tests.browser.aside import aside
from tests.factories import reply, say, signed_in
from widget.demo import PASSWORD

Open = Callable[..., Page]
SERIOUS = {"serious", "critical"}


def settle() -> None:
    """Do what the worker does."""

    def work() -> None:
        relay.publish_pending()
        relay.run_readers()

    aside(work)


def sign_in(page: Page, shop: str, email: str = "agent@demo.test") -> None:
    """Sign in and open the inbox. The form is for the stories about it: here the session begins without one."""
    let_in(page, shop, email)
    page.goto(f"{shop}/workspace/inbox/mine/")
    expect(page.locator("#rows")).to_be_visible()


def let_in(page: Page, shop: str, email: str) -> None:
    """Give the page's browser the cookies that the form leaves: the session, and the zone of its clock."""
    cookies: dict[str, str] = {"time_zone": page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")}

    def work() -> None:
        client = signed_in(User.objects.get(email=email))
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value

    aside(work)
    page.context.add_cookies([{"name": name, "value": value, "url": shop} for name, value in cookies.items()])


def sign_in_by_form(page: Page, shop: str, email: str = "agent@demo.test") -> None:
    page.goto(f"{shop}/workspace/sign-in/")
    page.fill("#id_username", email)
    page.fill("#id_password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/workspace/inbox/mine/")
    expect(page.locator("#rows")).to_be_visible()


def send(page: Page, words: str) -> None:
    """Write these words in the composer, and have them go."""
    page.fill("#reply", words)
    page.keyboard.press("Control+Enter")


def stored(name: str) -> list[str]:
    """Give the words that the server has of a demo customer's conversations, in their order."""
    found = Message.objects.filter(conversation__contact__name=name).order_by("seq")
    return [message.content.get("text", "") for message in found]


def open_row(page: Page, words: str) -> None:
    """Open the conversation of the list that shows these words, and wait for its thread."""
    row = page.locator("[data-row]", has_text=words)
    conversation = row.get_attribute("data-row")
    row.click()
    expect(page.locator(f"#conversation[data-conversation='{conversation}'] #messages")).to_be_visible()


def identity_of(name: str) -> Identity:
    """Give the demo customer of this name."""
    return Identity.objects.select_related("contact").get(contact__name=name)


def newcomer(name: str, words: str) -> Conversation:
    """Have someone new write to the demo shop, and the worker take it in."""
    made: list[Conversation] = []

    def work() -> None:
        channel = Channel.objects.get(brand__slug="demo")
        identity = visitors.admit_visitor(channel=channel, client_id=f"browser-of-{name}-0001").identity
        made.append(say(identity, words).message.conversation)

    aside(work)
    settle()
    return made[0]


def write_as(name: str, *words: str) -> None:
    """Have a demo customer write these messages."""

    def work() -> None:
        for text in words:
            say(identity_of(name), text)

    aside(work)
    settle()


def answer_as(email: str, name: str, words: str) -> None:
    """Have one of the demo's people answer a demo customer."""

    def work() -> None:
        conversation = Conversation.objects.get(contact__name=name)
        reply(conversation, User.objects.get(email=email), words)

    aside(work)
    settle()


def findings(page: Page) -> list[str]:
    """Give axe-core's serious findings, frames included."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found if each["impact"] in SERIOUS]


class AgentWire:
    """The agent's line, socket and HTTP alike, which can be cut and mended; mute, it is open and brings nothing."""

    def __init__(self, page: Page) -> None:
        self.page, self.is_whole, self.is_mute = page, True, False
        self.open: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/agent/", self.connect)

    def connect(self, socket: WebSocketRoute) -> None:
        if not self.is_whole:
            socket.close(code=1013)
            return
        server = socket.connect_to_server()
        server.on_message(lambda message: None if self.is_mute else socket.send(message))
        self.open.append(socket)

    def cut(self) -> None:
        self.is_whole = False
        self.page.route("**/workspace/**", lambda route: route.abort())
        while self.open:
            self.open.pop().close(code=1012)

    def mend(self) -> None:
        self.is_whole = True
        self.page.unroute("**/workspace/**")


def requests_of(page: Page) -> list[str]:
    """Give a list that grows with each request of the page."""
    seen: list[str] = []

    def note(request: Request) -> None:
        seen.append(request.url)

    page.on("request", note)
    return seen
