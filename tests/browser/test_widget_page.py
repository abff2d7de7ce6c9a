"""The widget as a guest on somebody else's page: policies, calls, titles, languages, sizes, weight on the wire."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.visitor import OpenPage, Site, Visitor

PAGE = """<!doctype html><html lang="{lang}"><head><title>A shop</title><meta name="viewport"
content="width=device-width">{before}<script src="{address}/w.js?key=demo" {how}></script></head>
<body><p><a href="#">A link</a></p><main>Goods</main></body></html>"""


class Host:
    """Somebody else's website: a server of its own, so another origin. It gives one page and its script /calls.js."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.policy = self.calls = ""
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_script = self.path == "/calls.js"
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript" if is_script else "text/html; charset=utf-8")
                if host.policy:
                    self.send_header("Content-Security-Policy", host.policy)
                self.end_headers()
                self.wfile.write((host.calls if is_script else host.page).encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        self.page = self.embed()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def embed(self, *, lang: str = "en", before: str = "", how: str = "defer") -> str:
        """Make the page with the widget on it, and give it."""
        self.page = PAGE.format(lang=lang, address=self.site.address, before=before, how=how)
        return self.page


@pytest.fixture
def host(site: Site) -> Iterator[Host]:
    made = Host(site)
    yield made
    made.server.shutdown()


def test_strict_policy_of_the_host_is_not_violated(site: Site, host: Host, open_page: OpenPage) -> None:
    page = open_page()
    policy = f"default-src 'self'; script-src 'self' {site.address}; frame-src {site.address}"
    host.policy = policy
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(host.address)
    launcher = page.locator("madang-widget button")
    expect(launcher).to_be_visible()
    box = launcher.bounding_box()
    assert box is not None and (box["width"], box["height"]) == (56, 56)
    assert launcher.evaluate("each => getComputedStyle(each).position") == "fixed"
    launcher.click()
    carol = Visitor(page, site)
    carol.frame.locator("[data-new]").click()
    carol.write("From a strict page")
    carol.expect_all_sent()
    page.evaluate("madang('hide')")
    expect(launcher).to_be_hidden()
    assert [each for each in told if "Content Security Policy" in each or "Content-Security-Policy" in each] == []


def test_one_request_before_the_first_click(site: Site, host: Host, open_page: OpenPage) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.startswith(site.address) else None)
    page.goto(host.address)
    expect(page.locator("madang-widget button")).to_be_visible()
    page.wait_for_timeout(1500)
    assert asked == [f"{site.address}/w.js?key=demo"]
    page.locator("madang-widget button").click()
    expect(Visitor(page, site).frame.locator("[data-new]")).to_be_visible()
    files = [url.removeprefix(site.address).split("?")[0] for url in asked if "/client/" not in url]
    assert files == ["/w.js", "/widget/demo/", "/widget/app.css", "/widget/app.js"]


def test_badge_of_a_returning_visitor_needs_no_click(site: Site, host: Host, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(host.address)
    page.locator("madang-widget button").click()
    carol = Visitor(page, site)
    carol.frame.locator("[data-new]").click()
    carol.write("I go for a walk")
    carol.expect_all_sent()
    page.goto("about:blank")
    site.answer("One")
    site.answer("Two")
    page.goto(host.address)
    launcher = page.locator("madang-widget button")
    expect(launcher).to_have_accessible_name("Open messages, 2 unread")
    expect(launcher.locator("i")).to_have_text("2")
    expect(page).to_have_title("(2) New messages · A shop")
    page.evaluate("document.title = 'Another page'")
    launcher.click()
    expect(carol.frame.locator(".mw-m .mw-b")).to_have_text(["One", "Two"])
    expect(page).to_have_title("Another page")


def test_calls_made_before_the_script_are_kept(site: Site, host: Host, open_page: OpenPage) -> None:
    page = open_page()
    calls = """
        window.madang = function () { (madang.q = madang.q || []).push(arguments); };
        window.heard = [];
        madang('on', 'open', () => heard.push('open'));
        madang('hide'); madang('show'); madang('open');
    """
    host.embed(before='<script src="/calls.js"></script>', how="async")
    host.calls = calls
    page.goto(host.address)
    expect(Visitor(page, site).frame.locator("[data-new]")).to_be_visible()
    assert page.evaluate("heard") == ["open"]
    page.evaluate("void (window.off = madang('on', 'close', () => heard.push('close')))")
    page.evaluate("madang('close')")
    page.evaluate("off(); madang('open'); madang('close')")
    assert page.evaluate("heard") == ["open", "close", "open"]


def test_script_twice_is_one_launcher_and_can_be_taken_away(site: Site, host: Host, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(host.address)
    page.locator("madang-widget button").click()
    expect(Visitor(page, site).frame.locator("[data-new]")).to_be_visible()
    again = """address => new Promise(done => {
        const script = Object.assign(document.createElement('script'), {src: address, onload: done});
        document.head.append(script);
    })"""
    page.evaluate(again, f"{site.address}/w.js?key=demo")
    expect(page.locator("madang-widget")).to_have_count(1)
    expect(Visitor(page, site).frame.locator("[data-new]")).to_be_visible()
    page.evaluate("document.querySelector('madang-widget').remove(); delete window.madang")
    page.evaluate(again, f"{site.address}/w.js?key=demo")
    expect(page.locator("madang-widget button")).to_have_accessible_name("Open messages")


def test_unlisted_website_gets_no_widget_and_no_error(site: Site, host: Host, open_page: OpenPage) -> None:
    site.widget.allowed_origins = "https://only.example"
    site.widget.save()
    page = open_page()
    page.goto(host.address)
    page.wait_for_function("typeof window.madang === 'function'")
    page.evaluate("madang('open')")
    expect(page.locator("madang-widget")).to_have_count(0)


@pytest.mark.parametrize(
    ("page_language", "browser_language", "placeholder"),
    [
        ("ko", "en-US", "메시지를 입력하세요"),
        ("en", "ko-KR", "Write a message"),
        ("fr", "ko-KR", "메시지를 입력하세요"),
        ("fr", "fr-FR", "Write a message"),
    ],
)
def test_language_is_the_pages_then_the_browsers(
    site: Site, host: Host, open_page: OpenPage, page_language: str, browser_language: str, placeholder: str
) -> None:
    page = open_page(locale=browser_language)
    host.embed(lang=page_language)
    page.goto(host.address)
    page.locator("madang-widget button").click()
    frame = Visitor(page, site).frame
    frame.locator("[data-new]").click()
    expect(frame.locator("textarea")).to_have_attribute("placeholder", placeholder)


def test_phone_is_filled_and_the_page_under_it_rests(site: Site, host: Host, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 375, "height": 740}, has_touch=True, locale="ko-KR")
    host.embed(lang="ko")
    page.goto(host.address)
    page.locator("madang-widget button").click()
    frame = Visitor(page, site).frame
    expect(frame.locator("#mw")).to_have_attribute("aria-modal", "true")
    assert page.locator("madang-widget iframe").bounding_box() == {"x": 0, "y": 0, "width": 375, "height": 740}
    assert page.evaluate("[...document.body.children].map(each => each.inert)") == [True, True, False]
    small = """() => [...document.querySelectorAll('button, a, textarea')].filter(each => each.offsetParent)
        .map(each => [each.outerHTML.slice(0, 60), each.getBoundingClientRect()])
        .filter(([, box]) => box.height < 40 || box.width < 40).map(([html]) => html)"""
    frame.locator("[data-new]").click()
    expect(frame.locator("textarea")).to_be_focused()
    assert frame.locator("#mw").evaluate(small) == []
    assert frame.locator("textarea").evaluate("each => getComputedStyle(each).fontSize") == "16px"
    frame.get_by_role("button", name="닫기").click()
    expect(page.locator("madang-widget button")).to_be_focused()
    assert page.evaluate("[...document.body.children].map(each => each.inert)") == [False, False, False]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_every_screen_is_accessible(site: Site, open_page: OpenPage, theme: str, locale: str) -> None:
    page = open_page(color_scheme=theme, locale=locale)
    carol = Visitor(page, site).open()
    carol.frame.locator("[data-new]").click()
    carol.write("Hello")
    expect(carol.frame.locator(".mw-rc")).to_have_text("Sent" if locale == "en-US" else "보냄")
    page.evaluate("madang('close')")
    answer_in_many_ways(site)
    # The messenger alone: what is unread opens at once. Then its first screen, and the list.
    page.goto(f"{site.address}/widget/demo/")
    for shown, leads_on in ((".mw-form", ".mw-h .mw-ib >> nth=0"), (".mw-card", ".mw-nav button >> nth=1")):
        expect(page.locator(shown).first).to_be_visible()
        assert violations(page) == []
        page.locator(leads_on).click()
    expect(page.locator(".mw-rows .mw-row")).to_be_visible()
    assert violations(page) == []


def answer_in_many_ways(site: Site) -> None:
    site.answer("Hello, Carol")
    site.answer(
        content={"type": "text", "text": "Bot or not?", "actions": [{"type": "reply", "text": "Bot", "payload": "b"}]}
    )
    site.answer(content={"type": "form", "fields": [{"type": "text", "name": "a", "label": "Order number"}]})
    card = {"title": "Mug", "actions": [{"type": "postback", "text": "Choose", "payload": "mug"}]}
    site.answer(content={"type": "carousel", "items": [card, card | {"title": "Chair"}]})


def violations(page: Page) -> list[str]:
    """Give all of axe-core's findings, whatever their weight."""
    found = Axe().run(page, options={"rules": {"page-has-heading-one": {"enabled": False}}}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]


def test_double_zoom_keeps_all_in_reach(site: Site, open_page: OpenPage) -> None:
    # 200 % of a 640 × 400 window: half as many CSS pixels.
    page = open_page(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    carol = Visitor(page, site).open()
    carol.frame.locator("[data-new]").click()
    carol.write("Hello")
    for locator in (carol.frame.locator("textarea"), carol.frame.get_by_role("button", name="Close")):
        box = locator.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 400


def test_shop_works_in_both_languages_with_no_dead_link(site: Site, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 375, "height": 740})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{site.address}/demo/")
    expect(page.locator("h1")).to_have_text("Pack light, stay for sunset.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("link", name="한국어").click()
    expect(page.locator("h1")).to_have_text("가볍게 챙겨, 노을까지.")
    hrefs = page.eval_on_selector_all("a", "all => all.map(each => each.getAttribute('href'))")
    assert "#" not in hrefs
    page.locator(".pr").first.get_by_role("link", name="하늘 텐트").click()
    expect(page.locator("h1")).to_have_text("하늘 텐트")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("button", name="이 제품 문의하기").click()
    expect(Visitor(page, site).frame.locator("[data-new]")).to_contain_text("새 메시지 보내기")
    assert told == []
