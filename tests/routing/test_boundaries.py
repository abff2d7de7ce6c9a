"""What happens to the second: calls that nobody accepts, skills that are given up; and what takes room, recounted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing import tasks
from routing.actions import assignment
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import take_ticket
from routing.models import Agent, CapacityRule, Offer, RoutingConfig, Skill, SkillRule, SkillType, Ticket
from routing.queries.persons import config_of, loads
from tests.routing.cast import configure, holders, make_agent, settle, wait_in_line

NOON = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
EPSILON = timedelta(milliseconds=1)
# Open tickets of one agent: class, status, whether it is silent, its session ended, it is snoozed.
HELD = [
    ("messaging", "new", False, False, False),
    ("messaging", "open", False, False, False),
    ("messaging", "open", True, False, False),
    ("messaging", "open", True, False, False),
    ("messaging", "open", True, True, False),
    ("messaging", "open", False, False, True),
    ("messaging", "pending", False, False, False),
    ("messaging", "hold", False, False, False),
    ("messaging", "solved", False, False, False),
    ("email", "new", False, False, False),
    ("email", "open", True, False, False),
    ("email", "pending", False, False, False),
    ("email", "hold", False, False, False),
    ("email", "open", False, False, True),
    ("voice", "open", False, False, False),
    ("voice", "hold", False, False, False),
]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def channel_of(brand: Brand, kind: str) -> Channel:
    return Channel.objects.create(brand=brand, kind=kind, name=kind)


def are_there() -> None:
    Agent.objects.update(chosen_at=datetime.now(UTC))


def test_a_call_goes_on_at_its_last_second(brand: Brand, clock: time_machine.Traveller) -> None:
    configure(brand, reassignment_talk_timeout=45)
    for name in ("alice", "bob"):
        make_agent(name, brand)
    wait_in_line(channel_of(brand, "voice"), "carol")
    tasks.sweep()

    def asked() -> list[str]:
        return list(Offer.objects.filter(state="pending").values_list("agent__user__name", flat=True))

    assert asked() == ["Alice"]
    clock.move_to(NOON + timedelta(seconds=45) - EPSILON)
    are_there()
    tasks.sweep()
    assert asked() == ["Alice"]
    clock.move_to(NOON + timedelta(seconds=45))
    tasks.sweep()
    assert asked() == ["Bob"]


@pytest.mark.parametrize(
    ("kind", "setting"), [("web", "messaging"), ("email", "support"), ("voice", "talk")], ids=["chat", "email", "call"]
)
def test_skills_are_given_up_at_their_last_second(
    brand: Brand, clock: time_machine.Traveller, kind: str, setting: str
) -> None:
    others = {f"skills_timeout_{each}": 5 for each in {"messaging", "support", "talk"} - {setting}}
    configure(brand, **{f"skills_timeout_{setting}": 90}, **others)
    rule = SkillRule.objects.create(brand=brand, name="All")
    rule.requires.add(Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean"))
    make_agent("alice", brand)
    (ticket,) = wait_in_line(channel_of(brand, kind), "carol")

    def is_given() -> bool:
        assignment.assign(brand.pk)
        return bool(holders([ticket])[0]) or Offer.objects.exists()

    clock.move_to(NOON + timedelta(seconds=90) - EPSILON)
    assert not is_given()
    clock.move_to(NOON + timedelta(seconds=90))
    assert is_given()


def held_by(alice: Agent, channels: dict[str, Channel]) -> None:
    for number, (channel_class, status, is_silent, is_over, is_snoozed) in enumerate(HELD):
        (ticket,) = wait_in_line(channels[channel_class], f"c{number}")
        take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
        Ticket.objects.filter(pk=ticket.pk).update(
            status=status,
            is_open=status != "solved",
            is_active=not is_silent,
            session_ended=is_over,
            snoozed_until=datetime(2030, 1, 1, tzinfo=UTC) if is_snoozed else None,
        )


def test_what_takes_room_recounted_as_the_settings_change(brand: Brand) -> None:
    """Product reference, 2.2, What counts."""
    configure(brand, enabled=False)
    alice = make_agent("alice", brand)
    kinds = {"messaging": "web", "email": "email", "voice": "voice"}
    held_by(alice, {name: channel_of(brand, kind) for name, kind in kinds.items()})

    def counted(**given: Any) -> dict[str, int]:
        RoutingConfig.objects.update(**given)
        return dict(loads([alice.pk], config_of(brand.pk))[alice.pk])

    assert counted() == {"messaging": 2, "email": 2, "voice": 1}
    assert counted(messaging_activity_routing_enabled=True) == {"messaging": 5, "email": 2, "voice": 1}
    assert counted(transform_to_email_enabled=True) == {"messaging": 4, "email": 3, "voice": 1}
    assert counted(messaging_activity_routing_enabled=False) == {"messaging": 2, "email": 3, "voice": 1}
    assert counted(transform_to_email_enabled=False) == {"messaging": 2, "email": 2, "voice": 1}


def test_a_flag_that_changes_mid_run_gives_and_takes_room(brand: Brand, channel: Channel) -> None:
    configure(brand, messaging_activity_routing_enabled=True)
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=2)
    alice = make_agent("alice", brand)
    tickets = wait_in_line(channel, "a", "b", "c", "d", "e")

    def has() -> tuple[int, int]:
        """Give how many she holds, and how many of them count."""
        settle()
        assignment.assign(brand.pk)
        load = loads([alice.pk], config_of(brand.pk))[alice.pk]
        return sum(name == "Alice" for name in holders(tickets)), load.get("messaging", 0)

    def silence(count: int) -> None:
        keys = Ticket.objects.filter(assignee=alice, is_active=True).order_by("pk").values_list("pk")[:count]
        Ticket.objects.filter(pk__in=list(keys.values_list("pk", flat=True))).update(is_active=False)

    assert has() == (2, 2)
    silence(1)
    assert has() == (2, 2), "silent ones count"
    RoutingConfig.objects.update(messaging_activity_routing_enabled=False)
    assert has() == (3, 2), "one leaves room now"
    RoutingConfig.objects.update(messaging_activity_routing_enabled=True)
    assert has() == (3, 3), "it counts again, and nothing more is given"
    RoutingConfig.objects.update(messaging_activity_routing_enabled=False)
    assert has() == (3, 2)
    silence(2)
    assert has() == (5, 2)


def test_an_agent_has_one_call_at_most(brand: Brand) -> None:
    configure(brand)
    alice = make_agent("alice", brand)
    first, _second = wait_in_line(channel_of(brand, "voice"), "a", "b")
    assert assignment.assign(brand.pk) == 1
    assert list(Offer.objects.values_list("ticket", flat=True)) == [first.pk]
    assert loads([alice.pk], config_of(brand.pk))[alice.pk] == {"voice": 1}
    set_agent_status(agent=alice, status="away", by=SYSTEM)
    settle()
    assert not loads([alice.pk], config_of(brand.pk)).get(alice.pk, {}).get("voice")
