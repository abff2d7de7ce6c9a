"""What rules do to a ticket: the language of steps. Pure.

Stored as JSON, a list of at most 20 such as `{"do": "set_priority", "value": "urgent"}`; those with words of their own
hold them as `text`, as does what fills in a field. `after` says what a step makes of a ticket, or why it does nothing,
and is asked by dry runs and by what really does it alike.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext, gettext_lazy

from conversations.incoming import is_storable
from routing.decide.field_values import TEXT_CHARS, FieldRule, FieldValue, clean, kept, merged
from routing.decide.fields import PRIORITIES
from routing.decide.placeholders import CONTACT_FIELD, SHOWN, TICKET_FIELD, unknown_placeholders
from routing.decide.tickets import MAX_TAG_CHARS, MAX_TAGS, clean_tags
from routing.errors import InvalidChange
from routing.models import Ticket

_ = gettext_lazy
MAX_STEPS = 20
MAX_TEXT = 4000
MAX_MINUTES = 365 * 24 * 60
# Stands for no group and no assignee; ids are longer.
NONE = "none"
# What a box without its tick is written as.
UNTICKED = frozenset({"off", "false", "0", "no"})
STATUSES = {str(value): label for value, label in Ticket.Status.choices if value != Ticket.Status.NEW}


class Do(TextChoices):
    """What a step does; the label is what the editor offers."""

    STATUS = "set_status", _("Set the status")
    PRIORITY = "set_priority", _("Set the priority")
    GROUP = "set_group", _("Set the group")
    ASSIGNEE = "set_assignee", _("Give it to")
    FORM = "set_form", _("Set the form")
    FIELD = "set_field", _("Fill in a field of the ticket")
    CONTACT_FIELD = "set_contact_field", _("Fill in a field of the customer")
    ADD_TAGS = "add_tags", _("Add tags")
    REMOVE_TAGS = "remove_tags", _("Remove tags")
    SET_TAGS = "set_tags", _("Set all tags")
    MESSAGE = "send_message", _("Send a message to the customer")
    NOTE = "write_note", _("Write a note")
    NOTIFY = "notify", _("Mention an agent in a note")
    QUEUE = "pass_to_queue", _("Pass it to a queue")
    ESCALATE = "escalate", _("Escalate it")
    SNOOZE = "snooze", _("Snooze it for minutes")
    END_SESSION = "end_session", _("End the session")


FILLING = frozenset({Do.FIELD, Do.CONTACT_FIELD})
# What concerns what a brand made its own: macros can do it too.
OWN = FILLING | {Do.FORM}
CHOOSING = frozenset({Do.STATUS, Do.PRIORITY, Do.GROUP, Do.ASSIGNEE, Do.NOTIFY, Do.QUEUE}) | OWN
# Their choices have names that brands give.
NAMED = CHOOSING - {Do.STATUS, Do.PRIORITY}
TAGGING = frozenset({Do.ADD_TAGS, Do.REMOVE_TAGS, Do.SET_TAGS})
WRITING = frozenset({Do.MESSAGE, Do.NOTE, Do.NOTIFY})
# They can be done to solved work too.
OF_SOLVED = frozenset({Do.STATUS, Do.CONTACT_FIELD, Do.MESSAGE, Do.NOTE, Do.NOTIFY, Do.END_SESSION})


@dataclass(frozen=True)
class Step:
    """One thing to do. `value` is a choice, tags or minutes, as `do` wants it; `text` what is written or filled in."""

    do: str
    value: Any = None
    text: str = ""

    @property
    def stored(self) -> dict[str, Any]:
        kept: dict[str, Any] = {"do": self.do}
        if self.value is not None:
            kept["value"] = self.value
        return {**kept, "text": self.text} if self.text else kept


@dataclass(frozen=True)
class Known:
    """What a brand's steps can choose from: names by id. `above` is the group that a group escalates to.

    Fields are by key. `shown` has the keys of the fields of each form, and by "" of a ticket without one of its own.
    """

    groups: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)
    above: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, FieldRule] = field(default_factory=dict)
    contact_fields: Mapping[str, FieldRule] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def rules(self, do: str) -> Mapping[str, FieldRule]:
        """Give the fields that a step can fill in, by key."""
        return self.fields if do == Do.FIELD else self.contact_fields

    @property
    def placeholders(self) -> set[str]:
        """The placeholders of the brand's own fields."""
        named = ((TICKET_FIELD, self.fields), (CONTACT_FIELD, self.contact_fields))
        return {f"{prefix}{key}" for prefix, rules in named for key in rules}

    def choices(self, do: str) -> dict[str, str]:
        """Give what a step can choose from, in the reader's words."""
        match do:
            case Do.STATUS:
                return {value: str(label) for value, label in STATUSES.items()}
            case Do.PRIORITY:
                return {name: str(priority.label) for name, priority in PRIORITIES.items()}
            case Do.GROUP:
                return {NONE: gettext("No group"), **self.groups}
            case Do.ASSIGNEE:
                return {NONE: gettext("Nobody"), **self.agents}
            case Do.NOTIFY:
                return dict(self.agents)
            case Do.QUEUE:
                return dict(self.queues)
            case Do.FORM:
                return {NONE: gettext("No form of its own"), **self.forms}
            case Do.FIELD | Do.CONTACT_FIELD:
                return {key: rule.label for key, rule in self.rules(do).items()}
        return {}


@dataclass(frozen=True)
class State:
    """What steps can change of a ticket; no group and no assignee are empty."""

    status: str
    priority: str
    group: str
    assignee: str
    tags: tuple[str, ...]
    in_session: bool
    is_snoozed: bool = False
    # Where it was sent, whatever the conditions of the queues say.
    queue: str = ""
    form: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    contact_fields: Mapping[str, FieldValue] = field(default_factory=dict)


class Why(StrEnum):
    """Why a step does nothing."""

    SAME = "same"
    SOLVED = "solved"
    CLOSED = "closed"
    GONE = "gone"
    FULL = "full"
    HIDDEN = "hidden"
    UNFIT = "unfit"


WHY = {
    Why.SAME: _("It is so already."),
    Why.SOLVED: _("The ticket is solved: it would have to be opened first."),
    Why.CLOSED: _("The ticket is closed."),
    Why.GONE: _("What the step names is not there any more."),
    Why.FULL: _("The ticket would have too many tags."),
    Why.HIDDEN: _("The form of the ticket does not have this field."),
    Why.UNFIT: _("The field does not take this any more."),
}


def parse_steps(
    data: object, known: Known, offered: Collection[str] = tuple(Do.values)
) -> tuple[list[Step], list[InvalidChange]]:
    """Read steps that somebody wrote, of those that are offered: which are good, and every refusal.

    The field of a refusal is a path such as `2.value`.
    """
    if not isinstance(data, list) or not 0 < len(data) <= MAX_STEPS:
        text = _("Give 1 to %(n)s steps.") % {"n": MAX_STEPS}
        return [], [InvalidChange(text, field="steps", limit=MAX_STEPS)]
    good: list[Step] = []
    refused: list[InvalidChange] = []
    for number, raw in enumerate(data):
        try:
            step = _step(raw, known)
            if step.do not in offered:
                raise InvalidChange(_("Choose what is done."), field="do", limit=", ".join(sorted(offered)))
            good.append(step)
        except InvalidChange as error:
            refused.append(InvalidChange(error.text, field=f"{number}.{error.field}", limit=error.limit))
    return good, refused


def read_steps(data: object) -> list[Step]:
    """Read stored steps. Never raises: what says nothing any more is left out. Of lost choices `after` tells."""
    found: list[Step] = []
    for raw in data if isinstance(data, list) else []:
        try:
            found.append(_step(raw, None))
        except InvalidChange:
            continue
    return found


def _step(raw: object, known: Known | None) -> Step:
    do = raw.get("do") if isinstance(raw, Mapping) else None
    if not isinstance(raw, Mapping) or not set(raw) <= {"do", "value", "text"} or do not in Do.values:
        raise InvalidChange(_("Choose what is done."), field="do", limit=", ".join(Do.values))
    value, text = _value(str(do), raw.get("value"), known), raw.get("text", "")
    if do in FILLING:
        return Step(str(do), value, _entry(text, known.rules(str(do))[value] if known else None))
    return Step(str(do), value, _text(text, known) if do in WRITING else "")


def _value(do: str, value: object, known: Known | None) -> Any:
    if do in CHOOSING:
        if not isinstance(value, str) or (known is not None and value not in known.choices(do)):
            raise InvalidChange(_("Choose one of the list."), field="value")
        return value
    if do in TAGGING:
        return _tags(value, may_be_empty=do == Do.SET_TAGS)
    if do == Do.SNOOZE:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_MINUTES:
            text = _("Give whole minutes, 1 to %(n)s.") % {"n": MAX_MINUTES}
            raise InvalidChange(text, field="value", limit=MAX_MINUTES)
        return value
    return None


def _tags(value: object, *, may_be_empty: bool) -> list[str]:
    given = [tag for tag in value if isinstance(tag, str) and is_storable(tag)] if isinstance(value, list) else []
    tags = clean_tags(given[: MAX_TAGS + 1])
    if len(tags) > MAX_TAGS or (not tags and not may_be_empty):
        raise InvalidChange(_("Give 1 to %(n)s tags.") % {"n": MAX_TAGS}, field="value", limit=MAX_TAGS)
    if any(len(tag) > MAX_TAG_CHARS for tag in tags):
        text = _("A tag has at most %(n)s characters.") % {"n": MAX_TAG_CHARS}
        raise InvalidChange(text, field="value", limit=MAX_TAG_CHARS)
    return tags


def _entry(text: object, rule: FieldRule | None) -> str:
    entry = text.strip() if isinstance(text, str) else ""
    if len(entry) > TEXT_CHARS or not is_storable(entry):
        raise InvalidChange(_("At most %(n)s characters.") % {"n": TEXT_CHARS}, field="text", limit=TEXT_CHARS)
    if rule is not None:
        try:
            clean(entry, rule)
        except InvalidChange as error:
            raise InvalidChange(error.text, field="text", limit=error.limit) from None
    return entry


def _text(text: object, known: Known | None) -> str:
    written = text.replace("\r\n", "\n").strip() if isinstance(text, str) else ""
    if not 0 < len(written) <= MAX_TEXT or not is_storable(written):
        raise InvalidChange(_("Write 1 to %(n)s characters.") % {"n": MAX_TEXT}, field="text", limit=MAX_TEXT)
    own = known.placeholders if known is not None else None
    if unknown := unknown_placeholders(written, own):
        names = ", ".join(f"{{{{{name}}}}}" for name in SHOWN)
        said = _("%(found)s is no placeholder. There are: %(known)s.") % {"found": unknown[0][:40], "known": names}
        raise InvalidChange(said, field="text")
    return written


def after(step: Step, state: State, known: Known) -> tuple[State, Why | None]:
    """Give what a ticket is after a step; or as it was, and why the step does nothing."""
    if state.status == Ticket.Status.CLOSED:
        return state, Why.CLOSED
    if state.status == Ticket.Status.SOLVED and step.do not in OF_SOLVED:
        return state, Why.SOLVED
    if step.do in CHOOSING and step.value not in known.choices(step.do):
        return state, Why.GONE
    if step.do in WRITING:
        return state, None
    if step.do in FILLING:
        return _filled(step, state, known)
    changed = _changed(step, state, known)
    if len(changed.tags) > MAX_TAGS:
        return state, Why.FULL
    return (state, Why.SAME) if changed == state else (changed, None)


def _filled(step: Step, state: State, known: Known) -> tuple[State, Why | None]:
    """Give a ticket, or its customer, after a field was filled in."""
    is_ticket = step.do == Do.FIELD
    if is_ticket and step.value not in known.shown.get(state.form, known.shown.get("", frozenset())):
        return state, Why.HIDDEN
    value = kept(step.text, known.rules(step.do)[step.value])
    if step.text and value is None and step.text not in UNTICKED:
        return state, Why.UNFIT
    values = merged(state.fields if is_ticket else state.contact_fields, {step.value: value})
    changed = replace(state, fields=values) if is_ticket else replace(state, contact_fields=values)
    return (state, Why.SAME) if changed == state else (changed, None)


def _changed(step: Step, state: State, known: Known) -> State:
    chosen = "" if step.value == NONE else step.value
    match step.do:
        case Do.STATUS:
            snoozed = state.is_snoozed and chosen in Ticket.OPEN_STATUSES
            return replace(state, status=chosen, is_snoozed=snoozed)
        case Do.PRIORITY:
            return replace(state, priority=chosen)
        case Do.GROUP:
            return replace(state, group=chosen)
        case Do.ASSIGNEE:
            return replace(state, assignee=chosen)
        case Do.FORM:
            return replace(state, form=chosen)
        case Do.ADD_TAGS:
            return replace(state, tags=tuple(dict.fromkeys([*state.tags, *step.value])))
        case Do.REMOVE_TAGS:
            return replace(state, tags=tuple(tag for tag in state.tags if tag not in step.value))
        case Do.SET_TAGS:
            return replace(state, tags=tuple(step.value)) if set(step.value) != set(state.tags) else state
        case Do.QUEUE:
            return replace(state, queue=chosen, assignee="")
        case Do.ESCALATE:
            above = known.above.get(state.group, "")
            return replace(state, group=above, assignee="", queue="") if above else state
        case Do.SNOOZE:
            return replace(state, is_snoozed=True)
        case _:
            return replace(state, in_session=False)
