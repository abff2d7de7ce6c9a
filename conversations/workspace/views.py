"""The core's panels of the workspace: thread, composer, search."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from conversations import queries
from conversations.access import AgentRequest, agents_only
from conversations.actions import messages
from conversations.actions.attachments import store_upload
from conversations.actions.drafts import forget_sent, keep_draft
from conversations.api.errors import error_shape
from conversations.content.types import TEXT_CHARS
from conversations.errors import InvalidContent, NewMessagesArrived, SessionIsOver, UploadRefused
from conversations.incoming import number_in
from conversations.models import AuthorKind, Conversation, Message, ScheduledReply
from conversations.permissions import Permission
from conversations.workspace.blocks import held_of
from conversations.workspace.lines import rows_of
from conversations.workspace.moments import moments


def _conversation(request: AgentRequest, public_id: str) -> Conversation:
    return queries.conversation_for_viewer(request.viewer, public_id)


def _log_context(request: AgentRequest, conversation: Conversation, page: queries.Page) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "page": page,
        "rows": rows_of(conversation, page),
        "marks": queries.marks_of(conversation, request.user),
        "viewer": request.viewer,
    }


@require_safe
@agents_only
def thread(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show a conversation: its newest messages and the composer."""
    conversation = _conversation(request, public_id)
    page = queries.thread(conversation, internal=True)
    context = _log_context(request, conversation, page)
    context |= {
        "first_unread": _first_unread(page, context["marks"].own_read_seq),
        "may_reply": request.viewer.may(conversation.brand_id, Permission.REPLY),
        "may_note": request.viewer.may(conversation.brand_id, Permission.NOTE),
        "held": held_of(request, conversation.contact),
        "conversation_id": public_id,
        "draft": queries.draft_of(request.user, conversation),
        "colleagues": queries.colleagues(conversation),
        "waiting": queries.waiting_replies(conversation),
        "moments": moments(),
        "otherwise": ScheduledReply.Otherwise.choices,
        "max_text": TEXT_CHARS,
        "max_file": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "conversations/_thread.html", context)


def _first_unread(page: queries.Page, read_seq: int) -> int | None:
    """Give the seq that the "New" rule stands above: none for who was never here, and none for who has read all."""
    unread = (row.seq for row in page.messages if row.seq > read_seq and row.author_kind == AuthorKind.CONTACT)
    return next(unread, None) if read_seq else None


@require_safe
@agents_only
def messages_part(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show the messages after or before a seq, as rows of the log."""
    conversation = _conversation(request, public_id)
    page = queries.thread(
        conversation,
        internal=True,
        after=number_in(request.GET.get("after", "")),
        before=number_in(request.GET.get("before", "")),
    )
    return render(request, "conversations/_messages.html", _log_context(request, conversation, page))


@require_POST
@agents_only
def post(request: AgentRequest, public_id: str) -> HttpResponse:
    """Send a reply or a note. Answers JSON: 201 with the seq, 409 with what arrived meanwhile, or the refusal."""
    conversation, is_note = _conversation(request, public_id), _is_note(request)
    request.require(conversation.brand_id, Permission.NOTE if is_note else Permission.REPLY)
    text, seen = _written(request), number_in(request.POST.get("seen_seq", ""))
    content = content_of(request)
    try:
        posted = messages.post_message(
            conversation=conversation,
            author=messages.Author.agent(request.user),
            content=content,
            audience=Message.Audience.INTERNAL if is_note else Message.Audience.PUBLIC,
            client_id=request.POST.get("client_id", ""),
            seen_seq=None if is_note else seen,
            mentions=queries.mentioned(conversation, text) if is_note else (),
        )
    except (NewMessagesArrived, InvalidContent, SessionIsOver) as error:
        return JsonResponse({"error": error_shape(error)}, status=error.status)
    # The draft may be older than the words: the page says what it last gave us to keep.
    forget_sent(user=request.user, conversation=conversation, texts=[text, request.POST.get("draft", "")])
    return JsonResponse({"seq": posted.message.seq, "id": posted.message.public_id}, status=201)


def content_of(request: AgentRequest) -> dict[str, Any]:
    """Give what the composer holds, as content: words, or a file with words. Raises NotFound for another's file."""
    text = _written(request)
    if request.POST.get("attachment"):
        return _attachment_content(request, request.POST["attachment"], text)
    return {"type": "text", "text": text}


def _written(request: AgentRequest) -> str:
    """Give the words as they were written: a browser's form ends lines by two characters, which nobody counts."""
    return request.POST.get("text", "").replace("\r\n", "\n")


def _is_note(request: AgentRequest) -> bool:
    return request.POST.get("audience") == Message.Audience.INTERNAL


def _attachment_content(request: AgentRequest, public_id: str, text: str) -> dict[str, Any]:
    attachment = queries.attachment_for_viewer(request.viewer, public_id)
    content: dict[str, Any] = {
        "type": "image" if attachment.width else "file",
        "mediaUrl": attachment.path,
        "altText": attachment.name,
        "mediaType": attachment.media_type,
        "mediaSize": attachment.size,
    }
    return content | ({"text": text} if text.strip() else {})


@require_POST
@agents_only
def read(request: AgentRequest, public_id: str) -> HttpResponse:
    """Record that this agent has read the thread up to a seq, or that it stands on a page of theirs nobody looks at.

    Who may not answer leaves no mark: the customer would wait for an answer of theirs.
    """
    conversation = _conversation(request, public_id)
    seq = number_in(request.POST.get("seq", ""))
    if seq is not None and request.viewer.may(conversation.brand_id, Permission.REPLY):
        mark = messages.mark_delivered if "unseen" in request.POST else messages.mark_read
        mark(conversation=conversation, user=request.user, seq=seq)
    return HttpResponse(status=204)


@require_POST
@agents_only
def draft(request: AgentRequest, public_id: str) -> HttpResponse:
    """Keep what is not sent yet."""
    conversation, is_note = _conversation(request, public_id), _is_note(request)
    request.require(conversation.brand_id, Permission.NOTE if is_note else Permission.REPLY)
    keep_draft(
        user=request.user,
        conversation=conversation,
        text=_written(request),
        is_note=is_note,
    )
    return HttpResponse(status=204)


@require_POST
@agents_only
def upload(request: AgentRequest) -> HttpResponse:
    """Keep a file for a conversation; answers JSON."""
    conversation = _conversation(request, request.POST.get("conversation", ""))
    request.require(conversation.brand_id, Permission.NOTE)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise InvalidContent(field="file")
        attachment = store_upload(brand=conversation.brand, file=file, user=request.user)
    except (InvalidContent, UploadRefused) as error:
        return JsonResponse({"error": error_shape(error)}, status=error.status)
    return JsonResponse({"id": attachment.public_id, "name": attachment.name, "size": attachment.size}, status=201)


@require_safe
@agents_only
def search(request: AgentRequest) -> HttpResponse:
    """Find people and messages; the palette and the search field show the same rows."""
    words = request.GET.get("q", "").strip()[:200]
    found = queries.search(request.viewer, words)
    return render(request, "conversations/_search.html", {"words": words, "found": found})
