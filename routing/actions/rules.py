"""Triggers and automations: saving and removing them."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import delete_configuration, hold_brand, record_configuration
from conversations.events import Actor
from routing.actions.ordering import last_place
from routing.decide.conditions import Conditions, parse
from routing.decide.nullifying import nullifies
from routing.decide.occasions import OCCASIONS
from routing.decide.steps import Step, parse_steps
from routing.errors import InvalidChange
from routing.models import Automation, Cause, Firing, Rule, Ticket, Trigger
from routing.queries.compiled import automation_fields
from routing.queries.facts import fields_of
from routing.queries.rules import known_of

MAX_RULES = 500
NAME_CHARS = 100
KEPT = timedelta(days=90)
FORGOTTEN_AT_ONCE = 5000
# A cause that could not be worked off in so long is of no use to anybody any more.
STALE = timedelta(days=1)


@transaction.atomic
def save_rule(*, rule: Trigger | Automation, fields: Sequence[str] = (), by: Actor) -> Trigger | Automation:
    """Save a trigger or an automation; a new one comes last. `fields` names what changed.

    Raises InvalidChange, naming: name, events, conditions (a path such as `all.2.value`), steps (a path such as
    `steps.1.value`), is_once, brand.
    """
    is_new = rule.pk is None
    hold_brand(rule.brand_id)
    check_rule(rule)
    others = Rule.objects.filter(brand=rule.brand_id, kind=rule.kind).exclude(pk=rule.pk)
    if is_new:
        if others.count() >= MAX_RULES:
            text = _("There are %(n)s already. Delete one first.") % {"n": MAX_RULES}
            raise InvalidChange(text, field="brand", limit=MAX_RULES)
        rule.order = last_place(type(rule), rule.brand_id)
    elif not Rule.objects.filter(pk=rule.pk, brand=rule.brand_id).exists():
        raise InvalidChange(field="brand")
    if others.filter(name=rule.name).exists():
        raise InvalidChange(_("There is one of this name already."), field="name")
    if is_new:
        rule.save()
    else:
        # What it did is counted by others meanwhile.
        rule.save(update_fields=["name", "is_active", "events", "conditions", "steps", "is_once", "updated_at"])
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=rule, brand_ids=[rule.brand_id], change=change, by=by)
    return rule


def check_rule(rule: Rule) -> None:
    """Raise InvalidChange where a rule is none that can be kept; put its conditions and steps into normal form."""
    rule.name = rule.name.strip()
    if not 0 < len(rule.name) <= NAME_CHARS or not rule.name.isprintable():
        text = _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}
        raise InvalidChange(text, field="name", limit=NAME_CHARS)
    is_trigger = rule.kind == Rule.Kind.TRIGGER
    given = set(rule.events) if isinstance(rule.events, list) else set()
    if is_trigger and (not given or not given <= OCCASIONS.keys()):
        raise InvalidChange(_("Choose at least one occasion."), field="events", limit=", ".join(OCCASIONS))
    rule.events = [name for name in OCCASIONS if name in given] if is_trigger else []
    fields = fields_of(rule.brand_id) if is_trigger else automation_fields(rule.brand_id)
    conditions = parse(rule.conditions, fields)
    rule.conditions = conditions.stored
    steps, refused = parse_steps(rule.steps, known_of(rule.brand_id))
    if refused:
        path = refused[0].field
        raise InvalidChange(refused[0].text, field=path if path == "steps" else f"steps.{path}", limit=refused[0].limit)
    rule.steps = [step.stored for step in steps]
    if is_trigger:
        rule.is_once = False
    else:
        check_ends(rule, conditions, steps)


def check_ends(rule: Rule, conditions: Conditions, steps: Sequence[Step]) -> None:
    """Raise InvalidChange where an automation would do the same to a ticket every minute."""
    if not rule.is_once and not nullifies(conditions, steps):
        text = _(
            "These steps leave the conditions true, so the same would be done to the same ticket every minute. Add a"
            " step that makes a condition of 'All of these' false, such as a tag that the conditions exclude, or choose"
            " 'once for each ticket'."
        )
        raise InvalidChange(text, field="is_once")


@transaction.atomic
def switch_rule(*, rule: Rule, is_active: bool, by: Actor) -> None:
    """Switch a rule on or off."""
    if Rule.objects.filter(pk=rule.pk).exclude(is_active=is_active).update(is_active=is_active):
        record_configuration(row=rule, brand_ids=[rule.brand_id], change="is_active", by=by)


@transaction.atomic
def delete_rule(*, rule: Rule, by: Actor) -> None:
    """Remove a rule and the record of what it did; what it did stays."""
    delete_configuration(row=rule, brand_ids=[rule.brand_id], by=by)


def forget_firings() -> int:
    """Delete what was done more than 90 days ago; say how many rows. Of what is done once for each ticket, it stays
    known for as long as that ticket is not closed."""
    now = timezone.now()
    Cause.objects.filter(created_at__lt=now - STALE).delete()
    old = Firing.objects.filter(at__lt=now - KEPT)
    old = old.filter(Q(rule__is_once=False) | Q(ticket__status=Ticket.Status.CLOSED))
    forgotten = 0
    while keys := list(old.order_by("at").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE]):
        forgotten += Firing.objects.filter(pk__in=keys).delete()[0]
    return forgotten
