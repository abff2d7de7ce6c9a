"""What a supervisor watches as it happens: what waits in each queue, who is there, and what each of them has."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from conversations.errors import NotFound
from conversations.models import Brand, Membership
from conversations.permissions import Permission
from conversations.queries import Viewer, only_seen
from routing.models import Agent, CustomStatus, Queue, Ticket, Waiting
from routing.queries.calls import loads_of
from routing.queries.own import MAX_STATUSES, Used
from routing.queries.work import ANSWERING

# Agents on the page, those who are there first; the others are counted.
MAX_AGENTS = 300
# Tickets named beside an agent; the others are counted.
MAX_NAMED = 5
MAX_AT_RISK = 1000


@dataclass(frozen=True)
class Line:
    """What waits in a queue, or, without one, for its own group.

    `offered` and `held` are parts of `waiting`: what an agent is asked to accept, and what is not given automatically.
    `due_at` is the soonest promise of its tickets, `risk_at` the soonest moment at which one is at risk.
    """

    brand: Brand
    queue: Queue | None
    waiting: int = 0
    offered: int = 0
    held: int = 0
    oldest_at: datetime | None = None
    due_at: datetime | None = None
    risk_at: datetime | None = None


@dataclass(frozen=True)
class Desk:
    """An agent, how much they have of what they may have, and their tickets: the longest wait first."""

    agent: Agent
    load: Sequence[Used]
    tickets: Sequence[Ticket]
    more: int


@dataclass(frozen=True)
class Floor:
    """All of it: `there` of `everybody` are there for some class of channels; `at_risk` stops at MAX_AT_RISK.

    `unanswered` counts the agents' work whose customers wait for words of theirs, the first since `unanswered_since`.
    """

    lines: Sequence[Line]
    desks: Sequence[Desk]
    there: int
    everybody: int
    at_risk: int
    unanswered: int
    unanswered_since: datetime | None

    @property
    def waiting(self) -> int:
        return sum(line.waiting for line in self.lines)

    @property
    def oldest_at(self) -> datetime | None:
        return min((line.oldest_at for line in self.lines if line.oldest_at), default=None)


def floor(viewer: Viewer) -> Floor:
    """Give what the viewer supervises, as it is now. A fixed number of queries, however much there is of anything."""
    brand_ids = viewer.brands_where(Permission.SUPERVISE)
    team = _team(brand_ids)
    counts = team.aggregate(everybody=Count("pk"), there=Count("pk", filter=Q(is_present=True)))
    risk = Q(is_open=True, snoozed_until=None, sla_due_at__isnull=False, sla_risk_at__lte=timezone.now())
    risky = only_seen(Ticket.objects.filter(risk, brand__in=brand_ids), viewer, conversation="conversation")
    had = Q(is_open=True, snoozed_until=None, assignee__isnull=False, waiting_since__isnull=False)
    asking = only_seen(Ticket.objects.filter(had, brand__in=brand_ids), viewer, conversation="conversation")
    waits = asking.order_by().aggregate(n=Count("pk"), since=Min("waiting_since"))
    return Floor(
        lines=_lines(viewer, brand_ids),
        desks=_desks(viewer, brand_ids, team),
        there=counts["there"],
        everybody=counts["everybody"],
        at_risk=risky.order_by()[:MAX_AT_RISK].count(),
        unanswered=waits["n"],
        unanswered_since=waits["since"],
    )


def agent_on_floor(viewer: Viewer, public_id: str) -> Agent:
    """Give an agent who answers in a brand that the viewer supervises. Raises NotFound."""
    found = _team(viewer.brands_where(Permission.SUPERVISE)).filter(user__public_id=public_id)
    agent = found.select_related("user", "custom_status").first()
    if agent is None:
        raise NotFound
    return agent


def statuses_for(viewer: Viewer, agent: Agent) -> Sequence[CustomStatus]:
    """Give the statuses of brands' own that the viewer may set for an agent: of what one supervises and one is in."""
    theirs = Membership.objects.filter(user=agent.user_id).values("brand")
    found = CustomStatus.objects.filter(brand__in=viewer.brands_where(Permission.SUPERVISE)).filter(brand__in=theirs)
    return list(found.order_by("brand", "order", "pk")[:MAX_STATUSES])


def _team(brand_ids: Collection[int]) -> QuerySet[Agent]:
    members = Membership.objects.filter(brand__in=brand_ids, role__in=ANSWERING)
    return Agent.objects.filter(user__in=members.values("user"), user__is_active=True)


def _lines(viewer: Viewer, brand_ids: Collection[int]) -> Sequence[Line]:
    """Give the brands' queues in their order, those that are empty too; what waits for its group is last."""
    rows = only_seen(Waiting.objects.filter(brand__in=brand_ids), viewer, conversation="ticket__conversation")
    counted = (
        rows.order_by()
        .values("brand", "lane__queue")
        .annotate(
            waiting=Count("pk"),
            offered=Count("pk", filter=Q(is_offered=True)),
            held=Count("pk", filter=Q(is_held=True)),
            oldest_at=Min("eligible_at"),
            due_at=Min("ticket__sla_due_at"),
            risk_at=Min("ticket__sla_risk_at", filter=Q(ticket__sla_due_at__isnull=False)),
        )
    )
    counts = ("waiting", "offered", "held", "oldest_at", "due_at", "risk_at")
    found: dict[tuple[int, int | None], dict[str, Any]] = {}
    for brand_id, queue_id, *row in counted.values_list("brand", "lane__queue", *counts):
        found[brand_id, queue_id] = dict(zip(counts, row, strict=True))
    brands = Brand.objects.in_bulk(brand_ids)
    filled = [queue for _brand, queue in found if queue]
    queues = Queue.objects.filter(Q(is_active=True) | Q(pk__in=filled), brand__in=brand_ids).order_by("order", "pk")
    by_brand: Mapping[int, list[Queue]] = defaultdict(list)
    for queue in queues:
        by_brand[queue.brand_id].append(queue)
    return [
        Line(brand, queue, **found.get((brand.pk, queue.pk if queue else None), {}))
        for brand in sorted(brands.values(), key=lambda each: each.name)
        for queue in [*by_brand[brand.pk], None]
    ]


def _desks(viewer: Viewer, brand_ids: Collection[int], team: QuerySet[Agent]) -> Sequence[Desk]:
    rows = team.select_related("user", "custom_status", "capacity_rule").order_by("-is_present", "user__name", "pk")
    agents = list(rows[:MAX_AGENTS])
    loads, tickets = loads_of(viewer, agents), _tickets_of(viewer, brand_ids, agents)
    return [
        Desk(agent, loads[agent.pk], held := tickets[agent.pk], held[0].many - len(held) if held else 0)  # type: ignore[attr-defined]
        for agent in agents
    ]


def _tickets_of(
    viewer: Viewer, brand_ids: Collection[int], agents: Sequence[Agent]
) -> Mapping[int | None, Sequence[Ticket]]:
    """Give the first open tickets of each agent, by key; each carries how `many` there are. One query."""
    held = Ticket.objects.filter(brand__in=brand_ids, assignee__in=agents, is_open=True, snoozed_until=None)
    order = [F("waiting_since").asc(nulls_last=True), F("last_activity_at").desc(), F("pk").asc()]
    found = only_seen(held, viewer, conversation="conversation").annotate(
        place=Window(RowNumber(), partition_by=F("assignee"), order_by=order),
        many=Window(Count("pk"), partition_by=F("assignee")),
    )
    named: Mapping[int | None, list[Ticket]] = defaultdict(list)
    for ticket in found.filter(place__lte=MAX_NAMED).select_related("conversation__contact").order_by("place"):
        named[ticket.assignee_id].append(ticket)
    return named
