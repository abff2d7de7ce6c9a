"""Every composed read of routing: bounded by the viewer's brands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from conversations.errors import NotFound
from conversations.models import Conversation
from conversations.queries import Viewer
from routing.models import Agent, Group, Ticket

PAGE = 30
# Counting is bounded: a view shows "999+" rather than count a million rows on each change.
COUNT_LIMIT = 1000
VIEWS = ("mine", "unassigned", "open", "ended")


@dataclass(frozen=True)
class Inbox:
    """A page of a view, newest activity first; `after` is the cursor of the next page, or empty."""

    tickets: Sequence[Ticket]
    after: str


def _view(viewer: Viewer, view: str) -> QuerySet[Ticket]:
    found = Ticket.objects.filter(brand_id__in=viewer.brand_ids)
    match view:
        case "mine":
            return found.filter(is_open=True, assignee__user=viewer.user)
        case "unassigned":
            return found.filter(is_open=True, assignee=None)
        case "open":
            return found.filter(is_open=True)
        case "ended":
            return found.filter(is_open=False)
    raise NotFound


def inbox(viewer: Viewer, view: str, *, after: str = "") -> Inbox:
    """Give one page of 30. One query. Raises NotFound for a view that is none."""
    found = _view(viewer, view).select_related("conversation__contact", "conversation__channel", "assignee__user")
    if cursor := _cursor(after):
        moment, pk = cursor
        found = found.filter(Q(last_activity_at__lt=moment) | Q(last_activity_at=moment, pk__lt=pk))
    rows = list(found.order_by("-last_activity_at", "-pk")[: PAGE + 1])
    page = rows[:PAGE]
    has_more = len(rows) > PAGE
    return Inbox(page, f"{page[-1].last_activity_at.isoformat()}_{page[-1].pk}" if has_more else "")


def _cursor(text: str) -> tuple[datetime, int] | None:
    moment, _, pk = text.rpartition("_")
    try:
        parsed = parse_datetime(moment.replace(" ", "+"))
    except ValueError:
        parsed = None
    return (parsed, int(pk)) if parsed and pk.isdigit() else None


def view_counts(viewer: Viewer) -> dict[str, int]:
    """Count each view but the ended one, up to COUNT_LIMIT. One query a view."""
    return {view: _view(viewer, view).order_by()[:COUNT_LIMIT].count() for view in VIEWS if view != "ended"}


def ticket_of(conversation: Conversation) -> Ticket | None:
    """Give the conversation's open ticket, or else its newest."""
    found = conversation.tickets.select_related("assignee__user", "group", "conversation")
    return found.order_by("-is_open", "-pk").first()


def ticket_for_viewer(viewer: Viewer, public_id: str) -> Ticket:
    """Give a ticket of the viewer's brands. Raises NotFound."""
    found = Ticket.objects.select_related("assignee__user", "group", "conversation")
    ticket = found.filter(brand_id__in=viewer.brand_ids, public_id=public_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def agents_of(brand_id: int) -> Sequence[Agent]:
    """Give the agents who may be given a brand's tickets."""
    found = Agent.objects.filter(user__memberships__brand=brand_id, user__is_active=True)
    return list(found.exclude(user__memberships__role="read_only").select_related("user").order_by("user__name"))


def groups_of(brand_id: int) -> Sequence[Group]:
    """Give a brand's groups."""
    return list(Group.objects.filter(brand=brand_id).order_by("name"))
