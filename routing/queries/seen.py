"""Whose conversations a restricted viewer sees: those of their groups, or only what is assigned to them."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.lookups import Exact, In

from conversations.permissions import Sees
from conversations.queries import Viewer, restricts
from routing.models import Group, Offer, Ticket


@restricts
def seen_by(viewer: Viewer, sees: Sees, conversation: str) -> Q:
    """Give the condition on rows that lead to a conversation by this path.

    The conversation's ticket decides: the open one, or else the newest. One look into the index of a conversation's
    tickets a row, and one query for the viewer's groups where they matter.
    """
    ticket = Ticket.objects.filter(conversation=OuterRef(conversation)).order_by("-is_open", "-pk")
    own = Q(Exact(Subquery(ticket.values("assignee__user")[:1]), viewer.user.pk))
    # What is offered to them they must be able to look at.
    offered = Offer.objects.filter(ticket__conversation=OuterRef(conversation), agent__user=viewer.user)
    own |= Q(Exists(offered.filter(state=Offer.State.PENDING)))
    if sees != Sees.GROUPS:
        return own
    groups = list(Group.objects.filter(members__user=viewer.user).values_list("pk", flat=True))
    return own | Q(In(Subquery(ticket.values("group")[:1]), groups)) if groups else own
