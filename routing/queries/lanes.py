"""What waits, lane by lane, as the pure decisions take it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from routing.decide.assign import Work
from routing.models import Lane, Offer, Waiting

# How much of a lane is read at first, and at most at a time: one agent who gets room needs the first row of each.
AHEAD, FAR_AHEAD = 4, 64
NOBODY: Mapping[int, int] = MappingProxyType({})
# How offers end that their agents did not take.
PASSED = (Offer.State.DECLINED, Offer.State.EXPIRED)


def filled(brand_id: int, *, by_hand: bool = False) -> QuerySet[Lane]:
    """Give the lanes of a brand in which something waits to be given; `by_hand`, also what is given only by hand."""
    rows = free_to_give(by_hand=by_hand).filter(lane=OuterRef("pk"))
    return Lane.objects.filter(Exists(rows), brand=brand_id)


def free_to_give(*, by_hand: bool = False) -> QuerySet[Waiting]:
    """Give what waits and is offered to nobody; `by_hand`, also what is given only by hand."""
    found = Waiting.objects.filter(is_offered=False)
    if by_hand:
        return found
    return found.filter(Q(rules_until=None) | Q(rules_until__lte=timezone.now()), is_held=False)


def work_of_lane(lane: Lane) -> Work:
    """Give what any work of a lane needs."""
    return Work(
        ticket=0,
        channel_class=lane.channel_class,
        primary=frozenset(lane.primary),
        secondary=frozenset(lane.secondary),
        required=frozenset(lane.required),
    )


def work_of(row: Waiting, lane: Lane, had_by: Mapping[int, int] = NOBODY) -> Work:
    """Give a waiting ticket as the pure decision takes it."""
    had_by = Counter(had_by) + Counter([row.passed_by_id] if row.passed_by_id else [])
    order = (lane.queue_priority, row.due_at.timestamp(), -row.priority, row.eligible_at.timestamp(), row.ticket_id)
    return replace(
        work_of_lane(lane),
        ticket=row.ticket_id,
        preferred=frozenset(row.preferred),
        had_by=had_by,
        order=tuple(map(float, order)),
    )


def line(lane: Lane, *, by_hand: bool = False) -> Iterator[Work]:
    """Yield the work of a lane in its order, read some at a time; `by_hand`, also what is given only by hand."""
    found = free_to_give(by_hand=by_hand).filter(lane=lane)
    found = found.order_by("due_at", "-priority", "eligible_at", "pk")
    # Most work was never offered to anybody: no second query for it.
    found = found.annotate(was_offered=Exists(Offer.objects.filter(ticket=OuterRef("ticket"), state__in=PASSED)))
    size = AHEAD
    rows = list(found[:size])
    while rows:
        had = had_by([row for row in rows if row.was_offered])
        for row in rows:
            yield work_of(row, lane, had[row.ticket_id])
        is_last, size = len(rows) < size, min(4 * size, FAR_AHEAD)
        rows = [] if is_last else list(found.filter(_after(rows[-1]))[:size])


def _after(last: Waiting) -> Q:
    """Say what comes after a row in its lane, whatever others took out of it meanwhile."""
    same_due = Q(due_at=last.due_at)
    same = same_due & Q(priority=last.priority)
    behind = Q(due_at__gt=last.due_at) | same_due & Q(priority__lt=last.priority)
    behind |= same & (Q(eligible_at__gt=last.eligible_at) | Q(eligible_at=last.eligible_at, pk__gt=last.pk))
    # Said apart, so that the index begins there.
    return Q(due_at__gte=last.due_at) & behind


def had_by(rows: Sequence[Waiting]) -> dict[int, Counter[int]]:
    """Give how often each ticket was offered to whom since it waits without being taken, by its key. At most one
    query."""
    since = {row.ticket_id: row.eligible_at for row in rows}
    found: dict[int, Counter[int]] = defaultdict(Counter)
    if not since:
        return found
    offers = Offer.objects.filter(ticket__in=since, state__in=PASSED)
    for ticket, agent, made_at in offers.values_list("ticket", "agent", "made_at"):
        if made_at >= since[ticket]:
            found[ticket][agent] += 1
    return found
