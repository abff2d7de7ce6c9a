"""Blocking a customer from the workspace, and letting them write again."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations import queries
from conversations.access import AgentRequest, agents_only
from conversations.actions import blocking
from conversations.errors import InvalidContent
from conversations.events import Actor
from conversations.incoming import moment_in
from conversations.models import Block, Contact
from conversations.workspace.blocks import LENGTHS, asked_for, held_of
from conversations.workspace.customers import panel
from conversations.workspace.names import called
from conversations.workspace.told import told


@require_safe
@agents_only
def blocked(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show above a thread that its customer is blocked, or nothing."""
    conversation = queries.conversation_for_viewer(request.viewer, public_id)
    return _banner(request, conversation.contact, public_id)


def _banner(request: AgentRequest, contact: Contact, conversation_id: str) -> HttpResponse:
    context = {"held": held_of(request, contact), "conversation_id": conversation_id}
    return render(request, "conversations/_blocked.html", context)


@require_POST
@agents_only
def block(request: AgentRequest, public_id: str) -> HttpResponse:
    """Block a customer, their email or an address; answers with their panel, what was at fault beside the form."""
    contact, opened = queries.contact_for_viewer(request.viewer, public_id), request.POST.get("conversation", "")
    kind, _sep, value = request.POST.get("what", "").partition(":")
    request.require(contact.brand_id, asked_for(kind))
    conversation = queries.conversation_for_viewer(request.viewer, opened) if opened else None
    try:
        made = blocking.block(
            brand=contact.brand,
            kind=kind,
            value=value or (contact.email if kind == Block.Kind.EMAIL else ""),
            contact=contact,
            reason=request.POST.get("reason", ""),
            expires_at=_end(request),
            by=Actor.of_user(request.user),
            conversation=conversation,
        )
    except InvalidContent as error:
        return panel(request, contact, opened=opened, errors={"block": error})
    shown = panel(request, queries.contact_for_viewer(request.viewer, public_id), opened=opened)
    undo = "" if "undo" in request.POST else reverse("conversations:lift_block", args=[made.public_id])
    return told(shown, _("%(name)s is blocked.") % {"name": _named(made)}, undo=undo, values={"conversation": opened})


def _end(request: AgentRequest) -> Any:
    """Give when it shall end: after the hours chosen, or at the moment that undoing names."""
    if until := request.POST.get("until"):
        moment = moment_in(until)
        if moment is None:
            raise InvalidContent(field="until")
        return moment
    hours = request.POST.get("hours", "")
    if hours not in dict(LENGTHS):
        raise InvalidContent(field="hours", limit=", ".join(value for value, _words in LENGTHS if value))
    return timezone.now() + timedelta(hours=int(hours)) if hours else None


def _named(made: Block) -> str:
    return called(made.contact) if made.contact and made.kind == Block.Kind.CONTACT else str(made)


@require_POST
@agents_only
def lift(request: AgentRequest, public_id: str) -> HttpResponse:
    """Let somebody write again; answers with the banner of the thread it was asked in, which is gone."""
    found, opened = queries.block_for_viewer(request.viewer, public_id), request.POST.get("conversation", "")
    contact = queries.contact_for_viewer(request.viewer, found.contact.public_id) if found.contact else None
    request.require(found.brand_id, asked_for(found.kind))
    conversation = queries.conversation_for_viewer(request.viewer, opened) if opened else None
    blocking.lift(block=found, by=Actor.of_user(request.user), conversation=conversation)
    response = HttpResponse(status=204) if conversation is None else _banner(request, conversation.contact, opened)
    if contact is None or "undo" in request.POST:
        return told(response, _("%(name)s may write again.") % {"name": _named(found)})
    values = {
        "what": found.kind if found.kind == Block.Kind.CONTACT else f"{found.kind}:{found.value}",
        "reason": found.reason,
        "until": found.expires_at.isoformat() if found.expires_at else "",
        "conversation": opened,
    }
    undo = reverse("conversations:block_contact", args=[contact.public_id])
    return told(response, _("%(name)s may write again.") % {"name": _named(found)}, undo=undo, values=values)
