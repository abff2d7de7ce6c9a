"""What overloads agents elsewhere: silent chats that come back to life, and a night's backlog for who comes first.

Product reference, 2.2 and 4.5.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Session
from routing import tasks
from routing.actions.tickets import assign_ticket, release_ticket, set_status, snooze_ticket
from routing.decide.capacity import LOOKED_AT
from routing.models import Agent, CapacityRule, RoutingConfig, Ticket
from routing.queries.persons import config_of, loads
from tests.factories import make_visitor, reply, say
from tests.routing.cast import browser_of, configure, holders, make_agent, settle, wait_in_line

MORNING = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


def fits(brand: Brand, **most: int) -> None:
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, **most)


def work() -> None:
    for _ in range(2):
        settle()
        tasks.sweep()


def fall_silent(*tickets: Ticket) -> None:
    sessions = Session.objects.filter(conversation__in=[ticket.conversation_id for ticket in tickets])
    sessions.update(last_contact_at=datetime.now(UTC) - timedelta(hours=1))
    turn_sessions_inactive()
    settle()


def backlog(channel: Channel, count: int) -> list[Ticket]:
    """Have customers write in the night, whom nobody answers and who go to bed."""
    tickets = wait_in_line(channel, *(f"c{number}" for number in range(count)))
    fall_silent(*tickets)
    assert not Ticket.objects.filter(is_active=True).exists()
    return tickets


def are_there() -> None:
    Agent.objects.update(chosen_at=datetime.now(UTC))


def passes(clock: time_machine.Traveller, seconds: int) -> Counter[str]:
    """Let time go by in steps of a sweep; give how many each holds then."""
    for _ in range(seconds // 5):
        clock.shift(5)
        are_there()
        work()
    return Counter(name for name in holders(list(Ticket.objects.all())) if name)


def test_two_fit_a_third_comes_back_to_life_and_nothing_more_is_given(brand: Brand, channel: Channel) -> None:
    configure(brand)
    fits(brand, max_messaging=2)
    alice = make_agent("alice", brand)
    one, two = wait_in_line(channel, "one", "two")
    work()
    reply(one.conversation, alice.user, "Is that all?")
    fall_silent(one)
    (three,) = wait_in_line(channel, "three")
    work()
    assert holders([one, two, three]) == ["Alice"] * 3, "the silent one left room"
    say(make_visitor(channel, browser_of("one")), "One more thing")
    (four,) = wait_in_line(channel, "four")
    work()
    assert loads([alice.pk], config_of(brand.pk))[alice.pk] == {"messaging": 3}
    set_status(ticket=two, status="solved", by=SYSTEM)
    work()
    assert holders([four]) == [""], "two of two are no room"
    set_status(ticket=three, status="solved", by=SYSTEM)
    work()
    assert holders([four]) == ["Alice"]


@pytest.mark.parametrize("fair_start", [0, 60])
def test_a_nights_backlog_is_never_more_than_fits(
    brand: Brand, channel: Channel, clock: time_machine.Traveller, fair_start: int
) -> None:
    configure(brand, fair_start_seconds=fair_start)
    fits(brand, max_messaging=3)
    backlog(channel, 12)
    make_agent("alice", brand)
    work()
    assert passes(clock, 90) == {"Alice": 3}
    make_agent("bob", brand)
    work()
    assert passes(clock, 90) == {"Alice": 3, "Bob": 3}
    make_agent("carol", brand)
    work()
    assert passes(clock, 3600) == {"Alice": 3, "Bob": 3, "Carol": 3}, "however long nobody answers"


@pytest.mark.parametrize(
    ("fair_start", "shares"), [(60, {"Alice": 4, "Bob": 3, "Carol": 2}), (0, {"Alice": 6, "Bob": 3})]
)
def test_three_who_come_one_after_the_other_share_a_nights_backlog(
    brand: Brand, channel: Channel, clock: time_machine.Traveller, fair_start: int, shares: dict[str, int]
) -> None:
    configure(brand, fair_start_seconds=fair_start)
    fits(brand, max_messaging=6)
    backlog(channel, 9)
    for name in ("alice", "bob", "carol"):
        make_agent(name, brand)
        work()
        passes(clock, 10)
    assert passes(clock, 120) == shares


def test_a_silent_chat_that_is_given_takes_room_until_its_customer_has_an_answer(
    brand: Brand, channel: Channel
) -> None:
    configure(brand)
    fits(brand, max_messaging=1)
    alice = make_agent("alice", brand)
    first, second = backlog(channel, 2)
    work()
    assert holders([first, second]) == ["Alice", ""]
    reply(first.conversation, alice.user, "Good morning!")
    work()
    assert holders([first, second]) == ["Alice", "Alice"]


def comes_back(ticket: Ticket, channel: Channel) -> None:
    say(make_visitor(channel, browser_of("c0")), "I am here again")
    settle()
    fall_silent(ticket)


def ends(ticket: Ticket, channel: Channel) -> None:
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)


def is_put_back(ticket: Ticket, channel: Channel) -> None:
    RoutingConfig.objects.update(enabled=False)
    release_ticket(ticket=ticket, by=SYSTEM)


DEEDS: dict[str, Any] = {
    "the customer writes, and falls silent again": comes_back,
    "its session ends": ends,
    "it is put back": is_put_back,
    "it is pending": lambda ticket, channel: set_status(ticket=ticket, status="pending", by=SYSTEM),
    "it is snoozed": lambda ticket, channel: snooze_ticket(
        ticket=ticket, until=datetime.now(UTC) + timedelta(hours=1), by=SYSTEM
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_it_leaves_room_also_when(brand: Brand, channel: Channel, deed: str) -> None:
    config = configure(brand)
    alice = make_agent("alice", brand)
    (ticket,) = backlog(channel, 1)
    work()
    assert loads([alice.pk], config)[alice.pk] == {"messaging": 1}
    DEEDS[deed](ticket, channel)
    settle()
    assert not loads([alice.pk], config).get(alice.pk)


def test_a_silent_chat_that_owes_nothing_takes_room_for_ten_minutes(
    brand: Brand, channel: Channel, clock: time_machine.Traveller
) -> None:
    """What agents left in the evening was answered; still the first who comes is not given all of it at once."""
    config = configure(brand)
    fits(brand, max_messaging=2)
    RoutingConfig.objects.update(enabled=False)
    alice = make_agent("alice", brand)
    tickets = wait_in_line(channel, "c0", "c1", "c2", "c3", "c4")
    for ticket in tickets:
        assign_ticket(ticket=ticket, agent=alice, by=SYSTEM)
        reply(ticket.conversation, alice.user, "Does it work now?")
        settle()
        release_ticket(ticket=ticket, by=SYSTEM)
    fall_silent(*tickets)
    RoutingConfig.objects.update(enabled=True)
    work()
    held = Ticket.objects.filter(assignee=alice)
    assert held.count() == 2
    clock.shift(LOOKED_AT - SECOND)
    are_there()
    work()
    assert (held.count(), loads([alice.pk], config)[alice.pk]) == (2, {"messaging": 2})
    clock.shift(SECOND)
    assert not loads([alice.pk], config).get(alice.pk)
    work()
    assert held.count() == 4


def test_an_ended_chat_that_is_given_takes_room_as_a_silent_one_does(brand: Brand, channel: Channel) -> None:
    configure(brand)
    fits(brand, max_messaging=1)
    tickets = wait_in_line(channel, "c0", "c1", "c2")
    for ticket in tickets:
        end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.CONTACT, by=SYSTEM)
    settle()
    make_agent("alice", brand)
    work()
    assert sorted(holders(tickets)) == ["", "", "Alice"]
