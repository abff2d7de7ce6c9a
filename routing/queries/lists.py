"""The views of the inbox: what they list and count, bounded by the viewer's brands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations.errors import NotFound
from conversations.incoming import MAX_KEY, moment_in, number_in
from conversations.queries import Viewer, conversations_mentioning, only_seen, unread_by
from routing.models import Agent, Ticket, View
from routing.queries.columns import with_fields
from routing.queries.sides import own_sides, with_side_news
from routing.queries.sla import promises_anything, with_promises
from routing.queries.views import tickets_in

PAGE = 30
# A live refresh brings back as many rows as are on screen, so that "Show more" is not undone; up to this many.
MAX_ROWS = 300
# Counting is bounded: a view shows "999+" rather than count a million rows on each change.
COUNT_LIMIT = 1000
# In these, whoever waits for us stands before whoever we wait for; where a brand promises anything, its promises first.
GROUPED = frozenset({"mine", "unassigned", "open"})
# Solved, or its session ended; in these words, which the index of the ended ones names too.
OVER = Q(is_open=False) | Q(session_ended=True)
NEWS_FOR = timedelta(minutes=1)
NEWS_ROWS = 5
# What is promised by oneself: for how long after it broke it is told of, and how many at once.
PROMISES_FOR = timedelta(minutes=15)
PROMISES = 20


@dataclass(frozen=True)
class Inbox:
    """A page of a view; `after` is the cursor of the next page, or empty.

    `promised` are those with a promise, the soonest first, where the list goes by it; `waiting` those who wait for us,
    the longest wait first; `rest` all others, as the order says. Each ticket carries `unread`: what its customer wrote
    and the viewer has not read, at most 99; its soonest `promise`; whether
    an answer beside it is unseen (`has_side_news`); an unassigned one the queue it waits in; in a view
    with columns of a brand's own fields, `shown`: these, filled.
    """

    waiting: Sequence[Ticket]
    rest: Sequence[Ticket]
    after: str
    promised: Sequence[Ticket] = ()

    @property
    def tickets(self) -> list[Ticket]:
        return [*self.promised, *self.waiting, *self.rest]


class Part(StrEnum):
    """A part of a list, in the order in which parts stand; its value begins the cursor of a page that ends in it."""

    PROMISED = "d"
    WAITING = "w"
    REST = "r"


# By which moment the first of a part come first.
LEADS = {Part.PROMISED: "sla_due_at", Part.WAITING: "waiting_since"}
PARTS = {View.Order.WAITING: (Part.WAITING, Part.REST), View.Order.PROMISE: (Part.PROMISED, Part.WAITING, Part.REST)}


@dataclass(frozen=True)
class _Cursor:
    """The last row already shown; `priority` where the list goes by it."""

    part: Part
    moment: datetime
    pk: int
    priority: int = 0


def _own_agent(viewer: Viewer) -> QuerySet[Agent]:
    # By key, not by a join: the indexes of an agent's own work begin with it.
    return Agent.objects.filter(user=viewer.user).values("pk")[:1]  # type: ignore[return-value]  # one key


def _view(viewer: Viewer, view: str) -> QuerySet[Ticket]:
    found = only_seen(Ticket.objects.all(), viewer, conversation="conversation")
    match view:
        case "mine":
            return found.filter(is_open=True, snoozed_until=None, assignee=_own_agent(viewer))
        case "mentions":
            # A conversation may have closed tickets behind the living one; it is listed once.
            return found.exclude(status=Ticket.Status.CLOSED).filter(conversation__in=conversations_mentioning(viewer))
        case "sides":
            # Of closed tickets too: what was asked there is answered there.
            return found.filter(pk__in=own_sides(viewer).values("ticket"))
        case "unassigned":
            return found.filter(is_open=True, snoozed_until=None, assignee=None)
        case "open":
            return found.filter(is_open=True, snoozed_until=None)
        case "snoozed":
            return found.filter(snoozed_until__isnull=False)
        case "ended":
            return found.filter(OVER)
        case "risk":
            return found.filter(
                is_open=True, snoozed_until=None, sla_due_at__isnull=False, sla_risk_at__lte=timezone.now()
            )
    raise NotFound


def inbox(viewer: Viewer, view: str, *, after: str = "", limit: int = PAGE) -> Inbox:
    """Give one page. One query for each of its parts, and one for whether anything is promised.

    Raises NotFound for a view that is none.
    """
    found, order = _view(viewer, view), View.Order.WAITING if view in GROUPED else View.Order.ACTIVITY
    if view == "risk":
        return _page(viewer, found, order, after=after, limit=limit, parts=(Part.PROMISED,))
    if view == "unassigned":
        found = found.select_related("waiting__lane__queue")
    if view in GROUPED and promises_anything(*viewer.brand_ids):
        order = View.Order.PROMISE
    return _page(viewer, found, order, after=after, limit=limit)


def saved_page(viewer: Viewer, view: View, *, after: str = "", limit: int = PAGE) -> Inbox:
    """Give one page of a view that somebody made, in its order.

    One query for each of its parts, and one for its brand's fields where it shows any.
    """
    page = _page(viewer, tickets_in(viewer, view), View.Order(view.order), after=after, limit=limit)
    with_fields(page.tickets, view)
    return page


def _dressed(viewer: Viewer, found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Give tickets with what a row shows of each."""
    found = found.select_related("conversation__contact", "conversation__channel", "assignee__user", "group", "form")
    return with_side_news(found.annotate(unread=unread_by(viewer)))


def _page(
    viewer: Viewer,
    found: QuerySet[Ticket],
    order: View.Order,
    *,
    after: str,
    limit: int,
    parts: Sequence[Part] = (),
) -> Inbox:
    found, cursor, wanted = _dressed(viewer, found), _cursor(after), max(1, min(limit, MAX_ROWS))
    parts = parts or PARTS.get(order, (Part.REST,))
    rows: dict[Part, list[Ticket]] = {part: [] for part in Part}
    room = wanted + 1
    for part in parts:
        if room and (cursor is None or parts.index(part) >= _place(parts, cursor.part)):
            here = cursor if cursor and cursor.part == part else None
            rows[part] = list((_rest(found, order, here) if part == Part.REST else _led(found, part, here))[:room])
            room -= len(rows[part])
        if part in LEADS:
            # Who stands in one part stands in no later one.
            found = found.filter(**{f"{LEADS[part]}__isnull": True})
    shown = [(part, ticket) for part in parts for ticket in rows[part]]
    with_promises([ticket for _part, ticket in shown])
    following = ""
    if len(shown) > wanted:
        # One more was read than asked for, to know that there is one.
        rows[shown.pop()[0]].pop()
        following = _cursor_of(*shown[-1], order)
    return Inbox(rows[Part.WAITING], rows[Part.REST], following, rows[Part.PROMISED])


def _place(parts: Sequence[Part], part: Part) -> int:
    """Where a page goes on; a cursor of another order begins with its last part."""
    return parts.index(part) if part in parts else len(parts) - 1


def _cursor_of(part: Part, last: Ticket, order: View.Order) -> str:
    if part in LEADS:
        return f"{part}_{getattr(last, LEADS[part]).isoformat()}_{last.pk}"
    moment = last.created_at if order == View.Order.OPENED else last.last_activity_at
    return f"{part}{last.priority}_{moment.isoformat()}_{last.pk}"


def _led(found: QuerySet[Ticket], part: Part, cursor: _Cursor | None) -> QuerySet[Ticket]:
    lead = LEADS[part]
    found = found.filter(**{f"{lead}__isnull": False}).order_by(lead, "pk")
    if cursor:
        # The plain bound lets the index start at the cursor; the other condition breaks ties.
        found = found.filter(**{f"{lead}__gte": cursor.moment})
        found = found.filter(Q(**{f"{lead}__gt": cursor.moment}) | Q(pk__gt=cursor.pk))
    return found


def _rest(found: QuerySet[Ticket], order: View.Order, cursor: _Cursor | None) -> QuerySet[Ticket]:
    moment = "created_at" if order == View.Order.OPENED else "last_activity_at"
    by_priority = ["-priority"] if order == View.Order.PRIORITY else []
    found = found.order_by(*by_priority, f"-{moment}", "-pk")
    if cursor is None:
        return found
    older = Q(**{f"{moment}__lt": cursor.moment}) | Q(**{moment: cursor.moment}, pk__lt=cursor.pk)
    if by_priority:
        found = found.filter(priority__lte=cursor.priority)
        return found.filter(Q(priority__lt=cursor.priority) | older)
    return found.filter(**{f"{moment}__lte": cursor.moment}).filter(older)


def is_cursor(text: str) -> bool:
    """Say whether a text is the cursor of a next page."""
    return _cursor(text) is not None


def _cursor(text: str) -> _Cursor | None:
    group, _, row = text.partition("_")
    moment, _, key = row.rpartition("_")
    parsed, pk = moment_in(moment.replace(" ", "+")), number_in(key, MAX_KEY)
    if parsed is None or pk is None:
        return None
    part = Part(group[:1]) if group[:1] in set(Part) else Part.REST
    return _Cursor(part, parsed, pk, number_in(group[1:]) or 0)


def view_counts(viewer: Viewer) -> dict[str, int]:
    """Count what each view lists, up to COUNT_LIMIT; mentions and side conversations are counted by what is unread.

    One query a view.
    """
    views = ("mine", "unassigned", "open", "risk", "snoozed", "ended")
    return {view: _view(viewer, view).order_by()[:COUNT_LIMIT].count() for view in views}


def own_waiting(viewer: Viewer) -> int:
    """Count the viewer's own open tickets whose customer waits, up to COUNT_LIMIT."""
    return _view(viewer, "mine").filter(waiting_since__isnull=False).order_by()[:COUNT_LIMIT].count()


def own_promises(viewer: Viewer) -> Sequence[Ticket]:
    """Give the viewer's own open tickets of which something is due, or lately was, the soonest first.

    At most PROMISES. One query.
    """
    found = only_seen(Ticket.objects.all(), viewer, conversation="conversation").filter(assignee=_own_agent(viewer))
    found = found.filter(is_open=True, sla_due_at__gt=timezone.now() - PROMISES_FOR, sla_risk_at__isnull=False)
    return list(found.select_related("conversation__contact").order_by("sla_due_at", "pk")[:PROMISES])


def news(viewer: Viewer) -> Sequence[Ticket]:
    """Give the viewer's own and the unassigned tickets whose customer wrote within the last minute, newest first."""
    found = only_seen(Ticket.objects.all(), viewer, conversation="conversation")
    found = found.filter(Q(assignee=None) | Q(assignee=_own_agent(viewer)))
    found = found.filter(is_open=True, waiting_since__isnull=False, last_activity_at__gt=timezone.now() - NEWS_FOR)
    return list(found.select_related("conversation__contact").order_by("-last_activity_at", "-pk")[:NEWS_ROWS])
