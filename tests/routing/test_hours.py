"""Business hours: tables for the edges of clocks and calendars, and properties that hold for any schedule."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decide.hours import ALWAYS, DAY, HORIZON, Hours, Opening, SpecialDays, first_overlap

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
NINE, NOON, ONE, SIX = 9 * 60, 12 * 60, 13 * 60, 18 * 60
OFFICE = tuple(Opening(day, *part) for day in range(5) for part in ((NINE, NOON), (ONE, SIX)))
NIGHTS = tuple(Opening(day, 22 * 60, 6 * 60) for day in range(7))


def at(text: str, zone: ZoneInfo = SEOUL, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def seoul(*special: SpecialDays, week: tuple[Opening, ...] = OFFICE) -> Hours:
    return Hours(SEOUL, week, special)


def day_off(first: date, last: date | None = None, **given: Any) -> SpecialDays:
    return SpecialDays(first, last or first, **given)


CHUSEOK = day_off(date(2026, 9, 24), date(2026, 9, 26))
HALF_DAY = day_off(date(2026, 12, 31), starts=ONE, ends=0)
NEW_YEAR = day_off(date(2025, 1, 1), is_yearly=True)
SALE = day_off(date(2026, 11, 28), starts=NINE, ends=NOON, is_open=True)


@pytest.mark.parametrize(
    ("hours", "moment", "is_open", "next_open"),
    [
        (seoul(), "2026-11-30T09:00", True, "2026-11-30T09:00"),  # Monday; the first minute is in
        (seoul(), "2026-11-30T08:59:59", False, "2026-11-30T09:00"),
        (seoul(), "2026-11-30T12:00", False, "2026-11-30T13:00"),  # the last one is out
        (seoul(), "2026-11-27T18:00", False, "2026-11-30T09:00"),  # Friday evening
        (seoul(week=NIGHTS), "2026-11-30T23:00", True, "2026-11-30T23:00"),
        (seoul(week=NIGHTS), "2026-12-01T05:59", True, "2026-12-01T05:59"),
        (seoul(week=NIGHTS), "2026-12-01T06:00", False, "2026-12-01T22:00"),
        (
            seoul(week=(Opening(6, 22 * 60, 6 * 60),)),
            "2026-11-30T05:00",
            True,
            "2026-11-30T05:00",
        ),  # Sunday into Monday
        (seoul(week=(Opening(2, 0, 0),)), "2026-12-02T23:59", True, "2026-12-02T23:59"),  # one whole Wednesday
        (seoul(CHUSEOK), "2026-09-25T10:00", False, "2026-09-28T09:00"),
        (seoul(CHUSEOK), "2026-09-23T17:00", True, "2026-09-23T17:00"),
        (seoul(HALF_DAY), "2026-12-31T11:00", True, "2026-12-31T11:00"),
        (seoul(HALF_DAY), "2026-12-31T13:00", False, "2027-01-01T09:00"),
        (seoul(NEW_YEAR), "2027-01-01T10:00", False, "2027-01-04T09:00"),
        (seoul(NEW_YEAR), "2024-01-01T10:00", True, "2024-01-01T10:00"),  # a year before it began
        (seoul(SALE), "2026-11-28T10:00", True, "2026-11-28T10:00"),  # a Saturday
        (seoul(SALE, day_off(date(2026, 11, 28))), "2026-11-28T10:00", True, "2026-11-28T10:00"),  # opened on a holiday
        (seoul(day_off(date(2026, 12, 1)), week=NIGHTS), "2026-12-01T01:00", False, "2026-12-02T00:00"),
        (
            seoul(day_off(date(2026, 12, 1), starts=23 * 60, ends=60), week=NIGHTS),
            "2026-12-02T00:30",
            False,
            "2026-12-02T01:00",
        ),
        (seoul(day_off(date(2024, 2, 29), is_yearly=True)), "2028-02-29T10:00", False, "2028-03-01T09:00"),
        (seoul(day_off(date(2024, 2, 29), is_yearly=True)), "2027-03-01T10:00", True, "2027-03-01T10:00"),
        # A yearly range that was told in a year without 29 February closes that day too, in years that have it.
        (
            seoul(day_off(date(2025, 2, 27), date(2025, 3, 1), is_yearly=True)),
            "2028-02-29T10:00",
            False,
            "2028-03-02T09:00",
        ),
        (
            seoul(day_off(date(2024, 12, 30), date(2025, 1, 2), is_yearly=True)),
            "2026-12-30T10:00",
            False,
            "2027-01-04T09:00",
        ),
        (seoul(day_off(date(2020, 1, 1), date(2021, 6, 1), is_yearly=True)), "2026-07-01T10:00", False, None),
    ],
)
def test_open_or_not(hours: Hours, moment: str, is_open: bool, next_open: str | None) -> None:
    assert hours.is_open(at(moment)) is is_open
    assert hours.next_open(at(moment)) == (at(next_open) if next_open else None)


@pytest.mark.parametrize(
    ("moment", "change"),
    [
        ("2026-11-30T08:00", "2026-11-30T09:00"),
        ("2026-11-30T09:00", "2026-11-30T12:00"),
        ("2026-11-30T12:00", "2026-11-30T13:00"),
        ("2026-11-30T20:00", "2026-12-01T09:00"),
    ],
)
def test_next_change_is_after_the_moment(moment: str, change: str) -> None:
    assert seoul().next_change(at(moment)) == at(change)


def test_next_change_joins_what_touches_at_midnight() -> None:
    assert seoul(week=NIGHTS).next_change(at("2026-11-30T23:00")) == at("2026-12-01T06:00")
    whole = tuple(Opening(day, 0, 0) for day in range(7))
    assert seoul(week=whole).next_change(at("2026-11-30T23:00")) is None
    closed_once = seoul(day_off(date(2027, 3, 1)), week=whole)
    assert closed_once.next_change(at("2026-11-30T23:00")) == at("2027-03-01T00:00")
    assert closed_once.next_change(at("2027-03-02T00:00")) is None
    open_once = seoul(SALE, week=())
    assert open_once.next_change(at("2026-11-28T10:00")) == at("2026-11-28T12:00")
    assert open_once.next_change(at("2026-11-28T12:00")) is None


def test_deadline_counts_open_time_only() -> None:
    hours = seoul(CHUSEOK)
    # Wednesday 17:00, three hours: one today, and after Chuseok and the weekend two on Monday.
    assert hours.add(at("2026-09-23T17:00"), 3 * 3600) == at("2026-09-28T11:00")
    assert hours.add(at("2026-09-23T17:00"), 3600) == at("2026-09-23T18:00")
    assert hours.add(at("2026-09-23T19:00"), 0) == at("2026-09-23T19:00")
    assert hours.between(at("2026-09-23T17:00"), at("2026-09-28T11:00")) == 3 * 3600
    assert hours.between(at("2026-09-28T11:00"), at("2026-09-23T17:00")) == 0
    with pytest.raises(ValueError, match="0 seconds or more"):
        hours.add(at("2026-09-23T17:00"), -1)


def new_york(*week: Opening) -> Hours:
    return Hours(NEW_YORK, week)


SUNDAY = 6


@pytest.mark.parametrize(
    ("opening", "day", "hours_open"),
    [
        (Opening(SUNDAY, 0, 0), "2026-03-08", 23),  # clocks go forward at 2
        (Opening(SUNDAY, 0, 0), "2026-11-01", 25),  # and back at 2
        (Opening(SUNDAY, 0, 4 * 60), "2026-03-08", 3),
        (Opening(SUNDAY, 0, 4 * 60), "2026-11-01", 5),
        (Opening(SUNDAY, 150, 4 * 60), "2026-03-08", 1),  # 2:30 is skipped: opens at 3, which is the moment of the skip
        (Opening(SUNDAY, 60, 150), "2026-03-08", 1),  # closes then
        (Opening(SUNDAY, 130, 150), "2026-03-08", 0),  # is skipped altogether
        (Opening(SUNDAY, 0, 90), "2026-11-01", 1.5),  # 1:30 comes twice: closes at the first
        (Opening(SUNDAY, 90, 4 * 60), "2026-11-01", 3.5),  # and opens at the first, once
        (Opening(SUNDAY - 1, 22 * 60, 6 * 60), "2026-03-07", 7),
    ],
)
def test_clock_changes_of_new_york(opening: Opening, day: str, hours_open: float) -> None:
    hours, start = new_york(opening), at(f"{day}T00:00", NEW_YORK)
    assert hours.between(start, start.astimezone(UTC) + timedelta(hours=48)) == hours_open * 3600
    if hours_open:
        opened = hours.next_open(start)
        assert opened and hours.next_change(opened) == opened + timedelta(hours=hours_open)


def test_skipped_and_doubled_wall_times() -> None:
    spring = new_york(Opening(SUNDAY, 150, 240))
    assert spring.next_open(at("2026-03-08T00:00", NEW_YORK)) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    autumn = new_york(Opening(SUNDAY, 90, 240))
    assert autumn.next_open(at("2026-11-01T00:00", NEW_YORK)) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert [autumn.is_open(at("2026-11-01T01:10", NEW_YORK, fold)) for fold in (0, 1)] == [False, True]


def test_clock_put_back_across_midnight() -> None:
    """In Goose Bay of 2010 the clock went from 00:01 on Sunday back to 23:01 on Saturday."""
    bay = ZoneInfo("America/Goose_Bay")
    sunday = Hours(bay, (Opening(SUNDAY, 0, 120),))
    again = at("2010-11-06T23:30", bay, fold=1)
    assert sunday.is_open(again) and sunday.next_change(again) == at("2010-11-07T02:00", bay)


def test_time_passes_as_it_does_also_where_the_wall_clock_jumps() -> None:
    """Moments of one zone are subtracted by their wall clock in Python; here they never are."""
    start, end = at("2026-03-07T12:00", NEW_YORK), at("2026-03-08T12:00", NEW_YORK)
    whole = new_york(*ALWAYS.week)
    for hours in (ALWAYS, whole, Hours(NEW_YORK, ALWAYS.week, (day_off(date(2026, 5, 1)),))):
        assert hours.between(start, end) == 23 * 3600
        assert hours.add(start, 23 * 3600) == end.astimezone(UTC)


def test_day_that_never_was() -> None:
    """Apia had no 30 December 2011, a Friday."""
    apia = Hours(ZoneInfo("Pacific/Apia"), (Opening(4, NINE, SIX),))
    thursday = at("2011-12-29T12:00", apia.zone)
    assert apia.next_open(thursday) == at("2012-01-06T09:00", apia.zone)


def test_no_schedule_is_calendar_time() -> None:
    start = at("2026-12-25T03:00")
    assert ALWAYS.is_open(start) and ALWAYS.next_change(start) is None and ALWAYS.next_open(start) == start
    assert ALWAYS.add(start, 1e9) == start + timedelta(seconds=1e9)
    assert ALWAYS.between(start, start + timedelta(days=4000)) == 4000 * 86400


@pytest.mark.parametrize("special", [(), (NEW_YEAR,), (SALE,)])
def test_hours_that_never_open_end(special: tuple[SpecialDays, ...]) -> None:
    hours, start = seoul(*special, week=()), at("2027-01-01T00:00")
    assert not hours.is_open(start)
    assert hours.next_open(start) is None and hours.next_change(start) is None and hours.add(start, 1) is None
    assert hours.between(start, start + HORIZON) == 0


@pytest.mark.parametrize(
    ("week", "overlap"),
    [
        (OFFICE, None),
        (NIGHTS, None),
        (ALWAYS.week, None),
        ((), None),
        ((Opening(0, 0, 0),), None),
        ((Opening(0, NINE, ONE), Opening(0, NOON, SIX)), (Opening(0, NINE, ONE), Opening(0, NOON, SIX))),
        ((Opening(0, NINE, NOON), Opening(0, NINE, SIX)), (Opening(0, NINE, NOON), Opening(0, NINE, SIX))),
        ((Opening(1, 60, 120), Opening(0, 23 * 60, 90)), (Opening(0, 23 * 60, 90), Opening(1, 60, 120))),
        ((Opening(0, 60, 120), Opening(6, 23 * 60, 90)), (Opening(6, 23 * 60, 90), Opening(0, 60, 120))),
    ],
)
def test_overlap_is_found(week: tuple[Opening, ...], overlap: tuple[Opening, Opening] | None) -> None:
    assert first_overlap(week) == overlap


# --- what holds for any schedule ----------------------------------------------------------------------------------

minutes = st.integers(0, DAY - 1)
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
openings = st.builds(Opening, st.integers(0, 6), minutes, minutes)


@st.composite
def specials(draw: st.DrawFn) -> SpecialDays:
    first = draw(days)
    last = first + timedelta(days=draw(st.integers(0, 20)))
    starts, ends = draw(st.one_of(st.just((None, None)), st.tuples(minutes, minutes)))
    return SpecialDays(first, last, starts, ends, is_yearly=draw(st.booleans()), is_open=draw(st.booleans()))


any_hours = st.builds(
    Hours,
    st.sampled_from([SEOUL, NEW_YORK, ZoneInfo("Africa/Cairo"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]),
    st.lists(openings, max_size=12).map(tuple),
    st.lists(specials(), max_size=6).map(tuple),
)
moments = st.integers(0, 4 * 366 * 86400).map(lambda more: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=more))
amounts = st.integers(0, 60 * 86400)


@settings(max_examples=300, deadline=None)
@given(any_hours, moments, amounts)
def test_between_is_what_was_added(hours: Hours, start: datetime, seconds: int) -> None:
    end = hours.add(start, seconds)
    if end is not None:
        assert end >= start + timedelta(seconds=seconds) and hours.between(start, end) == seconds


@settings(max_examples=200, deadline=None)
@given(any_hours, moments, amounts, amounts)
def test_more_time_ends_later(hours: Hours, start: datetime, seconds: int, more: int) -> None:
    first, second = hours.add(start, seconds), hours.add(start, seconds + more)
    if second is not None:
        assert first is not None and first <= second
        assert hours.add(first, more) == second


@settings(max_examples=200, deadline=None)
@given(any_hours, moments, st.integers(0, 40 * 86400), st.integers(0, 40 * 86400))
def test_stretches_add_up(hours: Hours, start: datetime, first: int, second: int) -> None:
    middle = start + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    assert hours.between(start, middle) + hours.between(middle, end) == hours.between(start, end) <= first + second


@settings(max_examples=200, deadline=None)
@given(any_hours, moments)
def test_nothing_changes_before_the_next_change(hours: Hours, start: datetime) -> None:
    change = hours.next_change(start)
    opened = hours.next_open(start)
    assert hours.is_open(start) is (opened == start)
    if change is not None:
        assert change > start and hours.is_open(change) is not hours.is_open(start)
        open_for = hours.between(start, change)
        assert open_for == ((change - start).total_seconds() if hours.is_open(start) else 0)
        assert hours.is_open(start) or opened == change
