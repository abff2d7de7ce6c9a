"""Skills, who holds them, and which work asks for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.events import Actor
from routing.actions.ordering import last_place
from routing.actions.waiting import ask_requeue
from routing.decide.conditions import parse
from routing.errors import InvalidChange
from routing.models import Agent, AgentSkill, Skill, SkillRule, SkillType
from routing.models.skill import MAX_LEVEL
from routing.nudge import ask_to_assign
from routing.queries.facts import fields_of
from routing.queries.work import answering

MAX_TYPES, MAX_SKILLS, MAX_HOLDERS, MAX_RULES = 10, 30, 500, 200
TYPE_CHARS, SKILL_CHARS, RULE_CHARS = 60, 60, 100
Levels = Mapping[int, int]


@dataclass(frozen=True)
class SkillEntry:
    """A skill as somebody wrote it; `pk` is of the one it renames, and nothing for a new one."""

    name: str
    pk: int | None = None


@transaction.atomic
def save_skill_type(
    *, kind: SkillType, skills: Sequence[SkillEntry], fields: Sequence[str] = (), by: Actor
) -> SkillType:
    """Save a type with exactly these skills; one that is missing is deleted with what was said of it.

    Raises InvalidChange, naming: name, skills, brand.
    """
    is_new = kind.pk is None
    kind.name = kind.name.strip()
    _check_name(kind.name, TYPE_CHARS, "name")
    hold_brand(kind.brand_id)
    others = SkillType.objects.filter(brand=kind.brand_id).exclude(pk=kind.pk)
    if is_new and others.count() >= MAX_TYPES:
        text = _("A brand has at most %(limit)s types of skills.") % {"limit": MAX_TYPES}
        raise InvalidChange(text, field="brand", limit=MAX_TYPES)
    if not is_new and not SkillType.objects.filter(pk=kind.pk, brand=kind.brand_id).exists():
        raise InvalidChange(field="brand")
    if others.filter(name=kind.name).exists():
        raise InvalidChange(_("There is a type of this name already."), field="name")
    entries = check_skills(skills)
    kind.save()
    _keep_skills(kind, entries)
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=kind, brand_ids=[kind.brand_id], change=change, by=by)
    ask_requeue(kind.brand_id)
    return kind


def check_skills(skills: Sequence[SkillEntry]) -> list[SkillEntry]:
    """Give the skills of a type with their names in order. Raises InvalidChange where they cannot be kept."""
    if len(skills) > MAX_SKILLS:
        text = _("A type has at most %(limit)s skills.") % {"limit": MAX_SKILLS}
        raise InvalidChange(text, field="skills", limit=MAX_SKILLS)
    found: dict[str, SkillEntry] = {}
    for entry in skills:
        name = entry.name.strip()
        _check_name(name, SKILL_CHARS, "skills")
        if name in found:
            raise InvalidChange(_("%(name)s stands here twice.") % {"name": name}, field="skills")
        found[name] = SkillEntry(name, entry.pk)
    return list(found.values())


def _keep_skills(kind: SkillType, entries: Sequence[SkillEntry]) -> None:
    kept = {row.pk: row for row in kind.skills.all()}
    names = {entry.pk: entry.name for entry in entries if entry.pk is not None}
    if names.keys() - kept.keys():
        raise InvalidChange(field="skills")
    kind.skills.exclude(pk__in=names).delete()
    renamed = {pk: name for pk, name in names.items() if kept[pk].name != name}
    # Two may change names with each other: first each gets one that nobody has.
    for pk in renamed:
        Skill.objects.filter(pk=pk).update(name=f"\x1f{pk}")
    for pk, name in renamed.items():
        Skill.objects.filter(pk=pk).update(name=name)
    Skill.objects.bulk_create(Skill(type=kind, name=entry.name) for entry in entries if entry.pk is None)


def _check_name(name: str, most: int, field: str) -> None:
    if not 0 < len(name) <= most or not name.isprintable():
        raise InvalidChange(_("Give a name of 1 to %(n)s characters.") % {"n": most}, field=field, limit=most)


@transaction.atomic
def delete_skill_type(*, kind: SkillType, by: Actor) -> None:
    """Delete a type with its skills; work asks for them no more."""
    brand_id = kind.brand_id
    record_configuration(row=kind, brand_ids=[brand_id], change="deleted", by=by)
    kind.delete()
    ask_requeue(brand_id)


@transaction.atomic
def delete_skill(*, skill: Skill, by: Actor) -> None:
    """Delete a skill; who held it does no more, and work asks for it no more."""
    brand_id = skill.type.brand_id
    record_configuration(row=skill, brand_ids=[brand_id], change="deleted", by=by)
    skill.delete()
    ask_requeue(brand_id)


@transaction.atomic
def set_holders(*, skill: Skill, levels: Levels, by: Actor) -> bool:
    """Have exactly these agents hold a skill, each to a level by the agent's key; say whether that changed anything.

    Raises InvalidChange, naming: holders.
    """
    brand_id = skill.type.brand_id
    hold_brand(brand_id)
    _check_levels(levels, "holders")
    if len(levels) > MAX_HOLDERS:
        text = _("A skill has at most %(limit)s holders.") % {"limit": MAX_HOLDERS}
        raise InvalidChange(text, field="holders", limit=MAX_HOLDERS)
    before = dict(AgentSkill.objects.filter(skill=skill).values_list("agent", "level"))
    new = levels.keys() - before.keys()
    if set(answering(brand_id).filter(pk__in=new).values_list("pk", flat=True)) != new:
        raise InvalidChange(_("Only people who answer for this brand can hold its skills."), field="holders")
    if before == dict(levels):
        return False
    AgentSkill.objects.filter(skill=skill).exclude(agent__in=levels).delete()
    for agent, level in levels.items():
        AgentSkill.objects.update_or_create(skill=skill, agent_id=agent, defaults={"level": level})
    record_configuration(row=skill, brand_ids=[brand_id], change="holders", by=by)
    ask_to_assign(brand_id)
    return True


@transaction.atomic
def set_skills(*, agent: Agent, levels: Levels, among: Iterable[int], by: Actor) -> bool:
    """Have an agent hold exactly these skills of the brands in `among`, to levels by the skill's key.

    Skills of a brand where they do not answer are left out. Say whether that changed anything. Raises InvalidChange,
    naming: skills.
    """
    _check_levels(levels, "skills")
    own = {pk for pk in among if answering(pk).filter(pk=agent.pk).exists()}
    brand_of = dict(Skill.objects.filter(pk__in=levels, type__brand__in=among).values_list("pk", "type__brand"))
    if brand_of.keys() != set(levels):
        raise InvalidChange(field="skills")
    Agent.objects.select_for_update().filter(pk=agent.pk).values_list("pk").get()
    held = AgentSkill.objects.filter(agent=agent, skill__type__brand__in=among)
    before = dict(held.values_list("skill", "level"))
    after = {skill: level for skill, level in levels.items() if brand_of[skill] in own}
    if before == after:
        return False
    held.exclude(skill__in=after).delete()
    for skill, level in after.items():
        if before.get(skill) != level:
            AgentSkill.objects.update_or_create(agent=agent, skill_id=skill, defaults={"level": level})
    for brand_id in sorted(own):
        record_configuration(row=agent.user, brand_ids=[brand_id], change="skills", by=by)
        ask_to_assign(brand_id)
    return True


def _check_levels(levels: Levels, field: str) -> None:
    if not all(1 <= level <= MAX_LEVEL for level in levels.values()):
        limit = f"1-{MAX_LEVEL}"
        raise InvalidChange(_("A level is from %(limit)s.") % {"limit": limit}, field=field, limit=limit)


@transaction.atomic
def save_skill_rule(
    *,
    rule: SkillRule,
    requires: Iterable[Skill],
    prefers: Iterable[Skill],
    fields: Sequence[str] = (),
    by: Actor,
) -> SkillRule:
    """Save a rule with what it asks for; a new one comes last. What waits is placed anew.

    Raises InvalidChange, naming: name, conditions, requires, prefers, brand.
    """
    is_new = rule.pk is None
    rule.name = rule.name.strip()
    _check_name(rule.name, RULE_CHARS, "name")
    required, preferred = {skill.pk for skill in requires}, {skill.pk for skill in prefers}
    check_asked(rule.brand_id, required, preferred)
    rule.conditions = parse(rule.conditions, fields_of(rule.brand_id)).stored
    hold_brand(rule.brand_id)
    others = SkillRule.objects.filter(brand=rule.brand_id).exclude(pk=rule.pk)
    if is_new:
        if others.count() >= MAX_RULES:
            text = _("A brand has at most %(limit)s skill rules.") % {"limit": MAX_RULES}
            raise InvalidChange(text, field="brand", limit=MAX_RULES)
        rule.order = last_place(SkillRule, rule.brand_id)
    elif not SkillRule.objects.filter(pk=rule.pk, brand=rule.brand_id).exists():
        raise InvalidChange(field="brand")
    rule.save()
    rule.requires.set(required)
    rule.prefers.set(preferred)
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=rule, brand_ids=[rule.brand_id], change=change, by=by)
    ask_requeue(rule.brand_id)
    return rule


def check_asked(brand_id: int, required: set[int], preferred: set[int]) -> None:
    """Raise InvalidChange where a rule asks for nothing, or for a skill of another brand."""
    if not required | preferred:
        raise InvalidChange(_("Choose a skill that this rule requires or prefers."), field="requires")
    wanted = required | preferred
    if Skill.objects.filter(type__brand=brand_id, pk__in=wanted).count() != len(wanted):
        raise InvalidChange(_("Choose skills of the rule's own brand."), field="requires")


@transaction.atomic
def delete_skill_rule(*, rule: SkillRule, by: Actor) -> None:
    """Delete a rule; work asks for its skills no more."""
    brand_id = rule.brand_id
    record_configuration(row=rule, brand_ids=[brand_id], change="deleted", by=by)
    rule.delete()
    ask_requeue(brand_id)
