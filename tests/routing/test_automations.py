"""Automations: what the clock brings about, how much at once, and that they end by themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Message
from routing.actions import firing as work
from routing.actions.firing import run_automations
from routing.actions.rules import forget_firings
from routing.actions.tickets import change_ticket, set_status
from routing.decide.conditions import read
from routing.decide.fields import FIELDS
from routing.decide.nullifying import nullifies
from routing.decide.steps import read_steps
from routing.errors import InvalidChange
from routing.models import Firing, Interval, Rule, Schedule, Ticket
from routing.queries import rules as queries
from tests.factories import make_channel
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_automation, make_trigger, outcomes, settle_rules, when

OLD = when("ticket.created_at", "older_than_minutes", 60)
LATE = {"do": "add_tags", "value": ["late"]}
NOT_LATE = when("ticket.tags", "include_none", ["late"])
NOTE = {"do": "write_note", "text": "Still open"}


@pytest.fixture
def tickets(brand: Brand) -> list[Ticket]:
    found = wait_in_line(make_channel(brand), "carol", "dave")
    settle()
    return found


def in_minutes(minutes: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def test_ticket_that_came_of_age_is_changed_once(brand: Brand, tickets: list[Ticket]) -> None:
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE, {"do": "set_priority", "value": "high"})
    assert run_automations() == 0
    with in_minutes(61):
        change_ticket(ticket=tickets[1], add_tag="late", by=SYSTEM)
        assert run_automations() == 1
        assert run_automations() == 0
    tickets[0].refresh_from_db()
    assert (tickets[0].tags, tickets[0].priority) == (["late"], 3)
    assert outcomes() == [("Late", "done")]


@pytest.mark.parametrize(("seconds", "done"), [(3599, 0), (3600, 0), (3601, 1)])
def test_longer_ago_than_an_hour_begins_after_its_last_second(
    brand: Brand, tickets: list[Ticket], seconds: int, done: int
) -> None:
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    Ticket.objects.exclude(pk=tickets[0].pk).update(tags=["late"])
    tickets[0].refresh_from_db()
    with time_machine.travel(tickets[0].created_at + timedelta(seconds=seconds), tick=False):
        assert run_automations() == done


def test_solved_work_is_closed_after_a_while_and_closed_work_left_alone(brand: Brand, tickets: list[Ticket]) -> None:
    rows = [when("ticket.status", "is", "solved"), when("ticket.solved_at", "older_than_minutes", 4 * 1440)]
    make_automation(brand, "Close", rows, {"do": "set_status", "value": "closed"})
    make_automation(brand, "All", [OLD], NOTE, once=True)
    set_status(ticket=tickets[0], status="solved", by=SYSTEM)
    with in_minutes(4 * 1440 + 1):
        assert run_automations() == 2
    tickets[0].refresh_from_db()
    assert tickets[0].status == "closed"
    assert outcomes() == [("Close", "done"), ("All", "done")]


def test_once_for_each_ticket_also_after_the_record_is_old(brand: Brand, tickets: list[Ticket]) -> None:
    make_automation(brand, "Note", [OLD], NOTE, once=True)
    with in_minutes(61):
        assert (run_automations(), run_automations()) == (2, 0)
    with in_minutes(61 + 91 * 1440):
        assert forget_firings() == 0
        assert run_automations() == 0
        set_status(ticket=tickets[0], status="closed", by=SYSTEM)
        assert forget_firings() == 1
    assert Message.objects.filter(author_kind="system").count() == 2


def test_old_records_go(brand: Brand, tickets: list[Ticket]) -> None:
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    with in_minutes(61):
        run_automations()
    with in_minutes(61 + 89 * 1440):
        assert forget_firings() == 0
    with in_minutes(61 + 91 * 1440):
        assert forget_firings() == 2
    assert not Firing.objects.exists()


def test_at_most_so_many_tickets_a_run_and_the_rest_a_minute_later(
    brand: Brand, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MOST_TICKETS", 1)
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    with in_minutes(61):
        assert [run_automations() for _ in range(3)] == [1, 1, 0]


def test_what_it_leaves_as_it_is_stands_before_nothing(
    brand: Brand, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of solved tickets no tag is changed, and those of the lowest keys are solved."""
    open_ones = wait_in_line(make_channel(brand), *(f"c{n}" for n in range(2)))
    settle()
    for ticket in tickets:
        set_status(ticket=ticket, status="solved", by=SYSTEM)
    monkeypatch.setattr(work, "LOOKED_AT_ONCE", 1)
    monkeypatch.setattr(work, "MOST_LOOKED", 2)
    monkeypatch.setattr(work, "MOST_TICKETS", 1)
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    make_automation(
        brand, "High", [OLD, when("ticket.priority", "is_not", "high")], {"do": "set_priority", "value": "high"}
    )
    with in_minutes(61):
        # A budget that the first one used up is there for the second a minute later.
        assert [run_automations() for _ in range(6)] == [0, 1, 1, 1, 1, 0]
    assert sorted(outcomes()) == [("High", "done"), ("High", "done"), ("Late", "done"), ("Late", "done")]
    assert set(Ticket.objects.filter(pk__in=[each.pk for each in open_ones]).values_list("priority", flat=True)) == {3}


def test_a_ticket_behind_a_thousand_that_stay_as_they_are_is_reached_in_one_run(brand: Brand) -> None:
    channel = make_channel(brand)
    first = wait_in_line(channel, "carol")[0]
    settle()
    first.refresh_from_db()
    Ticket.objects.bulk_create(
        Ticket(
            brand=brand,
            conversation_id=first.conversation_id,
            number=1000 + n,
            status="solved",
            is_open=False,
            last_activity_at=first.last_activity_at,
        )
        for n in range(1001)
    )
    last = wait_in_line(channel, "dave")[0]
    settle()
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    with in_minutes(61):
        with CaptureQueriesContext(connection) as counted:
            assert run_automations() == 2
        assert run_automations() == 0
    last.refresh_from_db()
    assert last.tags == ["late"]
    assert len(counted) < 200


def test_one_that_does_not_end_after_all_stops_at_the_limit(
    brand: Brand, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody outside undoes each time what it did."""
    monkeypatch.setattr(queries, "MOST_FIRINGS", 3)
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    done = 0
    with in_minutes(61):
        for _ in range(6):
            done += run_automations()
            change_ticket(ticket=tickets[0], tags=[], by=SYSTEM)
            change_ticket(ticket=tickets[1], tags=[], by=SYSTEM)
    assert done == 6


def test_failing_one_is_recorded_tried_again_an_hour_later_and_stops_no_other(
    brand: Brand, tickets: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_automation(brand, "Bad", [OLD], NOTE, once=True)
    make_automation(brand, "Good", [OLD, NOT_LATE], LATE)
    with monkeypatch.context() as patched, in_minutes(61):
        patched.setattr("routing.actions.steps._write", lambda *_: 1 / 0)
        assert run_automations() == 2
        assert sorted(set(outcomes())) == [("Bad", "failed"), ("Good", "done")]
        run_automations()
        assert Firing.objects.filter(outcome="failed").count() == 2
    assert Rule.objects.get(name="Bad").last_error == "Something went wrong here."
    with in_minutes(125):
        assert run_automations() == 2


def test_what_follows_knows_the_automation_it_came_from(brand: Brand, tickets: list[Ticket]) -> None:
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    make_trigger(
        brand,
        "Undo",
        ["ticket.changed"],
        [when("ticket.tags", "include_any", ["late"])],
        {"do": "set_priority", "value": "urgent"},
    )
    with in_minutes(61):
        run_automations()
        settle_rules()
    firing = Firing.objects.filter(rule__name="Undo").order_by("pk")[0]
    assert [link["name"] for link in firing.chain] == ["Late"]
    assert firing.depth == 1


@pytest.mark.parametrize(
    ("rows", "steps", "ends"),
    [
        ([OLD, NOT_LATE], [LATE], True),
        ([OLD], [LATE], False),
        ([OLD, NOT_LATE], [LATE, {"do": "remove_tags", "value": ["late"]}], False),
        ([OLD, when("ticket.tags", "include_any", ["a", "b"])], [{"do": "remove_tags", "value": ["a"]}], False),
        ([OLD, when("ticket.tags", "include_all", ["a", "b"])], [{"do": "remove_tags", "value": ["a"]}], True),
        ([OLD, when("ticket.tags", "include_any", ["a", "b"])], [{"do": "set_tags", "value": ["c"]}], True),
        ([OLD, when("ticket.status", "is", "solved")], [{"do": "set_status", "value": "closed"}], True),
        ([OLD, when("ticket.status", "is_not", "open")], [{"do": "set_status", "value": "pending"}], False),
        ([OLD, when("ticket.priority", "any_of", ["low"])], [{"do": "set_priority", "value": "high"}], True),
        ([OLD, when("ticket.group", "is_set")], [{"do": "set_group", "value": "none"}], True),
        ([OLD, when("ticket.assignee", "is_set")], [{"do": "set_assignee", "value": "none"}], True),
        ([OLD], [NOTE], False),
    ],
)
def test_it_is_known_whether_the_steps_end_the_conditions(rows: Any, steps: Any, ends: bool) -> None:
    assert nullifies(read({"all": rows}, FIELDS), read_steps(steps)) is ends


def test_any_of_these_ends_when_all_of_them_do(brand: Brand) -> None:
    any_of = [when("ticket.priority", "is", "low"), when("ticket.status", "is", "new")]
    low = read_steps([{"do": "set_priority", "value": "high"}])
    both = [*low, *read_steps([{"do": "set_status", "value": "open"}])]
    assert not nullifies(read({"any": any_of}, FIELDS), low)
    assert nullifies(read({"any": any_of}, FIELDS), both)


def test_one_that_would_never_end_is_refused_with_what_to_do(brand: Brand) -> None:
    with pytest.raises(InvalidChange) as refused:
        make_automation(brand, "Never", [OLD], NOTE)
    assert refused.value.field == "is_once" and "every minute" in str(refused.value.text)
    make_automation(brand, "Once", [OLD], NOTE, once=True)


def test_looking_costs_one_query_whatever_the_number_of_tickets(brand: Brand) -> None:
    make_automation(brand, "Late", [OLD, NOT_LATE], LATE)
    channel = make_channel(brand)

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            run_automations()
        return len(counted)

    wait_in_line(channel, "carol")
    few = cost()
    wait_in_line(channel, *(f"c{n}" for n in range(8)))
    assert cost() == few == 2


def test_an_automation_may_work_within_business_hours_only(brand: Brand, tickets: list[Ticket]) -> None:
    ticket = tickets[0]
    monday = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    schedule = Schedule.objects.create(brand=brand, name="Office", time_zone="UTC")
    Interval.objects.create(schedule=schedule, weekday=0, starts_minute=9 * 60, ends_minute=18 * 60)
    make_automation(
        brand,
        "Office",
        [when("schedule.hours", "within", schedule.public_id)],
        {"do": "add_tags", "value": ["office"]},
        once=True,
    )
    make_automation(
        brand,
        "Night",
        [when("schedule.hours", "outside", schedule.public_id)],
        {"do": "add_tags", "value": ["night"]},
        once=True,
    )
    run_automations(monday.replace(hour=20))
    ticket.refresh_from_db()
    assert ticket.tags == ["night"]
    run_automations(monday)
    ticket.refresh_from_db()
    assert ticket.tags == ["night", "office"]
    schedule.delete()
    assert run_automations(monday) == 0
