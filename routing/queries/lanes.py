"""What waits, lane by lane, as the pure decisions take it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from routing.decide.assign import Work
from routing.models import Lane, Offer, Waiting

# How much of a lane is read at a time.
AHEAD = 20


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


def work_of(row: Waiting, lane: Lane, had_by: Iterable[int] = ()) -> Work:
    """Give a waiting ticket as the pure decision takes it."""
    order = (lane.queue_priority, row.due_at.timestamp(), -row.priority, row.eligible_at.timestamp(), row.ticket_id)
    return replace(
        work_of_lane(lane),
        ticket=row.ticket_id,
        preferred=frozenset(row.preferred),
        had_by=frozenset(had_by),
        order=tuple(map(float, order)),
    )


def line(lane: Lane, *, by_hand: bool = False) -> Iterator[Work]:
    """Yield the work of a lane in its order, read some at a time; `by_hand`, also what is given only by hand."""
    found = free_to_give(by_hand=by_hand).filter(lane=lane)
    found = found.order_by("due_at", "-priority", "eligible_at", "pk")
    read: set[int] = set()
    while True:
        # Nothing of it is changed while the round reads, so what was read already only grows from the front.
        rows = list(found[len(read) : len(read) + AHEAD])
        had = had_by(rows)
        for row in rows:
            read.add(row.pk)
            yield work_of(row, lane, had[row.ticket_id])
        if len(rows) < AHEAD:
            return


def had_by(rows: Sequence[Waiting]) -> dict[int, set[int]]:
    """Give who was offered each ticket since it waits and did not take it, by the ticket's key. One query."""
    since = {row.ticket_id: row.eligible_at for row in rows}
    found: dict[int, set[int]] = defaultdict(set)
    gone = [Offer.State.DECLINED, Offer.State.EXPIRED]
    offers = Offer.objects.filter(ticket__in=since, state__in=gone)
    for ticket, agent, made_at in offers.values_list("ticket", "agent", "made_at"):
        if made_at >= since[ticket]:
            found[ticket].add(agent)
    return found
