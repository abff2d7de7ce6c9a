"""How routing's nouns look to the business's own systems and apps."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from conversations.business.shapes import Flat
from conversations.models import Attachment
from conversations.shapes import timestamp
from routing.decide.classes import ChannelClass
from routing.decide.sla import Metric, PromiseState
from routing.decide.statuses import Availability
from routing.models import Agent, Group, Promise, Rule, SkillRule, SlaPolicy, Ticket
from routing.queries.own import Used
from routing.queries.ratings import survey_paths
from routing.queries.sla import with_promises

Output = serializers.Serializer[Any]
PRIORITIES = {Ticket.Priority.LOW: "low", Ticket.Priority.NORMAL: "normal", Ticket.Priority.HIGH: "high"}
PRIORITIES[Ticket.Priority.URGENT] = "urgent"
PRIORITY_OF = {name: value for value, name in PRIORITIES.items()}


class Named(Output):
    id = serializers.CharField()
    name = serializers.CharField()


class FileShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(min_value=1, help_text="Bytes.")


class UsedFile(FileShape):
    url = serializers.CharField(help_text="Put it into the mediaUrl of an image or file message.")
    width = serializers.IntegerField(allow_null=True, help_text="Pixels of an image.")
    height = serializers.IntegerField(allow_null=True)


class PromiseShape(Output):
    metric = serializers.ChoiceField(Metric.choices)
    state = serializers.ChoiceField(PromiseState.choices)
    due_at = serializers.DateTimeField(allow_null=True, help_text="When it breaks or broke; null while it is paused.")
    risk_at = serializers.DateTimeField(allow_null=True, help_text="From when it is at risk.")
    left_seconds = serializers.IntegerField(allow_null=True, help_text="While it is paused: what is left.")


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
    promise = PromiseShape(allow_null=True, help_text="What breaks next of what is promised; null: nothing is.")
    unread = serializers.IntegerField(min_value=0, help_text="What the customer wrote and you have not read, up to 99.")
    waiting_since = serializers.DateTimeField(allow_null=True, help_text="Since when the customer waits for words.")
    snoozed_until = serializers.DateTimeField(allow_null=True)
    last_activity_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    solved_at = serializers.DateTimeField(allow_null=True)
    survey_url = serializers.CharField(
        allow_null=True,
        help_text="Path on this server of the page where the customer says how it went, for you to send them; whoever "
        "has it may answer. null: they were not asked, or it can be answered no more.",
    )


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


def file_told(file: Attachment) -> dict[str, Any]:
    return {"id": file.public_id, "name": file.name, "media_type": file.media_type, "size": file.size}


def named(row: Any) -> dict[str, str] | None:
    """Show what a row is called; None where there is none."""
    return {"id": row.public_id, "name": str(row.name)} if row else None


def agent_named(agent: Agent | None) -> dict[str, str] | None:
    """Show who an agent is."""
    return {"id": agent.user.public_id, "name": str(agent)} if agent else None


def ordered_told(row: SkillRule | SlaPolicy | Rule) -> dict[str, Any]:
    """Show what is common to all that is asked in an order, each with its conditions."""
    return {
        "id": row.public_id,
        "name": row.name,
        "is_active": row.is_active,
        "place": row.order,
        "conditions": row.conditions,
    }


def promise_told(promise: Promise | None) -> dict[str, Any] | None:
    """Show how a promise stands."""
    if promise is None:
        return None
    return {
        "metric": promise.metric,
        "state": promise.state,
        "due_at": timestamp(promise.due_at),
        "risk_at": timestamp(promise.risk_at),
        "left_seconds": promise.left_s,
    }


def tickets_told(tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    """Show tickets, read as `seen_tickets` and the views give them. Two queries; one where nothing is promised."""
    with_promises([each for each in tickets if not hasattr(each, "promise")])
    surveys = survey_paths(tickets)
    return [_told(each, surveys.get(each.pk)) for each in tickets]


def ticket_told(ticket: Ticket) -> dict[str, Any]:
    """Show one ticket as `tickets_told` does."""
    return tickets_told([ticket])[0]


def _told(ticket: Ticket, survey_url: str | None) -> dict[str, Any]:
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
        "promise": promise_told(ticket.promise),  # type: ignore[attr-defined]  # of with_promises
        "unread": ticket.unread,  # type: ignore[attr-defined]  # of the query
        "waiting_since": timestamp(ticket.waiting_since),
        "snoozed_until": timestamp(ticket.snoozed_until),
        "last_activity_at": timestamp(ticket.last_activity_at),
        "created_at": timestamp(ticket.created_at),
        "solved_at": timestamp(ticket.solved_at),
        "survey_url": survey_url,
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
