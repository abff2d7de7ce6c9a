"""What is true of tickets, for conditions: gathered for many at once, in a fixed number of queries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from conversations.content import plain_text
from conversations.models import AuthorKind, Channel, Conversation, Message
from routing.decide.conditions import Facts, Field
from routing.decide.fields import FIELDS, OWN_FIELDS, own_field, with_choices
from routing.models import CustomField, Group, Schedule, Ticket
from routing.queries.schedules import open_at
from routing.queries.work import answering

Source = Callable[[Sequence[int]], Mapping[int, Mapping[str, object]]]
Choices = tuple[tuple[str, str], ...]

_sources: list[Source] = []
# By the `source` of a field: what a brand can choose from, as (stored value, label).
_choices: dict[str, Callable[[int], Iterable[tuple[str, str]]]] = {
    "groups": lambda brand: Group.objects.filter(brand=brand).order_by("name").values_list("public_id", "name"),
    "agents": lambda brand: (
        answering(brand).order_by("user__name", "pk").values_list("user__public_id", "user__name").distinct()
    ),
    "channels": lambda brand: Channel.objects.filter(brand=brand).order_by("name").values_list("public_id", "name"),
    "schedules": lambda brand: Schedule.objects.filter(brand=brand).order_by("name").values_list("public_id", "name"),
    "channel_kinds": lambda brand: (
        (kind, kind)
        for kind in Channel.objects.filter(brand=brand).order_by("kind").values_list("kind", flat=True).distinct()
    ),
}


def add_source(source: Source) -> None:
    """Have an app above tell facts of fields it added: of the tickets of these keys, values by path. One query."""
    _sources.append(source)


def add_choices(source: str, choices: Callable[[int], Iterable[tuple[str, str]]]) -> None:
    """Have fields of this `source` choose from what this gives for a brand: (stored value, label). One query."""
    _choices[source] = choices


def fields_of(brand_id: int) -> dict[str, Field]:
    """Give what conditions of a brand can ask, with the brand's own choices and fields.

    A query for each kind of choice, and one for the fields.
    """
    common = [field for path, field in FIELDS.items() if path not in OWN_FIELDS]
    own = CustomField.objects.filter(brand=brand_id).order_by("-of", "order", "pk")
    fields = with_choices(common, {name: tuple(of(brand_id)) for name, of in _choices.items()})
    return fields | {field.path: field for field in (own_field(each.of, each.rule) for each in own)}


def facts_of(tickets: Iterable[Ticket], *, now: datetime | None = None) -> dict[int, Facts]:
    """Give the facts of each ticket by its key, as they are now in the database.

    At most five queries, and one a source. Ages and opening hours are those at `now`.
    """
    keys = [ticket.pk for ticket in tickets]
    found = Ticket.objects.filter(pk__in=keys).select_related(
        "group", "rating", "assignee__user", "conversation__contact", "conversation__channel", "conversation__holder"
    )
    rows = list(found)
    newest = _newest_words([ticket.conversation_id for ticket in rows])
    more = [source(keys) for source in _sources]
    moment = now or timezone.now()
    hours = open_at({ticket.brand_id for ticket in rows}, moment)
    return {
        ticket.pk: Facts(
            {
                **_values(ticket, moment),
                "conversation.last_message": newest.get(ticket.conversation_id, ""),
                "schedule.hours": hours.get(ticket.brand_id, {}),
                **{path: value for each in more for path, value in each.get(ticket.pk, {}).items()},
            },
            moment,
        )
        for ticket in rows
    }


def _values(ticket: Ticket, now: datetime) -> dict[str, object]:
    conversation = ticket.conversation
    contact = conversation.contact
    return {
        "ticket.status": ticket.status,
        "ticket.priority": Ticket.Priority(ticket.priority).name.lower(),
        "ticket.group": ticket.group.public_id if ticket.group else None,
        "ticket.assignee": ticket.assignee.user.public_id if ticket.assignee else None,
        "ticket.channel_class": ticket.channel_class,
        "ticket.tags": ticket.tags,
        "ticket.subject": ticket.subject,
        "ticket.created_at": ticket.created_at,
        "ticket.updated_at": ticket.last_activity_at,
        "ticket.waiting_since": ticket.waiting_since,
        "ticket.status_set_at": ticket.status_set_at,
        "ticket.solved_at": ticket.solved_at,
        "ticket.session": ticket.session_state,
        "ticket.session_ended": ticket.session_ended,
        "ticket.sla_state": ticket.sla_state,
        "ticket.sla_minutes": (ticket.sla_due_at - now).total_seconds() / 60 if ticket.sla_due_at else None,
        "ticket.rating": ticket.rating.grade if hasattr(ticket, "rating") else None,
        "contact.name": contact.name,
        "contact.email": contact.email,
        "contact.phone": contact.phone,
        "contact.language": contact.locale,
        "contact.is_verified": contact.is_verified,
        "contact.external_id": contact.external_id,
        "contact.properties": contact.properties,
        **{path: (ticket if path.startswith("ticket.") else contact).field_values for path in OWN_FIELDS},
        "conversation.channel_kind": conversation.channel.kind,
        "conversation.channel": conversation.channel.public_id,
        "conversation.metadata": conversation.metadata,
        "conversation.holder": conversation.holder.kind if conversation.holder else None,
    }


def _newest_words(conversation_keys: Sequence[int]) -> dict[int, str]:
    """Give the plain words of the newest public message that somebody wrote in each conversation. One query.

    What Madang says by itself (that nobody is there, a reminder) is nobody's: it would hide the customer's words.
    """
    written = Message.objects.filter(conversation=OuterRef("pk"), audience=Message.Audience.PUBLIC)
    newest = written.exclude(author_kind=AuthorKind.SYSTEM).order_by("-seq").values("content")[:1]
    found = Conversation.objects.filter(pk__in=conversation_keys).annotate(words=Subquery(newest))
    return {key: plain_text(content) for key, content in found.values_list("pk", "words") if content}
