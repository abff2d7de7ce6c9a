"""The ticket of a conversation, and who may be given it."""

from collections.abc import Sequence

from django.db.models import QuerySet

from conversations.models import Conversation, Role
from routing.models import Agent, Group, Ticket

ANSWERING = (Role.ADMIN, Role.SUPERVISOR, Role.AGENT)


def ticket_of(conversation: Conversation) -> Ticket | None:
    """Give the conversation's open ticket, or else its newest."""
    found = conversation.tickets.select_related("assignee__user", "group", "conversation")
    return found.order_by("-is_open", "-pk").first()


def agents_of(brand_id: int) -> Sequence[Agent]:
    """Give the agents who may be given a brand's tickets."""
    return list(answering(brand_id).select_related("user").order_by("user__name", "pk"))


def answering(brand_id: int) -> QuerySet[Agent]:
    """Give the active agents whose role in this brand, whatever they are in others, lets them answer.

    A custom role that may answer has such a `role` beside it (permissions.nearest_role).
    """
    # In one filter: both are asked of the same membership.
    return Agent.objects.filter(
        user__memberships__brand=brand_id, user__memberships__role__in=ANSWERING, user__is_active=True
    )


def groups_of(brand_id: int) -> Sequence[Group]:
    """Give a brand's groups."""
    return list(Group.objects.filter(brand=brand_id).order_by("name"))
