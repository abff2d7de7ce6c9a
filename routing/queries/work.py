"""The ticket of a conversation, and who may be given it."""

from collections.abc import Sequence

from django.db.models import QuerySet

from conversations.models import Conversation, Role
from conversations.queries import Viewer, only_seen
from routing.models import Agent, Group, Ticket

ANSWERING = (Role.ADMIN, Role.SUPERVISOR, Role.AGENT)


def ticket_of(conversation: Conversation) -> Ticket | None:
    """Give the conversation's open ticket, or else its newest."""
    found = conversation.tickets.select_related(
        "assignee__user",
        "group__escalates_to",
        "conversation",
        "form",
        "rating",
        "merged_into__conversation",
        "side_of__ticket__conversation",
    )
    return found.order_by("-is_open", "-pk").first()


def whole(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Have tickets be read with their conversation, contact, assignee, group and form."""
    return found.select_related("conversation__contact", "assignee__user", "group", "form")


def agents_of(brand_id: int) -> Sequence[Agent]:
    """Give the agents who may be given a brand's tickets."""
    return list(answering(brand_id).select_related("user").order_by("user__name", "pk"))


def agents_of_brands(brand_ids: Sequence[int]) -> Sequence[Agent]:
    """Give the agents who may be given tickets of any of these brands, each once. One query."""
    found = Agent.objects.filter(
        user__memberships__brand__in=brand_ids, user__memberships__role__in=ANSWERING, user__is_active=True
    )
    return list(found.select_related("user").distinct().order_by("user__name", "pk"))


def tickets_for_viewer(viewer: Viewer, public_ids: Sequence[str]) -> Sequence[Ticket]:
    """Give those of these tickets that the viewer may see, in the order given. One query."""
    found = only_seen(Ticket.objects.filter(public_id__in=public_ids), viewer, conversation="conversation")
    rows = {row.public_id: row for row in found.select_related("conversation__contact", "conversation__brand")}
    return [rows[name] for name in public_ids if name in rows]


def answering(brand_id: int) -> QuerySet[Agent]:
    """Give the active agents whose role in this brand, whatever they are in others, lets them answer.

    A custom role that may answer has such a `role` beside it (permissions.nearest_role).
    """
    # In one filter: both are asked of the same membership.
    return Agent.objects.filter(
        user__memberships__brand=brand_id, user__memberships__role__in=ANSWERING, user__is_active=True
    )


def answers_anywhere(agent: Agent) -> bool:
    """Say whether an agent answers for any brand."""
    found = Agent.objects.filter(user__memberships__role__in=ANSWERING, user__is_active=True)
    return found.filter(pk=agent.pk).exists()


def groups_of(brand_id: int) -> Sequence[Group]:
    """Give a brand's groups."""
    return list(Group.objects.filter(brand=brand_id).order_by("name"))
