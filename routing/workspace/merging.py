"""Merging a ticket into another one: choosing it, and being sure."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer
from conversations.workspace.told import told
from routing import queries
from routing.actions import agents
from routing.actions.merging import MAX_NOTE, merge_tickets
from routing.errors import InvalidChange
from routing.models import Ticket


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def merge(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show what a ticket can be merged into; with one chosen, ask whether that is meant; then merge it."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    request.require(conversation.brand_id, Permission.CHANGE_TICKETS)
    request.require(conversation.brand_id, Permission.SOLVE)
    ticket = queries.ticket_of(conversation)
    if ticket is None:
        raise NotFound
    if request.method != "POST":
        return _form(request, ticket)
    try:
        return _merge(request, ticket)
    except InvalidChange as error:
        return _form(request, ticket, error)


def _merge(request: AgentRequest, ticket: Ticket) -> HttpResponse:
    target = queries.merge_target(request.viewer, ticket, request.POST.get("to", ""))
    if target is None:
        raise InvalidChange(_("Choose a ticket."), field="to")
    note = request.POST.get("note", "")
    if len(note) > MAX_NOTE:
        raise InvalidChange(field="note", limit=MAX_NOTE)
    if request.POST.get("sure") != target.public_id:
        context = {"ticket": ticket, "conversation": ticket.conversation, "target": target, "note": note}
        return render(request, "routing/_merge_sure.html", context)
    merge_tickets(source=ticket, target=target, by=agents.agent_of(request.user), note=note)
    text = _("#%(source)s was merged into #%(target)s.") % {"source": ticket.number, "target": target.number}
    return told(HttpResponse(status=204), text)


def _form(request: AgentRequest, ticket: Ticket, error: InvalidChange | None = None) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {
        "ticket": ticket,
        "conversation": ticket.conversation,
        "targets": queries.merge_targets(request.viewer, ticket, words),
        "words": words,
        "error": error,
        "given": request.POST,
        "max_note": MAX_NOTE,
    }
    template = "routing/_merge_rows.html" if request.htmx.target == "merge-rows" else "routing/_merge.html"
    return render(request, template, context, status=422 if error else 200)
