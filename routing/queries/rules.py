"""Rules as they stand in the tables: what a step can choose, which tickets an automation finds, what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from conversations.batch import once_a_batch
from conversations.queries import Viewer, only_seen
from routing.decide.conditions import Conditions, Kind, explain, holds, read, words
from routing.decide.fields import FIELDS
from routing.decide.step_words import words as step_words
from routing.decide.steps import WHY, Known, State, after, read_steps
from routing.models import CustomField, Firing, Group, Queue, Rule, Ticket, TicketForm
from routing.queries.compiled import compiled
from routing.queries.facts import facts_of, fields_of
from routing.queries.schedules import open_at
from routing.queries.work import answering

# One rule and one ticket: an automation ever, a trigger in a day.
MOST_FIRINGS = 100
# After a failure, an automation leaves the ticket alone for so long.
PAUSE = timedelta(hours=1)
PAGE = 50


def known_of(brand_id: int) -> Known:
    """Give what steps of a brand can choose from. Five queries."""
    groups = list(
        Group.objects.filter(brand=brand_id)
        .order_by("name")
        .values_list("public_id", "name", "escalates_to__public_id")
    )
    agents = answering(brand_id).order_by("user__name", "pk").values_list("user__public_id", "user__name").distinct()
    queues = Queue.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk").values_list("pk", "name")
    own = CustomField.objects.filter(brand=brand_id).order_by("order", "pk")
    rules = {of: {each.key: each.rule for each in own if each.of == of} for of in CustomField.Of.values}
    forms = list(TicketForm.objects.filter(brand=brand_id).order_by("name", "pk"))
    shown = {form.public_id: frozenset(form.field_keys) for form in forms}
    usual = next((shown[form.public_id] for form in forms if form.is_default), None)
    return Known(
        fields=rules[CustomField.Of.TICKET],
        contact_fields=rules[CustomField.Of.CONTACT],
        forms={form.public_id: form.name for form in forms},
        shown=shown | {"": frozenset(rules[CustomField.Of.TICKET]) if usual is None else usual},
        groups={public_id: name for public_id, name, _above in groups},
        agents=dict(agents),
        queues={str(pk): name for pk, name in queues},
        above={public_id: above for public_id, _name, above in groups if above},
    )


def triggers_of(brand_id: int) -> list[Rule]:
    """Give a brand's active triggers in their order. One query."""
    found = Rule.objects.filter(brand=brand_id, kind=Rule.Kind.TRIGGER, is_active=True)
    return list(found.order_by("order", "pk"))


@once_a_batch
def heard_by(brand_id: int) -> frozenset[str]:
    """Give the occasions that a brand's active triggers answer. One query; each word of each customer asks it."""
    found = Rule.objects.filter(brand=brand_id, kind=Rule.Kind.TRIGGER, is_active=True)
    return frozenset(name for names in found.values_list("events", flat=True) for name in names)


def found_by(automation: Rule, now: datetime) -> QuerySet[Ticket]:
    """Give the tickets for which an automation's conditions hold and to which it may still do something."""
    done = Firing.objects.filter(rule=automation, ticket=OuterRef("pk"))
    counted = done.order_by().values("ticket").annotate(n=Count("pk")).values("n")
    failed = done.filter(outcome=Firing.Outcome.FAILED, at__gt=now - PAUSE)
    conditions = read(automation.conditions, FIELDS)
    asks_time = any(row.field and row.field.kind == Kind.SCHEDULE for row in conditions.rows)
    hours = open_at([automation.brand_id], now).get(automation.brand_id, {}) if asks_time else {}
    found = Ticket.objects.filter(
        ~Q(status=Ticket.Status.CLOSED), compiled(conditions, now, hours), brand=automation.brand_id
    ).exclude(Exists(failed))
    if automation.is_once:
        return found.exclude(Exists(done.filter(outcome=Firing.Outcome.DONE)))
    return found.annotate(n=Subquery(counted)).filter(Q(n=None) | Q(n__lt=MOST_FIRINGS))


def ticket_of_number(viewer: Viewer, brand_id: int, number: int) -> Ticket | None:
    """Give a brand's ticket by its number, where the viewer sees its conversation. One query."""
    found = only_seen(Ticket.objects.filter(brand=brand_id, number=number), viewer, conversation="conversation")
    return found.select_related("conversation__contact", "group", "assignee__user", "form").first()


def history_of(viewer: Viewer, rule: Rule, before: int | None = None) -> Sequence[Firing]:
    """Give what a rule did to tickets that the viewer may see, the newest first, `before` one of these keys.

    PAGE and one more; one query.
    """
    done = Firing.objects.filter(rule=rule.pk).annotate(number=F("ticket__number"))
    found = only_seen(done, viewer, brand="ticket__brand_id", conversation="ticket__conversation")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: PAGE + 1])


def state_of(ticket: Ticket) -> State:
    """Give what steps can change of a ticket that was read with its conversation, contact, group, form and assignee."""
    return State(
        status=ticket.status,
        priority=Ticket.Priority(ticket.priority).name.lower(),
        group=ticket.group.public_id if ticket.group else "",
        assignee=ticket.assignee.user.public_id if ticket.assignee else "",
        tags=tuple(ticket.tags),
        in_session=ticket.conversation.session_id is not None,
        is_snoozed=ticket.snoozed_until is not None,
        queue=str(ticket.sent_to_id or ""),
        form=ticket.form.public_id if ticket.form else "",
        fields=ticket.field_values,
        contact_fields=ticket.conversation.contact.field_values,
    )


@dataclass(frozen=True)
class Trial:
    """What a rule would do to a ticket now. `all` and `any` are conditions in words and whether each holds; `steps` are
    steps in words and, where one would do nothing, why."""

    ticket: Ticket
    holds: bool
    all: Sequence[tuple[str, bool]]
    any: Sequence[tuple[str, bool]]
    steps: Sequence[tuple[str, str]]
    # It is done once for each ticket, and was to this one.
    was_done: bool


def trial_of(rule: Rule, ticket: Ticket) -> Trial:
    """Try a rule on a ticket of `ticket_of_number`; nothing is changed. A fixed number of queries."""
    conditions = read(rule.conditions, fields_of(rule.brand_id))
    facts = facts_of([ticket])[ticket.pk]
    told = [(words(Conditions(all=(row,))), does_hold) for row, does_hold in explain(conditions, facts)]
    state, known = state_of(ticket), known_of(rule.brand_id)
    steps: list[tuple[str, str]] = []
    for step in read_steps(rule.steps):
        state, why = after(step, state, known)
        steps.append((step_words(step, known), str(WHY[why]) if why else ""))
    done = Firing.objects.filter(rule=rule.pk, ticket=ticket, outcome=Firing.Outcome.DONE)
    first = len(conditions.all)
    was_done = rule.is_once and done.exists()
    return Trial(ticket, holds(conditions, facts), told[:first], told[first:], steps, was_done)
