"""What a person's page says of their work: their capacity rule, and their skills with levels."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.events import Actor
from conversations.models import User
from routing.actions.agents import agent_of
from routing.actions.equipment import equip
from routing.models import Agent, CapacityRule, Skill
from routing.models.skill import MAX_LEVEL

LEVELS = [("", "–"), *((str(level), str(level)) for level in range(1, MAX_LEVEL + 1))]
RULE = "capacity_rule"


def equipment_fields(brand_ids: Collection[int], person: User | None) -> dict[str, forms.Field]:
    """Give the fields of a person's form: the rule, and a level for each skill of these brands."""
    agent = Agent.objects.filter(user=person).first() if person and person.pk else None
    rules = CapacityRule.objects.filter(brand__in=brand_ids).order_by("brand", "name")
    fields: dict[str, forms.Field] = {}
    if rules:
        fields[RULE] = forms.ModelChoiceField(
            rules,
            label=_("capacity rule"),
            required=False,
            empty_label=_("The brand's default rule"),
            initial=agent.capacity_rule_id if agent else None,
            help_text=_("How much work they are given at once."),
        )
    held = dict(agent.held_skills.values_list("skill", "level")) if agent else {}
    for skill in skills_of(brand_ids):
        fields[f"skill_{skill.pk}"] = forms.ChoiceField(
            label=f"{skill.type.name}: {skill.name}",
            choices=LEVELS,
            required=False,
            initial=str(held.get(skill.pk, "")),
        )
    return fields


def equipment_sets(brand_ids: Collection[int]) -> list[Any]:
    """Give the fieldsets in which they stand; none where a brand has neither rules nor skills."""
    skills = [f"skill_{skill.pk}" for skill in skills_of(brand_ids)]
    sets: list[Any] = []
    if CapacityRule.objects.filter(brand__in=brand_ids).exists():
        sets.append((_("Capacity"), {"fields": (RULE,)}))
    if skills:
        told = _("1 knows a little, 5 knows it best. – is not held.")
        sets.append((_("Skills"), {"fields": skills, "classes": ("levels",), "description": told}))
    return sets


def skills_of(brand_ids: Collection[int]) -> list[Skill]:
    """Give the skills of these brands in the order in which people read them. One query."""
    found = Skill.objects.filter(type__brand__in=brand_ids).select_related("type")
    return list(found.order_by("type__brand", "type__name", "name"))


def save_equipment(*, person: User, given: dict[str, Any], among: Collection[int], by: Actor) -> None:
    """Have a person be under the rule and hold the skills that the form says."""
    levels = {int(name.removeprefix("skill_")): int(level) for name, level in given.items() if is_skill(name) and level}
    asked = any(is_skill(name) for name in given)
    agent = agent_of(person)
    rule = given.get(RULE, agent.capacity_rule)
    equip(agent=agent, rule=rule, levels=levels if asked else None, among=among, by=by)


def is_skill(name: str) -> bool:
    """Say whether a field of the form is a skill's level."""
    return name.startswith("skill_")
