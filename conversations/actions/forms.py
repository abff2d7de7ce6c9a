"""Answering forms: each is answered once."""

from typing import Any

from conversations.content import check_answers
from conversations.errors import FormAlreadyAnswered, InvalidContent
from conversations.models import Conversation, Message


def answer_form(*, conversation: Conversation, response: dict[str, Any]) -> Message | None:
    """Mark the form a formResponse quotes as submitted and give it; nothing for a response that quotes none.

    The caller holds the conversation's row. Raises InvalidContent, FormAlreadyAnswered.
    """
    quoted = response.get("quotedMessageId")
    if quoted is None:
        return None
    form = conversation.messages.filter(public_id=quoted, audience=Message.Audience.PUBLIC).first()
    if form is None or form.content["type"] != "form":
        raise InvalidContent(field="quotedMessageId")
    if form.content.get("submitted"):
        raise FormAlreadyAnswered(field="quotedMessageId")
    check_answers(form.content, response)
    form.content = {**form.content, "submitted": True}
    form.save(update_fields=["content"])
    return form
