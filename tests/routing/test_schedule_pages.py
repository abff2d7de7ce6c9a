"""The console's page of schedules: what its form takes, refuses, says and keeps."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from conversations.events import SYSTEM
from conversations.models import Brand, Event, Role
from routing.actions.schedules import save_schedule
from routing.admin.schedules import state_of
from routing.decide.hours import ALWAYS, Hours, Opening
from routing.decide.setting_words import week_words
from routing.models import Holiday, Schedule
from routing.queries.schedules import hours_of, hours_of_brand
from tests.factories import make_brand, make_user, signed_in

ADD, LIST = "/admin/routing/schedule/add/", "/admin/routing/schedule/"
MONDAY = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
OFFICE = (Opening(0, 540, 1080),)
HOLIDAY = ("pk", "name", "first", "last", "from", "to", "yearly", "open")


@pytest.fixture
def brand(db: None) -> Brand:
    brand = make_brand()
    brand.time_zone = "Asia/Seoul"
    brand.save()
    return brand


@pytest.fixture
def client(brand: Brand) -> Client:
    return signed_in(make_user("ada", brand, role=Role.ADMIN))


def form(brand: Brand, **given: Any) -> dict[str, Any]:
    fields = {
        "brand": brand.pk,
        "name": "Office",
        "time_zone": "Asia/Seoul",
        "week_0_from": ["09:00", "13:00"],
        "week_0_to": ["12:00", "18:00"],
        "week_4_from": ["22:00"],
        "week_4_to": ["06:00"],
        "import_years": "2",
    }
    return {**fields, **given}


def holidays(*rows: tuple[str, ...]) -> dict[str, list[str]]:
    return {f"holidays_{part}": [row[index] for row in rows] for index, part in enumerate(HOLIDAY)}


def only(answer: Any) -> tuple[str, str]:
    """Give the one field that was refused, and what was said."""
    assert answer.status_code == 200
    ((field, said),) = answer.context["adminform"].form.errors.items()
    return field, str(said)


def make_schedule(brand: Brand, name: str = "Office", week: Any = OFFICE) -> Schedule:
    schedule = Schedule(brand=brand, name=name, time_zone="Asia/Seoul")
    return save_schedule(schedule=schedule, week=week, fields=(), by=SYSTEM)


def page_of(schedule: Schedule) -> str:
    return reverse("admin:routing_schedule_change", args=[schedule.pk])


def test_schedule_is_made_with_its_week_and_holidays(client: Client, brand: Brand) -> None:
    rows = holidays(
        ("", "Christmas", "2026-12-25", "", "", "", "1", "0"),
        ("", "Half day", "2026-12-31", "", "13:00", "24:00", "0", "0"),
    )
    made = client.post(ADD, {**form(brand, is_default="on"), **rows}, follow=True)
    assert "Schedule added: Office" in made.content.decode()
    hours = hours_of_brand(brand.pk)
    assert hours.week == (Opening(0, 540, 720), Opening(0, 780, 1080), Opening(4, 1320, 360))
    found = [
        (each.name, each.repeats_yearly, each.from_minute, each.to_minute) for each in Holiday.objects.order_by("pk")
    ]
    assert found == [("Christmas", True, None, None), ("Half day", False, 780, 0)]
    page = client.get(page_of(Schedule.objects.get())).content.decode()
    assert 'name="week_0_from" value="09:00"' in page and "Christmas" in page


def test_changes_stand_in_the_audit_trail(client: Client, brand: Brand) -> None:
    schedule = make_schedule(brand)
    client.post(page_of(schedule), form(brand, name="Office hours"))
    client.post(page_of(schedule), form(brand, name="Office hours"))
    last = Event.objects.filter(type="configuration.changed").order_by("-pk")
    assert [each.payload["change"] for each in last] == ["name, week", "created"]
    said = client.get("/admin/").content.decode()
    assert "→ Office hours" in said and "weekly hours: Mon 09:00–18:00 → Mon 09:00–12:00, 13:00–18:00 · Fri" in said


def test_holidays_are_changed_and_removed(client: Client, brand: Brand) -> None:
    rows = holidays(*(("", name, "2026-12-25", "", "", "", "0", "0") for name in ("One", "Two", "Three")))
    client.post(ADD, {**form(brand), **rows})
    one, two, _three = Holiday.objects.order_by("pk")
    rows = holidays((str(one.pk), "First", "2026-12-24", "2026-12-26", "", "", "0", "1"))
    client.post(page_of(Schedule.objects.get()), {**form(brand), **rows, "holidays_removed": [two.pk]})
    found = [(each.name, each.last_date, each.is_open) for each in Holiday.objects.order_by("pk")]
    assert found == [("First", date(2026, 12, 26), True), ("Three", date(2026, 12, 25), False)]


@time_machine.travel(MONDAY, tick=False)
def test_holidays_that_are_over_are_still_shown(client: Client, brand: Brand) -> None:
    days = ("2020-05-05", "2026-11-29", "2026-11-30")
    client.post(ADD, {**form(brand), **holidays(*(("", f"On {day}", day, "", "", "", "0", "0") for day in days))})
    ahead, over = client.get(page_of(Schedule.objects.get())).content.decode().split("2 holidays that are over")
    assert all(f"On {day}" in over for day in days[:2]) and f"On {days[2]}" in ahead


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"week_0_to": ["12:00", ""]}, "week", "Monday: – is no time."),
        ({"week_0_to": ["14:00", "18:00"]}, "week", "Monday 09:00–14:00 and Monday 13:00–18:00 overlap"),
        ({"week_0_from": ["09:00"] * 80, "week_0_to": ["10:00"] * 80}, "week", "at most 70"),
        ({"week_0_from": ["25:00", "13:00"]}, "week", "25:00 is no time"),
        ({"time_zone": "Seoul"}, "time_zone", "There is no time zone of this name."),
        ({"name": ""}, "name", "required"),
        (holidays(("", "", "2026-12-25", "", "", "", "0", "0")), "holidays", "give it a name"),
        (holidays(("", "Off", "25.12.", "", "", "", "0", "0")), "holidays", "Off: give the day as in"),
        (holidays(("", "Off", "2026-12-25", "2026-12-24", "", "", "0", "0")), "holidays", "before the first"),
        (holidays(("", "Off", "2026-12-25", "", "13:00", "", "0", "0")), "holidays", "both times"),
        (holidays(("", "Off", "2026-12-25", "", "later", "", "0", "0")), "holidays", "Off: later is no time"),
        ({"_import": "1"}, "import_country", "There is no calendar of this country."),
        ({"_import": "1", "import_country": "US", "import_region": "zz"}, "import_region", "This country has: AK, AL"),
        ({"_import": "1", "import_country": "KR", "import_years": "9"}, "import_years", "valid choice"),
    ],
)
def test_form_refuses_and_keeps_what_was_written(
    client: Client, brand: Brand, given: dict[str, Any], field: str, said: str
) -> None:
    answer = client.post(ADD, form(brand, **given))
    assert only(answer)[0] == field and said in only(answer)[1]
    assert not Schedule.objects.exists()
    page = answer.content.decode()
    assert 'value="22:00"' in page
    for name in given.get("holidays_name", []):
        assert f'value="{name}"' in page


def test_name_is_taken_once_in_a_brand(client: Client, brand: Brand) -> None:
    make_schedule(brand, "Night")
    schedule = make_schedule(brand)
    for url in (ADD, page_of(schedule)):
        answer = client.post(url, form(brand, name="Night"))
        assert answer.status_code == 200 and "already exists" in str(answer.context["adminform"].form.errors)
    assert hours_of(schedule).week == (Opening(0, 540, 1080),)


def test_schedule_without_hours_is_pointed_out(client: Client, brand: Brand) -> None:
    given = {name: value for name, value in form(brand).items() if not name.startswith("week_")}
    with override("en"):
        made = client.post(ADD, given, follow=True).content.decode()
    assert 'class="warning"' in made and "It has no hours: it never opens." in made
    assert "No hours: it never opens" in client.get(LIST).content.decode()
    once = holidays(("", "Sale", "2026-12-05", "", "10:00", "16:00", "1", "1"))
    assert 'class="warning"' not in client.post(ADD, {**given, **once, "name": "Sale"}, follow=True).content.decode()
    assert 'class="state bad"' in client.get(page_of(Schedule.objects.get(name="Office"))).content.decode()


@time_machine.travel(MONDAY, tick=False)
def test_public_holidays_come_in_once(client: Client, brand: Brand) -> None:
    given = form(brand, _import="1", import_country="South Korea (KR)", import_years="2")
    made = client.post(ADD, given, follow=True)
    assert made.redirect_chain[-1][0].endswith("#holidays")
    count = Holiday.objects.filter(source="KR").count()
    assert count > 30 and f"{count} public holidays were added." in made.content.decode()
    assert {each.first_date.year for each in Holiday.objects.all()} == {2026, 2027}
    again = client.post(page_of(Schedule.objects.get()), given, follow=True)
    assert "These public holidays are all here already." in again.content.decode()
    assert Holiday.objects.count() == count


def test_saving_brings_nothing_in(client: Client, brand: Brand) -> None:
    client.post(ADD, form(brand, import_country="South Korea (KR)"))
    assert Schedule.objects.exists() and not Holiday.objects.exists()


def test_first_schedule_is_offered_as_the_brands_hours(client: Client, brand: Brand) -> None:
    page = client.get(ADD).content.decode()
    assert "checked" in page.split('name="is_default"')[1].split(">")[0]
    assert 'value="Asia/Seoul"' in page and 'name="week_4_from" value="09:00"' in page
    client.post(ADD, form(brand, is_default="on"))
    assert "checked" not in client.get(ADD).content.decode().split('name="is_default"')[1].split(">")[0]


def test_list_costs_the_same_for_one_and_many(client: Client, brand: Brand) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(LIST).status_code == 200
        return len(asked)

    make_schedule(brand)
    cost()
    one = cost()
    for name in "abcdef":
        make_schedule(brand, name)
    assert cost() == one


@time_machine.travel(MONDAY, tick=False)
@pytest.mark.parametrize(
    ("week", "language", "said"),
    [
        ((Opening(0, 540, 1080),), "en", "Open now, until 18:00"),
        ((Opening(0, 540, 1080),), "ko", "지금 열려 있음, 오후 6:00까지"),
        ((Opening(1, 540, 1080),), "en", "Closed now, opens Tuesday, December 1, 09:00"),
        ((Opening(1, 540, 1080),), "ko", "지금 닫혀 있음, 12월 1일 화요일 오전 9:00에 열림"),
        (ALWAYS.week, "en", "Open now, around the clock"),
        ((), "en", "This schedule has no hours: it never opens. Add hours to at least one day."),
    ],
)
def test_what_a_schedule_is_now(brand: Brand, week: Any, language: str, said: str) -> None:
    hours = hours_of(make_schedule(brand, week=week))
    with override(language):
        assert state_of(hours, MONDAY)["words"] == said


def test_week_is_said_in_short() -> None:
    office = [Opening(day, *part) for day in range(4) for part in ((540, 720), (780, 1080))]
    hours = Hours(ALWAYS.zone, (*office, Opening(4, 540, 720), Opening(6, 0, 0)))
    with override("en"):
        assert week_words(hours.week) == "Mon–Thu 09:00–12:00, 13:00–18:00 · Fri 09:00–12:00 · Sun 24 hours"
        assert week_words(()) == "–"
        # A slip of the hand is seen for what it is.
        assert week_words([Opening(1, 540, 540)]) == "Tue 09:00–09:00 (24 hours)"
