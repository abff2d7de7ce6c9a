"""Writing messages: the one way a word enters a conversation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from conversations import live
from conversations.actions import sessions, switchboard
from conversations.actions.attachments import keep_files_of, with_own_file
from conversations.actions.conversations import (
    MAX_CLIENT_ID,
    default_conversation,
    ensure_participant,
    follow_on,
    start_conversation,
)
from conversations.actions.forms import answer_form
from conversations.content import parse_content, plain_text
from conversations.decide import MAX_METADATA_BYTES, metadata_problem
from conversations.errors import (
    ClientIdTaken,
    InvalidContent,
    NewMessagesArrived,
    NotFound,
    NotInControl,
    NotSignedIn,
    SessionIsOver,
)
from conversations.events import SYSTEM, Actor, MessagePosted, MessageRead, PostbackPressed, append
from conversations.insert import insert
from conversations.models import AuthorKind, Contact, Conversation, Identity, Message, Participant, Responder, User
from conversations.search import terms

PREVIEW_CHARS = 160


@dataclass(frozen=True)
class Author:
    """Whose words they are; made by the five class methods."""

    kind: AuthorKind
    name: str = ""
    contact: Contact | None = None
    identity: Identity | None = None
    user: User | None = None

    @classmethod
    def of_contact(cls, identity: Identity) -> "Author":
        return cls(AuthorKind.CONTACT, identity.contact.name, identity.contact, identity)

    @classmethod
    def agent(cls, user: User) -> "Author":
        return cls(AuthorKind.AGENT, user.name, user=user)

    @classmethod
    def api(cls, name: str) -> "Author":
        """Words of a system of the brand's own: they stand on the agents' side, and nobody in person wrote them."""
        return cls(AuthorKind.AGENT, name)

    @classmethod
    def bot(cls, name: str) -> "Author":
        return cls(AuthorKind.BOT, name)

    @classmethod
    def system(cls) -> "Author":
        return cls(AuthorKind.SYSTEM)

    @property
    def actor(self) -> Actor:
        if self.contact:
            return Actor.of_contact(self.contact)
        if self.user:
            return Actor.of_user(self.user)
        if self.kind == AuthorKind.AGENT:
            return Actor("api", name=self.name)
        return Actor("bot", name=self.name) if self.kind == AuthorKind.BOT else SYSTEM


@dataclass(frozen=True)
class Posted:
    """A stored message; `created` is False when the same client id had already brought it."""

    message: Message
    created: bool


@dataclass(frozen=True)
class _Place:
    """What taking the next seq tells: the seq, the public one before it, and what holds the conversation then."""

    seq: int
    previous_seq: int
    holder_id: int | None
    session_id: int | None
    last_ended_by: str
    # The live session is active, and noted so a moment ago. Null without a session.
    is_noted: bool | None


def receive(
    *,
    identity: Identity,
    content: object,
    conversation: Conversation | None = None,
    begins_new: bool = False,
    stays: bool = False,
    client_id: str = "",
    metadata: dict[str, Any] | None = None,
) -> Posted:
    """Take in what a contact wrote. Without a conversation it goes to their default one, made when missing, or, with
    `begins_new`, to one of its own, which a retry with the same `client_id` finds again.

    Where the session ended and the brand begins anew then, it goes to the conversation that follows, unless it `stays`:
    the message says which conversation it is in. The answer to a form stays where it was asked.

    Raises InvalidContent, ClientIdTaken, FormAlreadyAnswered, NotSignedIn.
    """
    parsed = parse_content(content, by="contact")
    if conversation is None and not begins_new:
        conversation = _came_before_merging(identity, client_id)
    if parsed["type"] in {"image", "file"}:
        parsed = with_own_file(parsed, contact=identity.contact)

    def post(into: Conversation) -> Posted:
        return post_message(
            conversation=into,
            author=Author.of_contact(identity),
            content=parsed,
            client_id=client_id,
            metadata=metadata,
            is_parsed=True,
            goes_on_elsewhere=not stays and parsed["type"] != "formResponse",
        )

    try:
        if conversation is not None:
            return _post_on(post, conversation, identity, client_id)
        # One transaction: what cannot be posted begins nothing.
        with transaction.atomic():
            if begins_new:
                return post(start_conversation(identity=identity, client_id=client_id, reason="message"))
            default = default_conversation(identity=identity, reason="message")
            return _post_on(post, default, identity, client_id)
    except IntegrityError:
        if Identity.objects.filter(pk=identity.pk).exists():
            raise
        # They signed in meanwhile, and their anonymous contact was merged away.
        raise NotSignedIn from None


def _post_on(
    post: Callable[[Conversation], Posted], conversation: Conversation, identity: Identity, client_id: str
) -> Posted:
    """Post into a conversation, or, where it is over, into the one that follows; what is there already stays there."""
    while True:
        try:
            return post(conversation)
        except SessionIsOver:
            if earlier := _earlier(conversation, client_id):
                return Posted(earlier, created=False)
        # What cannot be posted begins nothing: the next one is begun with its first word.
        try:
            with transaction.atomic():
                conversation = follow_on(conversation=conversation, identity=identity)
                return post(conversation)
        except SessionIsOver:
            continue


def _came_before_merging(identity: Identity, client_id: str) -> Conversation | None:
    """Give where a word to the default conversation already stands: until signing in, another one was the default."""
    # Only people with an id of the business's own are ever merged into; visitors are spared the query.
    if not client_id or not identity.contact.external_id:
        return None
    found = Conversation.objects.filter(contact=identity.contact_id, default_for=None)
    return found.filter(messages__client_id=client_id, messages__author_contact=identity.contact_id).first()


def post_message(
    *,
    conversation: Conversation,
    author: Author,
    content: object,
    audience: Message.Audience = Message.Audience.PUBLIC,
    client_id: str = "",
    metadata: dict[str, Any] | None = None,
    seen_seq: int | None = None,
    mentions: Sequence[User] = (),
    quoted: Message | None = None,
    is_parsed: bool = False,
    goes_on_elsewhere: bool = False,
) -> Posted:
    """Store one message, take its seq, append MessagePosted, and tell the sockets on commit.

    A retry with the same `client_id` (at most 64 characters) is the same message. `seen_seq` is the newest seq the
    writer had on screen: when others wrote after it, NewMessagesArrived is raised and nothing is stored.
    Raises InvalidContent, ClientIdTaken, NotInControl (a bot that does not hold the conversation), SessionIsOver where
    an agent replies, or a contact writes who `goes_on_elsewhere`, after an end with which the brand begins anew.
    """
    if len(client_id) > MAX_CLIENT_ID:
        raise InvalidContent(field="client_id", limit=MAX_CLIENT_ID)
    if problem := metadata_problem(metadata or {}):
        raise InvalidContent(problem, field="metadata", limit=MAX_METADATA_BYTES)
    parsed = content if is_parsed else parse_content(content, by="business")
    try:
        with transaction.atomic():
            return _store(
                conversation=conversation,
                author=author,
                content=parsed,  # type: ignore[arg-type]  # parsed above, or by receive
                audience=audience,
                client_id=client_id,
                metadata=metadata or {},
                seen_seq=seen_seq,
                mentions=mentions,
                quoted=quoted,
                goes_on_elsewhere=goes_on_elsewhere,
            )
    except IntegrityError:
        earlier = _earlier(conversation, client_id)
        if earlier is None:
            raise
    if (earlier.author_kind, earlier.author_contact, earlier.author_user) != (author.kind, author.contact, author.user):
        raise ClientIdTaken(field="client_id")
    return Posted(earlier, created=False)


def _earlier(conversation: Conversation, client_id: str) -> Message | None:
    if not client_id:
        return None
    found = conversation.messages.select_related("author_contact", "author_user", "quoted")
    return found.filter(client_id=client_id).first()


def _store(
    *,
    conversation: Conversation,
    author: Author,
    content: dict[str, Any],
    audience: Message.Audience,
    client_id: str,
    metadata: dict[str, Any],
    seen_seq: int | None,
    mentions: Sequence[User],
    quoted: Message | None,
    goes_on_elsewhere: bool,
) -> Posted:
    now = timezone.now()
    text = plain_text(content)
    is_public = audience == Message.Audience.PUBLIC
    place = _take_place(conversation, now, text if is_public else None, author)
    if seen_seq is not None:
        _refuse_unseen(conversation, author, client_id, seen_seq, place.seq)
    if place.session_id is None and place.last_ended_by and is_public:
        _refuse_over(conversation, author, goes_on_elsewhere=goes_on_elsewhere)
    holder_kind = switchboard.kind_of(place.holder_id)
    session_id = place.session_id
    if author.kind == AuthorKind.CONTACT:
        if not place.is_noted:
            session_id = sessions.touch_session(conversation, place.session_id, now=now, by=author.actor)
        if place.holder_id is None:
            holder_kind = switchboard.assign_default(conversation=conversation)
    elif author.kind == AuthorKind.BOT and holder_kind != Responder.Kind.BOT:
        raise NotInControl
    elif author.kind == AuthorKind.AGENT and is_public and holder_kind != Responder.Kind.AGENTS:
        holder_kind = switchboard.take_for_agents(conversation=conversation, by=author.actor)
    if content["type"] == "formResponse" and _earlier(conversation, client_id) is None:
        quoted = answer_form(conversation=conversation, response=content)
    message = Message(
        conversation=conversation,
        seq=place.seq,
        previous_seq=place.previous_seq if is_public else 0,
        session_id=session_id,
        audience=audience,
        author_kind=author.kind,
        author_contact=author.contact,
        author_user=author.user,
        author_name=author.name,
        identity=author.identity,
        content=content,
        terms=terms(text),
        metadata=metadata,
        client_id=client_id,
        quoted=quoted,
        created_at=now,
    )
    insert(message)
    keep_files_of(content)
    if mentions:
        message.mentions.set(mentions)
    append(
        MessagePosted(
            message=message.public_id,
            seq=message.seq,
            audience=audience,
            author_kind=author.kind,
            content_type=str(content["type"]),
            holder_kind=holder_kind,
        ),
        brand_id=conversation.brand_id,
        conversation=conversation,
        by=author.actor,
        at=now,
    )
    live.announce_message(conversation, message)
    return Posted(message, created=True)


def _take_place(conversation: Conversation, now: datetime, preview: str | None, author: Author) -> _Place:
    """Take the next seq and lock the row until commit: one statement, which the ORM has no words for (RETURNING)."""
    # Moments as the ORM stores them: SQLite's own words for one would not compare with those.
    moment, a_moment_ago = (connection.ops.adapt_datetimefield_value(at) for at in (now, now - sessions.TOUCH_EVERY))
    shown, values = "", []
    if preview is not None:
        shown = ", previous_public_seq = last_public_seq, last_public_seq = last_seq + 1, last_message_at = %s"
        values = [moment]
        # In lists stands what somebody wrote: what Madang says by itself would hide it.
        if author.kind != AuthorKind.SYSTEM:
            shown += ", last_preview = %s, last_author_kind = %s"
            values += [preview[:PREVIEW_CHARS], author.kind]
        if author.kind != AuthorKind.CONTACT:
            shown += ", last_answer_kind = %s, last_answer_name = %s"
            values += [author.kind, author.name]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE conversations_conversation SET last_seq = last_seq + 1{shown}"
            " WHERE id = %s RETURNING last_seq, previous_public_seq, holder_id, session_id, last_ended_by,"
            " (SELECT state = 'active' AND last_contact_at >= %s FROM conversations_session WHERE id = session_id)",
            [*values, conversation.pk, a_moment_ago],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return _Place(*row)


def _refuse_over(conversation: Conversation, author: Author, *, goes_on_elsewhere: bool) -> None:
    """Refuse words of people where the last session ended for good; systems and bots may still say something."""
    is_of_people = author.user is not None or (author.kind == AuthorKind.CONTACT and goes_on_elsewhere)
    if is_of_people and sessions.begins_anew(conversation.brand_id):
        raise SessionIsOver


def _refuse_unseen(conversation: Conversation, author: Author, client_id: str, seen_seq: int, seq: int) -> None:
    unseen = conversation.messages.filter(seq__gt=seen_seq, seq__lt=seq).exclude(author_kind=AuthorKind.SYSTEM)
    if author.user:
        unseen = unseen.exclude(author_user=author.user)
    if unseen.exists() and _earlier(conversation, client_id) is None:
        raise NewMessagesArrived(limit=seq - 1)


@transaction.atomic
def press_postback(*, identity: Identity, message: Message, payload: str) -> None:
    """Record that a contact pressed a postback button; makes no message. Raises InvalidContent for no such button."""
    rows = [message.content, *message.content.get("items", [])]
    actions = [action for row in rows for action in row.get("actions", [])]
    if not any(action["type"] == "postback" and action["payload"] == payload for action in actions):
        raise InvalidContent(field="payload")
    append(
        PostbackPressed(message=message.public_id, payload=payload),
        brand_id=message.conversation.brand_id,
        conversation=message.conversation,
        by=Actor.of_contact(identity.contact),
    )


def _at_most_last(conversation: Conversation, seq: int) -> int:
    """Bound a mark by what there is now; the given row may be older."""
    return min(seq, Conversation.objects.values_list("last_seq", flat=True).get(pk=conversation.pk))


@transaction.atomic
def mark_read(
    *, conversation: Conversation, seq: int, contact: Contact | None = None, user: User | None = None
) -> bool:
    """Record that a contact or a person has read up to `seq`; say whether that was news. Never goes back."""
    participant = ensure_participant(conversation=conversation, contact=contact, user=user)
    seq = _at_most_last(conversation, seq)
    moved = Participant.objects.filter(pk=participant.pk, read_seq__lt=seq).update(
        read_seq=seq, delivered_seq=Greatest("delivered_seq", Value(seq)), read_at=timezone.now()
    )
    if not moved:
        return False
    by = Actor.of_contact(contact) if contact else Actor.of_user(user)  # type: ignore[arg-type]  # one of the two
    append(MessageRead(seq=seq), brand_id=conversation.brand_id, conversation=conversation, by=by)
    if contact:
        live.announce_contacts_mark(conversation, to_contact=True)
    elif not _others(participant).filter(read_seq__gte=seq).exists():
        live.announce_business_mark(conversation)
    return True


@transaction.atomic
def mark_delivered(
    *, conversation: Conversation, seq: int, contact: Contact | None = None, user: User | None = None
) -> bool:
    """Record that a device of a contact or a person holds everything up to `seq`; say whether that was news."""
    participant = ensure_participant(conversation=conversation, contact=contact, user=user)
    seq = _at_most_last(conversation, seq)
    moved = Participant.objects.filter(pk=participant.pk, delivered_seq__lt=seq).update(delivered_seq=seq)
    if moved and contact:
        live.announce_contacts_mark(conversation, to_contact=False)
    elif moved and not _others(participant).filter(delivered_seq__gte=seq).exists():
        live.announce_business_mark(conversation)
    return bool(moved)


def _others(person: Participant) -> QuerySet[Participant]:
    """The business's other people in the conversation: the contact is shown the farthest mark of them all."""
    found = Participant.objects.filter(conversation=person.conversation_id, user__isnull=False)
    return found.exclude(pk=person.pk)


def show_in_lists(*, conversation: Conversation, text: str) -> None:
    """Have lists show these words of a conversation, rather than what came after them."""
    Conversation.objects.filter(pk=conversation.pk).update(last_preview=text[:PREVIEW_CHARS])
