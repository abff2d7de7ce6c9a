"""Keeping what an agent has not sent yet."""

from collections.abc import Iterable

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


def forget_sent(*, user: User, conversation: Conversation, texts: Iterable[str]) -> None:
    """Forget unsent words that are one of these texts; what was written meanwhile, in another window say, is kept."""
    draft = Draft.objects.filter(user=user, conversation=conversation).first()
    if draft and _plain(draft.text) in {_plain(text) for text in texts}:
        Draft.objects.filter(pk=draft.pk, text=draft.text).delete()


def _plain(text: str) -> str:
    # A browser sends line ends as it likes, and a message without the spaces around it.
    return text.replace("\r\n", "\n").strip()
