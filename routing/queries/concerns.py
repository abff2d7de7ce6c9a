"""What is wrong with a brand's routing, read in a fixed number of queries."""

from collections import defaultdict

from routing.decide.concerns import (
    Answerer,
    CapacitySetup,
    Concern,
    GroupSetup,
    QueueSetup,
    RuleSetup,
    Setup,
    concerns,
)
from routing.models import AgentSkill, CapacityRule, Group, Queue, RoutingConfig, Schedule, Skill, SkillRule
from routing.queries.ways import ways_of
from routing.queries.work import answering


def concerns_of(brand_id: int) -> list[Concern]:
    """Give all that is wrong with a brand's routing, what stops work first."""
    return concerns(setup_of(brand_id))


def setup_of(brand_id: int) -> Setup:
    """Give how a brand routes. At most 18 queries, however much there is of anything."""
    config = RoutingConfig.objects.filter(brand=brand_id).first()
    ways = ways_of(brand_id)
    queue_names = dict(Queue.objects.filter(brand=brand_id).values_list("pk", "name"))
    rules = SkillRule.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk").values_list("pk", "name")
    capacities = list(CapacityRule.objects.filter(brand=brand_id).order_by("name"))
    return Setup(
        config=config.pk if config else None,
        is_assigned=bool(config and config.enabled),
        uses_skills=bool(config is None or config.skills_enabled),
        people=_people(brand_id, next((rule.pk for rule in capacities if rule.is_default), None)),
        queues=[
            QueueSetup(
                queue.key,
                queue_names.get(queue.key, ""),
                queue.conditions,
                queue.primary,
                queue.secondary,
                [share.groups for share in queue.shares],
            )
            for queue in ways.queues
        ],
        rules=[
            RuleSetup(pk, name, rule.conditions, rule.requires, rule.prefers)
            for (pk, name), rule in zip(rules, ways.skills, strict=False)
        ],
        skills=dict(Skill.objects.filter(type__brand=brand_id).order_by("name").values_list("pk", "name")),
        groups=[
            GroupSetup(*row)
            for row in Group.objects.filter(brand=brand_id).order_by("name").values_list("pk", "name", "is_default")
        ],
        capacities=[CapacitySetup(rule.pk, rule.name, rule.capacity) for rule in capacities],
        closed=_without_hours(brand_id),
    )


def _people(brand_id: int, default: int | None) -> list[Answerer]:
    """Give who answers for a brand; `default` is the key of the rule that holds where they have none."""
    agents = dict(answering(brand_id).values_list("pk", "capacity_rule"))
    groups: dict[int, set[int]] = defaultdict(set)
    for agent, group in Group.members.through.objects.filter(group__brand=brand_id).values_list("agent", "group"):
        groups[agent].add(group)
    skills: dict[int, set[int]] = defaultdict(set)
    for agent, skill in AgentSkill.objects.filter(skill__type__brand=brand_id).values_list("agent", "skill"):
        skills[agent].add(skill)
    return [
        Answerer(pk, frozenset(groups[pk]), frozenset(skills[pk]), default if rule is None else rule)
        for pk, rule in agents.items()
    ]


def _without_hours(brand_id: int) -> dict[int, str]:
    found = Schedule.objects.filter(brand=brand_id, intervals__isnull=True).order_by("name")
    return dict(found.values_list("pk", "name"))
