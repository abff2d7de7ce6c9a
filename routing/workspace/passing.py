"""Passing a ticket on to an agent, a group or a queue, and taking that back."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.events import Actor
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer
from conversations.workspace.told import told
from routing import queries
from routing.actions import agents, transfers
from routing.errors import InvalidChange
from routing.models import Agent, Group, Queue, Ticket

ESCALATE = "escalate"


def _ticket(request: AgentRequest, conversation_id: str) -> Ticket:
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    request.require(conversation.brand_id, Permission.ASSIGN_OTHERS)
    ticket = queries.ticket_of(conversation)
    if ticket is None:
        raise NotFound
    return ticket


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def pass_on(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show to whom a ticket can be passed on, or pass it on; what is wrong stands in the form, as 422."""
    ticket = _ticket(request, conversation_id)
    if request.method != "POST":
        return _form(request, ticket)
    try:
        return _pass(request, ticket, conversation_id)
    except InvalidChange as error:
        return _form(request, ticket, error)


def _form(request: AgentRequest, ticket: Ticket, error: InvalidChange | None = None) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    above = ticket.group.escalates_to if ticket.group else None
    context: dict[str, Any] = {
        "ticket": ticket,
        "conversation": ticket.conversation,
        "targets": queries.targets(ticket, words),
        "words": words,
        "above": above,
        "error": error,
        "given": request.POST,
        "max_note": transfers.MAX_NOTE,
    }
    template = "routing/_pass_on_rows.html" if request.htmx.target == "pass-on-rows" else "routing/_pass_on.html"
    return render(request, template, context, status=422 if error else 200)


def _pass(request: AgentRequest, ticket: Ticket, conversation_id: str) -> HttpResponse:
    to, note = request.POST.get("to", ""), request.POST.get("note", "")
    agent = agents.agent_of(request.user)
    if to == ESCALATE:
        passed = transfers.escalate_ticket(ticket=ticket, by=agent, note=note)
        name, given = str(passed.group), None
    else:
        target = queries.target_of(ticket, *to.partition(":")[::2])
        if target is None:
            raise InvalidChange(_("Choose an agent, a group or a queue."), field="to")
        transfers.transfer_ticket(
            ticket=ticket,
            by=agent,
            to_agent=target if isinstance(target, Agent) else None,
            to_group=target if isinstance(target, Group) else None,
            to_queue=target if isinstance(target, Queue) else None,
            note=note,
        )
        name, given = str(target), target if isinstance(target, Agent) else None
    values = {
        "given": given.user.public_id if given else "",
        "agent": ticket.assignee.user.public_id if ticket.assignee else "",
        "group": ticket.group.public_id if ticket.group else "",
        "queue": str(ticket.sent_to_id or ""),
    }
    text = _("Passed on to %(name)s.") % {"name": name}
    return told(
        HttpResponse(status=204), text, undo=reverse("routing:take_back", args=[conversation_id]), values=values
    )


@require_POST
@agents_only
def take_back(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Undo that a ticket was passed on, as long as nobody else has it."""
    ticket = _ticket(request, conversation_id)

    def was(kind: str, name: str = "") -> Any:
        given = request.POST.get(name or kind, "")
        found = queries.target_of(ticket, kind, given) if given else None
        if given and found is None:
            raise InvalidChange(field=name or kind)
        return found

    transfers.take_back(
        ticket=ticket,
        by=Actor.of_user(request.user),
        given=was("agent", "given"),
        agent=was("agent"),
        group=was("group"),
        queue=was("queue"),
    )
    return HttpResponse(status=204)
