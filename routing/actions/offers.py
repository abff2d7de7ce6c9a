"""Offers: accepted, declined, or run out; a ticket that nobody accepts goes round and is never lost."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conversations import live
from conversations.events import SYSTEM, Actor, append
from routing.actions import tickets
from routing.actions.room import made_room
from routing.errors import AlreadyTaken, OfferIsGone
from routing.events import OfferEnded
from routing.models import Agent, Offer, RoutingConfig, Ticket, Waiting

SWEEP_BATCH = 200


@transaction.atomic
def accept_offer(*, ticket: Ticket, agent: Agent, by: Actor) -> Ticket:
    """Give the ticket to the agent it is offered to.

    Raises OfferIsGone, AlreadyTaken with the winner, TicketIsClosed.
    """
    ticket = tickets.locked_open(ticket)
    if ticket.assignee_id == agent.pk:
        return ticket
    if ticket.assignee:
        raise AlreadyTaken(str(ticket.assignee))
    accepted = _pending(ticket).filter(agent=agent).update(state=Offer.State.ACCEPTED, ended_at=timezone.now())
    if not accepted:
        raise OfferIsGone
    live.announce_changed(ticket.brand_id, f"offers-{agent.user.public_id}")
    return tickets.give(ticket, agent, by=by)


@transaction.atomic
def decline_offer(*, ticket: Ticket, agent: Agent, by: Actor) -> None:
    """Let the ticket go on to somebody else. Raises OfferIsGone, TicketIsClosed."""
    ticket = tickets.locked_open(ticket)
    offer = _pending(ticket).filter(agent=agent).select_related("agent__user").first()
    if offer is None:
        raise OfferIsGone
    _end(ticket, offer, Offer.State.DECLINED, by=by)


def expire_offers(now: datetime) -> list[Offer]:
    """Let go on what was not accepted in time, where the brand says so; give those offers."""
    waits_on = RoutingConfig.objects.filter(reassignment_messaging_enabled=False).values("brand")
    due = Offer.objects.filter(state=Offer.State.PENDING, expires_at__lte=now)
    due = due.exclude(ticket__brand__in=waits_on, channel_class="messaging").order_by("expires_at")
    found = list(Ticket.objects.filter(offers__in=due[:SWEEP_BATCH]))
    return [offer for ticket in found if (offer := _expire(ticket, now))]


@transaction.atomic
def _expire(ticket: Ticket, now: datetime) -> Offer | None:
    ticket = tickets.locked(ticket)
    offer = _pending(ticket).filter(expires_at__lte=now).select_related("agent__user", "ticket").first()
    if offer is not None:
        _end(ticket, offer, Offer.State.EXPIRED, by=SYSTEM)
    return offer


def withdraw_from(agent: Agent, classes: Iterable[str], *, brand_id: int | None = None) -> None:
    """Let everything offered to an agent in these classes of channels go on, since they are not there for it now.

    `brand_id` narrows it to one brand's.
    """
    pending = Offer.objects.filter(agent=agent, state=Offer.State.PENDING, channel_class__in=list(classes))
    if brand_id is not None:
        pending = pending.filter(ticket__brand=brand_id)
    for ticket in Ticket.objects.filter(offers__in=pending).order_by("pk"):
        _withdraw(tickets.locked(ticket), agent)


def _withdraw(ticket: Ticket, agent: Agent) -> None:
    offer = _pending(ticket).filter(agent=agent).select_related("agent__user").first()
    if offer is not None:
        _end(ticket, offer, Offer.State.WITHDRAWN, by=SYSTEM)


def _pending(ticket: Ticket) -> QuerySet[Offer]:
    return Offer.objects.filter(ticket=ticket, state=Offer.State.PENDING)


def _end(ticket: Ticket, offer: Offer, state: str, *, by: Actor) -> None:
    Offer.objects.filter(pk=offer.pk).update(state=state, ended_at=timezone.now())
    Waiting.objects.filter(ticket=ticket).update(is_offered=False)
    if state != Offer.State.WITHDRAWN:
        fact = OfferEnded(ticket=ticket.public_id, agent=offer.agent.user.public_id, outcome=state)
        append(fact, brand_id=ticket.brand_id, conversation=ticket.conversation, by=by)
    live.announce_changed(ticket.brand_id, f"offers-{offer.agent.user.public_id}", "inbox")
    made_room(ticket.brand_id, offer.agent_id)
