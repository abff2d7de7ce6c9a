"""What is offered to an agent, and what became of what was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.queries import Viewer
from routing.decide.statuses import Availability
from routing.models import Agent, Offer, Skill, Ticket
from routing.queries.persons import config_of

# As many as a screen can stack; an agent is offered no more than they have room for.
MAX_OFFERS = 20


@dataclass(frozen=True)
class OwnOffer:
    """Work that an agent is asked to accept: its queue ("" for none), the skills it asks for, since when it waits."""

    offer: Offer
    queue: str
    skills: Sequence[str]
    waits_since: datetime


def own_offers(viewer: Viewer) -> Sequence[OwnOffer]:
    """Give what is offered to the viewer now, the first to run out first; at most MAX_OFFERS. Two queries."""
    found = Offer.objects.filter(
        agent__user=viewer.user, state=Offer.State.PENDING, ticket__brand__in=viewer.brand_ids
    ).select_related("ticket__conversation__contact", "ticket__conversation__channel", "ticket__waiting__lane__queue")
    offers = list(found.order_by("expires_at", "pk")[:MAX_OFFERS])
    wanted = {each.pk: _skills(each.ticket) for each in offers}
    names = dict(
        Skill.objects.filter(pk__in={key for keys in wanted.values() for key in keys}).values_list("pk", "name")
    )
    return [
        OwnOffer(
            offer=each,
            queue=_queue(each.ticket),
            skills=[names[key] for key in wanted[each.pk] if key in names],
            waits_since=each.ticket.waiting_since or each.made_at,
        )
        for each in offers
    ]


def _skills(ticket: Ticket) -> list[int]:
    row = getattr(ticket, "waiting", None)
    return [*row.lane.required, *row.preferred] if row else []


def _queue(ticket: Ticket) -> str:
    row = getattr(ticket, "waiting", None)
    return row.lane.queue.name if row and row.lane.queue else ""


def is_offered_around(brand_ids: Collection[int]) -> bool:
    """Say whether something of these brands is offered to somebody now. One query."""
    return Offer.objects.filter(state=Offer.State.PENDING, ticket__brand__in=brand_ids).exists()


def lost_offers(viewer: Viewer, conversation_ids: Collection[str]) -> Sequence[Ticket]:
    """Give the open tickets of these conversations that were offered to the viewer and that they do not have.

    At most MAX_OFFERS. One query.
    """
    found = Ticket.objects.filter(
        conversation__public_id__in=list(conversation_ids)[:MAX_OFFERS],
        brand__in=viewer.brand_ids,
        is_open=True,
        offers__agent__user=viewer.user,
    ).exclude(assignee__user=viewer.user)
    return list(found.select_related("assignee__user", "conversation__contact").distinct().order_by("pk"))


def missed_status(agent: Agent, brand_id: int) -> str:
    """Give what becomes of an agent who let offers of a brand run out, as it configured; "" where nothing does.

    Counted are the offers that ended since the agent last chose a status: so many in a row, all run out. Three queries.
    """
    config = config_of(brand_id)
    if not config.auto_idle_enabled or Availability.ONLINE not in agent.by_class.values():
        return ""
    if (agent.status, agent.custom_status) == (config.auto_idle_status, None):
        return ""
    answered = [Offer.State.ACCEPTED, Offer.State.DECLINED, Offer.State.EXPIRED]
    ended = Offer.objects.filter(agent=agent, ticket__brand=brand_id, state__in=answered)
    if agent.chosen_at:
        ended = ended.filter(made_at__gte=agent.chosen_at)
    last = list(ended.order_by("-ended_at", "-pk").values_list("state", flat=True)[: config.auto_idle_reassignments])
    is_over = len(last) == config.auto_idle_reassignments and set(last) == {Offer.State.EXPIRED}
    return config.auto_idle_status if is_over else ""
