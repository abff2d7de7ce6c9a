"""Why a ticket waits, or why its agent has it, in plain words: one click from the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.models import Conversation, Event
from conversations.queries import conversation_for_viewer, story_of
from conversations.workspace.lines import SENTENCES, Telling, names_in
from routing import queries
from routing.events import OfferEnded, TicketAssigned, TicketOffered, TicketQueued, TicketReleased, TicketTransferred
from routing.models import Ticket
from routing.queries.explaining import given, why_agent, why_waiting

HISTORY = (
    TicketQueued.type,
    TicketOffered.type,
    OfferEnded.type,
    TicketTransferred.type,
    TicketAssigned.type,
    TicketReleased.type,
)
OFFERS = {TicketOffered.type, OfferEnded.type}
STEPS = 10
# Those who came closest stand first; the others are one more click away.
MAX_CANDIDATES = 50


@dataclass(frozen=True)
class Step:
    """One thing that routing did with a ticket, `times` while it was offered round: first `since`, last `at`."""

    at: datetime
    text: SafeString
    times: int
    since: datetime


def _steps(ticket: Ticket, story: Sequence[Event], names: dict[str, str]) -> list[Step]:
    """Give the last steps of a ticket, the newest first; what repeats while it is offered round is one step."""
    own = [event for event in story if event.payload["ticket"] == ticket.public_id]
    steps: list[Step] = []
    # The offers since anything else happened, by their sentence.
    offered: dict[str, Step] = {}
    for at, event in enumerate(own):
        telling = Telling(event, names, own[at - 1] if at else None)
        text = _queued(telling) if event.type == TicketQueued.type else SENTENCES[event.type](telling)
        if not text:
            continue
        if event.type not in OFFERS:
            offered.clear()
        before = offered.pop(text, None)
        if before:
            steps.remove(before)
        step = Step(
            event.created_at, text, before.times + 1 if before else 1, before.since if before else event.created_at
        )
        steps.append(step)
        if event.type in OFFERS:
            offered[text] = step
    return steps[::-1][:STEPS]


def _queued(telling: Telling) -> SafeString:
    queue = telling.event.payload["queue"]
    if queue:
        return format_html(_("Waits in the queue {queue}"), queue=format_html("<b>{}</b>", queue))
    return escape(_("Waits in no queue, for its group"))


def _context(conversation: Conversation, ticket: Ticket) -> dict[str, Any]:
    story = story_of(conversation, HISTORY)
    names = names_in(conversation, story)
    context: dict[str, Any] = {"ticket": ticket, "steps": _steps(ticket, story, names)}
    if ticket.assignee is None:
        found = why_waiting(ticket, timezone.now()) if ticket.is_open else None
        candidates = found.candidates if found else ()
        is_free = any(each.reason is None for each in candidates)
        return context | {"waiting": found, "why": found, "is_free": is_free} | _shown(candidates)
    why = why_agent(ticket)
    how = given(ticket, story, why)
    decided = why if how and how.was_decided else None
    by = SENTENCES[how.event.type](Telling(how.event, names)) if how and not decided else None
    return context | {"how": how, "by": by, "why": decided} | _shown(decided.candidates if decided else ())


def _shown(candidates: Sequence[Any]) -> dict[str, Any]:
    return {"candidates": candidates[:MAX_CANDIDATES], "rest": candidates[MAX_CANDIDATES:]}


@require_safe
@agents_only
def why(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show why the conversation's ticket waits, or why its agent has it, with everybody who could have had it."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    ticket = queries.ticket_of(conversation)
    if ticket is None:
        raise NotFound
    context = _context(conversation, ticket) | {"is_mine": ticket.assignee and ticket.assignee.user == request.user}
    return render(request, "routing/_why.html", context)
