"""The clocks of promises: pure, in tables, at the boundary."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from routing.decide.hours import ALWAYS, Hours, Opening
from routing.decide.sla import (
    Clock,
    Metric,
    Played,
    Target,
    Terms,
    Tick,
    TickKind,
    agent_wrote,
    customer_wrote,
    due_after,
    opened,
    overdue,
    play,
    retargeted,
    standing,
    status_changed,
)

T0 = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)  # Monday, 09:00 in Seoul
SEOUL = Hours(ZoneInfo("Asia/Seoul"), tuple(Opening(day, 9 * 60, 18 * 60) for day in range(5)))
NIGHT = Hours(ZoneInfo("UTC"), tuple(Opening(day, 22 * 60, 6 * 60) for day in range(7)))
HOUR = Terms({metric: Target(60) for metric in Metric.values})


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def told(steps: Iterable[tuple[str, float]], terms: Terms = HOUR) -> Played:
    """Play a story: ("customer" | "agent" | a status | "again", seconds after T0); it begins with a customer at T0."""
    played = play({}, opened(T0, is_awaited=True), terms)
    for what, seconds in steps:
        clocks, moment = played.clocks, at(seconds)
        if what == "customer":
            ticks = customer_wrote(clocks, moment)
        elif what == "agent":
            ticks = agent_wrote(clocks, moment)
        else:
            ticks = status_changed(clocks, what, moment)
        played = played.then(ticks, terms)
    return played


def stands(steps: Iterable[tuple[str, float]], metric: str, terms: Terms = HOUR) -> tuple[str, float | None]:
    """Give how a metric stands after a story, and when it is due, in seconds after T0."""
    found = standing(told(steps, terms).clocks[metric], terms.hours)
    return found.state.value, (found.due_at - T0).total_seconds() if found.due_at else None


@pytest.mark.parametrize(
    ("seconds", "state", "breaches"),
    [(3599, "kept", 0), (3600, "kept", 0), (3600.001, "broken", 1), (3601, "broken", 1)],
)
def test_answer_at_the_boundary(seconds: float, state: str, breaches: int) -> None:
    steps = [("agent", seconds)]
    assert stands(steps, Metric.FIRST_REPLY) == (state, 3600 if state == "broken" else None)
    said = [tick for tick in told(steps).breaches if tick.metric == Metric.FIRST_REPLY]
    assert [tick.at for tick in said] == [at(3600)] * breaches


@pytest.mark.parametrize(("seconds", "found"), [(3599, 0), (3600, 0), (3601, 1)])
def test_the_clock_alone_breaks_it_after_the_moment_it_was_due(seconds: float, found: int) -> None:
    clocks = told([]).clocks
    late = [tick for tick in overdue(clocks, ALWAYS, at(seconds)) if tick.metric == Metric.FIRST_REPLY]
    assert len(late) == found
    once = play(clocks, overdue(clocks, ALWAYS, at(3601)), HOUR)
    assert overdue(once.clocks, ALWAYS, at(9999)) == []
    assert standing(once.clocks[Metric.FIRST_REPLY], ALWAYS).state == "broken"


def test_next_reply_starts_at_the_oldest_word_without_an_answer() -> None:
    steps = [("agent", 60), ("customer", 100), ("customer", 200)]
    assert stands(steps, Metric.NEXT_REPLY) == ("running", 3700)
    assert stands([*steps, ("agent", 300)], Metric.NEXT_REPLY) == ("kept", None)
    again = told([*steps, ("agent", 300), ("customer", 400)]).clocks[Metric.NEXT_REPLY]
    assert (again.instance, again.started_at) == (2, at(400))


def test_before_the_first_reply_no_other_is_owed() -> None:
    assert Metric.NEXT_REPLY not in told([("customer", 10), ("customer", 20)]).clocks


def test_updates_begin_with_each_answer() -> None:
    clock = told([("agent", 60), ("agent", 600)]).clocks[Metric.PERIODIC_UPDATE]
    assert (clock.instance, clock.started_at, clock.is_live) == (2, at(600), True)


@pytest.mark.parametrize(
    ("metric", "status", "state"),
    [
        (Metric.PERIODIC_UPDATE, "pending", "running"),
        (Metric.PERIODIC_UPDATE, "hold", "running"),
        (Metric.PAUSABLE_UPDATE, "pending", "paused"),
        (Metric.PAUSABLE_UPDATE, "hold", "running"),
        (Metric.REQUESTER_WAIT, "pending", "paused"),
        (Metric.REQUESTER_WAIT, "hold", "running"),
        (Metric.AGENT_WORK, "pending", "paused"),
        (Metric.AGENT_WORK, "hold", "paused"),
        (Metric.RESOLUTION, "pending", "running"),
        (Metric.RESOLUTION, "hold", "running"),
    ],
)
def test_what_pauses_which_metric(metric: str, status: str, state: str) -> None:
    steps = [("agent", 60), (status, 120)]
    assert stands(steps, metric)[0] == state
    moved = 600 if state == "paused" else 0
    begun = 60 if metric in {Metric.PERIODIC_UPDATE, Metric.PAUSABLE_UPDATE} else 0
    assert stands([*steps, ("open", 720)], metric) == ("running", begun + 3600 + moved)


def test_from_pending_to_hold_and_back() -> None:
    steps = [("pending", 100), ("hold", 200), ("open", 300)]
    assert stands(steps, Metric.REQUESTER_WAIT) == ("running", 3700)
    assert stands(steps, Metric.AGENT_WORK) == ("running", 3800)


def test_an_update_promised_while_pending_stands_still_at_once() -> None:
    assert stands([("pending", 50), ("agent", 60)], Metric.PAUSABLE_UPDATE) == ("paused", None)


def test_a_paused_one_says_what_is_left() -> None:
    clock = told([("pending", 600)]).clocks[Metric.REQUESTER_WAIT]
    assert standing(clock, ALWAYS).left_s == 3000


def test_one_that_was_over_when_it_paused_is_broken_and_said_so() -> None:
    played = told([("pending", 3700)])
    assert standing(played.clocks[Metric.REQUESTER_WAIT], ALWAYS).state == "broken"
    assert [tick.at for tick in played.breaches if tick.metric == Metric.REQUESTER_WAIT] == [at(3600)]


def test_solved_owes_nothing_and_opened_again_goes_on_where_it_stood() -> None:
    solved = [("solved", 600)]
    for metric in (Metric.FIRST_REPLY, Metric.RESOLUTION, Metric.AGENT_WORK):
        assert stands(solved, metric)[0] == "kept"
    opened_again = [*solved, ("customer", 10_000), ("open", 10_001)]
    assert stands(opened_again, Metric.RESOLUTION) == ("running", 10_001 + 3000)
    assert stands(opened_again, Metric.NEXT_REPLY) == ("running", 13_600)
    assert not told(opened_again).clocks[Metric.FIRST_REPLY].is_live
    late = [*opened_again, ("solved", 13_002)]
    assert stands(late, Metric.RESOLUTION)[0] == "broken", "600 and 3001 seconds"


def test_opened_again_as_pending_stands_still() -> None:
    assert stands([("solved", 600), ("pending", 900)], Metric.REQUESTER_WAIT) == ("paused", None)
    assert stands([("solved", 600), ("pending", 900)], Metric.RESOLUTION)[0] == "running"


@pytest.mark.parametrize("again", ["agent", "customer", "pending", "solved"])
def test_a_fact_told_twice_changes_nothing(again: str) -> None:
    steps = [("agent", 60), ("customer", 100)] if again in {"agent", "customer"} else []
    once = told([*steps, (again, 200)])
    assert told([*steps, (again, 200), (again, 200)]).ticks == once.ticks


def test_facts_older_than_what_is_known_change_nothing() -> None:
    story = [("agent", 60), ("customer", 100), ("agent", 200), ("pending", 300), ("open", 400)]
    known = told(story)
    for late in (("customer", 100), ("pending", 300), ("agent", 60), ("solved", 50)):
        assert told([*story, late]).ticks == known.ticks, late


def test_more_urgent_means_due_sooner_from_the_same_beginning() -> None:
    clocks = told([]).clocks
    urgent = Terms({Metric.FIRST_REPLY: Target(10)})
    played = play(clocks, retargeted(clocks, urgent, at(300)), urgent)
    assert standing(played.clocks[Metric.FIRST_REPLY], ALWAYS).due_at == at(600)
    assert standing(played.clocks[Metric.RESOLUTION], ALWAYS).due_at is None, "nothing is promised any more"
    assert [tick.kind for tick in played.ticks] == [TickKind.APPLY_SLA] * 4


def test_another_target_may_break_once_more() -> None:
    clocks = play(told([]).clocks, overdue(told([]).clocks, ALWAYS, at(4000)), HOUR).clocks
    relaxed = Terms({Metric.FIRST_REPLY: Target(120)})
    now = play(clocks, retargeted(clocks, relaxed, at(4000)), relaxed).clocks
    assert standing(now[Metric.FIRST_REPLY], ALWAYS).state == "running"
    assert [tick.at for tick in overdue(now, ALWAYS, at(8000))] == [at(7200)]


def test_what_is_paused_is_not_begun_by_another_target() -> None:
    clocks = told([("pending", 600)]).clocks
    more = Terms({Metric.REQUESTER_WAIT: Target(120)})
    now = play(clocks, retargeted(clocks, more, at(700)), more).clocks[Metric.REQUESTER_WAIT]
    assert (standing(now, ALWAYS).state, standing(now, ALWAYS).left_s) == ("paused", 6600)


BUSINESS = Target(60, is_business=True)


@pytest.mark.parametrize(
    ("hours", "begins", "due"),
    [
        (SEOUL, "2026-11-30T08:30+00:00", "2026-12-01T00:30+00:00"),  # 17:30, and half an hour of Tuesday
        (SEOUL, "2026-12-04T08:30+00:00", "2026-12-07T00:30+00:00"),  # over the weekend
        (SEOUL, "2026-12-05T00:00+00:00", "2026-12-07T01:00+00:00"),
        (NIGHT, "2026-11-30T05:30+00:00", "2026-11-30T22:30+00:00"),  # a night's end, and the next night
        (NIGHT, "2026-11-30T23:30+00:00", "2026-12-01T00:30+00:00"),  # across midnight
    ],
)
def test_business_hours(hours: Hours, begins: str, due: str) -> None:
    assert due_after(BUSINESS, hours, datetime.fromisoformat(begins)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("begins", "due"),
    [
        # New York's clock goes back at 2:00 on 1 November and forward at 2:00 on 8 March.
        ("2026-11-01T04:30+00:00", "2026-11-01T08:30+00:00"),
        ("2026-03-08T05:30+00:00", "2026-03-08T09:30+00:00"),
    ],
)
def test_a_night_in_which_clocks_change_counts_what_passes(begins: str, due: str) -> None:
    night = Hours(ZoneInfo("America/New_York"), tuple(Opening(day, 0, 6 * 60) for day in range(7)))
    found = due_after(Target(240, is_business=True), night, datetime.fromisoformat(begins))
    assert found == datetime.fromisoformat(due)


def test_business_and_calendar_side_by_side() -> None:
    terms = Terms({Metric.FIRST_REPLY: BUSINESS, Metric.RESOLUTION: Target(60)}, SEOUL)
    evening = [("agent", 10 * 3600)]  # 19:00, an hour after closing
    assert stands(evening, Metric.FIRST_REPLY, terms)[0] == "broken"
    start = datetime(2026, 11, 30, 8, 30, tzinfo=UTC)
    clocks = play({}, opened(start, is_awaited=True), terms).clocks
    assert standing(clocks[Metric.RESOLUTION], SEOUL).due_at == start + timedelta(hours=1)
    answered = play(clocks, agent_wrote(clocks, datetime(2026, 12, 1, 0, 30, tzinfo=UTC)), terms)
    assert standing(answered.clocks[Metric.FIRST_REPLY], SEOUL).state == "kept"
    spent = next(tick for tick in answered.ticks if tick.kind == TickKind.UPDATE_STATUS)
    assert (spent.calendar_s, spent.business_s) == (16 * 3600, 3600)


def test_hours_that_were_changed_since_change_no_past() -> None:
    terms = Terms({Metric.FIRST_REPLY: BUSINESS}, SEOUL)
    start = datetime(2026, 11, 30, 8, 30, tzinfo=UTC)
    clocks = play({}, opened(start, is_awaited=True), terms).clocks
    clock = play(clocks, agent_wrote(clocks, datetime(2026, 12, 1, 0, 20, tzinfo=UTC)), terms).clocks[
        Metric.FIRST_REPLY
    ]
    assert standing(clock, ALWAYS).state == "kept"


def test_hours_that_never_come_break_nothing() -> None:
    terms = Terms({Metric.FIRST_REPLY: BUSINESS}, Hours(ZoneInfo("UTC")))
    clock = told([], terms).clocks[Metric.FIRST_REPLY]
    assert standing(clock, terms.hours).due_at is None
    assert overdue({Metric.FIRST_REPLY: clock}, terms.hours, at(10**8)) == []


@pytest.mark.parametrize(("minutes", "risk_s"), [(10, 300), (20, 600), (60, 900), (480, 7200)])
def test_at_risk_in_the_last_quarter_or_quarter_of_an_hour(minutes: int, risk_s: int) -> None:
    terms = Terms({Metric.FIRST_REPLY: Target(minutes)})
    found = standing(told([], terms).clocks[Metric.FIRST_REPLY], ALWAYS)
    assert found.due_at and found.risk_at and (found.due_at - found.risk_at).total_seconds() == risk_s


def test_who_was_written_to_first_owes_no_first_reply() -> None:
    clocks = play({}, opened(T0, is_awaited=False), HOUR).clocks
    assert Metric.FIRST_REPLY not in clocks
    assert customer_wrote(clocks, at(5)) == [Tick(Metric.NEXT_REPLY, TickKind.ACTIVATE, at(5))]
    assert isinstance(clocks[Metric.RESOLUTION], Clock)
