"""Side conversations, for whoever sees the ticket they stand beside."""

from collections.abc import Sequence

from conversations.errors import NotFound
from conversations.queries import Viewer, only_seen
from routing.models import SideConversation, SideMessage, Ticket

PAGE = 50


def sides_of(ticket: Ticket) -> Sequence[SideConversation]:
    """Give the side conversations of a ticket, last written in first; at most fifty are ever opened. One query."""
    found = SideConversation.objects.filter(ticket=ticket).select_related("group", "child")
    return list(found.order_by("-last_at", "-pk"))


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
