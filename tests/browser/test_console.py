"""The console in a real browser: every page reads well, obeys the policy, and fits a phone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from conversations.models import Brand, Channel, Contact, DeadFact, Event, User
from routing.actions.agents import agent_of, set_preference
from routing.models import Group
from tests.browser.aside import aside
from tests.browser.steps import let_in
from tests.factories import make_user
from widget.models import WidgetSettings

Open = Callable[..., Page]
SERIOUS = {"serious", "critical"}
LINES = "each => { const r = document.createRange(); r.selectNodeContents(each); return r.getClientRects().length }"


@pytest.fixture
def console(shop: str) -> str:
    first = Event.objects.order_by("pk")[0]
    DeadFact.objects.create(reader="routing", event=first, error="ValueError('no')")
    return shop


def sign_in(page: Page, base: str) -> list[str]:
    """Sign the admin in; give the list that fills with what the browser complains of, the policy too."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    let_in(page, base, "admin@demo.test")
    return complaints


def pages() -> list[str]:
    """Give every page an admin can open: home, lists, forms to add and to change, one to delete."""
    found = [""]
    for kind, row in (
        ("widget/widgetsettings", WidgetSettings.objects.get()),
        ("conversations/channel", Channel.objects.get()),
        ("conversations/user", User.objects.get(email="agent@demo.test")),
        ("routing/group", Group.objects.get()),
        ("conversations/brand", Brand.objects.get()),
        ("conversations/event", Event.objects.filter(type="message.posted").order_by("pk")[0]),
        ("conversations/deadfact", DeadFact.objects.get()),
        ("conversations/contact", Contact.objects.order_by("pk")[0]),
    ):
        found += [f"{kind}/", f"{kind}/{row.pk}/change/"]
    found += [f"{kind}/add/" for kind in ("widget/widgetsettings", "conversations/user", "routing/group")]
    found += [f"routing/{kind}/{page}" for kind in ("schedule", "view") for page in ("", "add/")]
    found += [f"conversations/{kind}/" for kind in ("apikey", "signingkey", "responder")]
    found += [f"conversations/{kind}/add/" for kind in ("apikey", "signingkey", "responder", "brand")]
    return [*found, f"routing/group/{Group.objects.get().pk}/delete/"]


def findings(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize(("locale", "theme"), [("en-US", "light"), ("ko-KR", "dark"), ("en-US", "dark")])
def test_every_page_is_accessible_and_obeys_the_policy(console: str, open_page: Open, locale: str, theme: str) -> None:
    page = open_page(locale=locale, color_scheme=theme)
    complaints = sign_in(page, console)
    found: list[str] = []
    for path in pages():
        answer = page.goto(f"{console}/admin/{path}")
        assert answer is not None and answer.status == 200, path
        page.wait_for_load_state("networkidle")
        assert page.locator("h1:visible").count() == 1, path
        assert complaints == []
        found += findings(page)
        # axe measures by styles of its own, which the policy stops: that is not the page's doing.
        complaints.clear()
    assert found == []


def test_phone_has_a_drawer_and_no_page_is_wider(console: str, open_page: Open) -> None:
    page = open_page(locale="ko-KR", viewport={"width": 375, "height": 740}, color_scheme="dark")
    complaints = sign_in(page, console)
    for path in pages():
        page.goto(f"{console}/admin/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 375, path
    # Of a list nothing is beyond the edge either: each row is a card.
    page.goto(f"{console}/admin/conversations/user/")
    last = page.locator("#result_list tbody tr").first.locator("td").last
    expect(last).to_have_attribute("data-label", "마지막 로그인")
    box = last.bounding_box()
    assert box and box["x"] + box["width"] <= 375
    menu = page.locator("#console-menu")
    expect(menu).to_be_hidden()
    page.click("#drawer")
    expect(menu).to_be_visible()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.click("#drawer")
    menu.get_by_role("link", name="이벤트 기록").click()
    page.wait_for_url("**/admin/conversations/event/")
    assert complaints == []


def test_log_tells_the_time_of_the_viewer_on_one_line(console: str, open_page: Open) -> None:
    page = open_page(locale="ko-KR", timezone_id="Asia/Seoul")
    complaints = sign_in(page, console)
    moment = datetime(2026, 3, 2, 14, 31, tzinfo=UTC)
    aside(lambda: Event.objects.update(created_at=moment))
    aside(lambda: Contact.objects.update(name="길" * 120))
    page.context.clear_cookies(name="time_zone")
    page.goto(f"{console}/admin/")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{console}/admin/conversations/event/")
        when = page.locator("td.field-when")
        expect(when.first).to_have_text("2026년 3월 2일 오후 11:31")
        for cell in when.all()[:10]:
            box = cell.bounding_box()
            assert box and box["x"] + box["width"] <= width
        assert when.first.evaluate(LINES) == 1
    assert complaints == []


def test_secret_is_copied_and_never_shown_again(console: str, open_page: Open) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, console)
    page.goto(f"{console}/admin/conversations/signingkey/add/")
    page.fill("#id_name", "Production website")
    page.click("button[name=_save]")
    secret = page.locator("[data-once]").nth(1).inner_text()
    assert re.fullmatch("[0-9a-f]{64}", secret) and findings(page) == []
    page.get_by_role("button", name="Copy: Secret").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_role("link", name="I have copied it").click()
    expect(page.locator("#changelist")).to_contain_text("Production website")
    assert secret not in page.content()


def test_widget_is_previewed_before_it_is_saved(console: str, open_page: Open) -> None:
    page = open_page()
    complaints = sign_in(page, console)
    widget = WidgetSettings.objects.get()
    page.goto(f"{console}/admin/widget/widgetsettings/{widget.pk}/change/")
    expect(page.locator("#snippet")).to_have_text(f'<script src="{console}/w.js?key=demo" defer></script>')
    page.fill("#id_colour", "#ffcc00")
    assert page.input_value("[data-picker]") == "#ffcc00"
    page.select_option("#id_position", "left")
    page.fill("#id_greeting_en", "Welcome, hiker")
    launcher = page.locator(".stage button")
    expect(launcher).to_have_css("background-color", "rgb(255, 204, 0)")
    expect(launcher).to_have_css("color", "rgb(35, 33, 30)")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    launcher.click()
    frame = page.frame_locator(".stage iframe")
    expect(frame.locator(".mw-hero h1")).to_have_text("Welcome, hiker")
    people = Contact.objects.count()
    frame.locator("[data-new]").click()
    frame.locator("textarea").fill("Only a try")
    frame.locator(".mw-snd").click()
    expect(frame.locator(".mw-me .mw-b")).to_have_text("Only a try")
    page.wait_for_timeout(1500)
    assert not [url for url in asked if "/client/" in url or "/ws/client/" in url]
    assert Contact.objects.count() == people and page.evaluate("Object.keys(localStorage)") == []
    assert frame.locator("#mw").evaluate("each => each.style.getPropertyValue('--mw-brand')") == "#ffcc00"
    widget.refresh_from_db()
    assert (widget.colour, widget.position) == ("#1f4d3a", "right")
    page.click("button[name=_save]")
    expect(page.locator(".messagelist")).to_have_text("Web widget saved: Website")
    widget.refresh_from_db()
    assert (widget.colour, widget.position, widget.greeting_en) == ("#ffcc00", "left", "Welcome, hiker")
    assert complaints == []


def test_somebody_new_comes_in_by_the_link(console: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, console)
    page.goto(f"{console}/admin/conversations/user/add/")
    page.fill("#id_name", "Bo Lind")
    page.fill("#id_email", "bo@demo.test")
    page.locator("select[name^=role_]").select_option("agent")
    page.get_by_label("Orders and delivery").check()
    page.click("button[name=_save]")
    link = page.locator("[data-once]").inner_text()
    newcomer = open_page()
    newcomer.goto(link)
    newcomer.fill("#id_new_password1", "correct horse battery")
    newcomer.fill("#id_new_password2", "correct horse battery")
    assert findings(newcomer) == []
    newcomer.click("button.primary")
    newcomer.wait_for_url("**/workspace/inbox/mine/")
    page.goto(f"{console}/admin/conversations/user/")
    expect(page.get_by_role("row", name="Bo Lind")).to_contain_text("Orders and delivery")


def test_members_are_found_by_typing_among_two_hundred(console: str, open_page: Open) -> None:
    def hire() -> None:
        brand = Brand.objects.get()
        for number in range(200):
            agent_of(make_user(f"p{number:03}", brand))

    aside(hire)
    page = open_page()
    complaints = sign_in(page, console)
    group = Group.objects.get()
    page.goto(f"{console}/admin/routing/group/{group.pk}/change/")
    page.get_by_label("Find by name").fill("p137")
    expect(page.locator("#id_members label:visible")).to_have_count(4)
    page.locator("#id_members").get_by_label("P137").check()
    page.click("button[name=_save]")
    expect(page.locator(".messagelist")).to_have_text("Group saved: Orders and delivery")
    assert group.members.filter(user__name="P137").exists() and group.members.count() == 4
    assert complaints == []


def test_language_theme_and_search_are_in_the_bar(console: str, open_page: Open) -> None:
    page = open_page()
    complaints = sign_in(page, console)
    page.goto(f"{console}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing")
    expect(page.locator("#console-found [role=option]")).to_have_text("Nothing is called so.")
    page.keyboard.press("Escape")
    for words, name in (("public holiday", "Schedules"), ("CSAT", "Satisfaction surveys"), ("canned", "Macros")):
        page.locator("#console-search").fill(words)
        expect(page.locator("#console-found [role=option]").first).to_have_text(name)
    page.locator("#console-search").fill("signing")
    expect(page.locator("#console-found [role=option]").first).to_have_text("Signing keys")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/conversations/signingkey/")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("h1")).to_have_text("서명 키")
    page.locator("#console-search").fill("공휴일")
    expect(page.locator("#console-found [role=option]").first).to_contain_text("시간")
    assert complaints == []
    admin = User.objects.get(email="admin@demo.test")
    aside(lambda: set_preference(agent=agent_of(admin), name="theme", value="light"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_problems_look_like_the_rest(console: str, open_page: Open, locale: str) -> None:
    page = open_page(locale=locale)
    for path, status in (("/nowhere/", 404), ("/admin/join/MQ/nothing/", 200)):
        answer = page.goto(f"{console}{path}")
        assert answer is not None and answer.status == status
        expect(page.locator(".m-logo")).to_be_visible()
        assert findings(page) == []
    page.goto(f"{console}/workspace/sign-in/")
    page.context.clear_cookies()
    page.fill("#id_username", "a@b.test")
    page.fill("#id_password", "x")
    page.click("button.primary")
    expect(page.locator("body.problem h1")).to_be_visible()
    assert findings(page) == []
