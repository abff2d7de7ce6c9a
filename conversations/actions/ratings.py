"""A customer's rating: asked for in a message, answered once, and changed as they like until its time is over."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conversations import live
from conversations.errors import InvalidContent, RatingIsOver
from conversations.events import Actor, RatingGiven, append
from conversations.incoming import is_storable
from conversations.models import Contact, Message
from conversations.shapes import timestamp

COMMENT_CHARS = 1000


@transaction.atomic
def answer_rating(
    *, message: Message, score: int, reasons: Sequence[str] = (), comment: str = "", by: Contact
) -> Message:
    """Write down how a customer rates what this message asks about; the same answer twice changes nothing.

    `score` is 1 (worst) to the scale, `reasons` are of those that are offered for a low one, `comment` has at most
    1,000 characters. Raises InvalidContent, RatingIsOver.
    """
    message = _locked(message)
    asked = message.content
    if asked["type"] != "rating":
        raise InvalidContent(field="message")
    if not 1 <= score <= asked["scale"]:
        raise InvalidContent(field="score", limit=f"1-{asked['scale']}")
    if not is_storable(comment) or len(comment) > COMMENT_CHARS:
        raise InvalidContent(field="comment", limit=COMMENT_CHARS)
    if any(reason not in asked["reasons"] for reason in reasons):
        raise InvalidContent(field="reasons", limit=", ".join(asked["reasons"]))
    if asked["closed"] or datetime.fromisoformat(asked["until"]) <= timezone.now():
        raise RatingIsOver
    offered = asked["reasons"] if score <= asked["low"] else []
    kept = [reason for reason in offered if reason in reasons]
    given = {"score": score, "reasons": kept, "comment": comment.strip()}
    before = asked.get("answer")
    if before and given == {name: before[name] for name in given}:
        return message
    message.content = {**asked, "answer": {**given, "at": timestamp(timezone.now())}}
    message.save(update_fields=["content"])
    append(
        RatingGiven(
            message=message.public_id,
            score=score,
            scale=asked["scale"],
            reasons=kept,
            is_change=before is not None,
            word=asked["words"][score - 1] if asked.get("words") else "",
        ),
        brand_id=message.conversation.brand_id,
        conversation=message.conversation,
        by=Actor.of_contact(by),
    )
    live.announce_conversation(message.conversation, part="ticket")
    return message


@transaction.atomic
def close_rating(*, message: Message) -> None:
    """Have what this message asks about be rated no more."""
    message = _locked(message)
    message.content = {**message.content, "closed": True}
    message.save(update_fields=["content"])


def _locked(message: Message) -> Message:
    # In two statements: PostgreSQL reads the locked row anew after a wait, but not the rows joined to it.
    Message.objects.select_for_update().filter(pk=message.pk).values_list("pk").get()
    return Message.objects.select_related("conversation", "author_contact", "author_user", "quoted").get(pk=message.pk)
