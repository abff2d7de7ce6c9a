"""Snoozing: out of the active views until a moment, or until the customer writes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations import relay
from conversations.events import SYSTEM
from conversations.models import Conversation, Event, Identity, LogReader, User
from conversations.moments import is_choosable, presets
from conversations.queries import viewer_of
from routing import queries
from routing.actions import assignment
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import set_status, snooze_ticket, take_ticket, wake_due, wake_ticket
from routing.errors import InvalidChange, TicketIsClosed
from routing.models import RoutingConfig, Ticket
from routing.tasks import wake_snoozed
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say
from tests.routing.cast import configure, make_agent
from tests.threads import in_threads

SEOUL = ZoneInfo("Asia/Seoul")
HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)  # a Wednesday, noon in Seoul


def settle() -> None:
    relay.publish_pending()
    relay.run_readers()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def carol(db: None, clock: time_machine.Traveller) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    conversation = say(carol, "The pole of my tent is bent.").message.conversation
    settle()
    return conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def page(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    client.cookies["time_zone"] = "Asia/Seoul"
    return client


def snoozed(clock: time_machine.Traveller, hours: int = 2) -> Ticket:
    clock.shift(1)
    return snooze_ticket(ticket=Ticket.objects.get(), until=timezone.now() + timedelta(hours=hours), by=SYSTEM)


def views_with_it(user: User) -> set[str]:
    views = ("mine", "unassigned", "open", "snoozed", "ended")
    return {view for view in views if queries.inbox(viewer_of(user), view).tickets}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-12-02T12:03", ["12-02T15:00", "12-03T09:00", "12-07T09:00"]),  # Wednesday noon
        ("2026-12-02T20:59", ["12-02T23:55", "12-03T09:00", "12-07T09:00"]),
        ("2026-12-02T21:00", ["12-03T09:00", "12-07T09:00"]),  # in three hours is tomorrow
        ("2026-12-06T12:00", ["12-06T15:00", "12-07T09:00", "12-14T09:00"]),  # Sunday: Monday is tomorrow
        ("2026-12-07T08:00", ["12-07T11:00", "12-08T09:00", "12-14T09:00"]),  # Monday
    ],
)
def test_moments_offered_are_the_agents_own(now: str, expected: list[str]) -> None:
    found = [moment for _name, moment in presets(datetime.fromisoformat(now).replace(tzinfo=SEOUL))]
    assert [moment.strftime("%m-%dT%H:%M") for moment in found] == expected
    assert all(moment.tzinfo is SEOUL for moment in found)


def test_nine_is_nine_across_the_change_of_clocks() -> None:
    saturday = datetime(2026, 10, 31, 12, tzinfo=ZoneInfo("America/New_York"))
    tomorrow = dict(presets(saturday))["tomorrow"]
    assert (tomorrow.hour, tomorrow.astimezone(UTC).hour) == (9, 14)


def test_no_later_than_a_year_and_not_before_now() -> None:
    assert not is_choosable(NOON, NOON) and not is_choosable(NOON + timedelta(days=367), NOON)
    assert is_choosable(NOON + timedelta(days=366), NOON)


def test_it_leaves_the_active_views_and_returns_on_time(
    conversation: Conversation, alice: User, clock: time_machine.Traveller
) -> None:
    assert views_with_it(alice) == {"unassigned", "open"}
    snoozed(clock)
    assert views_with_it(alice) == {"snoozed"}
    counts = queries.view_counts(viewer_of(alice))
    assert (counts["open"], counts["unassigned"], counts["snoozed"]) == (0, 0, 1)
    clock.shift(2 * 3600 - 1)
    wake_snoozed()
    assert views_with_it(alice) == {"snoozed"}
    clock.shift(1)
    wake_snoozed()
    wake_snoozed()
    assert views_with_it(alice) == {"unassigned", "open"}
    assert Ticket.objects.get().last_activity_at == timezone.now()
    facts = Event.objects.filter(type__in=["ticket.snoozed", "ticket.woke"]).order_by("pk")
    assert [fact.payload.get("reason", "") for fact in facts] == ["", "time"]


@pytest.mark.parametrize("status", ["open", "pending", "hold"])
def test_it_returns_when_the_customer_writes(
    carol: Identity, conversation: Conversation, alice: User, clock: time_machine.Traveller, status: str
) -> None:
    set_status(ticket=Ticket.objects.get(), status=status, by=SYSTEM)
    snoozed(clock)
    clock.shift(1)
    reply(conversation, alice, "We look into it")
    settle()
    assert views_with_it(alice) == {"snoozed"}
    clock.shift(1)
    say(carol, "Any news?")
    settle()
    ticket = Ticket.objects.get()
    assert (ticket.snoozed_until, ticket.status) == (None, "open") and ticket.waiting_since is not None
    assert Event.objects.get(type="ticket.woke").payload["reason"] == "customer"


def test_words_from_before_the_snooze_bring_nothing_back(
    carol: Identity, conversation: Conversation, clock: time_machine.Traveller
) -> None:
    say(carol, "One more thing")
    snoozed(clock)
    settle()
    LogReader.objects.update(position=0)
    settle()
    assert Ticket.objects.get().snoozed_until is not None


def test_solving_ends_it_and_closed_work_takes_none(conversation: Conversation, clock: time_machine.Traveller) -> None:
    ticket = snoozed(clock)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    assert Ticket.objects.get().snoozed_until is None
    with pytest.raises(TicketIsClosed):
        snoozed(clock)


@pytest.mark.parametrize("hours", [0, -1, 24 * 367])
def test_moment_out_of_bounds_is_refused(conversation: Conversation, clock: time_machine.Traveller, hours: int) -> None:
    with pytest.raises(InvalidChange):
        snoozed(clock, hours)
    assert Ticket.objects.get().snoozed_until is None


def test_agent_snoozes_in_their_zone_and_takes_it_back(page: Client, conversation: Conversation) -> None:
    head = page.get(reverse("routing:ticket_head", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert "Later today" in head and "2026-12-03T09:00:00+09:00" in head
    address = reverse("routing:change", args=[conversation.public_id, "snooze"])
    answer = page.post(address, {"until": "2026-12-04T10:30"}, headers=HTMX)
    assert Ticket.objects.get().snoozed_until == datetime(2026, 12, 4, 1, 30, tzinfo=UTC)
    assert "snoozed until" in answer.content.decode()
    told = json.loads(answer["HX-Trigger"])["told"]
    page.post(told["undo"], {**told["values"], "undo": "yes"}, headers=HTMX)
    assert Ticket.objects.get().snoozed_until is None
    for wrong in ("", "soon", "2020-01-01T00:00", "9999-12-31T23:59", "2026-12-02T03:00:00Z"):
        assert page.post(address, {"until": wrong}, headers=HTMX).status_code == 400, wrong
    assert Ticket.objects.get().snoozed_until is None


def test_bringing_back_can_be_taken_back(
    page: Client, conversation: Conversation, clock: time_machine.Traveller
) -> None:
    until = snoozed(clock).snoozed_until
    answer = page.post(reverse("routing:change", args=[conversation.public_id, "wake"]), headers=HTMX)
    assert Ticket.objects.get().snoozed_until is None
    told = json.loads(answer["HX-Trigger"])["told"]
    page.post(told["undo"], {**told["values"], "undo": "yes"}, headers=HTMX)
    assert Ticket.objects.get().snoozed_until == until


@pytest.mark.django_db(transaction=True)
def test_of_many_sweeps_one_brings_it_back() -> None:
    conversation = say(make_visitor(make_channel(make_brand())), "hello").message.conversation
    settle()
    ticket = Ticket.objects.get(conversation=conversation)
    Ticket.objects.filter(pk=ticket.pk).update(snoozed_until=timezone.now() - timedelta(minutes=1))
    assert in_threads(6, lambda n: wake_due()) == []
    assert Event.objects.filter(type="ticket.woke").count() == 1
    assert not wake_ticket(ticket=ticket, by=SYSTEM, reason="agent")


def test_ticket_of_an_absent_agent_that_wakes_waits_for_another(
    conversation: Conversation, clock: time_machine.Traveller
) -> None:
    config = configure(conversation.brand, reassignment_reopened_tickets_enabled=True)
    RoutingConfig.objects.filter(pk=config.pk).update(reassignment_reopened_tickets_messaging_statuses=["offline"])
    alice, bob = (make_agent(name, conversation.brand, status="offline") for name in ("nora", "bob"))
    ticket = take_ticket(ticket=Ticket.objects.get(), agent=alice, by=SYSTEM)
    snooze_ticket(ticket=ticket, until=NOON + timedelta(hours=1), by=SYSTEM)
    clock.move_to(NOON + timedelta(hours=1))
    wake_snoozed()
    set_agent_status(agent=bob, status="online", by=SYSTEM)
    assert assignment.assign(conversation.brand_id) == 1
    assert Ticket.objects.get().assignee == bob
