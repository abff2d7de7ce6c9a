"""What a person brings to their work: the capacity rule they are under, and the skills they hold."""

from collections.abc import Collection, Mapping

from django.db import transaction

from conversations.events import Actor
from routing.actions.capacity import put_under_rule
from routing.actions.skills import set_skills
from routing.models import Agent, CapacityRule


@transaction.atomic
def equip(
    *,
    agent: Agent,
    rule: CapacityRule | None,
    levels: Mapping[int, int] | None,
    among: Collection[int],
    by: Actor,
) -> bool:
    """Put an agent under a rule, and have them hold exactly these skills of the brands in `among`.

    `levels` is by the skill's key; None leaves the skills alone. Say whether that changed anything. Raises
    InvalidChange, naming: members, skills.
    """
    moved = put_under_rule(agent=agent, rule=rule, by=by)
    return (levels is not None and set_skills(agent=agent, levels=levels, among=among, by=by)) or moved
