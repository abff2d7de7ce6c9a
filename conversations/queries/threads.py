"""A thread's messages, and what is known of a conversation, for both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from conversations.errors import NotFound
from conversations.models import AuthorKind, Conversation, Draft, Event, Message, Participant, User
from conversations.queries.seen import conversations_seen
from conversations.queries.viewers import Viewer

PAGE = 50
MAX_PAGE = 100
STORY_ROWS = 400
UNREAD_LIMIT = 99


@dataclass(frozen=True)
class Page:
    """A stretch of a thread, oldest first."""

    messages: Sequence[Message]
    has_before: bool
    has_after: bool


def _messages(conversation: Conversation, *, internal: bool) -> QuerySet[Message]:
    found = conversation.messages.select_related("author_contact", "author_user", "quoted")
    return found.prefetch_related("mentions") if internal else found.filter(audience=Message.Audience.PUBLIC)


def thread(
    conversation: Conversation,
    *,
    internal: bool,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Page:
    """Give the newest messages, or those before or after a seq. `internal` shows notes too, with whom they mention.

    One query, and one for the mentions.
    """
    found = _messages(conversation, internal=internal)
    limit = max(1, min(limit, MAX_PAGE))
    if after is not None:
        rows = list(found.filter(seq__gt=after).order_by("seq")[: limit + 1])
        return Page(rows[:limit], has_before=after > 0, has_after=len(rows) > limit)
    if before is not None:
        found = found.filter(seq__lt=before)
    rows = list(found.order_by("-seq")[: limit + 1])
    return Page(rows[:limit][::-1], has_before=len(rows) > limit, has_after=before is not None)


def missed(after: Mapping[int, int], *, limit: int) -> Sequence[Message]:
    """Give the public messages after a seq of each conversation, {key: seq}: at most `limit` in all. One query.

    The newest conversation comes first, and its oldest messages.
    """
    return list(_after(after).order_by("-conversation", "seq")[:limit]) if after else []


def missed_pages(after: Mapping[int, int]) -> Sequence[Message]:
    """Give the public messages after a seq of each conversation, {key: seq}: the oldest 50 of each. One query."""
    place = Window(RowNumber(), partition_by=F("conversation"), order_by=F("seq").asc())
    found = _after(after).annotate(place=place).filter(place__lte=PAGE) if after else ()
    return sorted(found, key=lambda message: (-message.conversation_id, message.seq))


def _after(after: Mapping[int, int]) -> QuerySet[Message]:
    found = Message.objects.select_related("author_contact", "author_user", "quoted")
    places = [Q(conversation=pk, seq__gt=seq) for pk, seq in after.items()]
    return found.filter(reduce(or_, places), audience=Message.Audience.PUBLIC)


def message_of(conversation: Conversation, public_id: str) -> Message:
    """Give a public message of a conversation. Raises NotFound."""
    message = _messages(conversation, internal=False).filter(public_id=public_id).first()
    if message is None:
        raise NotFound
    return message


def conversation_for_viewer(viewer: Viewer, public_id: str) -> Conversation:
    """Give a conversation the viewer may see. Raises NotFound."""
    found = conversations_seen(viewer).select_related("brand", "contact", "channel", "holder", "session")
    conversation = found.filter(public_id=public_id).first()
    if conversation is None:
        raise NotFound
    return conversation


@dataclass(frozen=True)
class Marks:
    """How far the contact has come in a conversation, and how far one of the business's people has read."""

    delivered_seq: int = 0
    read_seq: int = 0
    own_read_seq: int = 0


def unread_by(viewer: Viewer) -> Coalesce:
    """Count, for rows with a `conversation`, what its contact wrote and the viewer has not read, up to UNREAD_LIMIT."""
    own = Participant.objects.filter(conversation=OuterRef(OuterRef("conversation")), user=viewer.user)
    unread = (
        Message.objects.filter(
            conversation=OuterRef("conversation"),
            seq__gt=Coalesce(Subquery(own.values("read_seq")[:1]), 0),
            author_kind=AuthorKind.CONTACT,
        )
        # The bound: only the newest hundred entries are ever looked at, however long the thread is.
        .filter(seq__gt=OuterRef("conversation__last_seq") - UNREAD_LIMIT)
        .order_by()
        .values("conversation")
    )
    return Coalesce(Subquery(unread.annotate(n=Count("pk")).values("n")), 0)


def marks_of(conversation: Conversation, user: User) -> Marks:
    """Give the contact's marks and the person's own. One query."""
    found = Participant.objects.filter(conversation=conversation)
    rows = list(found.filter(Q(contact=conversation.contact_id) | Q(user=user)))
    theirs = next((row for row in rows if row.contact_id == conversation.contact_id), None)
    own = next((row.read_seq for row in rows if row.user_id == user.pk), 0)
    return Marks(theirs.delivered_seq, theirs.read_seq, own) if theirs else Marks(own_read_seq=own)


def story_of(conversation: Conversation, types: Sequence[str], *, until: datetime | None = None) -> list[Event]:
    """Give what the log says of a conversation, oldest first: of its newest STORY_ROWS facts those of these types.

    `until` leaves out what came later. What the relay has not numbered yet stands last. One query.
    """
    newest = Event.objects.filter(conversation_id=conversation.pk).order_by(F("position").desc(nulls_first=True))
    if until:
        newest = newest.filter(created_at__lte=until)
    found = Event.objects.filter(pk__in=newest.values("pk")[:STORY_ROWS], type__in=types)
    return list(found.order_by(F("position").asc(nulls_last=True), "pk"))


def draft_of(user: User, conversation: Conversation) -> Draft | None:
    """Give what a person has not sent yet."""
    return Draft.objects.filter(user=user, conversation=conversation).first()
