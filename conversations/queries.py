"""Every composed read of the core: bounded by brand and by who asks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.db.models import Count, F, Max, Model, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, JSONObject, RowNumber

from conversations.errors import NotFound
from conversations.models import (
    Attachment,
    AuthorKind,
    Contact,
    Conversation,
    Draft,
    Event,
    Membership,
    Message,
    Participant,
    Role,
    Session,
    User,
)
from conversations.search import has_words

RANK = {Role.READ_ONLY: 0, Role.AGENT: 1, Role.SUPERVISOR: 2, Role.ADMIN: 3}
PAGE = 50
MAX_PAGE = 100
SEARCH_ROWS = 20
# "", "files", public id, key, name
ATTACHMENT_PARTS = 5
RECENT_ROWS = 2000
NEWEST_ROWS = 20
Row = TypeVar("Row", bound=Model)
UNREAD_LIMIT = 99
MENTION_ROWS = 100
MENTIONS_KEPT = 500
STORY_ROWS = 400


@dataclass(frozen=True)
class Viewer:
    """One of the business's people, and what they are in each brand."""

    user: User
    roles: dict[int, Role]

    @property
    def brand_ids(self) -> list[int]:
        return list(self.roles)

    def may(self, brand_id: int, role: Role) -> bool:
        """Say whether they are at least this in the brand."""
        held = self.roles.get(brand_id)
        return held is not None and RANK[held] >= RANK[role]


def viewer_of(user: User) -> Viewer:
    """Give what a signed-in person may see; one query."""
    rows = Membership.objects.filter(user=user, user__is_active=True).values_list("brand_id", "role")
    return Viewer(user, {brand_id: Role(role) for brand_id, role in rows})


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


def conversation_for_viewer(viewer: Viewer, public_id: str) -> Conversation:
    """Give a conversation of the viewer's brands. Raises NotFound."""
    found = Conversation.objects.select_related("brand", "contact", "channel", "holder", "session")
    return _one(found.filter(brand_id__in=viewer.brand_ids, public_id=public_id))


def conversation_for_contact(contact: Contact, public_id: str) -> Conversation:
    """Give a conversation the contact is in. Raises NotFound."""
    return _one(_of_contact(contact).filter(public_id=public_id))


def default_of_contact(contact: Contact) -> Conversation:
    """Give a contact's default conversation. Raises NotFound while there is none."""
    return _one(_of_contact(contact).filter(default_for=contact))


def message_of(conversation: Conversation, public_id: str) -> Message:
    """Give a public message of a conversation. Raises NotFound."""
    message = _messages(conversation, internal=False).filter(public_id=public_id).first()
    if message is None:
        raise NotFound
    return message


def contact_for_viewer(viewer: Viewer, public_id: str) -> Contact:
    """Give a contact of the viewer's brands. Raises NotFound."""
    found = Contact.objects.filter(brand_id__in=viewer.brand_ids, public_id=public_id)
    contact = found.prefetch_related("identities__channel").first()
    if contact is None:
        raise NotFound
    return contact


def _one(found: QuerySet[Conversation]) -> Conversation:
    conversation = found.first()
    if conversation is None:
        raise NotFound
    return conversation


def _of_contact(contact: Contact) -> QuerySet[Conversation]:
    """A contact's conversations with `unread`, the read marks of both sides, and who answered and who ended it last."""
    own = Participant.objects.filter(conversation=OuterRef("pk"), contact=contact)
    business = Participant.objects.filter(conversation=OuterRef("pk"), user__isnull=False)
    answers = Message.objects.filter(conversation=OuterRef("pk"), audience=Message.Audience.PUBLIC).exclude(
        author_kind=AuthorKind.CONTACT
    )
    unread = answers.filter(seq__gt=OuterRef("own_read_seq")).order_by().values("conversation")
    answered_by = answers.order_by("-seq").values(who=JSONObject(type="author_kind", name="author_name"))
    ended = Session.objects.filter(conversation=OuterRef("pk")).order_by("-pk").values("ended_by")
    return (
        Conversation.objects.filter(contact=contact)
        .select_related("brand", "session")
        .annotate(
            own_read_seq=Coalesce(Subquery(own.values("read_seq")[:1]), 0),
            business_read_seq=Coalesce(
                Subquery(business.order_by().values("conversation").annotate(top=Max("read_seq")).values("top")), 0
            ),
            unread=Coalesce(Subquery(unread.annotate(n=Count("pk")).values("n")), 0),
            ended_by=Coalesce(Subquery(ended[:1]), Value("")),
            answered_by=Subquery(answered_by[:1]),
        )
    )


def conversations_of_contact(
    contact: Contact, *, before: tuple[datetime, int] | None = None, limit: int = PAGE
) -> list[Conversation]:
    """Give a contact's conversations, newest first, each with `unread` and read marks. One query.

    `before` is (last_message_at or created_at, pk) of the last one already seen. Ask for one more than shown.
    """
    found = _of_contact(contact).annotate(moment=Coalesce("last_message_at", "created_at"))
    if before:
        moment, pk = before
        found = found.filter(Q(moment__lt=moment) | Q(moment=moment, pk__lt=pk))
    return list(found.order_by("-moment", "-pk")[: max(1, min(limit, MAX_PAGE + 1))])


def newest_seqs(contact: Contact) -> dict[str, int]:
    """Give the newest public seq of the 20 conversations of a contact that were written in last, by id. One query."""
    found = Conversation.objects.filter(contact=contact, last_message_at__isnull=False).order_by("-last_message_at")
    return dict(found.values_list("public_id", "last_public_seq")[:NEWEST_ROWS])


def unread_for_contact(contact: Contact) -> int:
    """Count what the business wrote and the contact has not read, over all their conversations. One query."""
    return (
        Message.objects.filter(
            conversation__participants__contact=contact,
            audience=Message.Audience.PUBLIC,
            seq__gt=F("conversation__participants__read_seq"),
        )
        .exclude(author_kind=AuthorKind.CONTACT)
        .count()
    )


@dataclass(frozen=True)
class SearchResult:
    """What a search found, newest first; messages carry their conversation and contact."""

    contacts: Sequence[Contact]
    messages: Sequence[Message]


def search(viewer: Viewer, words: str, *, limit: int = SEARCH_ROWS) -> SearchResult:
    """Find contacts and messages of the viewer's brands that hold all the words, or the beginnings of them."""
    if not has_words(words):
        return SearchResult([], [])
    contacts = Contact.objects.filter(brand_id__in=viewer.brand_ids, terms__found=words).prefetch_related(
        "conversations"
    )
    messages = Message.objects.filter(terms__found=words, conversation__brand_id__in=viewer.brand_ids).select_related(
        "conversation__contact", "author_user"
    )
    return SearchResult(_newest(contacts, limit), _newest(messages, limit))


def _newest(found: QuerySet[Row], limit: int) -> list[Row]:
    """Give the newest of the rows found: first among those last written, which common words fill, then by the index.

    Left to choose, PostgreSQL walks a million rows for a word nobody wrote, and sorts all that hold a common one.
    """
    recent_from = (found.model._default_manager.aggregate(top=Max("pk"))["top"] or 0) - RECENT_ROWS
    rows = list(found.filter(pk__gt=recent_from).order_by("-pk")[:limit])
    if len(rows) < limit and recent_from > 0:
        # Ordered by an expression, no walk along the keys can serve: the full-text index must.
        older = found.filter(pk__lte=recent_from).order_by((F("pk") + 0).desc())
        rows.extend(older[: limit - len(rows)])
    return rows


@dataclass(frozen=True)
class Marks:
    """How far the contact has come in a conversation, and how far one of the business's people has read."""

    delivered_seq: int = 0
    read_seq: int = 0
    own_read_seq: int = 0


def marks_of(conversation: Conversation, user: User) -> Marks:
    """Give the contact's marks and the person's own. One query."""
    found = Participant.objects.filter(conversation=conversation)
    rows = list(found.filter(Q(contact=conversation.contact_id) | Q(user=user)))
    theirs = next((row for row in rows if row.contact_id == conversation.contact_id), None)
    own = next((row.read_seq for row in rows if row.user_id == user.pk), 0)
    return Marks(theirs.delivered_seq, theirs.read_seq, own) if theirs else Marks(own_read_seq=own)


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


def _mentions(viewer: Viewer) -> QuerySet[Any]:
    """The viewer's mentions as rows of their own, newest first; far fewer than messages, so they lead the query."""
    found = Message.mentions.through.objects.filter(user=viewer.user)
    return found.filter(message__conversation__brand_id__in=viewer.brand_ids).order_by("-pk")


def conversations_mentioning(viewer: Viewer) -> list[int]:
    """Give the keys of the conversations that the viewer's newest MENTIONS_KEPT mentions stand in. One query."""
    return list(_mentions(viewer).values_list("message__conversation", flat=True)[:MENTIONS_KEPT])


def unread_mentions(viewer: Viewer) -> Sequence[Message]:
    """Give the notes that mention the viewer and that they have not read, newest first, at most 100. One query."""
    own = Participant.objects.filter(conversation=OuterRef("message__conversation"), user=viewer.user)
    found = _mentions(viewer).filter(message__seq__gt=Coalesce(Subquery(own.values("read_seq")[:1]), 0))
    return [row.message for row in found.select_related("message__conversation")[:MENTION_ROWS]]


def story_of(conversation: Conversation, types: Sequence[str], *, until: datetime | None = None) -> list[Event]:
    """Give what the log says of a conversation, oldest first: of its newest STORY_ROWS facts those of these types.

    `until` leaves out what came later. What the relay has not numbered yet stands last. One query.
    """
    newest = Event.objects.filter(conversation_id=conversation.pk).order_by(F("position").desc(nulls_first=True))
    if until:
        newest = newest.filter(created_at__lte=until)
    found = Event.objects.filter(pk__in=newest.values("pk")[:STORY_ROWS], type__in=types)
    return list(found.order_by(F("position").asc(nulls_last=True), "pk"))


def names_of(public_ids: Iterable[str]) -> dict[str, str]:
    """Give the names of the business's people by their public ids. One query."""
    found = User.objects.filter(public_id__in=set(public_ids))
    return {person.public_id: str(person) for person in found}


def contacts(viewer: Viewer, *, words: str = "", before: int | None = None) -> Sequence[Contact]:
    """Give contacts of the viewer's brands, newest first, that hold all the words; one more than a page. One query."""
    found = Contact.objects.filter(brand_id__in=viewer.brand_ids)
    if has_words(words):
        found = found.filter(terms__found=words)
    if before is not None:
        found = found.filter(pk__lt=before)
    last = Conversation.objects.filter(contact=OuterRef("pk")).order_by("-last_message_at")
    found = found.annotate(last_message_at=Subquery(last.values("last_message_at")[:1]))
    return list(found.order_by("-pk")[: PAGE + 1])


def draft_of(user: User, conversation: Conversation) -> Draft | None:
    """Give what a person has not sent yet."""
    return Draft.objects.filter(user=user, conversation=conversation).first()


def colleagues(conversation: Conversation) -> Sequence[User]:
    """Give the people of the conversation's brand, by name."""
    found = User.objects.filter(memberships__brand=conversation.brand_id, is_active=True)
    return list(found.order_by("name"))


def mentioned(conversation: Conversation, text: str) -> Sequence[User]:
    """Give the people a note mentions: "@" and their whole name, at each place the longest name there is."""
    people = [person for person in colleagues(conversation) if person.name]
    longest_first = sorted({person.name for person in people}, key=len, reverse=True)
    if not longest_first:
        return []
    names = set(re.findall(f"@({'|'.join(map(re.escape, longest_first))})", text))
    return [person for person in people if person.name in names]


def attachment_of_contact(contact: Contact, address: str) -> Attachment:
    """Give the file a contact uploaded, by its address, whatever the host is called. Raises NotFound."""
    parts = urlsplit(address).path.split("/")
    if len(parts) != ATTACHMENT_PARTS or parts[1] != "files":
        raise NotFound
    found = Attachment.objects.filter(contact=contact, public_id=parts[2], key=parts[3]).first()
    if found is None:
        raise NotFound
    return found


def attachment_for_viewer(viewer: Viewer, public_id: str) -> Attachment:
    """Give a file the viewer uploaded in one of their brands. Raises NotFound."""
    found = Attachment.objects.filter(brand_id__in=viewer.brand_ids, public_id=public_id, user=viewer.user).first()
    if found is None:
        raise NotFound
    return found
