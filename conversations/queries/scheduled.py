"""Answers that wait for their time."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from conversations.errors import NotFound
from conversations.models import AuthorKind, Conversation, Message, ScheduledReply
from conversations.queries.viewers import Viewer, only_seen

SHOWN = ("pending", "held", "failed")


def waiting_replies(conversation: Conversation) -> Sequence[ScheduledReply]:
    """Give what waits in a conversation, in the order in which it goes out; `overtaken` where the customer wrote since.

    One query.
    """
    newer = Message.objects.filter(
        conversation=OuterRef("conversation"), seq__gt=OuterRef("seen_seq"), author_kind=AuthorKind.CONTACT
    )
    found = _replies().filter(conversation=conversation, state__in=SHOWN).annotate(overtaken=Exists(newer))
    return list(found.order_by("send_at", "pk"))


def words_of_replies(conversation: Conversation, public_ids: Collection[str]) -> dict[str, str]:
    """Give the words of scheduled answers of a conversation, by public id. One query."""
    found = ScheduledReply.objects.filter(conversation=conversation, public_id__in=public_ids)
    return {public_id: str(content.get("text", "")) for public_id, content in found.values_list("public_id", "content")}


def scheduled_reply_for_viewer(viewer: Viewer, public_id: str) -> ScheduledReply:
    """Give a scheduled answer of the viewer's brands. Raises NotFound."""
    found = only_seen(_replies(), viewer, brand="conversation__brand_id", conversation="conversation")
    reply = found.filter(public_id=public_id).first()
    if reply is None:
        raise NotFound
    return reply


def _replies() -> QuerySet[ScheduledReply]:
    return ScheduledReply.objects.select_related("author", "conversation")
