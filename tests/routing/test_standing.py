"""What customers are told while they wait: their place, the expected wait, and who is here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from conversations import queries
from conversations.actions.sessions import end_session
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Contact, Session, Standing
from conversations.shapes import conversation_shape
from routing.actions import sessions, standings
from routing.actions.agents import agent_of
from routing.actions.assignment import assign
from routing.actions.schedules import save_schedule
from routing.actions.tickets import assign_ticket, release_ticket, set_status
from routing.decide.hours import Opening
from routing.decide.lines import rivals
from routing.models import FirstWait, Group, Queue, Schedule, SessionSettings, Ticket, Waiting
from routing.queries.lines import in_line, place_of
from tests.factories import make_brand, make_channel, make_user
from tests.routing.cast import configure, make_agent
from tests.routing.cast import settle as settle_once
from tests.routing.cast import wait_in_line as line_up

NOON = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)


def settle() -> None:
    """Have the log read until what routing itself says of its work was read too."""
    settle_once()
    settle_once()


def wait_in_line(channel: Channel, *names: str) -> list[Ticket]:
    tickets = line_up(channel, *names)
    settle()
    return tickets


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def channel(db: None, clock: time_machine.Traveller) -> Channel:
    return make_channel(make_brand())


def tell(brand: Brand, **given: Any) -> SessionSettings:
    given = {"tells_position": True, "tells_minutes": True} | given
    return sessions.save_session_settings(settings=SessionSettings(brand=brand, **given), by=SYSTEM)


def told(ticket: Ticket) -> dict[str, Any] | None:
    contact = Contact.objects.get(conversations__tickets=ticket)
    own = queries.overview(contact).conversations[0]
    found: dict[str, Any] | None = conversation_shape(own)["standing"]
    return found


def sweep() -> None:
    settle()
    standings.tell_lines(timezone.now())


def test_who_waits_hears_their_place_and_then_who_is_here(channel: Channel) -> None:
    tell(channel.brand)
    first, second = wait_in_line(channel, "one", "two")
    assert told(first) == {"position": 1, "minutes": None, "text": "", "agent": ""}
    assert told(second) == {"position": 2, "minutes": None, "text": "", "agent": ""}
    alice = agent_of(make_user("alice", channel.brand))
    assign_ticket(ticket=first, agent=alice, by=SYSTEM)
    sweep()
    assert told(first) == {"position": None, "minutes": None, "text": "", "agent": "Alice"}
    assert told(second) == {"position": 1, "minutes": None, "text": "", "agent": ""}
    release_ticket(ticket=first, by=SYSTEM)
    settle()
    assert (told(first) or {})["agent"] == "" and (told(first) or {})["position"] == 2
    set_status(ticket=first, status="solved", by=SYSTEM)
    settle()
    assert told(first) is None


def test_while_the_brand_is_closed_nobody_is_told_to_hold_on(clock: time_machine.Traveller, channel: Channel) -> None:
    schedule = Schedule(brand=channel.brand, name="Office", time_zone="Asia/Seoul", is_default=True)
    save_schedule(schedule=schedule, week=[Opening(day, 9 * 60, 18 * 60) for day in range(5)], fields=(), by=SYSTEM)
    tell(channel.brand, waiting_text_en="A moment, please.")
    clock.shift(8 * 3600)
    [first] = wait_in_line(channel, "one")
    sweep()
    assert told(first) == {"position": 1, "minutes": None, "text": "", "agent": ""}
    clock.shift(13 * 3600)
    sweep()
    assert told(first) == {"position": 1, "minutes": None, "text": "A moment, please.", "agent": ""}
    clock.shift(9 * 3600)
    sweep()
    assert told(first) == {"position": 1, "minutes": None, "text": "", "agent": ""}


def test_nobody_is_told_where_the_brand_wants_it_so_and_no_more_once_it_does(channel: Channel) -> None:
    [first] = wait_in_line(channel, "one")
    assert told(first) is None and not Standing.objects.exists()
    settings = tell(channel.brand, waiting_text_en="A moment, please.", tells_position=False)
    [second] = wait_in_line(channel, "two")
    assert told(second) == {"position": None, "minutes": None, "text": "A moment, please.", "agent": ""}
    settings.waiting_text_en, settings.tells_minutes = "", False
    sessions.save_session_settings(settings=settings, fields=["waiting_text_en"], by=SYSTEM)
    assert not Standing.objects.exists()


def test_other_brands_and_email_are_told_nothing(channel: Channel) -> None:
    tell(make_brand("other"))
    [ticket] = wait_in_line(channel, "one")
    assert told(ticket) is None
    tell(channel.brand)
    mailbox = Channel.objects.create(brand=channel.brand, kind="email", name="Mail")
    [letter] = wait_in_line(mailbox, "two")
    sweep()
    assert told(letter) is None and told(ticket) == {"position": 1, "minutes": None, "text": "", "agent": ""}


def test_a_session_that_is_over_says_nothing(channel: Channel) -> None:
    tell(channel.brand)
    [ticket] = wait_in_line(channel, "one")
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.CONTACT, by=SYSTEM)
    assert told(ticket) is None


def test_the_expected_wait_is_the_middle_of_the_last_waits_within_a_day(
    clock: time_machine.Traveller, channel: Channel
) -> None:
    tell(channel.brand)
    configure(channel.brand)
    alice = agent_of(make_user("alice", channel.brand))
    for name, minutes in (("a", 3), ("b", 8)):
        [ticket] = wait_in_line(channel, name)
        clock.shift(minutes * 60)
        assign_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    [waiting] = wait_in_line(channel, "c")
    assert (told(waiting) or {})["minutes"] is None  # two are too few
    [third] = wait_in_line(channel, "d")
    clock.shift(4 * 60)
    # What a round of assignment gives counts too.
    make_agent("bob", channel.brand)
    assign(channel.brand_id)
    settle()
    Ticket.objects.filter(pk__in=[waiting.pk, third.pk]).update(assignee=None)
    assert FirstWait.objects.count() == 4
    FirstWait.objects.filter(ticket=third).delete()
    Waiting.objects.all().delete()
    Agent = type(alice)
    Agent.objects.update(status="offline", is_present=False)
    [fresh] = wait_in_line(channel, "e")
    assert (told(fresh) or {})["minutes"] == 4
    clock.shift(2 * 60)
    sweep()
    assert (told(fresh) or {})["minutes"] == 2
    clock.shift(3 * 60)
    sweep()
    assert (told(fresh) or {})["minutes"] is None
    clock.shift(timedelta(days=1))
    standings.drop_old_waits(timezone.now())
    assert not FirstWait.objects.exists()


def test_only_the_first_time_counts_as_a_wait(clock: time_machine.Traveller, channel: Channel) -> None:
    alice = agent_of(make_user("alice", channel.brand))
    [ticket] = wait_in_line(channel, "a")
    clock.shift(60)
    assign_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    release_ticket(ticket=ticket, by=SYSTEM)
    clock.shift(600)
    assign_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    row = FirstWait.objects.get()
    assert row.ended_at - row.began_at == timedelta(seconds=60)


def test_who_is_behind_a_hundred_hears_so(channel: Channel) -> None:
    tell(channel.brand)
    tickets = wait_in_line(channel, *(f"n{number}" for number in range(102)))
    assert (told(tickets[99]) or {})["position"] == 100
    assert (told(tickets[101]) or {})["position"] == 101


def test_telling_a_line_costs_as_much_when_nothing_changed_however_long_it_is(
    channel: Channel, django_assert_num_queries: Any
) -> None:
    tell(channel.brand)
    wait_in_line(channel, "one", "two")
    with django_assert_num_queries(6):
        standings.tell_lines(timezone.now())
    wait_in_line(channel, "three", "four", "five")
    with django_assert_num_queries(6):
        standings.tell_lines(timezone.now())


def test_the_client_api_gives_it_to_its_own_only(channel: Channel) -> None:
    tell(channel.brand)
    client = Client()
    body = {"key": channel.key, "client_id": "x" * 32, "locale": "ko", "time_zone": "Asia/Seoul"}
    token = client.post("/client/v1/session", body, content_type="application/json").json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    message = {"client_id": "c-1", "content": {"type": "text", "text": "안녕하세요"}}
    client.post("/client/v1/conversations/default/messages", message, content_type="application/json", headers=headers)
    settle()
    [mine] = client.get("/client/v1/conversations", headers=headers).json()["conversations"]
    assert mine["standing"] == {"position": 1, "minutes": None, "text": "", "agent": ""}
    [again] = client.get("/client/v1/poll", headers=headers).json()["conversations"]
    assert again["standing"] == mine["standing"]


def test_who_waits_elsewhere_for_the_same_agents_stands_before_them(channel: Channel) -> None:
    tell(channel.brand)
    shop, vip, bills = (Group.objects.create(brand=channel.brand, name=name) for name in ("Shop", "VIP", "Bills"))
    make_agent("alice", channel.brand, shop, vip, status="offline")
    make_agent("bob", channel.brand, bills, status="offline")
    for priority, group in enumerate((vip, shop, bills), start=1):
        word = group.name.lower()
        asks = {"all": [{"field": "ticket.subject", "operator": "contains", "value": word}], "any": []}
        queue = Queue.objects.create(brand=channel.brand, name=word, priority=priority, conditions=asks)
        queue.primary_groups.add(group)
    tickets = wait_in_line(channel, "shop 1", "bills 1", "vip 1", "vip 2", "shop 2")
    assert {each.waiting.lane.queue_priority for each in tickets} == {1, 2, 3}
    sweep()
    assert [(told(each) or {})["position"] for each in tickets] == [3, 1, 1, 2, 4]
    assert [place_of(each.waiting) for each in tickets] == [3, 1, 1, 2, 4]


@pytest.mark.parametrize(
    ("agents", "found"),
    [
        ({1: {7}, 2: {8}}, {1: {1}, 2: {2}}),
        ({1: {7}, 2: {7, 8}, 3: {8}}, {1: {1, 2}, 2: {1, 2, 3}, 3: {2, 3}}),
        ({1: None, 2: {8}, 3: set()}, {1: {1, 2}, 2: {1, 2}, 3: {3}}),
    ],
)
def test_lanes_are_one_line_where_somebody_takes_work_of_both(agents: Any, found: Any) -> None:
    assert rivals({lane: None if who is None else frozenset(who) for lane, who in agents.items()}) == found


def test_who_gets_an_agent_while_lines_are_told_is_not_told_a_place(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(channel.brand)
    alice = make_agent("alice", channel.brand)
    first, second = wait_in_line(channel, "carol", "dave")
    read = in_line

    def taken_meanwhile(lanes: Any) -> Any:
        rows = read(lanes)
        if Ticket.objects.get(pk=second.pk).assignee is None:
            assign_ticket(ticket=second, agent=alice, by=SYSTEM)
            settle()
        return rows

    monkeypatch.setattr(standings, "in_line", taken_meanwhile)
    Standing.objects.filter(conversation=first.conversation).delete()
    standings.tell_lines(timezone.now())
    assert [(each or {}).get("position") for each in (told(first), told(second))] == [1, None]
    assert (told(second) or {})["agent"] == "Alice"
