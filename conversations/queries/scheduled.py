"""Answers that wait for their time."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from conversations.errors import NotFound
from conversations.models import AuthorKind, Conversation, Message, ScheduledReply
from conversations.queries.viewers import Viewer

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


def scheduled_reply_for_viewer(viewer: Viewer, public_id: str) -> ScheduledReply:
    """Give a scheduled answer of the viewer's brands. Raises NotFound."""
    found = _replies().filter(conversation__brand_id__in=viewer.brand_ids, public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def _replies() -> QuerySet[ScheduledReply]:
    return ScheduledReply.objects.select_related("author", "conversation")
