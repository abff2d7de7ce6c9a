"""Routing's part of the workspace: the shell, views, list, and what is done to a ticket."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.actions.sessions import end_session
from conversations.errors import NotFound
from conversations.events import Actor
from conversations.models import Conversation, Role, Session
from conversations.queries import conversation_for_viewer
from routing import queries
from routing.actions import agents, tickets
from routing.errors import InvalidChange
from routing.models import Agent, Group, Ticket

TITLES = {"mine": _("Your inbox"), "unassigned": _("Unassigned"), "open": _("All open"), "ended": _("Ended")}
ICONS = {"mine": "inbox", "unassigned": "unassigned", "open": "layers", "ended": "check"}


def home(request: AgentRequest) -> HttpResponse:
    """Send to the agent's own inbox."""
    return HttpResponseRedirect("/workspace/inbox/mine/")


@require_safe
@agents_only
def inbox(request: AgentRequest, view: str, conversation_id: str = "") -> HttpResponse:
    """Show the workspace's shell; its regions load themselves."""
    if view not in TITLES:
        raise NotFound
    agent = agents.agent_of(request.user)
    context = {
        "view": view,
        "title": TITLES[view],
        "conversation_id": conversation_id,
        "agent": agent,
        "preferences": agents.preferences_of(agent),
        "statuses": Agent.Status.choices,
    }
    return render(request, "workspace/inbox.html", context)


@require_safe
@agents_only
def views_part(request: AgentRequest, view: str) -> HttpResponse:
    """Show the views with their counts."""
    counts = queries.view_counts(request.viewer)
    rows = [
        {"view": name, "title": title, "icon": ICONS[name], "count": counts.get(name), "is_current": name == view}
        for name, title in TITLES.items()
    ]
    return render(request, "routing/_views.html", {"rows": rows, "limit": queries.COUNT_LIMIT})


@require_safe
@agents_only
def list_part(request: AgentRequest, view: str) -> HttpResponse:
    """Show one page of a view."""
    page = queries.inbox(request.viewer, view, after=request.GET.get("after", ""))
    context = {"view": view, "page": page, "title": TITLES[view], "current": request.GET.get("current", "")}
    return render(request, "routing/_list.html", context)


def _context(request: AgentRequest, conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "ticket": queries.ticket_of(conversation),
        "may_write": request.viewer.may(conversation.brand_id, Role.AGENT),
        "viewer": request.viewer,
    }


@require_safe
@agents_only
def ticket_head(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the head of the thread: subject, who has it, and what can be done."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    return render(request, "routing/_ticket_head.html", _context(request, conversation))


@require_safe
@agents_only
def ticket_panel(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the ticket's fields."""
    return _panel(request, conversation_for_viewer(request.viewer, conversation_id))


def _panel(request: AgentRequest, conversation: Conversation) -> HttpResponse:
    context = _context(request, conversation) | {
        "agents": queries.agents_of(conversation.brand_id),
        "groups": queries.groups_of(conversation.brand_id),
        "statuses": Ticket.Status.choices[1:],
        "priorities": Ticket.Priority.choices,
    }
    return render(request, "routing/_ticket_panel.html", context)


def _take(request: AgentRequest, ticket: Ticket, by: Actor) -> None:
    tickets.take_ticket(ticket=ticket, agent=agents.agent_of(request.user), by=by)


def _assign(request: AgentRequest, ticket: Ticket, by: Actor) -> None:
    chosen = request.POST.get("agent", "")
    if not chosen:
        tickets.release_ticket(ticket=ticket, by=by)
        return
    agent = next((each for each in queries.agents_of(ticket.brand_id) if each.user.public_id == chosen), None)
    if agent is None:
        raise InvalidChange(field="agent")
    tickets.assign_ticket(ticket=ticket, agent=agent, by=by)


def _release(request: AgentRequest, ticket: Ticket, by: Actor) -> None:
    tickets.release_ticket(ticket=ticket, by=by)


def _status(request: AgentRequest, ticket: Ticket, by: Actor) -> None:
    tickets.set_status(ticket=ticket, status=request.POST.get("status", ""), by=by)


def _fields(request: AgentRequest, ticket: Ticket, by: Actor) -> None:
    group = request.POST.get("group", "")
    priority = request.POST.get("priority", "")
    tags = request.POST.get("tags")
    tickets.change_ticket(
        ticket=ticket,
        by=by,
        subject=request.POST.get("subject"),
        priority=int(priority) if priority.isdigit() else None,
        group=Group.objects.filter(brand=ticket.brand_id, pk=group).first() if group.isdigit() else None,
        tags=tags.split(",") if tags is not None else None,
    )


def _end(request: AgentRequest, ticket: Ticket, by: Actor) -> None:
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.AGENT, by=by)


VERBS: dict[str, Callable[[AgentRequest, Ticket, Actor], None]] = {
    "take": _take,
    "assign": _assign,
    "release": _release,
    "status": _status,
    "fields": _fields,
    "end": _end,
}


@require_POST
@agents_only
def change(request: AgentRequest, conversation_id: str, verb: str) -> HttpResponse:
    """Do one thing to the conversation's ticket; answers with the head or the panel that asked."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    request.require(conversation.brand_id)
    ticket = queries.ticket_of(conversation)
    if ticket is None or verb not in VERBS:
        raise NotFound
    VERBS[verb](request, ticket, Actor.of_user(request.user))
    fresh = conversation_for_viewer(request.viewer, conversation_id)
    if request.htmx.target == "ticket-panel":
        response = _panel(request, fresh)
    else:
        response = render(request, "routing/_ticket_head.html", _context(request, fresh))
    response.headers["HX-Trigger"] = f"ticket-{conversation_id}-changed, inbox-changed"
    return response


@require_POST
@agents_only
def set_status(request: AgentRequest) -> HttpResponse:
    """Set the agent's status."""
    by = Actor.of_user(request.user)
    agent = agents.set_agent_status(agent=agents.agent_of(request.user), status=request.POST.get("status", ""), by=by)
    return render(request, "routing/_status.html", {"agent": agent, "statuses": Agent.Status.choices})


@require_POST
@agents_only
def set_preference(request: AgentRequest) -> HttpResponse:
    """Set one preference; the page reads it anew."""
    name, value = request.POST.get("name", ""), request.POST.get("value", "")
    agents.set_preference(agent=agents.agent_of(request.user), name=name, value=value)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
