"""The history of statuses: who was what since when, and how long in all, day by day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from routing.decide.spells import Span, days_of, time_in_each
from routing.decide.statuses import Availability
from routing.models import Agent, StatusSpell
from routing.queries.work import ANSWERING

PAGE = 50
# How many days stand under one another where one agent is asked for.
DAYS = 14


@dataclass(frozen=True)
class Day:
    """One agent's day: how long they were what, by the name of the status, in the order of the day."""

    agent: Agent
    day: date
    times: Sequence[tuple[str, str, timedelta]]


def statuses_of(agents: Iterable[int] | QuerySet[Agent, Any]) -> QuerySet[StatusSpell]:
    """Give the spells of these agents, each with what they were before it: `from_status` and `from_name`, or None."""
    earlier = StatusSpell.objects.filter(agent=OuterRef("agent"), pk__lt=OuterRef("pk")).order_by("-pk")
    return (
        StatusSpell.objects.filter(agent__in=agents)
        .select_related("agent__user")
        .annotate(
            from_status=Subquery(earlier.values("status")[:1]),
            from_name=Subquery(earlier.values("name")[:1]),
        )
    )


def answerers(brand_ids: Sequence[int]) -> QuerySet[Agent]:
    """Give who answers in one of these brands, active or not: history stays."""
    found = Agent.objects.filter(user__memberships__brand__in=brand_ids, user__memberships__role__in=ANSWERING)
    return found.select_related("user").distinct()


def changes_of(agents: QuerySet[Agent], day: date, days: int, before: int | None) -> list[StatusSpell]:
    """Give what these agents became on a day and the `days` before it, newest first; one more than PAGE at most.

    `before` is the key of the spell that the page before ended with. Two queries.
    """
    begins, ends = _bounds(day, days)
    found = statuses_of(agents.order_by().values("pk")).filter(began_at__gte=begins, began_at__lt=ends)
    last = StatusSpell.objects.filter(pk=before).values_list("began_at", flat=True).first() if before else None
    if last:
        found = found.filter(Q(began_at__lt=last) | Q(began_at=last, pk__lt=before))
    return list(found.order_by("-began_at", "-pk")[: PAGE + 1])


def days_of_agents(agents: Sequence[Agent], day: date, days: int) -> list[Day]:
    """Give how long each of these agents was what on a day and the `days` before it, newest first. One query."""
    begins, ends = _bounds(day, days)
    touching = StatusSpell.objects.filter(agent__in=agents, began_at__lt=ends)
    touching = touching.filter(Q(ended_at=None) | Q(ended_at__gt=begins))
    spans: dict[int, list[Span]] = defaultdict(list)
    now = timezone.now()
    for spell in touching.order_by("began_at", "pk"):
        until = spell.ended_at or now
        spans[spell.agent_id].append(Span((spell.status, spell.name), spell.began_at, until))
    zone = timezone.get_current_timezone()
    return [
        Day(agent, each, [(status, name or str(Availability(status).label), time) for (status, name), time in times])
        for agent in agents
        for each in days_of(day, days)
        if (times := time_in_each(spans[agent.pk], each, zone))
    ]


def _bounds(day: date, days: int) -> tuple[datetime, datetime]:
    """Give the moments between which a day and the `days` before it lie, in the reader's zone."""
    zone = timezone.get_current_timezone()
    begins = datetime.combine(day - timedelta(days=days), datetime.min.time(), zone)
    return begins, datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
