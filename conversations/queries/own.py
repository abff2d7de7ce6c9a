"""An end user's own conversations, each with what their list shows of it.

Thousands ask for theirs at once after a restart, and compiling one query with a subquery for each thing told took most
of that time: these are several plain ones, however many conversations there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from conversations.errors import NotFound
from conversations.models import AuthorKind, Contact, Conversation, Message, Participant, Session
from conversations.queries.threads import MAX_PAGE, PAGE

NEWEST_ROWS = 20


@dataclass(frozen=True)
class Own:
    """A conversation as its contact sees it: the marks of both sides, what they have not read, who ended it last."""

    conversation: Conversation
    read_seq: int = 0
    business_delivered_seq: int = 0
    business_read_seq: int = 0
    unread: int = 0
    ended_by: str = ""


def conversation_for_contact(contact: Contact, public_id: str) -> Conversation:
    """Give a conversation of the contact's. Raises NotFound. One query."""
    conversation = _of_contact(contact).filter(public_id=public_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def default_of_contact(contact: Contact) -> Conversation:
    """Give a contact's default conversation. Raises NotFound while there is none. One query."""
    conversation = _of_contact(contact).filter(default_for=contact).first()
    if conversation is None:
        raise NotFound
    return conversation


def own_view(contact: Contact, conversation: Conversation, unread: dict[int, int]) -> Own:
    """Give one conversation of the contact's as they see it; `unread` as in conversations_of_contact. Two queries."""
    return _told(contact, [conversation], unread)[0]


def conversations_of_contact(
    contact: Contact, *, before: tuple[datetime, int] | None = None, limit: int = PAGE, unread: dict[int, int]
) -> list[Own]:
    """Give a contact's conversations, newest first. Three queries at most, however many there are.

    `before` is (last_message_at or created_at, pk) of the last one already seen. Ask for one more than shown.
    `unread` is what `unread_for_contact` gave.
    """
    found = _of_contact(contact).annotate(moment=Coalesce("last_message_at", "created_at"))
    if before:
        moment, pk = before
        found = found.filter(Q(moment__lt=moment) | Q(moment=moment, pk__lt=pk))
    return _told(contact, list(found.order_by("-moment", "-pk")[: max(1, min(limit, MAX_PAGE + 1))]), unread)


def recent_of_contact(contact: Contact, limit: int) -> list[Conversation]:
    """Give the conversations of a contact that were written in last. One query."""
    newest = F("last_message_at").desc(nulls_last=True)
    return list(Conversation.objects.filter(contact=contact).order_by(newest, "-pk")[:limit])


def unread_for_contact(contact: Contact) -> dict[int, int]:
    """Count what the business wrote and the contact has not read, {conversation key: count}. One query."""
    found = Message.objects.filter(
        conversation__participants__contact=contact,
        audience=Message.Audience.PUBLIC,
        seq__gt=F("conversation__participants__read_seq"),
    ).exclude(author_kind=AuthorKind.CONTACT)
    return dict(found.order_by().values_list("conversation").annotate(Count("pk")))


def newest_seqs(contact: Contact) -> dict[str, int]:
    """Give the newest public seq of the 20 conversations of a contact that were written in last, by id. One query."""
    found = Conversation.objects.filter(contact=contact, last_message_at__isnull=False).order_by("-last_message_at")
    return dict(found.values_list("public_id", "last_public_seq")[:NEWEST_ROWS])


def _of_contact(contact: Contact) -> QuerySet[Conversation]:
    return Conversation.objects.filter(contact=contact).select_related("brand", "session")


def _told(contact: Contact, found: Sequence[Conversation], unread: dict[int, int]) -> list[Own]:
    keys = [conversation.pk for conversation in found]
    read_seq: dict[int, int] = {}
    business: dict[int, tuple[int, int]] = {}
    rows = Participant.objects.filter(conversation__in=keys)
    for key, contact_pk, delivered, read in rows.values_list("conversation", "contact_id", "delivered_seq", "read_seq"):
        if contact_pk == contact.pk:
            read_seq[key] = read
        elif not contact_pk:
            farthest = business.get(key, (0, 0))
            business[key] = (max(farthest[0], delivered), max(farthest[1], read))
    resting = [conversation.pk for conversation in found if conversation.session_id is None]
    # In the order in which they ended: of several sessions the last one stays.
    ended = Session.objects.filter(conversation__in=resting).order_by("pk").values_list("conversation", "ended_by")
    ended_by = dict(ended) if resting else {}

    def told(each: Conversation) -> Own:
        delivered, read = business.get(each.pk, (0, 0))
        return Own(each, read_seq.get(each.pk, 0), delivered, read, unread.get(each.pk, 0), ended_by.get(each.pk, ""))

    return [told(conversation) for conversation in found]
