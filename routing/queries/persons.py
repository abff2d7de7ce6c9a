"""Who could be given work now, as the pure decisions take them: a fixed number of queries, however many agents."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When
from django.utils import timezone

from routing.decide.assign import Person, Reason, Terms
from routing.decide.capacity import Capacity, class_in_load
from routing.decide.statuses import Availability, by_class
from routing.models import Agent, AgentSkill, CapacityRule, CustomStatus, Decision, Group, Offer, RoutingConfig, Ticket
from routing.queries.work import answering

Load = Mapping[int, Mapping[str, int]]


def terms_of(config: RoutingConfig) -> Terms:
    """Give what a brand's configuration says of choosing."""
    return Terms(
        method=config.assignment_method,
        focus_mode=config.focus_mode_enabled,
        fair_start_s=float(config.fair_start_seconds),
        ranks_required=True,
    )


def config_of(brand_id: int) -> RoutingConfig:
    """Give how a brand assigns; where nobody configured it, a row that is not stored and assigns nothing."""
    return RoutingConfig.objects.filter(brand=brand_id).first() or RoutingConfig(brand_id=brand_id, enabled=False)


def default_capacity(brand_id: int) -> Capacity:
    """Give what fits of whoever has no rule of their own: the brand's default rule, or that of a new one."""
    return (CapacityRule.objects.filter(brand=brand_id, is_default=True).first() or CapacityRule()).capacity


def present(brand_id: int) -> QuerySet[Agent]:
    """Give the agents who answer for a brand and are there for some class of channels."""
    return answering(brand_id).filter(is_present=True)


def loads(agents: Collection[int] | QuerySet[Agent, Any], config: RoutingConfig) -> Load:
    """Count what each agent has, by class: new and open tickets in all brands, not snoozed, and pending offers.

    A chat counts while its customer is there, or always where the brand counts silent ones; one that was silent when it
    was given counts until it is answered. One whose session ended counts as email where the brand says so. Two queries.
    """
    is_fresh = Case(
        When(takes_room_until__gt=timezone.now(), then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    load: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = (
        Ticket.objects.filter(
            assignee__in=agents, status__in=[Ticket.Status.NEW, Ticket.Status.OPEN], snoozed_until=None
        )
        .order_by()
        .annotate(is_fresh=is_fresh)
        .values_list("assignee", "channel_class", "is_active", "session_ended", "is_fresh")
        .annotate(n=Count("pk"))
    )
    for agent, channel_class, is_active, session_ended, fresh, count in rows:
        counted = class_in_load(
            channel_class,
            is_active=is_active,
            session_ended=session_ended,
            is_fresh=fresh,
            silent_counts=config.messaging_activity_routing_enabled,
            ended_is_email=config.transform_to_email_enabled,
        )
        if counted and agent is not None:
            load[agent][counted] += count
    pending = Offer.objects.filter(agent__in=agents, state=Offer.State.PENDING).order_by()
    for agent, channel_class, count in pending.values_list("agent", "channel_class").annotate(n=Count("pk")):
        load[agent][channel_class] += count
    return load


@dataclass(frozen=True)
class People:
    """Who is there: those with room for what is asked for, whole, and why each of the others is not looked at."""

    free: Sequence[Person]
    passed_over: Mapping[int, Reason]


def free_people(
    brand_id: int,
    config: RoutingConfig,
    now: datetime,
    *,
    classes: Collection[str],
    only: Collection[int] | None = None,
) -> People:
    """Give who answers for a brand, is not offline and has room for work of these channel classes. At most 9 queries.

    `only` narrows it to these agents. Of whoever has no room nothing more is read: in a full house that is nearly
    all of them, and naming hundreds of keys in each query would cost more than the rest of a decision.
    """
    found = present(brand_id)
    rows = _rows(found if only is None else found.filter(pk__in=only), default_capacity(brand_id))
    load = loads(found.order_by().values("pk") if only is None else only, config)
    passed_over = {row.pk: why for row in rows if (why := _obstacle(row, load.get(row.pk, {}), classes))}
    free = [row for row in rows if row.pk not in passed_over]
    return People(_whole(free, load, brand_id, config, now), passed_over)


def persons_of(found: QuerySet[Agent], brand_id: int, config: RoutingConfig, now: datetime) -> list[Person]:
    """Give all of these agents as one brand's decisions take them. At most nine queries."""
    rows = _rows(found, default_capacity(brand_id))
    return _whole(rows, loads([row.pk for row in rows], config), brand_id, config, now)


@dataclass(frozen=True)
class _Row:
    """What is read of every agent."""

    pk: int
    availability: dict[str, str]
    capacity: Capacity


def _rows(found: QuerySet[Agent], default: Capacity) -> list[_Row]:
    """Read agents without making a model of each: there may be hundreds, for each decision."""
    rows = list(found.order_by("pk").values_list("pk", "status", "custom_status", "capacity_rule").distinct())
    statuses = {row[2] for row in rows if row[2]}
    meant = {each.pk: each.by_class for each in CustomStatus.objects.filter(pk__in=statuses)} if statuses else {}
    ruled = {row[3] for row in rows if row[3]}
    capacities = {each.pk: each.capacity for each in CapacityRule.objects.filter(pk__in=ruled)} if ruled else {}
    usual = {status: by_class(status) for status in Availability.values}
    return [
        _Row(
            pk=pk,
            availability=by_class(status, meant[custom]) if custom in meant else usual[status],
            capacity=capacities.get(rule, default),
        )
        for pk, status, custom, rule in rows
    ]


def _obstacle(row: _Row, load: Mapping[str, int], classes: Collection[str]) -> Reason | None:
    """Say why nothing of these classes can be given to somebody, if so."""
    takes = [each for each in classes if row.availability.get(each) == Availability.ONLINE]
    if not takes:
        return Reason.STATUS
    return None if any(row.capacity.room(load, each) for each in takes) else Reason.NO_ROOM


def _whole(rows: Sequence[_Row], load: Load, brand_id: int, config: RoutingConfig, now: datetime) -> list[Person]:
    if not rows:
        return []
    keys = [row.pk for row in rows]
    groups: dict[int, set[int]] = defaultdict(set)
    through = Group.members.through.objects.filter(agent__in=keys, group__brand=brand_id)
    for agent, group in through.values_list("agent", "group"):
        groups[agent].add(group)
    skills: dict[int, dict[int, int]] = defaultdict(dict)
    held = AgentSkill.objects.filter(agent__in=keys, skill__type__brand=brand_id)
    for agent, skill, level in held.values_list("agent", "skill", "level"):
        skills[agent][skill] = level
    named = list(Agent.objects.filter(pk__in=keys).values_list("pk", "came_at", "last_given"))
    came_at, last_given = {pk: at for pk, at, _given in named}, {pk: given for pk, _at, given in named}
    taken = _taken(came_at, config, now)
    return [
        Person(
            agent=row.pk,
            availability=row.availability,
            capacity=row.capacity,
            groups=frozenset(groups[row.pk]),
            skills=skills[row.pk],
            load=load.get(row.pk, {}),
            last_at=last_given[row.pk],
            since=came.timestamp() if (came := came_at[row.pk]) else 0.0,
            taken=taken.get(row.pk, 0),
        )
        for row in rows
    ]


def _taken(came_at: Mapping[int, datetime | None], config: RoutingConfig, now: datetime) -> dict[int, int]:
    """Count what those who came lately were given since; offers that wait for an answer included."""
    begun = now - timedelta(seconds=config.fair_start_seconds)
    fresh = {agent: came for agent, came in came_at.items() if came and came > begun}
    if not fresh:
        return {}
    each = Q()
    for agent, came in fresh.items():
        each |= Q(agent=agent, made_at__gte=came)
    rows = Decision.objects.filter(each).order_by().values_list("agent").annotate(n=Count("pk"))
    return dict(rows)
