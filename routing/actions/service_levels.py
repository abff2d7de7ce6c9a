"""What a brand promises: policies, their targets and their order. Each change has open tickets looked at again."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.changes import change_in_words
from conversations.events import Actor
from routing.actions.sla import ask_reapply
from routing.decide.conditions import Field, parse
from routing.decide.setting_words import targets_words
from routing.decide.sla import Metric
from routing.errors import InvalidChange
from routing.models import Schedule, SlaPolicy, SlaTarget, Ticket
from routing.models.sla import MAX_TARGET_MINUTES
from routing.queries.facts import fields_of
from routing.queries.sla import only_asked

MAX_POLICIES = 50
NAME_CHARS = 100


@dataclass(frozen=True, order=True)
class TargetEntry:
    """A target as somebody wrote it: tickets of this priority fulfil this metric within so many minutes."""

    metric: str
    priority: int
    minutes: int
    is_business: bool = False


def policy_fields(brand_id: int) -> dict[str, Field]:
    """Give what the conditions of a policy can ask: not what changes while a ticket is worked on."""
    return only_asked(fields_of(brand_id))


@transaction.atomic
def save_policy(
    *, policy: SlaPolicy, targets: Sequence[TargetEntry], fields: Sequence[str] = (), by: Actor
) -> SlaPolicy:
    """Save a policy with all of its targets; a new one comes last. `fields` names what changed.

    Raises InvalidChange, naming: name, brand, conditions, schedule, targets.
    """
    is_new = policy.pk is None
    hold_brand(policy.brand_id)
    check_policy(policy)
    check_targets(targets, has_schedule=policy.schedule_id is not None)
    others = SlaPolicy.objects.filter(brand=policy.brand_id).exclude(pk=policy.pk)
    if is_new:
        if others.count() >= MAX_POLICIES:
            text = _("A brand has at most %(limit)s service levels.") % {"limit": MAX_POLICIES}
            raise InvalidChange(text, field="brand", limit=MAX_POLICIES)
        policy.order = (others.aggregate(last=Max("order"))["last"] or 0) + 1
    elif not SlaPolicy.objects.filter(pk=policy.pk, brand=policy.brand_id).exists():
        raise InvalidChange(field="brand")
    before = _stored(policy)
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError:
        raise InvalidChange(_("There is a service level of this name already."), field="name") from None
    SlaTarget.objects.filter(policy=policy).delete()
    SlaTarget.objects.bulk_create(
        SlaTarget(
            policy=policy,
            metric=each.metric,
            priority=each.priority,
            minutes=each.minutes,
            is_business=each.is_business,
        )
        for each in sorted(targets)
    )
    change = "created" if is_new else ", ".join(fields)
    after = sorted(astuple(each) for each in targets)
    told = [] if is_new else change_in_words("targets", before, after, targets_words)
    record_configuration(row=policy, brand_ids=[policy.brand_id], change=change, by=by, told=told)
    ask_reapply(policy.brand_id)
    return policy


def _stored(policy: SlaPolicy) -> list[Any]:
    rows = SlaTarget.objects.filter(policy=policy.pk)
    return sorted(rows.values_list("metric", "priority", "minutes", "is_business"))


def check_policy(policy: SlaPolicy) -> None:
    """Raise InvalidChange where a policy is none that can be kept; put its conditions into their normal form."""
    policy.name = policy.name.strip()
    if not 0 < len(policy.name) <= NAME_CHARS or not policy.name.isprintable():
        text = _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}
        raise InvalidChange(text, field="name", limit=NAME_CHARS)
    if policy.schedule_id and not Schedule.objects.filter(pk=policy.schedule_id, brand=policy.brand_id).exists():
        raise InvalidChange(_("Choose a schedule of this brand."), field="schedule")
    policy.conditions = parse(policy.conditions, policy_fields(policy.brand_id)).stored


def check_targets(targets: Sequence[TargetEntry], *, has_schedule: bool) -> None:
    """Raise InvalidChange, naming `targets` or `schedule`, for targets that cannot be."""
    for each in targets:
        if each.metric not in Metric.values or each.priority not in Ticket.Priority.values:
            raise InvalidChange(field="targets", limit=", ".join(Metric.values))
        if not 1 <= each.minutes <= MAX_TARGET_MINUTES:
            text = _("%(metric)s: give 1 minute to %(hours)s hours.")
            words = {"metric": Metric(each.metric).label, "hours": MAX_TARGET_MINUTES // 60}
            raise InvalidChange(text % words, field="targets", limit=MAX_TARGET_MINUTES)
    if len({(each.metric, each.priority) for each in targets}) < len(targets):
        raise InvalidChange(field="targets")
    if not has_schedule and any(each.is_business for each in targets):
        text = _("Choose the schedule whose hours count, or have all targets count around the clock.")
        raise InvalidChange(text, field="schedule")


@transaction.atomic
def delete_policy(*, policy: SlaPolicy, by: Actor) -> None:
    """Remove a policy; open tickets fall under the next one they meet. What was kept and broken stays told."""
    hold_brand(policy.brand_id)
    record_configuration(row=policy, brand_ids=[policy.brand_id], change="deleted", by=by)
    ask_reapply(policy.brand_id)
    policy.delete()
