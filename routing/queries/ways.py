"""The ways work can take in a brand, as the pure decision takes them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from routing.decide.conditions import Conditions, Facts, read
from routing.decide.fields import FIELDS
from routing.decide.placing import QueueWay, Share, SkillWay, Ways
from routing.decide.trails import mark_of
from routing.models import Queue, QueueShare, SkillRule, Ticket
from routing.queries.facts import facts_of


def ways_of(brand_id: int) -> Ways:
    """Give a brand's active queues and skill rules in their order. Two queries where there are none, at most eight."""
    queues = list(Queue.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk"))
    rules = list(SkillRule.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk"))
    return Ways(_queues(queues) if queues else (), _rules(rules) if rules else ())


def _queues(queues: Sequence[Queue]) -> list[QueueWay]:
    primary, secondary = _keys(Queue.primary_groups, queues), _keys(Queue.secondary_groups, queues)
    rows = list(QueueShare.objects.filter(queue__in=queues).order_by("pk"))
    groups = _keys(QueueShare.groups, rows) if rows else {}
    shares: dict[int, list[Share]] = defaultdict(list)
    for row in rows:
        shares[row.queue_id].append(Share(row.percent, groups.get(row.pk, frozenset())))
    return [
        QueueWay(
            key=queue.pk,
            priority=queue.priority,
            conditions=_conditions(queue.conditions),
            primary=primary.get(queue.pk, frozenset()),
            secondary=secondary.get(queue.pk, frozenset()),
            shares=tuple(shares[queue.pk]),
            mark=mark_of(queue.conditions),
        )
        for queue in queues
    ]


def _rules(rules: Sequence[SkillRule]) -> list[SkillWay]:
    requires, prefers = _keys(SkillRule.requires, rules), _keys(SkillRule.prefers, rules)
    return [
        SkillWay(
            conditions=_conditions(rule.conditions),
            requires=requires.get(rule.pk, frozenset()),
            prefers=prefers.get(rule.pk, frozenset()),
            key=rule.pk,
            mark=mark_of(rule.conditions),
        )
        for rule in rules
    ]


def _conditions(stored: dict[str, Any]) -> Conditions:
    return read(stored, FIELDS)


def _keys(relation: Any, rows: Sequence[Model]) -> dict[int, frozenset[int]]:
    """Give the keys of the other side of a many-to-many relation by the key of this one. One query."""
    field = relation.field
    pairs = relation.through.objects.filter(**{f"{field.m2m_field_name()}__in": rows})
    found: dict[int, set[int]] = defaultdict(set)
    for own, other in pairs.values_list(f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"):
        found[own].add(other)
    return {own: frozenset(others) for own, others in found.items()}


def facts_for(ways: Ways, tickets: Sequence[Ticket], now: datetime) -> Mapping[int, Facts]:
    """Give what the ways ask of each ticket, by its key; nothing is read where they ask nothing."""
    if not ways.ask:
        return {ticket.pk: Facts({}, now) for ticket in tickets}
    return facts_of(tickets, now=now)
