"""Several changes of a ticket as one: what macros and bulk actions do, and how it is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from conversations.actions.contacts import set_contact_field_values
from conversations.events import Actor
from conversations.models import User
from conversations.permissions import Permission
from routing.actions.fields import put_values, set_field_values, set_form
from routing.actions.steps import do_steps
from routing.actions.tickets import (
    assign_ticket,
    change_ticket,
    locked,
    release_ticket,
    set_status,
    snooze_ticket,
    wake_ticket,
)
from routing.decide.field_values import FieldValue
from routing.decide.restoring import MAPPINGS, what_to_restore
from routing.decide.steps import Do, Step
from routing.models import Agent, Group, Ticket, TicketForm
from routing.queries.rules import known_of


@dataclass(frozen=True)
class Changes:
    """What to change; what is not given stays. `tags` sets all of them, before some are added and removed."""

    status: str = ""
    priority: int | None = None
    subject: str | None = None
    group: Group | None = None
    no_group: bool = False
    assignee: Agent | None = None
    no_assignee: bool = False
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    snooze_until: datetime | None = None
    wakes: bool = False
    # Fields of the brand's own and the form, before the status changes; one that has nothing to change is passed over.
    steps: tuple[Step, ...] = ()
    form: TicketForm | None = None
    no_form: bool = False
    # Of the brand's own fields, by key, checked as the form asks; empty ones empty them.
    values: Mapping[str, object] | None = None
    # What stood in fields, by key, None for nothing: given back also where the form of now does not show them.
    old_values: Mapping[str, FieldValue | None] = field(default_factory=dict)
    old_contact_values: Mapping[str, FieldValue | None] = field(default_factory=dict)


def asked_for(changes: Changes, ticket: Ticket, user: User) -> set[Permission]:
    """Give what somebody must be permitted to make these changes to a ticket: the one table of all screens and APIs.

    To solve work and to open it again is one matter. To take what nobody has, and to put one's own back, is nobody
    else's.
    """
    asked = set()
    if changes.status:
        is_end = changes.status not in Ticket.OPEN_STATUSES or not ticket.is_open
        asked.add(Permission.SOLVE if is_end else Permission.CHANGE_TICKETS)
    if changes != Changes(status=changes.status):
        asked.add(Permission.CHANGE_TICKETS)
    if changes.assignee or changes.no_assignee:
        concerned = {each.user_id for each in (ticket.assignee, changes.assignee) if each}
        if concerned - {user.pk}:
            asked.add(Permission.ASSIGN_OTHERS)
    if changes.old_contact_values or any(step.do == Do.CONTACT_FIELD for step in changes.steps):
        asked.add(Permission.EDIT_CONTACTS)
    return asked


@dataclass(frozen=True)
class Changed:
    """A ticket before and after, as plain values of JSON: what `restore_ticket` needs."""

    ticket: Ticket
    before: dict[str, Any]
    after: dict[str, Any]


def state_of(ticket: Ticket) -> dict[str, Any]:
    """Give what a change can move and a restoring set back, as values of JSON."""
    return {
        "status": ticket.status,
        "priority": ticket.priority,
        "group": ticket.group_id,
        "assignee": ticket.assignee_id,
        "tags": list(ticket.tags),
        "form": ticket.form_id,
        "values": dict(ticket.field_values),
        "contact_values": dict(ticket.conversation.contact.field_values),
        "snoozed_until": ticket.snoozed_until.isoformat() if ticket.snoozed_until else None,
    }


@transaction.atomic
def apply_changes(*, ticket: Ticket, changes: Changes, by: Actor) -> Changed:
    """Make all of the changes, or none. Raises TicketIsClosed, InvalidChange."""
    ticket = locked(ticket)
    before = state_of(ticket)
    # Solved work is opened before anything of it may change, and solved after all else has.
    opens = changes.status in Ticket.OPEN_STATUSES
    if opens:
        ticket = set_status(ticket=ticket, status=changes.status, by=by)
    if changes.assignee:
        ticket = assign_ticket(ticket=ticket, agent=changes.assignee, by=by)
    elif changes.no_assignee:
        ticket = release_ticket(ticket=ticket, by=by)
    all_tags = before["tags"] if changes.tags is None else changes.tags
    kept = [tag for tag in all_tags if tag not in changes.remove_tags]
    are_tags_given = changes.tags is not None or changes.add_tags or changes.remove_tags
    tags = [*kept, *changes.add_tags] if are_tags_given else None
    fields = (changes.subject, changes.priority, changes.group, tags)
    if changes.no_group or any(each is not None for each in fields):
        ticket = change_ticket(
            ticket=ticket,
            by=by,
            subject=changes.subject,
            priority=changes.priority,
            group=changes.group,
            no_group=changes.no_group,
            tags=tags,
        )
    if changes.steps:
        do_steps(ticket, changes.steps, known_of(ticket.brand_id), by)
    if changes.form or changes.no_form:
        ticket = set_form(ticket=ticket, form=changes.form, by=by)
    if changes.values:
        ticket = set_field_values(ticket=ticket, values=changes.values, by=by)
    _put_back(ticket, changes, by)
    if changes.snooze_until:
        ticket = snooze_ticket(ticket=ticket, until=changes.snooze_until, by=by)
    elif changes.wakes:
        wake_ticket(ticket=ticket, by=by, reason="agent")
    if changes.status and not opens:
        ticket = set_status(ticket=ticket, status=changes.status, by=by)
    return _changed(ticket, before, state_of(locked(ticket)))


def _changed(ticket: Ticket, before: dict[str, Any], after: dict[str, Any]) -> Changed:
    """Give what changed; of fields only those that did."""
    for name in MAPPINGS:
        same = [key for key in before[name] if before[name][key] == after[name].get(key)]
        for state in (before, after):
            state[name] = {key: value for key, value in state[name].items() if key not in same}
    return Changed(ticket, before, after)


def _put_back(ticket: Ticket, changes: Changes, by: Actor) -> None:
    if changes.old_values:
        put_values(ticket=ticket, values=changes.old_values, by=by)
    if changes.old_contact_values:
        set_contact_field_values(contact=ticket.conversation.contact, changes=changes.old_contact_values, by=by)


@transaction.atomic
def restore_ticket(*, ticket: Ticket, before: Mapping[str, Any], after: Mapping[str, Any], by: Actor) -> bool:
    """Take a change back, except what somebody changed since; say whether all of it could be.

    New work that was touched is open, not new: the nearest state there is. Raises TicketIsClosed, InvalidChange.
    """
    ticket = locked(ticket)
    restoring = what_to_restore(before, after, state_of(ticket))
    values = restoring.values
    status = Ticket.Status.OPEN if values.get("status") == Ticket.Status.NEW else values.get("status", "")
    assignee = Agent.objects.filter(pk=values.get("assignee") or 0).first()
    until = datetime.fromisoformat(values["snoozed_until"]) if values.get("snoozed_until") else None
    group = Group.objects.filter(pk=values.get("group") or 0, brand=ticket.brand_id).first()
    form = TicketForm.objects.filter(pk=values.get("form") or 0, brand=ticket.brand_id).first()
    apply_changes(
        ticket=ticket,
        by=by,
        changes=Changes(
            status=status,
            priority=values.get("priority"),
            group=group,
            no_group="group" in values and values["group"] is None,
            assignee=assignee,
            no_assignee="assignee" in values and values["assignee"] is None,
            add_tags=restoring.add_tags,
            remove_tags=restoring.remove_tags,
            # What would have come back by now stays where it is.
            snooze_until=until if until and until > timezone.now() else None,
            form=form,
            no_form="form" in values and form is None,
            old_values=restoring.values_of["values"],
            old_contact_values=restoring.values_of["contact_values"],
            wakes="snoozed_until" in values and until is None,
        ),
    )
    return not restoring.changed_since
