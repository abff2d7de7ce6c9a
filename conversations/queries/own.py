"""An end user's own conversations, each with what their list shows of it.

Thousands ask for theirs at once after a restart, and compiling one query with a subquery for each thing told took most
of that time: these are several plain ones, however many conversations there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from conversations.errors import NotFound
from conversations.models import AuthorKind, Contact, Conversation, Message, Participant, Standing
from conversations.queries.threads import MAX_PAGE, PAGE

NEWEST_ROWS = 20


@dataclass(frozen=True)
class Own:
    """A conversation as its contact sees it: the marks of both sides and what they have not read."""

    conversation: Conversation
    read_seq: int = 0
    business_delivered_seq: int = 0
    business_read_seq: int = 0
    unread: int = 0

    @property
    def standing(self) -> Standing | None:
        """How they wait, or who is here. Read with the conversation."""
        return getattr(self.conversation, "standing", None)


@dataclass(frozen=True)
class Overview:
    """Some of a contact's conversations, and how much is unread in all of them."""

    conversations: Sequence[Own]
    unread: int


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


def own_view(contact: Contact, conversation: Conversation) -> Overview:
    """Give one conversation of the contact's as they see it, and what is unread in all. Two queries."""
    return _told(contact, [conversation])


def overview(contact: Contact, *, before: tuple[datetime, int] | None = None, limit: int = PAGE) -> Overview:
    """Give a contact's conversations, newest first, and what is unread in all. Three queries.

    `before` is (last_message_at or created_at, pk) of the last one already seen. Ask for one more than shown.
    """
    found = _of_contact(contact).annotate(moment=Coalesce("last_message_at", "created_at"))
    if before:
        moment, pk = before
        found = found.filter(Q(moment__lt=moment) | Q(moment=moment, pk__lt=pk))
    return _told(contact, list(found.order_by("-moment", "-pk")[: max(1, min(limit, MAX_PAGE + 1))]))


def newest_seqs(contact: Contact) -> dict[str, int]:
    """Give the newest public seq of the 20 conversations of a contact that were written in last, by id. One query."""
    found = Conversation.objects.filter(contact=contact, last_message_at__isnull=False).order_by("-last_message_at")
    return dict(found.values_list("public_id", "last_public_seq")[:NEWEST_ROWS])


def _of_contact(contact: Contact) -> QuerySet[Conversation]:
    return Conversation.objects.filter(contact=contact).select_related("brand", "session", "standing")


def _unread(contact: Contact, found: Sequence[Conversation]) -> dict[int, int]:
    """Count what the business wrote and the contact has not read, {conversation key: count}.

    Of what was read already it counts no message that came since: whoever is told of both would count it twice.
    """
    last = {conversation.pk: conversation.last_seq for conversation in found}
    written = Message.objects.filter(audience=Message.Audience.PUBLIC).exclude(author_kind=AuthorKind.CONTACT)
    unread = written.filter(
        conversation__participants__contact=contact, seq__gt=F("conversation__participants__read_seq")
    )
    counts: dict[int, int] = {}
    for key, count, newest in unread.order_by().values_list("conversation").annotate(Count("pk"), Max("seq")):
        is_since = newest > last.get(key, newest)
        since = written.filter(conversation=key, seq__gt=last[key]).count() if is_since else 0
        counts[key] = max(0, count - since)
    return counts


def _told(contact: Contact, found: Sequence[Conversation]) -> Overview:
    unread = _unread(contact, found)
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

    def told(each: Conversation) -> Own:
        delivered, read = business.get(each.pk, (0, 0))
        return Own(each, read_seq.get(each.pk, 0), delivered, read, unread.get(each.pk, 0))

    return Overview([told(conversation) for conversation in found], sum(unread.values()))
