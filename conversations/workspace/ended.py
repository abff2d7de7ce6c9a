"""What stands above the composer when the customer's session has ended, and having it go on."""

from contextlib import suppress

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from conversations import queries
from conversations.access import AgentRequest, agents_only
from conversations.actions.sessions import resume_session
from conversations.errors import SessionIsOver
from conversations.events import Actor
from conversations.models import Conversation
from conversations.permissions import Permission


@require_safe
@agents_only
def ended(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show that the session has ended, and what can be written still; nothing while it goes on."""
    return _banner(request, queries.conversation_for_viewer(request.viewer, public_id))


@require_POST
@agents_only
def resume(request: AgentRequest, public_id: str) -> HttpResponse:
    """Have the conversation go on; answers with the banner, which is empty then, or says where it went on."""
    conversation = queries.conversation_for_viewer(request.viewer, public_id)
    request.require(conversation.brand_id, Permission.REPLY)
    # Where it went on meanwhile, the banner says so, with the way there.
    with suppress(SessionIsOver):
        resume_session(conversation=conversation, by=Actor.of_user(request.user))
    return _banner(request, queries.conversation_for_viewer(request.viewer, public_id))


def _banner(request: AgentRequest, conversation: Conversation) -> HttpResponse:
    context = {"conversation": conversation, "may_reply": request.viewer.may(conversation.brand_id, Permission.REPLY)}
    return render(request, "conversations/_ended.html", context)
