"""How much work agents may have at once: a brand's rules, and who is in which."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.changes import FieldChange
from conversations.events import Actor
from routing.errors import InvalidChange
from routing.models import Agent, CapacityRule
from routing.nudge import ask_to_assign
from routing.queries.work import answering

MAX_RULES, MAX_MEMBERS = 100, 500
FIGURES = (
    "max_messaging",
    "max_email",
    "max_voice",
    "max_total",
    "weight_messaging",
    "weight_email",
    "weight_voice",
)


@transaction.atomic
def save_capacity_rule(
    *, rule: CapacityRule, members: Iterable[Agent] | None = None, fields: Sequence[str] = (), by: Actor
) -> CapacityRule:
    """Save a rule with exactly these members, who leave the rule they were in; None leaves the members as they are.

    That another rule is the default so far is moved by saving one as it. Raises InvalidChange, naming: name, members,
    brand, or a figure.
    """
    is_new = rule.pk is None
    hold_brand(rule.brand_id)
    check_figures(rule)
    others = CapacityRule.objects.filter(brand=rule.brand_id).exclude(pk=rule.pk)
    if is_new and others.count() >= MAX_RULES:
        text = _("A brand has at most %(limit)s capacity rules.") % {"limit": MAX_RULES}
        raise InvalidChange(text, field="brand", limit=MAX_RULES)
    if not is_new and not CapacityRule.objects.filter(pk=rule.pk, brand=rule.brand_id).exists():
        raise InvalidChange(field="brand")
    if others.filter(name=rule.name).exists():
        raise InvalidChange(_("There is a capacity rule of this name already."), field="name")
    if rule.is_default:
        others.filter(is_default=True).update(is_default=False)
    rule.save()
    if members is not None:
        _keep_members(rule, members)
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=rule, brand_ids=[rule.brand_id], change=change, by=by)
    ask_to_assign(rule.brand_id)
    return rule


def check_figures(rule: CapacityRule) -> None:
    """Raise InvalidChange where a figure or the name of a rule cannot be kept."""
    rule.name = rule.name.strip()
    most = 60
    if not 0 < len(rule.name) <= most:
        raise InvalidChange(_("Give a name of 1 to %(n)s characters.") % {"n": most}, field="name", limit=most)
    for name in FIGURES:
        try:
            rule._meta.get_field(name).clean(getattr(rule, name), rule)  # type: ignore[union-attr]  # none is a relation
        except ValidationError as error:
            raise InvalidChange(error.messages[0], field=name) from None


def _keep_members(rule: CapacityRule, members: Iterable[Agent]) -> None:
    wanted = {agent.pk for agent in members}
    if len(wanted) > MAX_MEMBERS:
        text = _("A capacity rule has at most %(limit)s members.") % {"limit": MAX_MEMBERS}
        raise InvalidChange(text, field="members", limit=MAX_MEMBERS)
    before = set(Agent.objects.filter(capacity_rule=rule).values_list("pk", flat=True))
    _lock(wanted ^ before)
    check_members(rule.brand_id, wanted - before)
    Agent.objects.filter(pk__in=before - wanted, capacity_rule=rule).update(capacity_rule=None)
    Agent.objects.filter(pk__in=wanted - before).update(capacity_rule=rule)


def _lock(agents: Iterable[int]) -> None:
    """Take the rows of agents in the order in which all take them."""
    list(Agent.objects.select_for_update().filter(pk__in=agents).order_by("pk").values_list("pk"))


def check_members(brand_id: int, agents: set[int]) -> None:
    """Raise InvalidChange where one of these cannot be in a rule of the brand.

    An agent is in one rule, whatever the brand: one brand does not take them out of another's.
    """
    if answering(brand_id).filter(pk__in=agents).distinct().count() != len(agents):
        raise InvalidChange(_("Only people who answer for this brand can be in its rules."), field="members")
    elsewhere = Agent.objects.filter(pk__in=agents, capacity_rule__isnull=False).exclude(capacity_rule__brand=brand_id)
    if names := [str(agent) for agent in elsewhere.select_related("user")]:
        text = _("%(names)s: in a rule of another brand. It has to be taken off there first.")
        raise InvalidChange(text % {"names": ", ".join(names)}, field="members")


@transaction.atomic
def delete_capacity_rule(*, rule: CapacityRule, by: Actor) -> None:
    """Delete a rule; its members are in the brand's default rule then."""
    brand_id = rule.brand_id
    hold_brand(brand_id)
    _lock(Agent.objects.filter(capacity_rule=rule).values_list("pk", flat=True))
    record_configuration(row=rule, brand_ids=[brand_id], change="deleted", by=by)
    rule.delete()
    ask_to_assign(brand_id)


@transaction.atomic
def put_under_rule(*, agent: Agent, rule: CapacityRule | None, by: Actor) -> bool:
    """Put an agent under a rule, or under the brand's default with None; say whether that changed anything.

    Raises InvalidChange, naming: members.
    """
    agent = Agent.objects.select_for_update().get(pk=agent.pk)
    before = agent.capacity_rule
    if rule == before:
        return False
    if rule is not None:
        check_members(rule.brand_id, {agent.pk})
    agent.capacity_rule = rule
    agent.save(update_fields=["capacity_rule"])
    told = [FieldChange("capacity rule", before.name if before else None, rule.name if rule else None)]
    for brand_id in sorted({each.brand_id for each in (rule, before) if each}):
        record_configuration(row=agent.user, brand_ids=[brand_id], change="capacity rule", by=by, told=told)
        ask_to_assign(brand_id)
    return True
