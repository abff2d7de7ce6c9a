"""Answers that go out later: what waits in a thread, and what may be done with it."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations import queries
from conversations.access import AgentRequest, agents_only
from conversations.actions import scheduled
from conversations.errors import NotFound
from conversations.events import Actor
from conversations.incoming import number_in
from conversations.models import Conversation
from conversations.permissions import Permission
from conversations.workspace.moments import chosen_moment, moments
from conversations.workspace.views import content_of


def later_context(request: AgentRequest, conversation: Conversation) -> dict[str, Any]:
    """Give what the waiting answers of a thread show."""
    return {
        "conversation": conversation,
        "waiting": queries.waiting_replies(conversation),
        "may_reply": request.viewer.may(conversation.brand_id, Permission.REPLY),
        "viewer": request.viewer,
    }


@require_safe
@agents_only
def waiting(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show the answers that wait in a conversation."""
    conversation = queries.conversation_for_viewer(request.viewer, public_id)
    return render(request, "conversations/_later.html", later_context(request, conversation))


@require_safe
@agents_only
def now(request: AgentRequest) -> HttpResponse:
    """Give the moments that are offered now, as JSON: menus that stood open for hours ask when they are opened."""
    shown = [
        {
            "name": each["name"],
            "at": each["at"].isoformat(),
            "shown": f"{date_format(each['at'], 'MONTH_DAY_FORMAT')} {date_format(each['at'], 'H:i')}",
        }
        for each in moments()
    ]
    return JsonResponse({"moments": shown})


@require_POST
@agents_only
def add(request: AgentRequest, public_id: str) -> HttpResponse:
    """Have an answer go out later; answers JSON with what to tell."""
    conversation = queries.conversation_for_viewer(request.viewer, public_id)
    request.require(conversation.brand_id, Permission.REPLY)
    reply = scheduled.schedule_reply(
        conversation=conversation,
        author=request.user,
        content=content_of(request),
        send_at=chosen_moment(request.POST.get("until", "")),
        seen_seq=number_in(request.POST.get("seen_seq", "")) or 0,
        if_contact_writes=request.POST.get("if_contact_writes", scheduled.Otherwise.CANCEL),
        client_id=request.POST.get("client_id", ""),
    )
    shown = date_format(timezone.localtime(reply.send_at), "SHORT_DATETIME_FORMAT")
    undo = reverse("conversations:later_change", args=[reply.public_id, "cancel"])
    return JsonResponse(
        {"told": {"text": _("Goes out at %(time)s") % {"time": shown}, "undo": undo, "values": {}}}, status=201
    )


@require_POST
@agents_only
def change(request: AgentRequest, reply_id: str, verb: str) -> HttpResponse:
    """Send a waiting answer now, cancel it, have it wait again, or give it back to be written on; answers JSON."""
    reply = queries.scheduled_reply_for_viewer(request.viewer, reply_id)
    request.require(reply.conversation.brand_id, Permission.REPLY)
    by, answer = Actor.of_user(request.user), {"text": ""}
    match verb:
        case "now":
            scheduled.send_now(reply=reply, by=request.user)
        case "cancel" | "edit":
            scheduled.cancel_reply(reply=reply, by=by)
            answer = (
                {"text": scheduled.words_of(reply.content)} if verb == "edit" else {"text": _("It will not be sent.")}
            )
        case "again":
            scheduled.wait_again(reply=reply, by=by)
            answer = {"text": _("It waits again.")}
        case _other:
            raise NotFound
    return JsonResponse(answer)
