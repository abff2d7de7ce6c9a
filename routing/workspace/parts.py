"""Routing's regions: views, list, the head of a thread, the ticket's fields."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import ConversationsError
from conversations.incoming import number_in
from conversations.models import Conversation
from conversations.permissions import Permission
from conversations.queries import Viewer, conversation_for_viewer, unread_mentions
from conversations.workspace.moments import moments
from routing import queries
from routing.models import Ticket
from routing.queries.custom_fields import fields_of_ticket, filled, forms_for_agents
from routing.workspace.own_fields import rows_of
from routing.workspace.shell import TITLES, title_of

ICONS = {
    "mine": "inbox",
    "mentions": "at",
    "sides": "side",
    "unassigned": "unassigned",
    "open": "layers",
    "risk": "clock",
    "snoozed": "clock",
    "ended": "check",
}
OWN = ("mine", "mentions", "sides")
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
    answered = queries.own_side_news(request.viewer)
    counts = queries.view_counts(request.viewer) | {"mentions": len(mentions), "sides": len(answered)}
    rows = [
        {"view": name, "title": title, "icon": ICONS[name], "count": counts[name]} for name, title in TITLES.items()
    ]
    saved = saved_rows(request.viewer)
    context = {
        "own": [row for row in rows if row["view"] in OWN] + [row for row in saved if row["is_own"]],
        "team": [row for row in rows if row["view"] not in OWN] + [row for row in saved if not row["is_own"]],
        "limit": queries.COUNT_LIMIT,
        "news": queries.news(request.viewer),
        "mentions": mentions[: queries.NEWS_ROWS],
        "answered": answered[: queries.NEWS_ROWS],
        "promised": queries.own_promises(request.viewer),
        "waiting": queries.own_waiting(request.viewer),
    }
    return render(request, "routing/_views.html", context)


def saved_rows(viewer: Viewer) -> list[dict[str, Any]]:
    """Give the views that people made, each with its count, as the left column shows them."""
    saved = queries.views_of(viewer)
    counts = queries.saved_counts(viewer, saved, queries.COUNT_LIMIT)
    return [
        {
            "view": view.public_id,
            "title": title_of(viewer, view),
            "icon": "star" if view.owner_id else "list",
            "count": count,
            "is_own": view.owner_id is not None,
        }
        for view, count in zip(saved, counts, strict=True)
    ]


@require_safe
@agents_only
def listing(request: AgentRequest, view: str) -> HttpResponse:
    """Show one page of a view; `rows` asks for as many as are on screen already."""
    limit, after = max(queries.PAGE, number_in(request.GET.get("rows", "")) or 0), request.GET.get("after", "")
    context: dict[str, Any] = {"view": view, "is_first": "after" not in request.GET}
    if view in TITLES:
        page = queries.inbox(request.viewer, view, after=after, limit=limit)
        context |= {"title": TITLES[view], "page": page, "is_grouped": view in queries.GROUPED}
    else:
        saved = queries.view_for_viewer(request.viewer, view)
        page = queries.saved_page(request.viewer, saved, after=after, limit=limit)
        context |= {"title": title_of(request.viewer, saved), "page": page, "saved": saved}
        context |= {"is_grouped": saved.order in queries.PARTS, "columns": saved.columns}
    context["may_pick"] = bool(request.viewer.brands_where(Permission.CHANGE_TICKETS))
    context["may_take"] = bool(request.viewer.brands_to_take_from())
    return render(request, "routing/_list.html", context)


def head_context(request: AgentRequest, conversation: Conversation) -> dict[str, Any]:
    """Give what the head of a thread shows."""
    ticket = queries.ticket_of(conversation)
    promises = queries.promises_of(ticket) if ticket else []
    return {
        "conversation": conversation,
        "ticket": ticket,
        "promises": promises,
        "promise": queries.shown_promise(promises),
        **{name: request.viewer.may(conversation.brand_id, asked) for name, asked in MAY.items()},
        "viewer": request.viewer,
        "moments": moments(),
    }


@require_safe
@agents_only
def ticket_head(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the head of the thread: subject, who has it, and what can be done."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    return render(request, "routing/_ticket_head.html", head_context(request, conversation))


@require_safe
@agents_only
def search_tickets(request: AgentRequest) -> HttpResponse:
    """Find tickets by their number, "7" or "#7"; the palette shows them above what the core finds."""
    words = request.GET.get("q", "").strip()[:20]
    return render(request, "routing/_search.html", {"tickets": queries.tickets_numbered(request.viewer, words)})


@require_safe
@agents_only
def ticket_panel(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the ticket's fields."""
    return panel(request, conversation_for_viewer(request.viewer, conversation_id))


def panel(request: AgentRequest, conversation: Conversation, error: ConversationsError | None = None) -> HttpResponse:
    """Render the ticket's fields; with an error beside the field at fault, as 422."""
    context = head_context(request, conversation)
    ticket = context["ticket"]
    context |= {
        "agents": queries.agents_of(conversation.brand_id),
        "groups": queries.groups_of(conversation.brand_id),
        "sides": queries.sides_beside(ticket) if ticket else [],
        "survey": queries.survey_of(conversation.brand_id),
        "ratings": queries.ratings_of(request.viewer, conversation.contact),
        "statuses": Ticket.Status.choices[1:],
        "priorities": Ticket.Priority.choices,
        **own_context(request, ticket, error),
        "error": error,
        "given": request.POST,
    }
    return render(request, "routing/_ticket_panel.html", context, status=422 if error else 200)


def own_context(request: AgentRequest, ticket: Ticket | None, error: ConversationsError | None) -> dict[str, Any]:
    """Give the brand's own fields of a ticket, and the forms it could have; `own_error` is beside one of the fields."""
    if ticket is None:
        return {}
    rows = rows_of(filled(fields_of_ticket(ticket), ticket), prefix="tf", given=request.POST, error=error)
    forms = forms_for_agents(ticket.brand_id)
    return {"rows": rows, "forms": forms, "own_error": any(row.error for row in rows)}
