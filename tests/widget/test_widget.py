import gzip
import json
import re
from pathlib import Path

import pytest
from django.test import Client

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Message
from routing.models import Ticket
from tests.factories import make_brand
from widget.actions import create_widget
from widget.decide import contrast, pick_language, readable, text_on
from widget.demo import seed_demo
from widget.models import WidgetSettings

APP = Path(__file__).parent.parent.parent / "widget"
LOADER_BYTES, ALL_BYTES, CATALOGUE_BYTES = 4096, 45 * 1024, 2048


@pytest.fixture
def widget(db: None) -> WidgetSettings:
    return create_widget(brand=make_brand(), name="Website", key="shop", by=SYSTEM)


def weight(*contents: bytes) -> int:
    return sum(len(gzip.compress(content, 9)) for content in contents)


def test_loader_is_light(widget: WidgetSettings) -> None:
    answer = Client().get("/w.js?key=shop")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert weight(answer.content) <= LOADER_BYTES
    addresses = re.findall(r'(?:src|href)="(/[^"]+)"', Client().get("/widget/shop/").content.decode())
    assert len(addresses) == 2
    rest = [Client().get(address).content for address in ("/widget/shop/", *addresses)]
    assert weight(answer.content, *rest) <= ALL_BYTES


def test_zendesk_snippet_address_gives_the_same_script(widget: WidgetSettings) -> None:
    assert Client().get("/ekr/snippet.js?key=shop").content == Client().get("/w.js?key=shop").content


@pytest.mark.parametrize("key", ["nope", "", "'</script><script>alert(1)", "x" * 500])
def test_unknown_key_only_logs(db: None, key: str) -> None:
    answer = Client().get("/w.js", {"key": key})
    assert answer.status_code == 200
    assert answer.content.startswith(b"console.error(") and b"<" not in answer.content


def test_only_allowed_websites_may_frame(widget: WidgetSettings) -> None:
    widget.allowed_origins = "https://a.example\nhttps://b.example"
    widget.save()
    policy = Client().get("/widget/shop/").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://a.example https://b.example")
    assert "unsafe" not in policy


def test_paused_channel_has_no_widget(widget: WidgetSettings) -> None:
    Channel.objects.update(state=Channel.State.PAUSED)
    assert Client().get("/widget/shop/").status_code == 404


def test_catalogues_have_the_same_words() -> None:
    raw = {path.stem: path.read_bytes() for path in (APP / "catalogues").glob("*.json")}
    words = {language: set(json.loads(content)) for language, content in raw.items()}
    assert words["en"] == words["ko"]
    assert max(weight(content) for content in raw.values()) <= CATALOGUE_BYTES


@pytest.mark.parametrize("colour", ["#244fb9", "#ffd84d", "#ffffff", "#000000", "#1f4d3a", "#808080", "#ff0000"])
def test_any_colour_stays_readable(colour: str) -> None:
    assert contrast(colour, text_on(colour)) >= 3.9
    assert contrast(readable(colour, "#ffffff"), "#ffffff") >= 4.5
    assert contrast(readable(colour, "#191a1f"), "#191a1f") >= 4.5


@pytest.mark.parametrize(
    ("setting", "wishes", "language"),
    [("auto", ("ko-KR",), "ko"), ("en", ("ko",), "en"), ("auto", ("fr-CA", "ko,en"), "ko"), ("auto", ("",), "en")],
)
def test_language_follows_page_then_browser(setting: str, wishes: tuple[str, ...], language: str) -> None:
    assert pick_language(("en", "ko"), setting, *wishes) == language


def test_demo_is_seeded_once(db: None) -> None:
    assert [seed_demo(base_url="http://shop.test") for _ in range(2)] == [True, False]
    assert (Brand.objects.count(), Ticket.objects.count()) == (1, 6)
    assert Message.objects.count() == 18
