import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Message
from routing.models import Ticket
from tests.factories import make_brand
from widget.actions import create_widget
from widget.decide import contrast, pick_language, readable, text_on
from widget.demo import seed_demo
from widget.models import WidgetSettings
from widget.queries import LOADER_WORDS, catalogue, languages
from widget.shop import CATALOGUE

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
    assert answer.content.endswith(b";window.madang=function(){};")


def test_only_allowed_websites_may_frame(widget: WidgetSettings) -> None:
    widget.allowed_origins = "https://a.example\nhttps://b.example"
    widget.save()
    policy = Client().get("/widget/shop/").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://a.example https://b.example")
    assert "unsafe" not in policy


def test_paused_channel_has_no_widget(widget: WidgetSettings) -> None:
    Channel.objects.update(state=Channel.State.PAUSED)
    assert Client().get("/widget/shop/").status_code == 404


def words_used() -> set[str]:
    """Give every key the messenger and the loader ask a catalogue for."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (APP / "messenger").glob("*.js"))
    # t('…'), and the keys a line chooses among: t(x ? 'a' : 'b'), t({ a: 'b' }[x] || 'c'), { integer: … } has none.
    line = r"const state = .*|const NAMES = .*|return '\w+';|return far.*"
    chosen = re.findall(rf"\bt\((?:[^()]|\([^()]*\))*\)|{line}", sources)
    return set(re.findall(r"'(\w+)'", " ".join(chosen))) | set(LOADER_WORDS)


def test_catalogues_have_the_words_that_are_used_and_no_others() -> None:
    raw = {path.stem: path.read_bytes() for path in (APP / "catalogues").glob("*.json")}
    assert set(raw) == {"en", "ko"} == set(languages())
    words = {language: set(json.loads(content)) for language, content in raw.items()}
    assert words["en"] == words["ko"]
    assert words["en"] - words_used() == set()
    assert max(weight(content) for content in raw.values()) <= CATALOGUE_BYTES


@pytest.fixture
def french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One more catalogue, with two words only, dropped beside the others."""
    for path in (APP / "catalogues").glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "fr.json").write_text('{"send": "Envoyer", "unread": {"one": "{n} non lu", "other": "{n} non lus"}}')
    monkeypatch.setattr("widget.queries.CATALOGUES", tmp_path)
    for cached in (catalogue, languages):
        cached.cache_clear()
    yield
    for cached in (catalogue, languages):
        cached.cache_clear()


def test_another_language_is_one_more_file(widget: WidgetSettings, french: None) -> None:
    assert '"fr": ["Open messages", "Close", {"one": "{n} non lu"' in Client().get("/w.js?key=shop").content.decode()
    page = Client().get("/widget/shop/?lang=fr-CA").content.decode()
    assert '<html lang="fr" dir="ltr">' in page
    assert '"send": "Envoyer"' in page and '"close": "Close"' in page


def test_page_of_a_right_to_left_language_says_so(widget: WidgetSettings, french: None, tmp_path: Path) -> None:
    (tmp_path / "ar.json").write_text("{}")
    assert '<html lang="ar" dir="rtl">' in Client().get("/widget/shop/?lang=ar").content.decode()


def test_language_the_admin_chose_wins(widget: WidgetSettings) -> None:
    widget.language = "ko"
    widget.save()
    page = Client().get("/widget/shop/?lang=en", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="ko" dir="ltr">' in page


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


@pytest.mark.parametrize("language", ["en", "ko"])
def test_shop_has_a_page_for_all_its_goods(db: None, language: str) -> None:
    shelves = Client().get(f"/demo/?lang={language}").content.decode()
    assert shelves.count('<li class="pr">') == len(CATALOGUE) and 'href="#"' not in shelves
    for goods in CATALOGUE:
        page = Client().get(f"/demo/{goods.slug}/?lang={language}").content.decode()
        with override(language):
            assert f"<h1>{goods.name}</h1>" in page and f"₩{goods.price:,}" in page
    assert Client().get("/demo/nothing/").status_code == 404
    assert Client().get("/demo/?in=tents").content.decode().count('<li class="pr">') == 1


def test_demo_is_seeded_once(db: None) -> None:
    assert [seed_demo(base_url="http://shop.test") for _ in range(2)] == [True, False]
    assert (Brand.objects.count(), Ticket.objects.count()) == (1, 6)
    assert Message.objects.count() == 18
