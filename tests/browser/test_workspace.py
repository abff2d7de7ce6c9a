"""An agent's day in the workspace, in whole stories: finding the way, the list, the keyboard, undo, customers."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, expect

from conversations.actions.roles import save_role
from conversations.events import SYSTEM
from conversations.models import Brand, Contact, CustomRole, Draft, Membership, Message
from routing.models import Ticket
from tests.browser.aside import aside
from tests.browser.steps import Open, answer_as, findings, newcomer, open_row, requests_of, settle, sign_in, write_as


def give_a_role_that_reads_only() -> None:
    role = CustomRole(brand=Brand.objects.get(slug="demo"), name="Looks")
    save_role(role=role, permissions=[], fields=(), by=SYSTEM)
    Membership.objects.filter(user__email="viewer@demo.test").update(custom_role=role, role=role.base)


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    page = open_page()
    sign_in(page, shop)
    return page


def test_conversations_change_in_place(agent: Page, shop: str) -> None:
    sockets: list[str] = []
    agent.on("websocket", lambda socket: sockets.append(socket.url))
    agent.evaluate("window.isSamePage = true")
    open_row(agent, "Maya")
    expect(agent).to_have_url(re.compile("/inbox/mine/[0-9a-f]{24}/$"))
    maya = agent.url
    open_row(agent, "Kenta")
    expect(agent.locator("#customer-name")).to_have_text("Kenta Mori")
    expect(agent.locator("[data-row][aria-current]")).to_contain_text("Kenta")
    agent.go_back()
    expect(agent.locator("#customer-name")).to_have_text("Maya Okafor")
    assert agent.url == maya
    agent.go_forward()
    expect(agent.locator("#customer-name")).to_have_text("Kenta Mori")
    agent.locator("#view-unassigned").click()
    expect(agent.locator("h1")).to_have_text("Unassigned")
    expect(agent.locator("#view-unassigned")).to_have_attribute("aria-current", "page")
    open_row(agent, "Lucía")
    # The socket that the first page opened is still the one that tells of news.
    write_as("Lucía Torres", "Hello again")
    expect(agent.locator("#messages .m-bub").last).to_have_text("Hello again")
    assert agent.evaluate("window.isSamePage") and sockets == []


def test_nothing_typed_while_another_opens_goes_to_the_one_before(agent: Page) -> None:
    held: list[Route] = []
    open_row(agent, "Maya")
    said = Message.objects.count()
    agent.route(re.compile("/workspace/inbox/mine/[0-9a-f]{24}/$"), lambda route: held.append(route))
    agent.locator("#reply").focus()
    agent.locator("[data-row]", has_text="Kenta").click(no_wait_after=True)
    expect(agent.locator("#opened")).to_have_js_property("inert", True)
    agent.keyboard.type("private e")
    agent.keyboard.press("Control+Enter")
    agent.evaluate("reply.value = 'private'; composer.requestSubmit()")
    held[0].continue_()
    expect(agent.locator("#customer-name")).to_have_text("Kenta Mori")
    expect(agent.locator("#reply")).to_have_value("")
    expect(agent.locator("#opened")).to_have_js_property("inert", False)
    assert Message.objects.count() == said
    assert not Ticket.objects.filter(status="solved", conversation__contact__name="Maya Okafor").exists()


def test_list_keeps_its_rows_scroll_and_focus(agent: Page, shop: str) -> None:
    for n in range(40):
        newcomer(f"guest{n:03}", f"question {n}")
    agent.goto(f"{shop}/workspace/inbox/open/")
    agent.locator("#more-rows").click()
    agent.locator(".m-top").hover()
    expect(agent.locator("[data-row]")).to_have_count(45)
    agent.locator("[data-row]").nth(30).focus()
    kept = agent.evaluate("[document.activeElement.id, document.getElementById('rows').scrollTop]")
    assert kept[1] > 300
    newcomer("latecomer", "one more")
    expect(agent.locator("[data-row]")).to_have_count(46)
    assert agent.evaluate("[document.activeElement.id, document.getElementById('rows').scrollTop]") == kept
    # What waits for us stands above, the longest wait first.
    headings = agent.locator("#rows > .grp")
    expect(headings).to_contain_text(["Waiting for you", "Waiting for the customer"])
    expect(agent.locator("[data-row]").first).to_contain_text("Maya")


def test_no_row_moves_under_the_pointer(agent: Page, shop: str) -> None:
    agent.goto(f"{shop}/workspace/inbox/open/")
    rows = agent.locator("#rows [data-row]")
    expect(rows).to_have_count(5)
    before = rows.evaluate_all("rows => rows.map((row) => row.id)")
    rows.last.hover()
    answer_as("jiho@demo.test", "Maya Okafor", "It comes on Friday.")
    maya = agent.locator("[data-row]", has_text="Maya")
    expect(maya).to_contain_text("It comes on Friday.")
    assert rows.evaluate_all("rows => rows.map((row) => row.id)") == before
    agent.locator(".m-top").hover()
    expect(agent.locator("#grp-rest ~ .conv-w [data-row]", has_text="Maya")).to_be_visible()
    assert rows.evaluate_all("rows => rows.map((row) => row.id)") != before


FETCHES_OF_THE_LIST = """performance.getEntriesByType("resource")
    .filter((entry) => entry.name.includes("/parts/list/")).map((entry) => entry.startTime)"""


def test_idle_tab_asks_nothing_and_a_storm_little(agent: Page, shop: str) -> None:
    open_row(agent, "Maya")
    agent.wait_for_load_state("networkidle")
    agent.wait_for_timeout(1500)
    seen = requests_of(agent)
    agent.wait_for_timeout(2500)
    assert seen == []
    for n in range(8):
        write_as("Kenta Mori", f"storm {n}")
    agent.wait_for_timeout(1500)
    times = agent.evaluate(FETCHES_OF_THE_LIST)
    gaps = [late - early for early, late in pairwise(times)]
    assert len(times) > 1 and all(gap > 900 for gap in gaps[1:]), gaps
    assert not [url for url in seen if "/conversations/" in url], "a thread that nobody looks at costs nothing"


def test_everything_by_keyboard_and_undone(agent: Page, shop: str) -> None:
    expect(agent.locator("[data-row]").first).to_be_visible()
    press = agent.keyboard.press
    press("g"), press("u")
    expect(agent.locator("h1")).to_have_text("Unassigned")
    expect(agent.locator("[data-row]")).to_have_count(2)
    press("j")
    expect(agent.locator("#customer-name")).to_have_text("Lucía Torres")
    press("j")
    expect(agent.locator("#customer-name")).to_have_text("김하늘")
    press("k")
    expect(agent.locator("#customer-name")).to_have_text("Lucía Torres")
    press("a")
    expect(agent.locator("#toasts")).to_contain_text("Taken")
    press("z")
    expect(agent.locator("[data-action=take]")).to_be_visible()
    press("e")
    expect(agent.locator("#toasts")).to_contain_text("Status: Solved.")
    agent.locator("#toasts button", has_text="Undo").click()
    expect(agent.locator("[data-action=solve]")).to_be_visible()
    expect(agent.locator("[data-row][aria-current]")).to_have_count(1)
    press("r")
    expect(agent.locator("#reply")).to_be_focused()
    press("Escape")
    expect(agent.locator("[data-row][aria-current]")).to_be_focused()
    press("F6")
    expect(agent.locator("#thread-head :focus")).to_have_count(1)
    press("Shift+Slash")
    expect(agent.locator("#help")).to_be_visible()
    press("Escape")
    press("Control+k")
    agent.keyboard.type("ㄱㅎㄴ")
    expect(agent.locator("#palette [role=option]", has_text="김하늘").first).to_be_visible()
    press("Enter")
    expect(agent.locator("#customer-name")).to_have_text("김하늘")
    press("Control+k")
    agent.keyboard.type("ㅔㅕㅅ ㅑㅅ")
    expect(agent.locator("#palette [data-command]:visible")).to_have_count(0)
    agent.locator("#palette-input").fill("ㅊㅕㄴ")
    expect(agent.locator("#palette [aria-selected=true]")).to_have_text("Customers")
    press("Enter")
    agent.wait_for_url("**/contacts/**")


def test_composing_hangul_neither_sends_nor_jumps(agent: Page) -> None:
    def key(target: str, **given: object) -> None:
        how = {"bubbles": True, "cancelable": True} | given
        agent.locator(target).evaluate("(box, how) => box.dispatchEvent(new KeyboardEvent('keydown', how))", how)

    open_row(agent, "Maya")
    agent.fill("#reply", "네")
    key("#reply", key="Enter", code="Enter", ctrlKey=True, isComposing=True)
    key("#list", key="Process", code="KeyJ", keyCode=229)
    assert agent.input_value("#reply") == "네"
    expect(agent.locator("#customer-name")).to_have_text("Maya Okafor")
    # With the Korean layout on, the key of J gives another letter; its place counts.
    key("#list", key="ㅓ", code="KeyJ")
    expect(agent.locator("#customer-name")).to_have_text("이서준")


def test_drafts_stay_with_their_conversation(agent: Page) -> None:
    open_row(agent, "Maya")
    agent.fill("#reply", "half a sentence")
    open_row(agent, "Kenta")
    expect(agent.locator("#reply")).to_have_value("")
    agent.locator("#composer [role=tab]", has_text="Note").click()
    agent.fill("#reply", "a note to come")
    open_row(agent, "Maya")
    expect(agent.locator("#reply")).to_have_value("half a sentence")
    agent.reload()
    expect(agent.locator("#reply")).to_have_value("half a sentence")
    open_row(agent, "Kenta")
    expect(agent.locator("#reply")).to_have_value("a note to come")
    expect(agent.locator(".box")).to_have_attribute("data-audience", "internal")
    agent.wait_for_load_state("networkidle")
    assert sorted(Draft.objects.values_list("text", "is_note")) == [
        ("a note to come", True),
        ("half a sentence", False),
    ]
    # What is sent at once after a change forgets the older words that were kept.
    open_row(agent, "Maya")
    expect(agent.locator("#reply")).to_have_value("half a sentence")
    agent.fill("#reply", "a whole one instead")
    with agent.expect_response("**/post/") as answer:
        agent.keyboard.press("Control+Enter")
    assert answer.value.status == 201
    assert Draft.objects.get().text == "a note to come"


@pytest.mark.parametrize(
    ("locale", "ask", "ended"),
    [
        ("en-US", "End session", "Yoonseo Han ended the session"),
        ("ko-KR", "상담 종료", "Yoonseo Han 님이 상담을 종료했어요"),
    ],
)
def test_ending_a_session_asks_and_is_told(shop: str, open_page: Open, locale: str, ask: str, ended: str) -> None:
    page = open_page(locale=locale)
    sign_in(page, shop)
    open_row(page, "Maya")
    page.locator("[data-action=end]").click()
    expect(page.locator("#ask")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-action=end]")).to_be_visible()
    page.locator("[data-action=end]").click()
    page.locator("#ask button", has_text=ask).click()
    expect(page.locator(".m-ev").last).to_contain_text(ended)
    expect(page.locator("[data-action=end]")).to_have_count(0)
    # What had the focus is gone: no other button stands in its place under its words.
    expect(page.locator("#thread-head button", has_text=ask).locator("visible=true")).to_have_count(0)
    expect(page.locator("[data-action=solve]")).to_have_text("Solve" if locale == "en-US" else "해결")
    page.keyboard.press("Enter")
    expect(page.locator("[data-action=solve]")).to_be_visible()


def test_double_click_takes_once_and_puts_nothing_back(agent: Page, shop: str) -> None:
    agent.goto(f"{shop}/workspace/inbox/unassigned/")
    open_row(agent, "Lucía")
    take = agent.locator("[data-action=take]")
    box = take.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for gap in (60, 400):
        agent.mouse.click(*middle)
        agent.wait_for_timeout(gap)
        agent.mouse.click(*middle)
        expect(agent.locator("[data-action=release]")).to_be_visible()
        agent.wait_for_timeout(1200)
        expect(agent.locator("#toasts > *")).to_have_text([re.compile("^Taken")])
        agent.locator("#toasts button", has_text="Undo").click()
        expect(take).to_be_visible()


def test_focused_row_loses_its_unread_badge(agent: Page, shop: str) -> None:
    agent.goto(f"{shop}/workspace/inbox/open/")
    row = agent.locator("[data-row]", has_text="Maya")
    expect(row.locator(".m-count")).to_be_visible()
    row.click()
    expect(row).to_be_focused()
    expect(row.locator(".m-count")).to_have_count(0)


def test_tags_and_customer_are_edited_beside_the_thread(agent: Page) -> None:
    open_row(agent, "Maya")
    agent.fill("#tk-tags", "Saturday Trip")
    agent.press("#tk-tags", "Enter")
    expect(agent.locator(".tags .m-chip", has_text="saturday-trip")).to_be_visible()
    expect(agent.locator("#tk-tags")).to_have_value("")
    agent.get_by_role("button", name="Remove the tag tent").click()
    expect(agent.locator(".tags .m-chip", has_text="tent")).to_have_count(0)
    agent.fill("#ct-email", "nonsense")
    agent.press("#ct-email", "Enter")
    expect(agent.locator("#ct-error-email")).to_be_visible()
    expect(agent.locator("#ct-email")).to_have_attribute("aria-invalid", "true")
    # The next field is saved; what is wrong stays to be put right.
    agent.fill("#ct-phone", "010-1234-5678")
    agent.press("#ct-phone", "Enter")
    expect(agent.locator("#toasts")).to_contain_text("Saved.")
    agent.wait_for_timeout(1500)
    expect(agent.locator("#ct-error-email")).to_be_visible()
    expect(agent.locator("#ct-email")).to_have_value("nonsense")
    assert Contact.objects.get(name="Maya Okafor").phone == "010-1234-5678"
    agent.fill("#ct-email", "maya@hey.example")
    agent.press("#ct-email", "Enter")
    expect(agent.locator("#toasts")).to_contain_text("Saved.")
    expect(agent.locator("[id^=ct-error]")).to_have_count(0)
    assert Contact.objects.get(name="Maya Okafor").email == "maya@hey.example"
    assert Ticket.objects.get(conversation__contact__name="Maya Okafor").tags == ["exchange", "saturday-trip"]


def test_customers_have_a_list_and_a_page(agent: Page, shop: str) -> None:
    agent.locator(".m-rail a", has=agent.locator("use[href$='#i-users']")).click()
    expect(agent.locator("#people-rows tr")).to_have_count(6)
    agent.fill("#people-search", "하늘")
    expect(agent.locator("#people-rows tr")).to_have_count(1)
    agent.locator("#people-rows a").click()
    expect(agent.locator("h1")).to_have_text("김하늘")
    agent.locator("summary", has_text="Properties").click()
    agent.fill("#ct-key", "plan")
    agent.fill("#ct-value", "gold")
    agent.press("#ct-value", "Enter")
    expect(agent.locator(".prop label")).to_have_text("plan")
    expect(agent.locator("#ct-value")).to_have_value("")
    agent.get_by_role("button", name="Remove plan").click()
    expect(agent.locator(".prop label")).to_have_count(0)
    agent.locator(".past a").first.click()
    expect(agent.locator("#customer-name")).to_have_text("김하늘")


def test_part_that_fails_says_so_and_the_rest_works(agent: Page) -> None:
    agent.route("**/customer/", lambda route: route.fulfill(status=500, body="broken"))
    open_row(agent, "Maya")
    expect(agent.locator("#customer")).to_contain_text("This part did not load")
    expect(agent.locator("#reply")).to_be_visible()
    agent.unroute("**/customer/")
    agent.locator("#customer button", has_text="Try again").click()
    expect(agent.locator("#ct-name")).to_have_value("Maya Okafor")


def test_who_only_reads_is_told_so(shop: str, open_page: Open) -> None:
    aside(give_a_role_that_reads_only)
    viewer = open_page(locale="ko-KR")
    sign_in(viewer, shop, "viewer@demo.test")
    viewer.goto(f"{shop}/workspace/inbox/open/")
    open_row(viewer, "Maya")
    expect(viewer.locator("#composer-off")).to_contain_text("답장")
    expect(viewer.locator("#side .kv").first).to_be_visible()
    assert viewer.locator("#opened :is(textarea, select, input:not([type=hidden]), [data-action])").count() == 0
    assert findings(viewer) == []


@pytest.mark.parametrize(("locale", "theme"), [("en-US", "light"), ("ko-KR", "dark")])
def test_phone_shows_one_thing_at_a_time(shop: str, open_page: Open, locale: str, theme: str) -> None:
    phone = open_page(viewport={"width": 390, "height": 780}, locale=locale, color_scheme=theme, has_touch=True)
    sign_in(phone, shop)
    expect(phone.locator("#thread")).to_have_count(0)
    pick, face = phone.locator(".pick").first.bounding_box(), phone.locator(".conv .m-av").first.bounding_box()
    assert pick and face and pick["x"] >= 0 and pick["x"] + pick["width"] <= face["x"]
    open_row(phone, "Maya")
    expect(phone.locator("#list")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    rail, composer = phone.locator(".m-rail").bounding_box(), phone.locator("#composer").bounding_box()
    assert rail and composer
    assert rail["y"] + rail["height"] == 780 and 0 <= rail["y"] - (composer["y"] + composer["height"]) <= 12
    boxes = [
        box
        for each in phone.locator(".th-h > *, .th-h .acts > *").all()
        if each.is_visible() and (box := each.bounding_box())
    ]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert findings(phone) == []
    phone.locator(".acts-more summary").click()
    phone.locator(".acts-more [data-press=side]").click()
    expect(phone.locator("#tk-assignee")).to_be_visible()
    phone.locator("#side .hide").click()
    phone.locator(".th-h .back").click()
    expect(phone.locator("#list")).to_be_visible()
    phone.locator(".views-open").click()
    phone.locator("#view-open").click()
    expect(phone.locator("#list h1")).to_be_visible()
    expect(phone.locator("#views")).to_be_hidden()


@pytest.mark.parametrize(("locale", "theme"), [("en-US", "dark"), ("ko-KR", "light")])
def test_nothing_serious_on_any_screen(shop: str, open_page: Open, locale: str, theme: str) -> None:
    page = open_page(locale=locale, color_scheme=theme)
    page.goto(f"{shop}/workspace/sign-in/")
    assert findings(page) == []
    sign_in(page, shop)
    open_row(page, "Maya")
    expect(page.locator("#tk-tags")).to_be_visible()
    page.locator("#composer [role=tab]").nth(1).click()
    assert findings(page) == []
    assert page.locator("h1").count() == 1
    page.keyboard.press("Control+k")
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.goto(f"{shop}/workspace/contacts/")
    expect(page.locator("#people-rows tr").first).to_be_visible()
    assert findings(page) == []
    settle()
