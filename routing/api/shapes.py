"""How routing's nouns look to the business's own systems and apps."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from conversations.business.shapes import Flat
from conversations.shapes import timestamp
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability
from routing.models import Agent, Group, Ticket
from routing.queries.own import Used

Output = serializers.Serializer[Any]
PRIORITIES = {Ticket.Priority.LOW: "low", Ticket.Priority.NORMAL: "normal", Ticket.Priority.HIGH: "high"}
PRIORITIES[Ticket.Priority.URGENT] = "urgent"
PRIORITY_OF = {name: value for value, name in PRIORITIES.items()}


class Named(Output):
    id = serializers.CharField()
    name = serializers.CharField()


class TicketShape(Output):
    id = serializers.CharField()
    number = serializers.IntegerField(min_value=1)
    conversation = serializers.CharField()
    contact = Named()
    subject = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(Ticket.Status.choices)
    priority = serializers.ChoiceField(list(PRIORITY_OF))
    assignee = Named(allow_null=True)
    group = Named(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    form = Named(allow_null=True, help_text="Its own; null: the brand's default one.")
    values = Flat(help_text="What stands in the brand's own fields, by their keys.")
    channel_class = serializers.ChoiceField(ChannelClass.choices)
    session_ended = serializers.BooleanField()
    waiting_since = serializers.DateTimeField(allow_null=True, help_text="Since when the customer waits for words.")
    snoozed_until = serializers.DateTimeField(allow_null=True)
    last_activity_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    solved_at = serializers.DateTimeField(allow_null=True)


class StatusNow(Output):
    status = serializers.ChoiceField(Availability.choices)
    custom = Named(allow_null=True, help_text="The brand's own status that stands for it.")
    since = serializers.DateTimeField(allow_null=True)


class Load(Output):
    name = serializers.CharField(help_text="A class of channels, or total.")
    used = serializers.IntegerField(min_value=0)
    maximum = serializers.IntegerField(min_value=0)


class AgentShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    status = StatusNow()
    groups = Named(many=True)
    load = Load(many=True, help_text="What they have of what they may have, offers included.")


def named(row: Any) -> dict[str, str] | None:
    """Show what a row is called; None where there is none."""
    return {"id": row.public_id, "name": str(row.name)} if row else None


def agent_named(agent: Agent | None) -> dict[str, str] | None:
    """Show who an agent is."""
    return {"id": agent.user.public_id, "name": str(agent)} if agent else None


def ticket_told(ticket: Ticket) -> dict[str, Any]:
    """Show a ticket, read with its conversation, contact, assignee and group."""
    contact = ticket.conversation.contact
    return {
        "id": ticket.public_id,
        "number": ticket.number,
        "conversation": ticket.conversation.public_id,
        "contact": {"id": contact.public_id, "name": contact.name},
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": PRIORITIES[Ticket.Priority(ticket.priority)],
        "assignee": agent_named(ticket.assignee),
        "group": named(ticket.group),
        "tags": ticket.tags,
        "form": named(ticket.form),
        "values": ticket.field_values,
        "channel_class": ticket.channel_class,
        "session_ended": ticket.session_ended,
        "waiting_since": timestamp(ticket.waiting_since),
        "snoozed_until": timestamp(ticket.snoozed_until),
        "last_activity_at": timestamp(ticket.last_activity_at),
        "created_at": timestamp(ticket.created_at),
        "solved_at": timestamp(ticket.solved_at),
    }


def status_told(agent: Agent) -> dict[str, Any]:
    """Show what an agent is now."""
    return {
        "status": agent.status,
        "custom": named(agent.custom_status),
        "since": timestamp(agent.status_set_at),
    }


def load_told(load: Sequence[Used]) -> list[dict[str, Any]]:
    """Show what somebody has of what they may have."""
    return [{"name": str(each.name), "used": each.used, "maximum": each.maximum} for each in load]


def agent_told(agent: Agent, groups: Sequence[Group], load: Sequence[Used]) -> dict[str, Any]:
    """Show an agent, with the groups that the caller may know of."""
    return {
        "id": agent.user.public_id,
        "name": str(agent),
        "status": status_told(agent),
        "groups": [named(group) for group in groups],
        "load": load_told(load),
    }
