"""A visitor with the widget open, and the business behind it, as browser tests drive them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import FrameLocator, Page, WebSocketRoute, expect

from conversations.events import SYSTEM
from conversations.models import Conversation, Message, Participant, User
from tests.browser.aside import aside
from tests.factories import make_brand, make_user, reply
from widget.actions import create_widget
from widget.models import WidgetSettings

OpenPage = Callable[..., Page]


@dataclass
class Site:
    """A brand with a widget on the demo shop, and one agent, Maya."""

    address: str
    maya: User
    widget: WidgetSettings

    def answer(self, text: str = "", **given: Any) -> None:
        """Have Maya answer in the newest conversation, in words or with `content`."""
        conversation = Conversation.objects.latest("pk")
        aside(lambda: reply(conversation, self.maya, text, **given))

    def marks(self) -> Participant:
        """Give how far the visitor has come in the newest conversation."""
        return Participant.objects.get(conversation=Conversation.objects.latest("pk"), contact__isnull=False)


def make_site(address: str) -> Site:
    made: list[Site] = []

    def make() -> None:
        brand = make_brand()
        widget = create_widget(brand=brand, name="Website", key="demo", by=SYSTEM)
        made.append(Site(address, make_user("maya", brand), widget))

    aside(make)
    return made[0]


class Visitor:
    """Someone on the shop's page. `frame` is the messenger."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.frame: FrameLocator = page.frame_locator("madang-widget iframe")

    def visit(self, path: str = "/demo/") -> "Visitor":
        self.page.goto(f"{self.site.address}{path}")
        self.page.wait_for_function("typeof window.madang === 'function'")
        return self

    def open(self, path: str = "/demo/") -> "Visitor":
        self.visit(path)
        self.page.evaluate("madang('open')")
        return self

    def begin(self, text: str, path: str = "/demo/") -> "Visitor":
        """Open the messenger and write the first message."""
        self.open(path)
        self.frame.locator("[data-new]").click()
        self.write(text)
        self.expect_all_sent()
        return self

    def write(self, text: str) -> None:
        self.frame.locator("textarea").fill(text)
        self.frame.locator(".mw-snd").click()

    def expect_all_sent(self) -> None:
        """Only the last message says how it stands, and each that is still on its way."""
        state = self.frame.locator(".mw-rc")
        expect(state).to_have_count(1, timeout=30_000)
        expect(state).to_have_text("Sent")


class Wire:
    """The widget's socket, which can be cut, and held closed."""

    def __init__(self, page: Page) -> None:
        self.is_whole = True
        self.open: list[WebSocketRoute] = []
        self.connections = 0
        page.context.route_web_socket("**/ws/client/", self.connect)

    def connect(self, socket: WebSocketRoute) -> None:
        if not self.is_whole:
            socket.close(code=1013)
            return
        self.connections += 1
        socket.connect_to_server()
        self.open.append(socket)

    def cut(self) -> int:
        """Cut what is open; give how many that were."""
        cut = len(self.open)
        while self.open:
            self.open.pop().close(code=1012)
        return cut


def stored_texts() -> list[str]:
    """Give the words of all messages, in the order of their conversations and seqs."""
    return [message.content.get("text", "") for message in Message.objects.order_by("conversation", "seq")]
