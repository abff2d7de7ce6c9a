"""What conditions are told of tickets, and what a brand can choose from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Brand, Contact, Conversation, Role
from routing.actions.agents import agent_of
from routing.decide.conditions import Field, Kind, holds, parse, read
from routing.decide.fields import FIELDS, GROUPS, add_field
from routing.models import Group, Schedule, Ticket
from routing.queries import facts
from routing.queries.facts import add_source, facts_of, fields_of
from tests.factories import make_brand, make_channel, make_user, make_visitor, note, reply, say
from tests.routing.test_tickets import settle


def written(brand: Brand, number: int) -> Ticket:
    channel = brand.channels.first() or make_channel(brand)
    carol = make_visitor(channel, client_id=f"carols-browser-{number:04}", name="Carol", properties={"plan": "pro"})
    conversation = say(carol, "Where is my tent?").message.conversation
    settle()
    return Ticket.objects.get(conversation=conversation)


def test_facts_are_the_ticket_as_it_is(brand: Brand) -> None:
    ticket, alice = written(brand, 1), make_user("alice", brand)
    group = Group.objects.create(brand=brand, name="Refunds")
    reply(ticket.conversation, alice, "On its way")
    note(ticket.conversation, alice, "A note is nothing the customer sees")
    Ticket.objects.update(group=group, assignee=agent_of(alice), tags=["late"], priority=4, subject="텐트")
    Contact.objects.update(email="carol@example.test", locale="ko", is_verified=True)
    Conversation.objects.update(metadata={"page": "/tents"})
    schedule = Schedule.objects.create(brand=brand, name="Never", time_zone="Asia/Seoul")
    found = facts_of([ticket])[ticket.pk]
    assert set(found.values) == set(FIELDS)
    assert found.values["ticket.group"] == group.public_id
    assert found.values["ticket.assignee"] == alice.public_id
    assert found.values["conversation.last_message"] == "On its way"
    fields = fields_of(brand.pk)
    for path, operator, value in (
        ("ticket.status", "is", "new"),
        ("ticket.priority", "is", "urgent"),
        ("ticket.group", "is", group.public_id),
        ("ticket.assignee", "any_of", [alice.public_id]),
        ("ticket.channel_class", "is", "messaging"),
        ("ticket.tags", "include_all", ["late"]),
        ("ticket.subject", "is", "텐트"),
        ("ticket.created_at", "newer_than_minutes", 5),
        ("ticket.updated_at", "newer_than_minutes", 5),
        ("ticket.waiting_since", "newer_than_minutes", 5),
        ("ticket.session", "is", "active"),
        ("ticket.session_ended", "is", False),
        ("contact.name", "starts_with", "car"),
        ("contact.email", "matches", r".+@example\.test"),
        ("contact.phone", "is_not_set", None),
        ("contact.language", "is", "ko"),
        ("contact.is_verified", "is", True),
        ("contact.external_id", "is_not_set", None),
        ("contact.properties.plan", "is", "pro"),
        ("conversation.channel_kind", "is", "web"),
        ("conversation.channel", "is", ticket.conversation.channel.public_id),
        ("conversation.last_message", "contains", "way"),
        ("conversation.metadata.page", "is", "/tents"),
        ("conversation.holder", "is", "agents"),
        ("schedule.hours", "outside", schedule.public_id),
    ):
        asked = {"all": [{"field": path, "operator": operator, "value": value}]}
        assert holds(parse(asked, fields), found), path


def test_many_tickets_cost_as_many_queries_as_one(brand: Brand) -> None:
    tickets = [written(brand, number) for number in range(4)]
    with CaptureQueriesContext(
        connection,
    ) as one:
        facts_of(tickets[:1])
    with CaptureQueriesContext(connection) as four:
        assert set(facts_of(tickets)) == {ticket.pk for ticket in tickets}
    assert len(one) == len(four) == 3


def test_a_brand_chooses_from_its_own(brand: Brand) -> None:
    other = make_brand("other")
    Group.objects.create(brand=other, name="Theirs")
    agent_of(make_user("charlie", other))
    agent_of(make_user("rita", brand, role=Role.LIGHT))
    make_channel(other)
    own = Group.objects.create(brand=brand, name="Ours")
    alice, channel = make_user("alice", brand, other), make_channel(brand)
    agent_of(alice)
    with CaptureQueriesContext(connection) as asked:
        fields = fields_of(brand.pk)
    assert len(asked) == 6
    assert fields["ticket.group"].choices == ((own.public_id, "Ours"),)
    assert fields["ticket.assignee"].choices == ((alice.public_id, "Alice"),)
    assert fields["conversation.channel"].choices == ((channel.public_id, "Website"),)
    assert fields["conversation.channel_kind"].choices == (("web", "web"),)
    assert fields["schedule.hours"].choices == ()


@pytest.fixture
def mood() -> Iterator[None]:
    """An app above that knows one thing more of a ticket."""

    def told(keys: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        return {key: {"triage.mood": "cross"} for key in keys}

    add_field(Field("triage.mood", "Mood", Kind.CHOICE, (("cross", "Cross"), ("calm", "Calm"))), group="Triage")
    add_source(told)
    yield
    del FIELDS["triage.mood"], GROUPS["triage"]
    facts._sources.remove(told)


@pytest.mark.usefixtures("mood")
def test_apps_above_add_their_fields(brand: Brand) -> None:
    ticket = written(brand, 1)
    cross = {"all": [{"field": "triage.mood", "operator": "is", "value": "cross"}]}
    known = facts_of([ticket], now=timezone.now())[ticket.pk]
    assert holds(parse(cross, fields_of(brand.pk)), known)
    del FIELDS["triage.mood"]
    try:
        assert not holds(read(cross, fields_of(brand.pk)), known)
    finally:
        FIELDS["triage.mood"] = Field("triage.mood", "Mood", Kind.CHOICE)
