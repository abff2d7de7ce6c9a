"""Schedules as they are saved, imported into and read."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from conversations.events import SYSTEM
from conversations.models import Brand, Event
from routing.actions.schedules import (
    MAX_HOLIDAYS,
    MAX_OPENINGS,
    MAX_SCHEDULES,
    HolidayEntry,
    import_public_holidays,
    save_schedule,
)
from routing.decide.hours import ALWAYS, Opening, SpecialDays
from routing.decide.public_holidays import countries, public_holidays, subdivisions
from routing.errors import InvalidChange
from routing.models import Holiday, Interval, Schedule
from routing.queries.schedules import hours_of, hours_of_brand, with_hours
from tests.factories import make_brand
from tests.threads import in_threads

MORNING, AFTERNOON, NIGHT = Opening(0, 540, 720), Opening(0, 780, 1080), Opening(4, 1320, 360)
CHRISTMAS = HolidayEntry("Christmas", SpecialDays(date(2026, 12, 25), date(2026, 12, 25), is_yearly=True))


@pytest.fixture
def brand(db: None) -> Brand:
    brand = make_brand()
    brand.locale = "ko"
    brand.save()
    return brand


def make_schedule(brand: Brand, name: str = "Office", **given: Any) -> Schedule:
    is_default = given.pop("is_default", True)
    zone = given.pop("time_zone", "Asia/Seoul")
    schedule = Schedule(brand=brand, name=name, time_zone=zone, is_default=is_default)
    return save_schedule(schedule=schedule, **{"week": [MORNING, AFTERNOON], "fields": (), "by": SYSTEM, **given})


def entry(name: str = "Day off", first: str = "2026-12-24", last: str = "", pk: int | None = None, **given: Any) -> Any:
    return HolidayEntry(name, SpecialDays(date.fromisoformat(first), date.fromisoformat(last or first), **given), pk)


def changes() -> list[str]:
    return [each.payload["change"] for each in Event.objects.filter(type="configuration.changed").order_by("pk")]


def test_schedule_is_read_as_it_was_saved(brand: Brand) -> None:
    half = entry("Half day", starts=780, ends=0)
    schedule = make_schedule(brand, week=[NIGHT, MORNING, AFTERNOON], holidays=[CHRISTMAS, half])
    hours = hours_of(schedule)
    assert hours.week == (MORNING, AFTERNOON, NIGHT) and str(hours.zone) == "Asia/Seoul"
    assert set(hours.special) == {CHRISTMAS.days, half.days}
    assert hours_of_brand(brand.pk) == hours and changes() == ["created"]
    assert hours.is_open(datetime(2026, 11, 30, 0, 30, tzinfo=UTC))


def test_brand_without_a_default_is_open_around_the_clock(brand: Brand) -> None:
    make_schedule(brand, is_default=False)
    assert hours_of_brand(brand.pk) is ALWAYS


def test_week_and_holidays_change_by_what_is_different(brand: Brand) -> None:
    schedule = make_schedule(brand, holidays=[CHRISTMAS, entry()])
    kept = Interval.objects.get(starts_minute=540).pk
    christmas, day_off = Holiday.objects.order_by("-repeats_yearly")
    save_schedule(
        schedule=schedule,
        week=[MORNING, NIGHT],
        holidays=[entry("Christmas Eve", pk=christmas.pk)],
        removed=[day_off.pk],
        fields=["week", "holidays"],
        by=SYSTEM,
    )
    assert Interval.objects.get(starts_minute=540).pk == kept and hours_of(schedule).week == (MORNING, NIGHT)
    assert [(each.pk, each.name) for each in Holiday.objects.all()] == [(christmas.pk, "Christmas Eve")]
    assert changes() == ["created", "week, holidays"]


def test_one_of_a_brand_is_its_default(brand: Brand) -> None:
    other = make_schedule(make_brand("other"))
    first, second = make_schedule(brand), make_schedule(brand, "Night", week=[NIGHT])
    assert set(Schedule.objects.filter(is_default=True)) == {other, second} and first.pk != second.pk
    assert hours_of_brand(brand.pk).week == (NIGHT,)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"week": [MORNING, Opening(0, 600, 660)]}, "week", "Monday 09:00–12:00 and Monday 10:00–11:00 overlap"),
        ({"week": [Opening(7, 0, 60)]}, "week", "from Monday to Sunday"),
        ({"week": [Opening(0, 0, 1440)]}, "week", "00:00 to 23:59"),
        ({"week": [Opening(0, each, each + 1) for each in range(MAX_OPENINGS + 1)]}, "week", "at most 70"),
        ({"time_zone": "Seoul"}, "time_zone", "no time zone"),
        ({"holidays": [entry(" ")]}, "holidays", "give it a name"),
        ({"holidays": [entry("\0")]}, "holidays", "give it a name"),
        ({"holidays": [entry("x" * 101)]}, "holidays", "at most 100 characters"),
        ({"holidays": [entry(last="2026-12-23")]}, "holidays", "Day off: the last day is before the first."),
        ({"holidays": [entry(last="2027-12-25")]}, "holidays", "at most 366 days"),
        ({"holidays": [entry(first="1999-12-31")]}, "holidays", "from 2000 to 2100"),
        ({"holidays": [entry(starts=60)]}, "holidays", "both times"),
        ({"holidays": [entry(starts=60, ends=1440)]}, "holidays", "00:00 to 23:59"),
        ({"holidays": [entry()] * (MAX_HOLIDAYS + 1)}, "holidays", "at most 500"),
        ({"holidays": [entry(pk=999)]}, "holidays", "removed by somebody else"),
        ({"name": "Taken"}, "name", "has this name"),
    ],
)
def test_refusals_change_nothing(brand: Brand, given: dict[str, Any], field: str, said: str) -> None:
    make_schedule(brand, "Taken")
    with pytest.raises(InvalidChange) as refused:
        make_schedule(brand, **given)
    assert refused.value.field == field and said in str(refused.value.text)
    assert [schedule.name for schedule in Schedule.objects.filter(is_default=True)] == ["Taken"]
    assert Schedule.objects.count() == 1 and not Holiday.objects.exists()


def test_schedule_stays_with_its_brand(brand: Brand) -> None:
    schedule, other = make_schedule(brand), make_brand("other")
    schedule.brand = other
    with pytest.raises(InvalidChange) as refused:
        save_schedule(schedule=schedule, week=[], fields=["brand"], by=SYSTEM)
    assert refused.value.field == "brand" and hours_of_brand(other.pk) is ALWAYS


def test_holiday_of_another_schedule_is_out_of_reach(brand: Brand) -> None:
    theirs = make_schedule(make_brand("other"), holidays=[CHRISTMAS])
    pk = Holiday.objects.get().pk
    mine = make_schedule(brand, removed=[pk])
    with pytest.raises(InvalidChange):
        save_schedule(schedule=mine, week=[], holidays=[entry(pk=pk)], fields=["holidays"], by=SYSTEM)
    assert theirs.holidays.get().name == "Christmas"


def test_brand_has_a_limit_of_schedules(brand: Brand) -> None:
    Schedule.objects.bulk_create(
        Schedule(brand=brand, name=str(each), time_zone="UTC") for each in range(MAX_SCHEDULES)
    )
    with pytest.raises(InvalidChange, match="at most 100"):
        make_schedule(brand)


def test_database_refuses_half_a_time(brand: Brand) -> None:
    schedule = make_schedule(brand, holidays=[CHRISTMAS])
    for values in ({"from_minute": 60}, {"from_minute": 60, "to_minute": 1440}, {"last_date": date(2020, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            schedule.holidays.update(**values)


# --- public holidays ----------------------------------------------------------------------------------------------


def test_import_is_done_once(brand: Brand) -> None:
    schedule = make_schedule(brand)
    came = import_public_holidays(schedule=schedule, country="KR", years=[2026, 2027], by=SYSTEM)
    found = {each.first_date: each.name for each in schedule.holidays.all()}
    assert came == len(found) > 30
    assert found[date(2026, 9, 25)] == "추석" and found[date(2027, 2, 7)] == "설날"
    Holiday.objects.filter(first_date=date(2026, 9, 25)).update(name="우리 추석")
    assert import_public_holidays(schedule=schedule, country="KR", years=[2026, 2027], by=SYSTEM) == 0
    Holiday.objects.filter(first_date=date(2026, 12, 25)).delete()
    assert import_public_holidays(schedule=schedule, country="KR", years=[2026], by=SYSTEM) == 1
    assert schedule.holidays.get(first_date=date(2026, 9, 25)).name == "우리 추석"
    assert not hours_of(schedule).is_open(datetime(2027, 2, 8, 1, tzinfo=UTC))
    assert changes() == ["created", "holidays", "holidays"]


def test_imported_holiday_that_moved_is_ones_own(brand: Brand) -> None:
    schedule = make_schedule(brand)
    import_public_holidays(schedule=schedule, country="KR", years=[2026], by=SYSTEM)
    new_year = schedule.holidays.get(first_date=date(2026, 1, 1))
    moved = entry("Moved", first="2026-12-25", pk=new_year.pk)
    save_schedule(schedule=schedule, week=[], holidays=[moved], fields=["holidays"], by=SYSTEM)
    assert import_public_holidays(schedule=schedule, country="KR", years=[2026], by=SYSTEM) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "us"}, "country"),
        ({"country": "US", "subdivision": "ZZ"}, "subdivision"),
        ({"country": "KR", "subdivision": "CA"}, "subdivision"),
        ({"country": "KR", "years": []}, "years"),
        ({"country": "KR", "years": [1900]}, "years"),
        ({"country": "KR", "years": range(2026, 2032)}, "years"),
    ],
)
def test_import_refuses(brand: Brand, given: dict[str, Any], field: str) -> None:
    schedule = make_schedule(brand)
    with pytest.raises(InvalidChange) as refused:
        import_public_holidays(schedule=schedule, by=SYSTEM, **{"years": [2026], **given})
    assert refused.value.field == field and not Holiday.objects.exists()


def test_import_keeps_within_the_limit(brand: Brand) -> None:
    schedule = make_schedule(brand, holidays=[entry()] * (MAX_HOLIDAYS - 5))
    with pytest.raises(InvalidChange, match="at most 500"):
        import_public_holidays(schedule=schedule, country="KR", years=[2026], by=SYSTEM)
    assert schedule.holidays.count() == MAX_HOLIDAYS - 5


def test_calendar_speaks_the_language_it_can() -> None:
    names = {language: dict(public_holidays("KR", "", [2026], language)) for language in ("ko", "en", "fr")}
    day = date(2026, 9, 25)
    assert (names["ko"][day], names["en"][day], names["fr"][day]) == ("추석", "Chuseok", "Chuseok")
    assert "Independence Day" in dict(public_holidays("US", "", [2026], "ko")).values()
    california = dict(public_holidays("US", "CA", [2026], "en"))
    assert california.keys() - dict(public_holidays("US", "", [2026], "en")).keys()
    assert countries()["KR"] == "South Korea" and len(countries()) > 200
    assert "CA" in subdivisions("US") and "ZZ" not in subdivisions("US")
    for country in countries():
        assert isinstance(public_holidays(country, "", [2026], "ko"), list), country


# --- at the same time ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_defaults_at_once_leave_one() -> None:
    brand = make_brand()
    assert in_threads(6, lambda n: make_schedule(brand, f"Schedule {n}")) == []
    assert Schedule.objects.count() == 6 and Schedule.objects.filter(is_default=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_imports_at_once_bring_each_day_once() -> None:
    schedule = make_schedule(make_brand())
    came: list[int] = []

    def work(n: int) -> None:
        came.append(import_public_holidays(schedule=schedule, country="KR", years=[2026], by=SYSTEM))

    assert in_threads(6, work) == []
    assert sorted(came)[:5] == [0] * 5 and max(came) == Holiday.objects.count() > 15


# --- queries ------------------------------------------------------------------------------------------------------


def test_reading_hours_costs_the_same_for_one_and_many(brand: Brand) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert all(hours_of(each).week for each in with_hours(Schedule.objects.filter(brand=brand)))
        return len(asked)

    make_schedule(brand, holidays=[CHRISTMAS])
    one = cost()
    for name in "abcde":
        make_schedule(brand, name, holidays=[CHRISTMAS, entry()])
    assert cost() == one == 3
    with CaptureQueriesContext(connection) as asked:
        hours_of_brand(brand.pk)
    assert len(asked) == 3


def test_holidays_that_are_over_may_be_left_out(brand: Brand) -> None:
    make_schedule(brand, holidays=[CHRISTMAS, entry("Old", "2020-05-01"), entry("New", "2027-05-01")])
    schedule = with_hours(Schedule.objects.all(), since=date(2026, 11, 30)).get()
    assert [each.name for each in schedule.holidays.all()] == ["Christmas", "New"]
