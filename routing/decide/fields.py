"""What conditions can ask of a ticket. Apps above add their own fields with `add_field` when they start."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from conversations.models import Responder, Session
from routing.decide.classes import ChannelClass
from routing.decide.conditions import Field, Kind, Operator
from routing.decide.conditions.language import Words
from routing.decide.field_values import FieldKind, FieldRule
from routing.decide.sla import PromiseState
from routing.models import Rating, Ticket

# Priorities are stored by name: their numbers are the table's own.
PRIORITIES = {priority.name.lower(): priority for priority in Ticket.Priority}

# What is owed is never kept yet.
OWED = tuple((each.value, each.label) for each in PromiseState if each != PromiseState.KEPT)

FIELDS: dict[str, Field] = {
    each.path: each
    for each in (
        Field("ticket.status", _("Status"), Kind.CHOICE, tuple(Ticket.Status.choices)),
        Field("ticket.priority", _("Priority"), Kind.CHOICE, tuple((n, p.label) for n, p in PRIORITIES.items())),
        Field("ticket.group", _("Group"), Kind.CHOICE, None, source="groups", may_be_empty=True),
        Field("ticket.assignee", _("Assignee"), Kind.CHOICE, None, source="agents", may_be_empty=True),
        Field("ticket.channel_class", _("Class of channel"), Kind.CHOICE, tuple(ChannelClass.choices)),
        Field("ticket.tags", _("Tags"), Kind.TAGS),
        Field("ticket.subject", _("Subject"), Kind.TEXT),
        Field("ticket.created_at", _("Ticket opened"), Kind.MOMENT),
        Field("ticket.updated_at", _("Last activity"), Kind.MOMENT),
        Field("ticket.waiting_since", _("Customer waiting since"), Kind.MOMENT),
        Field("ticket.status_set_at", _("Status set"), Kind.MOMENT),
        Field("ticket.solved_at", _("Ticket solved"), Kind.MOMENT),
        Field("ticket.session", _("Session"), Kind.CHOICE, tuple(Session.State.choices), is_timed=True),
        Field("ticket.session_ended", _("Session ended"), Kind.FLAG),
        Field("ticket.sla_state", _("Promise"), Kind.CHOICE, OWED, may_be_empty=True, is_timed=True),
        Field(
            "ticket.sla_minutes",
            _("Minutes until a promise breaks"),
            Kind.NUMBER,
            only=(Operator.LESS_THAN, Operator.AT_LEAST),
            is_timed=True,
        ),
        Field("ticket.rating", _("Rating"), Kind.CHOICE, tuple(Rating.Grade.choices), may_be_empty=True),
        Field("contact.name", _("Customer's name"), Kind.TEXT),
        Field("contact.email", _("Customer's email"), Kind.TEXT),
        Field("contact.phone", _("Customer's phone"), Kind.TEXT),
        Field("contact.language", _("Customer's language"), Kind.TEXT, is_language=True),
        Field("contact.is_verified", _("Customer is verified"), Kind.FLAG),
        Field("contact.external_id", _("Customer's external id"), Kind.TEXT),
        Field("contact.properties", _("Customer's property"), Kind.TEXT, is_keyed=True),
        Field("conversation.channel_kind", _("Kind of channel"), Kind.CHOICE, None, source="channel_kinds"),
        Field("conversation.channel", _("Channel"), Kind.CHOICE, None, source="channels"),
        Field("conversation.last_message", _("Last message"), Kind.TEXT, is_timed=True),
        Field("conversation.metadata", _("Conversation's metadata"), Kind.TEXT, is_keyed=True, is_timed=True),
        Field(
            "conversation.holder",
            _("Who holds the conversation"),
            Kind.CHOICE,
            tuple(Responder.Kind.choices),
            may_be_empty=True,
            is_timed=True,
        ),
        Field("schedule.hours", _("The time now"), Kind.SCHEDULE, None, source="schedules"),
    )
}
# A brand's own fields of tickets and customers, by what they hold. It stands in the path, because it never changes:
# stored conditions are read without a look at the brand's rows. Editors offer the fields themselves, one by one.
OWN_KINDS: dict[str, tuple[str, Kind]] = {
    FieldKind.TEXT: ("text_field", Kind.TEXT),
    FieldKind.REGEX: ("text_field", Kind.TEXT),
    FieldKind.DATE: ("text_field", Kind.TEXT),
    FieldKind.SELECT: ("choice_field", Kind.CHOICE),
    FieldKind.NUMBER: ("number_field", Kind.NUMBER),
    FieldKind.CHECKBOX: ("checkbox_field", Kind.FLAG),
}
OWN_FIELDS = {
    f"{of}.{name}": Field(f"{of}.{name}", _("Field"), kind, None, is_keyed=True, may_be_empty=True)
    for of in ("ticket", "contact")
    for name, kind in OWN_KINDS.values()
}
FIELDS |= OWN_FIELDS
GROUPS: dict[str, Words] = {
    "ticket": _("Ticket"),
    "contact": _("Customer"),
    "conversation": _("Conversation"),
    "schedule": _("Schedule"),
}


def own_field(of: str, rule: FieldRule) -> Field:
    """Give a brand's own field, of ticket or contact, as conditions ask it."""
    name, kind = OWN_KINDS[rule.kind]
    choices = tuple((option, option) for option in rule.options)
    path = f"{of}.{name}"
    return Field(f"{path}.{rule.key}", rule.label, kind, choices, may_be_empty=True, within=path)


def add_field(field: Field, *, group: Words | None = None) -> None:
    """Have conditions know a field of an app above; `group` names what stands before the dot of its path, where new.

    Its value comes from a source given to `routing.queries.facts.add_source`.
    """
    FIELDS[field.path] = field
    if group:
        GROUPS[field.path.partition(".")[0]] = group


def with_choices(fields: Iterable[Field], choices: Mapping[str, tuple[tuple[str, str], ...]]) -> dict[str, Field]:
    """Give the fields by path, each with the choices of its source: what one brand can choose from."""
    return {each.path: replace(each, choices=choices.get(each.source, ())) if each.source else each for each in fields}
