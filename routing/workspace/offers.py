"""Work that comes to an agent: what they are offered, and taking the next one themselves."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotAllowed, NotFound
from conversations.events import Actor
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer
from routing import queries
from routing.actions import agents, offers, transfers
from routing.errors import NothingWaits
from routing.models import Ticket


@require_safe
@agents_only
def offered(request: AgentRequest) -> HttpResponse:
    """Show what is offered to the agent; of the conversations in `had` that are not any more, who has them."""
    found, now = queries.own_offers(request.viewer), timezone.now()
    still = {each.offer.ticket.conversation.public_id for each in found}
    had = [each for each in request.GET.get("had", "")[:1000].split(",") if each and each not in still]
    cards = [
        {
            "own": each,
            "ticket": each.offer.ticket,
            "left": max(0, round((each.offer.expires_at - now).total_seconds())),
            "whole": round((each.offer.expires_at - each.offer.made_at).total_seconds()),
        }
        for each in found
    ]
    lost = queries.lost_offers(request.viewer, had) if had else []
    return render(request, "routing/_offers.html", {"cards": cards, "lost": lost})


@require_POST
@agents_only
def answer(request: AgentRequest, conversation_id: str, answer: str) -> HttpResponse:
    """Accept or decline what is offered; accepted, answers JSON with the address to open."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    request.require(conversation.brand_id, Permission.REPLY)
    ticket = queries.ticket_of(conversation)
    if ticket is None or answer not in {"accept", "decline"}:
        raise NotFound
    agent, by = agents.agent_of(request.user), Actor.of_user(request.user)
    if answer == "decline":
        offers.decline_offer(ticket=ticket, agent=agent, by=by)
        return HttpResponse(status=204)
    accepted = offers.accept_offer(ticket=ticket, agent=agent, by=by)
    return JsonResponse({"url": _address(accepted)})


def _address(ticket: Ticket) -> str:
    return reverse("routing:inbox", args=["mine", ticket.conversation.public_id])


@require_POST
@agents_only
def take_next(request: AgentRequest) -> HttpResponse:
    """Take the first of what waits; answers JSON with the address to open, or, with 404, that nothing does."""
    brand_ids = request.viewer.brands_to_take_from()
    if not brand_ids:
        raise NotAllowed
    try:
        ticket = transfers.take_next_of(agent=agents.agent_of(request.user), brand_ids=brand_ids)
    except NothingWaits as error:
        text = str(error.text)
        if queries.own_offers(request.viewer):
            text = _("What waits is offered to you: accept it on its card.")
        elif queries.is_offered_around(brand_ids):
            text = _("What waits is being offered to your colleagues now. Whatever nobody accepts can be taken.")
        return JsonResponse({"text": text}, status=error.status)
    undo = reverse("routing:change", args=[ticket.conversation.public_id, "release"])
    told = {"text": _("Taken. It is yours now."), "undo": undo, "values": {}}
    return JsonResponse({"url": _address(ticket), "told": told})
