"""Side conversations in the workspace: opening one, reading and answering it, closing it."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.incoming import MAX_KEY, number_in
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer
from conversations.workspace.told import told
from routing import queries
from routing.actions import sides
from routing.errors import InvalidChange
from routing.models import SideConversation, Ticket


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def new(request: AgentRequest, conversation_id: str) -> HttpResponse:
    """Show the form of a side conversation, or open one; what is wrong stands in the form, as 422."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    request.require(conversation.brand_id, Permission.REPLY)
    ticket = queries.ticket_of(conversation)
    if ticket is None:
        raise NotFound
    if request.method != "POST":
        return _form(request, ticket)
    given = request.POST
    is_email = given.get("kind") != SideConversation.Kind.TICKET
    chosen = None if is_email else queries.target_of(ticket, "group", given.get("group", ""))
    try:
        sides.open_side(
            ticket=ticket,
            subject=given.get("subject", ""),
            text=given.get("text", ""),
            participants=re.split(r"[\s,;]+", given.get("participants", "")[:30_000]) if is_email else (),
            group=chosen,  # type: ignore[arg-type]  # asked for as a group
            by=request.user,
        )
    except InvalidChange as error:
        return _form(request, ticket, error)
    text = _("It is sent when email is set up.") if is_email else _("Asked %(group)s.") % {"group": chosen}
    return told(HttpResponse(status=204), text)


def _form(request: AgentRequest, ticket: Ticket, error: InvalidChange | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "ticket": ticket,
        "conversation": ticket.conversation,
        "groups": [each for each in queries.groups_of(ticket.brand_id) if each.pk != ticket.group_id],
        "kind": request.POST.get("kind", SideConversation.Kind.EMAIL),
        "error": error,
        "given": request.POST,
        "max_text": sides.TEXT_CHARS,
    }
    return render(request, "routing/_side_new.html", context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def side(request: AgentRequest, side_id: str) -> HttpResponse:
    """Show a side conversation, or write in it; what is wrong stands in the form, as 422."""
    found = queries.side_for_viewer(request.viewer, side_id)
    if request.method != "POST":
        sides.see_side(side=found)
        return _thread(request, found)
    request.require(found.brand_id, Permission.REPLY)
    try:
        sides.reply_to_side(side=found, text=request.POST.get("text", ""), by=request.user)
    except InvalidChange as error:
        return _thread(request, found, error)
    return _thread(request, queries.side_for_viewer(request.viewer, side_id))


@require_POST
@agents_only
def close(request: AgentRequest, side_id: str) -> HttpResponse:
    """Close a side conversation; writing in it opens it again."""
    found = queries.side_for_viewer(request.viewer, side_id)
    request.require(found.brand_id, Permission.REPLY)
    sides.close_side(side=found, by=request.user)
    return told(HttpResponse(status=204), _("The side conversation is closed. Writing in it opens it again."))


def _thread(request: AgentRequest, found: SideConversation, error: InvalidChange | None = None) -> HttpResponse:
    rows, has_more = queries.side_messages(found, number_in(request.GET.get("before", ""), MAX_KEY))
    context = {
        "side": found,
        "messages": rows,
        "before": rows[0].pk if has_more else None,
        "may_reply": request.viewer.may(found.brand_id, Permission.REPLY),
        "error": error,
        "given": request.POST if error else {},
        "max_text": sides.TEXT_CHARS,
    }
    return render(request, "routing/_side.html", context, status=422 if error else 200)
