"""Routing's regions: views, list, the head of a thread, the ticket's fields."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import ConversationsError, NotFound
from conversations.incoming import number_in
from conversations.models import Conversation
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer, unread_mentions
from routing import queries
from routing.models import Ticket
from routing.workspace.shell import TITLES

ICONS = {"mine": "inbox", "mentions": "at", "unassigned": "unassigned", "open": "layers", "ended": "check"}
OWN = ("mine", "mentions")
# What the ticket's regions offer, and who is offered it.
MAY = {
    "may_reply": Permission.REPLY,
    "may_change": Permission.CHANGE_TICKETS,
    "may_assign": Permission.ASSIGN_OTHERS,
    "may_solve": Permission.SOLVE,
}


@require_safe
@agents_only
def views(request: AgentRequest) -> HttpResponse:
    """Show the views with their counts; beside them, unseen, what a notification may tell of."""
    mentions = unread_mentions(request.viewer)
    counts = queries.view_counts(request.viewer) | {"mentions": len(mentions)}
    rows = [
        {"view": name, "title": title, "icon": ICONS[name], "count": counts[name]} for name, title in TITLES.items()
    ]
    context = {
        "own": [row for row in rows if row["view"] in OWN],
        "team": [row for row in rows if row["view"] not in OWN],
        "limit": queries.COUNT_LIMIT,
        "news": queries.news(request.viewer),
        "mentions": mentions[: queries.NEWS_ROWS],
        "waiting": queries.own_waiting(request.viewer),
    }
    return render(request, "routing/_views.html", context)


@require_safe
@agents_only
def listing(request: AgentRequest, view: str) -> HttpResponse:
    """Show one page of a view; `rows` asks for as many as are on screen already."""
    if view not in TITLES:
        raise NotFound
    limit = max(queries.PAGE, number_in(request.GET.get("rows", "")) or 0)
    page = queries.inbox(request.viewer, view, after=request.GET.get("after", ""), limit=limit)
    context = {"view": view, "page": page, "title": TITLES[view], "is_first": "after" not in request.GET}
    return render(request, "routing/_list.html", context)


def head_context(request: AgentRequest, conversation: Conversation) -> dict[str, Any]:
    """Give what the head of a thread shows."""
    return {
        "conversation": conversation,
        "ticket": queries.ticket_of(conversation),
        **{name: request.viewer.may(conversation.brand_id, asked) for name, asked in MAY.items()},
        "viewer": request.viewer,
    }


@require_safe
@agents_only
def ticket_head(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the head of the thread: subject, who has it, and what can be done."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    return render(request, "routing/_ticket_head.html", head_context(request, conversation))


@require_safe
@agents_only
def ticket_panel(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the ticket's fields."""
    return panel(request, conversation_for_viewer(request.viewer, conversation_id))


def panel(request: AgentRequest, conversation: Conversation, error: ConversationsError | None = None) -> HttpResponse:
    """Render the ticket's fields; with an error beside the field at fault, as 422."""
    context = head_context(request, conversation) | {
        "agents": queries.agents_of(conversation.brand_id),
        "groups": queries.groups_of(conversation.brand_id),
        "statuses": Ticket.Status.choices[1:],
        "priorities": Ticket.Priority.choices,
        "error": error,
        "given": request.POST,
    }
    return render(request, "routing/_ticket_panel.html", context, status=422 if error else 200)
