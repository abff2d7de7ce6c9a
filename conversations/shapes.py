"""How the core's nouns look to end-user clients."""

from datetime import UTC, datetime
from typing import Any

from rest_framework.request import Request

from conversations.models import Attachment, Contact, Conversation, Message
from conversations.queries import Own


def timestamp(moment: datetime | None) -> str | None:
    """Give ISO 8601 in UTC with milliseconds and Z."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def author_id(message: Message) -> str:
    """Give the public id of who wrote it, empty for bots, the system and people who are gone."""
    if message.author_contact:
        return message.author_contact.public_id
    return message.author_user.public_id if message.author_user else ""


def message_shape(message: Message, conversation: Conversation) -> dict[str, Any]:
    """Give one message as the client API and the client socket show it."""
    return {
        "id": message.public_id,
        "conversation": conversation.public_id,
        "seq": message.seq,
        "previous": message.previous_seq,
        "author": {"type": message.author_kind, "id": author_id(message), "name": message.author_name},
        "content": message.content,
        "metadata": message.metadata,
        "client_id": message.client_id,
        "created_at": timestamp(message.created_at),
        "quoted": message.quoted.public_id if message.quoted else None,
    }


def conversation_shape(own: Own) -> dict[str, Any]:
    """Give one conversation as its contact sees it."""
    conversation = own.conversation
    answered = {"type": conversation.last_answer_kind, "name": conversation.last_answer_name}
    return {
        "id": conversation.public_id,
        "display_name": conversation.display_name,
        "last_seq": conversation.last_seq,
        "last_message_at": timestamp(conversation.last_message_at),
        "preview": conversation.last_preview,
        "preview_author": conversation.last_author_kind,
        "author": answered if conversation.last_answer_kind else None,
        "unread": own.unread,
        "read_seq": own.read_seq,
        "business": {"delivered_seq": own.business_delivered_seq, "read_seq": own.business_read_seq},
        "session": {
            "state": conversation.session.state if conversation.session else "none",
            "ended_by": "" if conversation.session else conversation.last_ended_by,
        },
        "standing": _standing_shape(own),
        "may_end": bool(conversation.session) and conversation.brand.visitor_may_end_session,
        "created_at": timestamp(conversation.created_at),
    }


def _standing_shape(own: Own) -> dict[str, Any] | None:
    """Give how they wait for an agent, or who is here; nothing where nothing is told, or the session is over."""
    standing = own.standing
    if standing is None or own.conversation.session is None:
        return None
    return {
        "position": standing.position,
        "minutes": standing.minutes,
        "text": standing.text,
        "agent": standing.agent_name,
    }


def contact_shape(contact: Contact) -> dict[str, Any]:
    """Give what an end user may see of themselves."""
    return {
        "id": contact.public_id,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "locale": contact.locale,
        "signed_in": contact.is_verified,
    }


def attachment_shape(attachment: Attachment, request: Request) -> dict[str, Any]:
    """Give one uploaded file, with the absolute address to put into a message."""
    return {
        "id": attachment.public_id,
        "url": request.build_absolute_uri(attachment.path),
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": attachment.size,
        "width": attachment.width,
        "height": attachment.height,
    }
