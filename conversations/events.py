"""The facts of the core, and how any app appends one.

A fact is a frozen dataclass in the past tense, of ids and of values that may change later; never a model instance,
never text of a message. `append` stores it in the caller's own transaction; the relay numbers it after commit.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.changes import FieldChange
from conversations.insert import insert
from conversations.models import Contact, Conversation, Event, User
from conversations.nudge import nudge_relay

FACTS: dict[str, type["Fact"]] = {}


@dataclass(frozen=True)
class Fact:
    """Base of every fact. A subclass sets `title`, and `type`, once and for good: it is stored in rows."""

    type: ClassVar[str]
    # What it says to people who read the log.
    title: ClassVar[str | Promise]

    def __init_subclass__(cls) -> None:
        if cls.type in FACTS:
            raise TypeError(f"two facts are called {cls.type}")
        FACTS[cls.type] = cls


@dataclass(frozen=True)
class Actor:
    """Who did it. `kind` is contact, agent, bot, system, api, rule, or side: whoever was asked beside a ticket.

    `id` is their public id, that of what it did once for a rule, and empty for the system and for a side.
    """

    kind: str
    id: str = ""
    name: str = ""

    @classmethod
    def of_user(cls, user: User) -> "Actor":
        return cls("agent", user.public_id, user.name)

    @classmethod
    def of_contact(cls, contact: Contact) -> "Actor":
        return cls("contact", contact.public_id, contact.name)


SYSTEM = Actor("system")
RULE = "rule"
# Whoever was asked beside a ticket, and answered: what follows from that alone is no occasion for triggers.
SIDE = Actor("side")
_behind: ContextVar[Actor | None] = ContextVar("behind", default=None)


@contextmanager
def on_behalf_of(actor: Actor) -> Iterator[None]:
    """Have the facts of the system, appended inside, be this actor's: what follows from a deed is its doer's too."""
    before = _behind.set(actor)
    try:
        yield
    finally:
        _behind.reset(before)


@dataclass(frozen=True)
class ConversationStarted(Fact):
    """A thread began. `reason`: message, start (asked for by a client), form, api."""

    type = "conversation.started"
    title = _("Conversation started")
    contact: str
    channel: str
    reason: str


@dataclass(frozen=True)
class MessagePosted(Fact):
    """A message was stored. `audience` is public or internal."""

    type = "message.posted"
    title = _("Message posted")
    message: str
    seq: int
    audience: str
    author_kind: str
    content_type: str
    holder_kind: str


@dataclass(frozen=True)
class MessageRead(Fact):
    """A contact, or the business, has read up to and with `seq`."""

    type = "message.read"
    title = _("Message read")
    seq: int


@dataclass(frozen=True)
class PostbackPressed(Fact):
    """A contact pressed a postback button. Makes no message."""

    type = "postback.pressed"
    title = _("Postback pressed")
    message: str
    payload: str


@dataclass(frozen=True)
class SessionStarted(Fact):
    """A live stretch began."""

    type = "session.started"
    title = _("Session started")
    session: str


@dataclass(frozen=True)
class SessionBecameInactive(Fact):
    """The contact said nothing for the brand's limit."""

    type = "session.became_inactive"
    title = _("Session became inactive")
    session: str


@dataclass(frozen=True)
class SessionBecameActive(Fact):
    """The contact wrote again after their silence, in the same session; or control came to the agents meanwhile."""

    type = "session.became_active"
    title = _("Session became active again")
    session: str


@dataclass(frozen=True)
class SessionEnded(Fact):
    """A live stretch ended. `ended_by`: agent, contact, rule."""

    type = "session.ended"
    title = _("Session ended")
    session: str
    ended_by: str


@dataclass(frozen=True)
class ControlPassed(Fact):
    """Another responder holds the conversation now; empty names mean nobody. `holder_kind`: agents, bot, custom."""

    type = "switchboard.passed"
    title = _("Control passed")
    holder: str
    holder_kind: str
    previous: str
    metadata: dict[str, Any]


@dataclass(frozen=True)
class ControlOffered(Fact):
    """A responder was asked to take the conversation."""

    type = "switchboard.offered"
    title = _("Control offered")
    offered_to: str
    metadata: dict[str, Any]


@dataclass(frozen=True)
class ReplyScheduled(Fact):
    """An agent's answer waits for this time (ISO 8601); sent, it is a message like every other."""

    type = "reply.scheduled"
    title = _("Reply scheduled")
    reply: str
    send_at: str


@dataclass(frozen=True)
class ReplyCancelled(Fact):
    """A scheduled answer does not go out. `reason`: agent, customer (who wrote first)."""

    type = "reply.cancelled"
    title = _("Scheduled reply cancelled")
    reply: str
    agent: str
    reason: str


@dataclass(frozen=True)
class ReplyHeld(Fact):
    """A scheduled answer waits for its writer: the customer wrote first."""

    type = "reply.held"
    title = _("Scheduled reply held")
    reply: str
    agent: str


@dataclass(frozen=True)
class ReplyFailed(Fact):
    """A scheduled answer could not go out; `code` says why."""

    type = "reply.failed"
    title = _("Scheduled reply not sent")
    reply: str
    agent: str
    code: str


@dataclass(frozen=True)
class RatingGiven(Fact):
    """A customer rated `message` from 1 (worst) to `scale`; `word`: the brand's own for that; `is_change`: again."""

    type = "rating.given"
    title = _("Rating given")
    message: str
    score: int
    scale: int
    reasons: list[str]
    is_change: bool
    word: str = ""


@dataclass(frozen=True)
class ContactChanged(Fact):
    """Someone edited a contact; `fields` names what changed."""

    type = "contact.changed"
    title = _("Customer changed")
    contact: str
    fields: list[str]


@dataclass(frozen=True)
class ContactMade(Fact):
    """The business added a contact who has written nothing yet."""

    type = "contact.made"
    title = _("Customer added")
    contact: str


@dataclass(frozen=True)
class ContactMerged(Fact):
    """A contact was found to be another one: an anonymous one by signing in, or by one of the business's people."""

    type = "contact.merged"
    title = _("Customer merged")
    surviving: str
    discarded: str


@dataclass(frozen=True)
class ContactUnmerged(Fact):
    """A merge was taken back: `restored` is there again beside `surviving`."""

    type = "contact.unmerged"
    title = _("Merge of customers undone")
    surviving: str
    restored: str


@dataclass(frozen=True)
class ContactBlocked(Fact):
    """Whoever `value` names may write nothing any more. `kind`: contact, address, identity, email; `contact` is the
    customer it was made for, or empty; `expires_at` ISO 8601, or empty for good."""

    type = "contact.blocked"
    title = _("Customer blocked")
    block: str
    kind: str
    value: str
    contact: str
    expires_at: str


@dataclass(frozen=True)
class BlockLifted(Fact):
    """Whoever a block named may write again; what it was says ContactBlocked."""

    type = "block.lifted"
    title = _("Block lifted")
    block: str
    kind: str
    value: str
    contact: str


@dataclass(frozen=True)
class MembershipChanged(Fact):
    """A person is something else in the brand than before. `role` is empty for who is in it no more, or inactive."""

    type = "membership.changed"
    title = _("Role changed")
    person: str
    role: str


@dataclass(frozen=True)
class ConfigurationChanged(Fact):
    """Somebody changed a setting; the audit trail reads it.

    `change` names all that changed; `changes` tells what can be told in short: a field, what it was and what it is, at
    most 20 of them, each side at most 200 characters. Conditions, steps and other long ones are told in words, by
    language: {"en": …, "ko": …}, at most 500 characters each.
    """

    type = "configuration.changed"
    title = _("Configuration changed")
    model: str
    object: str
    label: str
    change: str
    changes: Sequence[FieldChange] = ()


def append(
    fact: Fact, *, brand_id: int, conversation: Conversation | None = None, by: Actor, at: datetime | None = None
) -> Event:
    """Store one fact in the caller's transaction, and have the log's readers told after commit."""
    by = (_behind.get() or by) if by.kind == SYSTEM.kind else by
    event = Event(
        type=fact.type,
        brand_id=brand_id,
        conversation_id=conversation.pk if conversation else None,
        actor_kind=by.kind,
        actor_id=by.id,
        payload=asdict(fact),
        created_at=at or timezone.now(),
    )
    insert(event)
    transaction.on_commit(nudge_relay, robust=True)
    return event


Reaction = Callable[[Event], None]
READERS: dict[str, dict[str, list[Reaction]]] = {}


def reads(reader: str, *facts: type[Fact]) -> Callable[[Reaction], Reaction]:
    """Have a function told of each fact of these kinds, in the log's order, at least once.

    `reader` names the cursor; one app has one. The function runs inside the transaction that moves the cursor, so its
    effect and the cursor commit together. It must bear being told twice.
    """

    def register(reaction: Reaction) -> Reaction:
        for fact in facts:
            READERS.setdefault(reader, {}).setdefault(fact.type, []).append(reaction)
        return reaction

    return register
