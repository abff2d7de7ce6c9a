"""Groups and who is in them."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.changes import FieldChange, cut
from conversations.events import Actor
from conversations.models import User
from routing.actions.agents import agent_of
from routing.actions.waiting import ask_requeue
from routing.errors import InvalidChange
from routing.models import Agent, Group
from routing.nudge import ask_to_assign

NAME_CHARS = 100


@transaction.atomic
def save_group(*, group: Group, members: Iterable[Agent], fields: Sequence[str], by: Actor) -> Group:
    """Save a group with its members, who must belong to its brand; at most one of a brand gets new tickets.

    Raises InvalidChange, naming: name, members, escalates_to.
    """
    wanted = {agent.pk for agent in members}
    belong = Agent.objects.filter(pk__in=wanted, user__memberships__brand_id=group.brand_id)
    if set(belong.values_list("pk", flat=True)) != wanted:
        raise InvalidChange(field="members", limit=str(group.brand))
    is_new = group.pk is None
    group.name = group.name.strip()
    if not 0 < len(group.name) <= NAME_CHARS or not group.name.isprintable():
        text = _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}
        raise InvalidChange(text, field="name", limit=NAME_CHARS)
    hold_brand(group.brand_id)
    if Group.objects.filter(brand=group.brand_id, name=group.name).exclude(pk=group.pk).exists():
        raise InvalidChange(_("There is a group of this name already."), field="name")
    check_escalation(group)
    if group.is_default:
        Group.objects.filter(brand=group.brand_id, is_default=True).exclude(pk=group.pk).update(is_default=False)
    group.save()
    if is_new or "members" in fields:
        group.members.set(wanted)
    record_configuration(
        row=group, brand_ids=[group.brand_id], change="created" if is_new else ", ".join(fields), by=by
    )
    ask_to_assign(group.brand_id)
    return group


def check_escalation(group: Group) -> None:
    """Raise InvalidChange where a group escalates to another brand's, or, over others, back to itself."""
    if group.escalates_to_id is None:
        return
    onward = dict(Group.objects.filter(brand=group.brand_id).values_list("pk", "escalates_to"))
    if group.escalates_to_id not in onward:
        raise InvalidChange(_("Choose a group of the same brand."), field="escalates_to")
    passed: list[int] = []
    at: int | None = group.escalates_to_id
    while at is not None and at not in passed:
        if at == group.pk:
            raise InvalidChange(_("A ticket would come back to this group. Choose another one."), field="escalates_to")
        passed.append(at)
        at = onward.get(at)


@transaction.atomic
def delete_group(*, group: Group, by: Actor) -> None:
    """Delete a group; its tickets stay, without one, and what waits is placed anew."""
    brand_id = group.brand_id
    record_configuration(row=group, brand_ids=[brand_id], change="deleted", by=by)
    group.delete()
    ask_requeue(brand_id)


@transaction.atomic
def join_groups(*, person: User, groups: Iterable[Group], among: Iterable[int], by: Actor) -> bool:
    """Put a person into exactly these groups of the brands in `among`; say whether that changed anything.

    A group of a brand where the person has no role is left: nobody works where they may not look.
    """
    agent, own = agent_of(person), set(person.memberships.values_list("brand_id", flat=True))
    before = set(agent.groups.filter(brand_id__in=among).values_list("pk", flat=True))
    after = {group.pk for group in groups if group.brand_id in own}
    agent.groups.remove(*before - after)
    agent.groups.add(*after - before)
    if before != after:
        _record_groups(person, before, after, by)
    for brand_id in sorted(own):
        ask_to_assign(brand_id)
    return before != after


def _record_groups(person: User, before: set[int], after: set[int], by: Actor) -> None:
    """Tell each brand of which a person joined or left a group what their groups there were, and are."""
    groups = Group.objects.filter(pk__in=before | after).order_by("name")
    for brand_id in sorted({group.brand_id for group in groups if group.pk in before ^ after}):
        own = [group for group in groups if group.brand_id == brand_id]
        was, now = (cut(", ".join(each.name for each in own if each.pk in keys)) for keys in (before, after))
        told = [FieldChange("groups", was, now)]
        record_configuration(row=person, brand_ids=[brand_id], change="groups", by=by, told=told)
