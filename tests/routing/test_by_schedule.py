"""Queues, skill rules and triggers that ask for the time of day: what waits moves when a schedule opens, and closes."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing import tasks
from routing.actions.schedules import save_schedule
from routing.decide.hours import Opening
from routing.models import Group, Queue, Schedule, Skill, SkillRule, SkillType, Ticket
from tests.routing.cast import configure, holders, make_agent, wait_in_line
from tests.routing.rule_cast import make_trigger, settle_rules, when

# A Monday; the office is open from 9 to 18 o'clock.
BEFORE, OPEN = datetime(2026, 11, 30, 8, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
LATE, CLOSED = datetime(2026, 11, 30, 17, 59, 59, tzinfo=UTC), datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEFORE, tick=False) as clock:
        yield clock


@pytest.fixture
def office(brand: Brand) -> Schedule:
    schedule = Schedule(brand=brand, name="Office", time_zone="UTC", is_default=True)
    return save_schedule(schedule=schedule, week=[Opening(0, 540, 1080)], fields=(), by=SYSTEM)


def goes_on(clock: time_machine.Traveller, moment: datetime) -> None:
    """Have a moment come, and beat do what is due."""
    clock.move_to(moment)
    tasks.follow_time()
    tasks.sweep()


def test_what_waits_enters_a_queue_when_its_schedule_opens_and_leaves_it_when_it_closes(
    brand: Brand, channel: Channel, clock: time_machine.Traveller, office: Schedule
) -> None:
    configure(brand, enabled=False)
    within = {"all": [when("schedule.hours", "within", office.public_id)], "any": []}
    Queue.objects.create(brand=brand, name="Day", conditions=within)
    Queue.objects.create(brand=brand, name="Night", order=1)
    (ticket,) = wait_in_line(channel, "carol")

    def waits_in() -> str:
        return str(Ticket.objects.get(pk=ticket.pk).waiting.lane.queue)

    since = ticket.waiting.eligible_at
    assert waits_in() == "Night"
    goes_on(clock, BEFORE)
    assert waits_in() == "Night"
    goes_on(clock, OPEN)
    assert waits_in() == "Day"
    goes_on(clock, LATE)
    assert waits_in() == "Day"
    goes_on(clock, CLOSED)
    assert waits_in() == "Night"
    assert Ticket.objects.get(pk=ticket.pk).waiting.eligible_at == since, "it keeps its place in the line"


def test_who_serves_the_day_gets_it_once_the_schedule_opens(
    brand: Brand, channel: Channel, clock: time_machine.Traveller, office: Schedule
) -> None:
    configure(brand)
    day, night = (Group.objects.create(brand=brand, name=name) for name in ("Day", "Night"))
    within = {"all": [when("schedule.hours", "within", office.public_id)], "any": []}
    Queue.objects.create(brand=brand, name="Day", conditions=within).primary_groups.add(day)
    Queue.objects.create(brand=brand, name="Night", order=1).primary_groups.add(night)
    make_agent("alice", brand, day)
    (ticket,) = wait_in_line(channel, "carol")
    goes_on(clock, BEFORE)
    assert holders([ticket]) == [""]
    goes_on(clock, OPEN)
    assert holders([ticket]) == ["Alice"]


def test_a_skill_is_asked_for_only_while_the_schedule_is_closed(
    brand: Brand, channel: Channel, clock: time_machine.Traveller, office: Schedule
) -> None:
    configure(brand, skills_timeout_enabled=False)
    outside = {"all": [when("schedule.hours", "outside", office.public_id)], "any": []}
    rule = SkillRule.objects.create(brand=brand, name="At night", conditions=outside)
    rule.requires.add(Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Shift"), name="Night"))
    make_agent("alice", brand)
    (ticket,) = wait_in_line(channel, "carol")
    goes_on(clock, BEFORE)
    assert holders([ticket]) == [""]
    goes_on(clock, OPEN)
    assert holders([ticket]) == ["Alice"]


@pytest.mark.parametrize(
    ("moment", "tags"), [(BEFORE, ["night"]), (OPEN, []), (LATE, []), (CLOSED, ["night"])], ids=str
)
def test_a_trigger_tags_what_comes_outside_hours(
    brand: Brand,
    channel: Channel,
    clock: time_machine.Traveller,
    office: Schedule,
    moment: datetime,
    tags: list[str],
) -> None:
    night = {"do": "add_tags", "value": ["night"]}
    outside = [when("schedule.hours", "outside", office.public_id)]
    make_trigger(brand, "At night", ["ticket.opened"], outside, night)
    clock.move_to(moment)
    (ticket,) = wait_in_line(channel, "carol")
    settle_rules()
    ticket.refresh_from_db()
    assert ticket.tags == tags
