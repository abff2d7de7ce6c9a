"""Groups and who is in them."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from conversations.actions.configuration import record_configuration
from conversations.events import Actor
from conversations.models import Brand, User
from routing.actions.agents import agent_of
from routing.errors import InvalidChange
from routing.models import Agent, Group


@transaction.atomic
def save_group(*, group: Group, members: Iterable[Agent], fields: Sequence[str], by: Actor) -> Group:
    """Save a group with its members, who must belong to its brand; at most one of a brand gets new tickets.

    Raises InvalidChange.
    """
    wanted = {agent.pk for agent in members}
    belong = Agent.objects.filter(pk__in=wanted, user__memberships__brand_id=group.brand_id)
    if set(belong.values_list("pk", flat=True)) != wanted:
        raise InvalidChange(field="members", limit=str(group.brand))
    is_new = group.pk is None
    if group.is_default:
        Brand.objects.select_for_update().get(pk=group.brand_id)
        Group.objects.filter(brand=group.brand_id, is_default=True).exclude(pk=group.pk).update(is_default=False)
    group.save()
    if is_new or "members" in fields:
        group.members.set(wanted)
    record_configuration(
        row=group, brand_ids=[group.brand_id], change="created" if is_new else ", ".join(fields), by=by
    )
    return group


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
    return before != after
