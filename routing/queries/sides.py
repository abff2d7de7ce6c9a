"""Side conversations, for whoever sees the ticket they stand beside."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations.errors import NotFound
from conversations.queries import Viewer, only_seen
from routing.models import SideConversation, SideMessage, Ticket

PAGE = 50
# Of how many answers that nobody looked at one is told, and counted, at most.
NEWS = 100


def sides_beside(ticket: Ticket) -> Sequence[SideConversation]:
    """Give the side conversations of a ticket and of the closed ones before it, last written in first, at most fifty.

    One query.
    """
    found = SideConversation.objects.filter(ticket__conversation=ticket.conversation_id)
    return list(found.select_related("group", "child").order_by("-last_at", "-pk")[:PAGE])


def own_sides(viewer: Viewer) -> QuerySet[SideConversation]:
    """Give the open side conversations that the viewer began, or that stand beside a ticket of theirs."""
    own = Q(opened_by=viewer.user) | Q(ticket__assignee__user=viewer.user)
    return SideConversation.objects.filter(own, state=SideConversation.State.OPEN)


def own_side_news(viewer: Viewer) -> Sequence[SideConversation]:
    """Give those of the viewer's side conversations whose answer nobody looked at, newest first. One query."""
    found = only_seen(own_sides(viewer).filter(has_news=True), viewer, conversation="ticket__conversation")
    return list(found.select_related("ticket__conversation__contact").order_by("-last_at", "-pk")[:NEWS])


def with_side_news(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Mark tickets beside which an answer came that nobody looked at."""
    unseen = SideConversation.objects.filter(ticket=OuterRef("pk"), has_news=True)
    return found.annotate(has_side_news=Exists(unseen))


def sides_of(ticket: Ticket) -> Sequence[SideConversation]:
    """Give the side conversations of a ticket, last written in first, at most a hundred. One query.

    Fifty are opened beside one at most; others come from closed ones before it.
    """
    found = SideConversation.objects.filter(ticket=ticket).select_related("group", "child")
    return list(found.order_by("-last_at", "-pk")[: 2 * PAGE])


def side_for_viewer(viewer: Viewer, public_id: str) -> SideConversation:
    """Give a side conversation of a ticket the viewer may see. Raises NotFound."""
    found = SideConversation.objects.filter(public_id=public_id)
    seen = only_seen(found, viewer, conversation="ticket__conversation")
    side = seen.select_related("ticket__conversation", "group", "child__conversation").first()
    if side is None:
        raise NotFound
    return side


def side_messages(side: SideConversation, before: int | None = None) -> tuple[Sequence[SideMessage], bool]:
    """Give the newest messages of a side conversation, or those before a key, oldest first; and whether more are.

    One query.
    """
    found = side.messages.all() if before is None else side.messages.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return rows[:PAGE][::-1], len(rows) > PAGE
