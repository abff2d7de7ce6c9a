"""Keeping what an agent has not sent yet."""

from conversations.errors import InvalidContent
from conversations.models import Conversation, Draft, User

MAX_CHARS = 4096


def keep_draft(*, user: User, conversation: Conversation, text: str, is_note: bool) -> None:
    """Keep unsent words, or forget them when they are empty. Raises InvalidContent."""
    if len(text) > MAX_CHARS:
        raise InvalidContent(field="text", limit=MAX_CHARS)
    if not text.strip():
        Draft.objects.filter(user=user, conversation=conversation).delete()
        return
    Draft.objects.update_or_create(user=user, conversation=conversation, defaults={"text": text, "is_note": is_note})
