"""What is wrong with a brand's routing, read in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from routing.decide.concerns import Concern, concerns
from routing.decide.conditions import read
from routing.decide.fields import FIELDS, PRIORITIES
from routing.decide.setup import (
    Answerer,
    Asker,
    CapacitySetup,
    Circle,
    FormSetup,
    GroupSetup,
    PolicySetup,
    QueueSetup,
    RuleSetup,
    Setup,
    Words,
)
from routing.decide.steps import read_steps
from routing.models import (
    AgentSkill,
    CapacityRule,
    CustomField,
    Firing,
    Group,
    Macro,
    Queue,
    RoutingConfig,
    Rule,
    Schedule,
    Skill,
    SkillRule,
    SlaPolicy,
    TicketForm,
)
from routing.queries.facts import fields_of
from routing.queries.rules import known_of
from routing.queries.schedules import hours_of, with_hours
from routing.queries.sla import only_asked
from routing.queries.ways import ways_of
from routing.queries.work import answering

# For how long what was stopped once is told of.
LATELY = timedelta(days=7)


def concerns_of(brand_id: int) -> list[Concern]:
    """Give all that is wrong with a brand's routing, what stops work first."""
    return concerns(setup_of(brand_id))


def setup_of(brand_id: int) -> Setup:
    """Give how a brand routes. At most 40 queries, however much there is of anything."""
    config = RoutingConfig.objects.filter(brand=brand_id).first()
    ways = ways_of(brand_id)
    queue_names = dict(Queue.objects.filter(brand=brand_id).values_list("pk", "name"))
    rules = SkillRule.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk").values_list("pk", "name")
    schedules = list(with_hours(Schedule.objects.filter(brand=brand_id)).order_by("name"))
    capacities = list(CapacityRule.objects.filter(brand=brand_id).order_by("name"))
    return Setup(
        config=config.pk if config else None,
        is_assigned=bool(config and config.enabled),
        uses_skills=bool(config is None or config.skills_enabled),
        inert=_inert(config) if config else (),
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
            for row in Group.objects.filter(brand=brand_id)
            .order_by("name")
            .values_list("pk", "name", "is_default", "escalates_to")
        ],
        capacities=[CapacitySetup(rule.pk, rule.name, rule.capacity) for rule in capacities],
        closed={schedule.pk: schedule.name for schedule in schedules if hours_of(schedule).never_opens},
        policies=_policies(brand_id, schedules),
        askers=_askers(brand_id),
        known=known_of(brand_id),
        idle=_idle_macros(brand_id),
        forms=_forms(brand_id),
        circles=_circles(brand_id, timezone.now()),
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


def _policies(brand_id: int, schedules: Iterable[Schedule]) -> list[PolicySetup]:
    never_opens = {schedule.pk: hours_of(schedule).never_opens for schedule in schedules}
    found = SlaPolicy.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk")
    return [
        PolicySetup(
            policy.pk,
            policy.name,
            read(policy.conditions, FIELDS),
            bool(policy.targets.all()),
            any(target.is_business for target in policy.targets.all()),
            never_opens.get(policy.schedule_id) if policy.schedule_id else None,
            _bare(policy),
        )
        for policy in found.prefetch_related("targets")
    ]


def _bare(policy: SlaPolicy) -> dict[str, Words]:
    given = {target.priority for target in policy.targets.all()}
    return {name: each.label for name, each in PRIORITIES.items() if each not in given}


def _inert(config: RoutingConfig) -> list[Words]:
    """Give the names of what is ticked in a brand's assignment and does nothing, since no status is ticked below it."""
    checks = (
        ("reopened_tickets", "reopened_tickets_messaging", "reopened_tickets_messaging_statuses"),
        ("reopened_tickets", "reopened_tickets_support", "reopened_tickets_support_statuses"),
        ("agent_status_change", "agent_status_change_messaging", "agent_status_change_messaging_agent_statuses"),
        ("agent_status_change", "agent_status_change_support", "agent_status_change_support_agent_statuses"),
    )
    found: dict[str, list[bool]] = {}
    for whole, part, statuses in checks:
        names = (f"reassignment_{whole}_enabled", f"reassignment_{part}_enabled")
        if config.enabled and all(getattr(config, name) for name in names):
            found.setdefault(names[0], []).append(bool(getattr(config, f"reassignment_{statuses}")))
    called = {field.name: field.verbose_name for field in RoutingConfig._meta.fields}
    return [called[name] for name, has in found.items() if not any(has)]


def _circles(brand_id: int, now: datetime) -> list[Circle]:
    """Give the active rules that were stopped lately and not changed since, each with the last time. Two queries."""
    stopped = Firing.objects.filter(outcome=Firing.Outcome.CUT, at__gt=now - LATELY, rule__brand=brand_id)
    last = {each.rule_id: each for each in stopped.filter(rule__is_active=True).select_related("rule").order_by("at")}
    changed = dict(Rule.objects.filter(brand=brand_id, is_active=True).values_list("public_id", "updated_at"))
    return [
        Circle(each.rule.kind, each.rule_id, each.rule.name, [link["name"] for link in each.chain])
        for each in last.values()
        # Whoever switched off or changed one of them meant to mend it.
        if all(link["rule"] in changed and changed[link["rule"]] < each.at for link in each.chain)
    ]


def _askers(brand_id: int) -> list[Asker]:
    """Give all active rows that name others, their conditions read with what the brand has now."""
    fields = fields_of(brand_id)
    rows: list[Queue | SkillRule | SlaPolicy] = [
        row
        for model in (Queue, SkillRule, SlaPolicy)
        for row in model._default_manager.filter(brand=brand_id, is_active=True).order_by("order", "pk")
    ]
    asked = only_asked(fields)
    plain = [
        Asker(
            str(row._meta.model_name),
            row.pk,
            row.name,
            read(row.conditions, asked if isinstance(row, SlaPolicy) else fields),
        )
        for row in rows
    ]
    rules = Rule.objects.filter(brand=brand_id, is_active=True).order_by("kind", "order", "pk")
    return [
        *plain,
        *(
            Asker(rule.kind, rule.pk, rule.name, read(rule.conditions, fields), read_steps(rule.steps))
            for rule in rules
        ),
    ]


def _idle_macros(brand_id: int) -> dict[int, str]:
    """Give the shared macros without text or files that change nothing: one becomes so when its group is deleted."""
    found = Macro.objects.filter(brand=brand_id, owner=None, text="", files=None).order_by("name")
    return {macro.pk: macro.name for macro in found if not macro.changes_ticket}


def _forms(brand_id: int) -> list[FormSetup]:
    keys = CustomField.objects.filter(brand=brand_id, of=CustomField.Of.TICKET).values_list("key", flat=True)
    known = set(keys)
    return [
        FormSetup(form.pk, form.name, form.for_customers, [key for key in form.field_keys if key not in known])
        for form in TicketForm.objects.filter(brand=brand_id).order_by("name")
    ]
