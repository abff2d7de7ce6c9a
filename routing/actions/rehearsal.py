"""Changes of a configuration for a rehearsal: applied within a transaction that its caller takes back."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from conversations.models import Brand
from routing.errors import InvalidChange
from routing.models import Agent, AgentSkill, CapacityRule, Group, Queue, RoutingConfig, Skill, SkillRule


def apply_changes(brand: Brand, changes: dict[str, Any]) -> None:
    """Apply changes to a brand's configuration; rows are called by name, agents by email.

    `config`: {field: value}; `capacity_rules`: {name: {field: value}}; `queues`: {name: {field: value,
    "primary_groups": [name], "secondary_groups": [name]}}, or null for a name to leave it out; `skill_rules`: {name:
    {field: value, "requires": [skill], "prefers": [skill]}}, or null; `groups`: {name: [email]}; `agents`: {email:
    {"capacity_rule": name, "skills": {skill: level}}}.
    Raises InvalidChange naming what is not known.
    """
    parts: dict[str, Callable[[Brand, Any], None]] = {
        "config": _config,
        "capacity_rules": _capacity_rules,
        "queues": _queues,
        "skill_rules": _skill_rules,
        "groups": _groups,
        "agents": _agents,
    }
    for name, given in changes.items():
        if name not in parts or not isinstance(given, dict):
            raise InvalidChange(field=name, limit=", ".join(parts))
    for name, apply in parts.items():
        if name in changes:
            apply(brand, changes[name])


def _set(row: Model, given: dict[str, Any], field: str) -> None:
    """Set plain fields of a row and save it."""
    known = {each.name for each in row._meta.concrete_fields if not each.is_relation and not each.primary_key}
    for name, value in given.items():
        if name not in known:
            raise InvalidChange(field=f"{field}.{name}", limit=", ".join(sorted(known)))
        setattr(row, name, value)
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        name, texts = next(iter(error.message_dict.items()))
        raise InvalidChange(texts[0], field=f"{field}.{name}") from None
    row.save()


def _config(brand: Brand, given: dict[str, Any]) -> None:
    config = RoutingConfig.objects.filter(brand=brand).first() or RoutingConfig(brand=brand)
    _set(config, given, "config")


def _capacity_rules(brand: Brand, given: dict[str, Any]) -> None:
    for name, fields in given.items():
        rule = CapacityRule.objects.filter(brand=brand, name=name).first() or CapacityRule(brand=brand, name=name)
        _set(rule, fields, f"capacity_rules.{name}")


def _queues(brand: Brand, given: dict[str, Any]) -> None:
    for name, fields in given.items():
        if fields is None:
            Queue.objects.filter(brand=brand, name=name).delete()
            continue
        queue = Queue.objects.filter(brand=brand, name=name).first() or Queue(brand=brand, name=name)
        lists = ("primary_groups", "secondary_groups")
        _set(queue, {key: value for key, value in fields.items() if key not in lists}, f"queues.{name}")
        for key in lists:
            if key in fields:
                getattr(queue, key).set(_named(Group.objects.filter(brand=brand), fields[key], f"queues.{name}.{key}"))


def _skill_rules(brand: Brand, given: dict[str, Any]) -> None:
    for name, fields in given.items():
        if fields is None:
            SkillRule.objects.filter(brand=brand, name=name).delete()
            continue
        rule = SkillRule.objects.filter(brand=brand, name=name).first() or SkillRule(brand=brand, name=name)
        lists = ("requires", "prefers")
        _set(rule, {key: value for key, value in fields.items() if key not in lists}, f"skill_rules.{name}")
        for key in lists:
            if key in fields:
                own = Skill.objects.filter(type__brand=brand)
                getattr(rule, key).set(_named(own, fields[key], f"skill_rules.{name}.{key}"))


def _groups(brand: Brand, given: dict[str, Any]) -> None:
    for name, emails in given.items():
        group, _made = Group.objects.get_or_create(brand=brand, name=name)
        group.members.set([_agent(brand, email) for email in emails])


def _agents(brand: Brand, given: dict[str, Any]) -> None:
    for email, fields in given.items():
        agent = _agent(brand, email)
        if "capacity_rule" in fields:
            own = CapacityRule.objects.filter(brand=brand)
            (agent.capacity_rule,) = _named(own, [fields["capacity_rule"]], f"agents.{email}.capacity_rule")
            agent.save(update_fields=["capacity_rule"])
        if "skills" in fields:
            own_skills = Skill.objects.filter(type__brand=brand)
            found = _named(own_skills, list(fields["skills"]), f"agents.{email}.skills")
            AgentSkill.objects.filter(agent=agent, skill__type__brand=brand).delete()
            AgentSkill.objects.bulk_create(
                AgentSkill(agent=agent, skill=skill, level=int(fields["skills"][skill.name])) for skill in found
            )


def _agent(brand: Brand, email: str) -> Agent:
    found = Agent.objects.filter(user__email=str(email).lower(), user__memberships__brand=brand).first()
    if found is None:
        raise InvalidChange(field=f"agents.{email}")
    return found


def _named(rows: Any, names: Iterable[str], field: str) -> list[Any]:
    found = {row.name: row for row in rows}
    for name in names:
        if name not in found:
            raise InvalidChange(field=f"{field}.{name}", limit=", ".join(sorted(found)))
    return [found[name] for name in names]
