"""Who could be given work now, as the pure decisions take them: a fixed number of queries, however many agents."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from routing.decide.assign import Person, Terms
from routing.decide.capacity import Capacity
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability, by_class
from routing.models import Agent, AgentSkill, CapacityRule, Decision, Group, Offer, RoutingConfig, Ticket
from routing.queries.work import answering

Load = dict[int, dict[str, int]]


def terms_of(config: RoutingConfig) -> Terms:
    """Give what a brand's configuration says of choosing."""
    return Terms(
        method=config.assignment_method,
        focus_mode=config.focus_mode_enabled,
        fair_start_s=float(config.fair_start_seconds),
    )


def config_of(brand_id: int) -> RoutingConfig:
    """Give how a brand assigns; where nobody configured it, a row that is not stored and assigns nothing."""
    return RoutingConfig.objects.filter(brand=brand_id).first() or RoutingConfig(brand_id=brand_id, enabled=False)


def capacity_of(agent: Agent, default: CapacityRule | None) -> Capacity:
    """Give the rule that holds for an agent: their own, the brand's default, or the one of a new rule."""
    return (agent.capacity_rule or default or CapacityRule()).capacity


def present(brand_id: int) -> QuerySet[Agent]:
    """Give the agents who answer for a brand and are not offline."""
    return answering(brand_id).exclude(status=Availability.OFFLINE)


def loads(agents: Iterable[int], config: RoutingConfig) -> Load:
    """Count what each agent has, by class: new and open tickets in all brands, and offers not yet answered.

    A chat counts while its customer is there, or always where the brand counts silent ones; one whose session ended
    counts as email where the brand says so. Two queries.
    """
    wanted = list(agents)
    load: Load = defaultdict(lambda: defaultdict(int))
    rows = (
        Ticket.objects.filter(assignee__in=wanted, status__in=[Ticket.Status.NEW, Ticket.Status.OPEN])
        .order_by()
        .values_list("assignee", "channel_class", "is_active", "session_ended")
        .annotate(n=Count("pk"))
    )
    for agent, channel_class, is_active, session_ended, count in rows:
        counted = class_now(channel_class, config, is_active=is_active, session_ended=session_ended)
        if counted and agent is not None:
            load[agent][counted] += count
    pending = Offer.objects.filter(agent__in=wanted, state=Offer.State.PENDING).order_by()
    for agent, channel_class, count in pending.values_list("agent", "channel_class").annotate(n=Count("pk")):
        load[agent][channel_class] += count
    return load


def class_now(channel_class: str, config: RoutingConfig, *, is_active: bool, session_ended: bool) -> str:
    """Give the class in which a ticket takes room, or nothing while it takes none."""
    if channel_class != ChannelClass.MESSAGING:
        return channel_class
    if session_ended and config.transform_to_email_enabled:
        return ChannelClass.EMAIL
    return channel_class if is_active or config.messaging_activity_routing_enabled else ""


def persons(
    brand_id: int, config: RoutingConfig, now: datetime, *, only: Collection[int] | None = None
) -> list[Person]:
    """Give who answers for a brand and is not offline; `only` narrows it to these agents. At most seven queries."""
    found = present(brand_id)
    return persons_of(found if only is None else found.filter(pk__in=only), brand_id, config, now)


def persons_of(found: QuerySet[Agent], brand_id: int, config: RoutingConfig, now: datetime) -> list[Person]:
    """Give these agents as one brand's decisions take them."""
    agents = list(found.select_related("custom_status", "capacity_rule").order_by("pk").distinct())
    keys = [agent.pk for agent in agents]
    default = CapacityRule.objects.filter(brand=brand_id, is_default=True).first()
    groups: dict[int, set[int]] = defaultdict(set)
    through = Group.members.through.objects.filter(agent__in=keys, group__brand=brand_id)
    for agent, group in through.values_list("agent", "group"):
        groups[agent].add(group)
    skills: dict[int, dict[int, int]] = defaultdict(dict)
    held = AgentSkill.objects.filter(agent__in=keys, skill__type__brand=brand_id)
    for agent, skill, level in held.values_list("agent", "skill", "level"):
        skills[agent][skill] = level
    load, taken = loads(keys, config), _taken(agents, config, now)
    return [
        Person(
            agent=agent.pk,
            availability=by_class(agent.status, agent.custom_status.by_class if agent.custom_status else None),
            capacity=capacity_of(agent, default),
            groups=frozenset(groups[agent.pk]),
            skills=skills[agent.pk],
            load=dict(load[agent.pk]) if agent.pk in load else {},
            last_at=agent.last_given,
            since=agent.came_at.timestamp() if agent.came_at else 0.0,
            taken=taken.get(agent.pk, 0),
        )
        for agent in agents
    ]


def _taken(agents: Iterable[Agent], config: RoutingConfig, now: datetime) -> dict[int, int]:
    """Count what those who came lately were given since; offers that wait for an answer included."""
    begun = now - timedelta(seconds=config.fair_start_seconds)
    fresh = [agent for agent in agents if agent.came_at and agent.came_at > begun]
    if not fresh:
        return {}
    each = Q()
    for agent in fresh:
        each |= Q(agent=agent.pk, made_at__gte=agent.came_at)
    rows = Decision.objects.filter(each).order_by().values_list("agent").annotate(n=Count("pk"))
    return dict(rows)
