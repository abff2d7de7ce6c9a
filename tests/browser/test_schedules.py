"""A schedule is made in the console: two openings a day, holidays, public ones brought in; in both languages."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from conversations.models import Brand
from routing.decide.setting_words import clock
from routing.models import Holiday, Schedule
from tests.browser.aside import aside
from tests.browser.steps import Open, findings
from tests.browser.test_console import sign_in

# What the page calls its parts, in the language of the test.
DAYS = {"en-US": ("Monday", "Tuesday", "Saturday", "Sunday"), "ko-KR": ("월요일", "화요일", "토요일", "일요일")}
WORDS = {
    "en-US": {
        "add": "Add hours: {}",
        "copy": "Copy to weekdays: {}",
        "drop": "Take this opening away: {}",
        "whole": "24 hours: {}",
        "from": "{}, from",
        "until": "{}, until",
        "holiday": "Add a holiday",
        "name": "Name",
        "first": "First day",
        "save": "Save",
        "import": "Save and import",
        "country": "South Korea (KR)",
        "closed": "Closed",
        "next": "until the next day",
        "remove": "Remove {}",
        "back": "Put back: {}",
        "change": "Change {}",
    },
    "ko-KR": {
        "add": "시간 추가: {}",
        "copy": "평일에 복사: {}",
        "drop": "이 시간대 빼기: {}",
        "whole": "24시간: {}",
        "from": "{} 시작",
        "until": "{} 끝",
        "holiday": "휴일 추가",
        "name": "이름",
        "first": "첫날",
        "save": "저장",
        "import": "저장하고 가져오기",
        "country": "대한민국 (KR)",
        "closed": "휴무",
        "next": "다음 날까지",
        "remove": "{} 삭제",
        "back": "되돌려 놓기: {}",
        "change": "{} 바꾸기",
    },
}


def week_of(schedule: Schedule) -> list[tuple[int, str, str]]:
    rows = schedule.intervals.order_by("weekday", "starts_minute")
    return [(row.weekday, clock(row.starts_minute), clock(row.ends_minute)) for row in rows]


def check(page: Page) -> None:
    """Nothing that axe finds grave, and nothing beyond the side of a phone."""
    assert findings(page) == []
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.evaluate("document.querySelector('main').scrollWidth") <= 375
    assert findings(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_schedule_is_made_by_hand(shop: str, open_page: Open, locale: str) -> None:
    words = WORDS[locale]
    monday, tuesday, saturday, sunday = DAYS[locale]
    page = open_page(locale=locale, timezone_id="Asia/Seoul")
    complaints = sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/schedule/")
    expect(page.locator(".m-empty")).to_be_visible()
    page.locator(".m-empty a").click()
    page.fill("#id_name", "Office")
    page.fill("#id_time_zone", "Asia/Seoul")

    # Monday to 12, and another opening; then the same on every weekday.
    page.get_by_label(words["until"].format(monday)).fill("12:00")
    page.get_by_role("button", name=words["add"].format(monday)).click()
    starts = page.get_by_label(words["from"].format(monday)).nth(1)
    expect(starts).to_be_focused()
    expect(starts).to_have_value("13:00")
    page.get_by_role("button", name=words["copy"].format(monday)).click()
    expect(page.get_by_label(words["from"].format(tuesday))).to_have_count(2)
    # Saturday runs into Sunday; Sunday gets hours, loses them, and is closed.
    page.get_by_role("button", name=words["add"].format(saturday)).click()
    page.get_by_label(words["from"].format(saturday)).fill("20:00")
    page.get_by_label(words["until"].format(saturday)).fill("02:00")
    expect(page.get_by_role("group", name=saturday).get_by_text(words["next"])).to_be_visible()
    day = page.get_by_role("group", name=sunday)
    day.get_by_role("button", name=words["whole"].format(sunday)).click()
    expect(day.get_by_text(words["closed"])).to_be_hidden()
    day.get_by_role("button", name=words["drop"].format(sunday)).click()
    expect(day.get_by_text(words["closed"])).to_be_visible()
    expect(day.get_by_role("button", name=words["add"].format(sunday))).to_be_focused()

    page.get_by_role("button", name=words["holiday"]).click()
    row = page.locator("[data-row]")
    expect(row.get_by_label(words["name"])).to_be_focused()
    row.get_by_label(words["name"]).fill("창립기념일")
    row.get_by_label(words["first"]).fill("2031-05-05")
    # axe measures by styles of its own, which the policy stops: what the page itself did is told before.
    assert complaints == []
    check(page)
    # Enter saves; it does not bring public holidays in.
    row.get_by_label(words["name"]).press("Enter")
    expect(page.locator(".messagelist .success")).to_contain_text("Office")

    schedule = Schedule.objects.get()
    weekdays = [(each, *part) for each in range(5) for part in (("09:00", "12:00"), ("13:00", "18:00"))]
    assert week_of(schedule) == [*weekdays, (5, "20:00", "02:00")]
    holiday = Holiday.objects.get()
    assert (holiday.name, holiday.first_date, holiday.last_date) == ("창립기념일", date(2031, 5, 5), date(2031, 5, 5))
    expect(page.locator("#result_list")).to_contain_text("09:00–12:00, 13:00–18:00")
    assert findings(page) == []


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_public_holidays_come_in_and_go_again(shop: str, open_page: Open, locale: str) -> None:
    words = WORDS[locale]
    aside(lambda: Brand.objects.update(locale=locale[:2]))
    page = open_page(locale=locale)
    sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/schedule/add/")
    page.fill("#id_name", "Office")
    expect(page.locator(f"#countries option[value='{words['country']}']")).to_have_count(1)
    page.fill("#id_import_country", words["country"])
    page.get_by_role("button", name=words["import"]).click()
    page.wait_for_url(re.compile(r"/change/#holidays$"))
    lines = page.locator("[data-holiday]:visible")
    assert lines.count() > 10
    expect(page.locator("#state")).to_be_visible()

    first = lines.first
    name, pk = first.locator(".hol-n").inner_text(), int(first.get_attribute("data-holiday") or 0)
    first.get_by_role("button", name=words["remove"].format(name)).click()
    back = first.get_by_role("button", name=words["back"].format(name))
    expect(back).to_be_focused()
    back.press("Enter")
    first.get_by_role("button", name=words["remove"].format(name)).click()
    second = lines.nth(1)
    other = int(second.get_attribute("data-holiday") or 0)
    second.locator("[data-edit]").click()
    row = page.locator("[data-row]")
    row.get_by_label(words["name"]).fill("바뀐 이름")
    check(page)
    page.locator(".submit-row").get_by_role("button", name=words["save"], exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("Office")
    assert not Holiday.objects.filter(pk=pk).exists()
    assert Holiday.objects.get(pk=other).name == "바뀐 이름"


def test_schedule_without_hours_is_pointed_out(shop: str, open_page: Open) -> None:
    page = open_page(locale="ko-KR")
    sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/schedule/add/")
    page.fill("#id_name", "Empty")
    while page.locator("[data-drop]:visible").count():
        page.locator("[data-drop]:visible").first.click()
    page.press("#id_name", "Enter")
    expect(page.locator(".messagelist .warning")).to_contain_text("운영 시간이 없어서 열리지 않아요")
    expect(page.locator("#result_list .m-chip.warn")).to_be_visible()
    page.locator("#result_list tbody th a").click()
    expect(page.locator("#state.bad")).to_be_visible()
    assert findings(page) == []
