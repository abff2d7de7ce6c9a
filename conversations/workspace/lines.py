"""What happened in a conversation, as quiet lines between its messages: read from the log, which has the one truth.

Each app says its own facts: `@says(SessionEnded)` on a function that gives the sentence, or None to stay silent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from conversations import queries
from conversations.content.points import words_of
from conversations.events import (
    RULE,
    BlockLifted,
    ContactBlocked,
    Fact,
    MessagePosted,
    RatingGiven,
    ReplyCancelled,
    SessionEnded,
    SessionStarted,
)
from conversations.models import Block, Conversation, Event, Message, Session
from conversations.workspace.names import called

# A message carries the time its transaction began; the facts that go before it in the log are stamped a little later.
SLACK = timedelta(seconds=5)


@dataclass(frozen=True)
class Telling:
    """One fact, the names of whoever it speaks of, and what was said before it."""

    event: Event
    names: Mapping[str, str]
    # The fact that the log has right before it, of those that are said.
    before: Event | None = None
    # Of facts that are told in one line: those that go before it in that line.
    same: Sequence[Event] = ()

    def name(self, public_id: str) -> SafeString:
        """Give a person's name as the screen stresses it."""
        return format_html("<b>{}</b>", self.names.get(public_id) or gettext("Someone"))

    @property
    def actor(self) -> SafeString:
        return self.name(self.event.actor_id)


Sentence = Callable[[Telling], SafeString | None]
SENTENCES: dict[str, Sentence] = {}
PASSING: set[str] = set()
JOINED: set[str] = set()


def says(fact: type[Fact], *, is_passing: bool = False, is_joined: bool = False) -> Callable[[Sentence], Sentence]:
    """Have a function give the sentence for one kind of fact; of passing ones in a row only the last is shown.

    Joined ones in a row of one actor are one line: the sentence of the last, which is told the `same` ones before it.
    """

    def register(sentence: Sentence) -> Sentence:
        SENTENCES[fact.type] = sentence
        if is_passing:
            PASSING.add(fact.type)
        if is_joined:
            JOINED.add(fact.type)
        return sentence

    return register


@dataclass(frozen=True)
class Line:
    """One sentence of the log; `id` is the fact's. `is_passing`: it gives way to the next one of its kind."""

    id: str
    text: SafeString
    at: datetime
    is_passing: bool = False


@dataclass(frozen=True)
class Row:
    """What stands in a log: a message, or a line."""

    at: datetime
    message: Message | None = None
    line: Line | None = None


def rows_of(conversation: Conversation, page: queries.Page) -> list[Row]:
    """Give a page's messages with the lines between them, in the log's own order. Two queries beside the page's.

    The newest page ends with the lines that follow its last message.
    """
    until = page.messages[-1].created_at + SLACK if page.has_after and page.messages else None
    story = queries.story_of(conversation, [MessagePosted.type, *SENTENCES], until=until)
    names = names_in(conversation, story)
    before: dict[int, list[Line]] = {}
    waiting: list[Line] = []
    last: Event | None = None
    same: list[Event] = []
    for event in story:
        is_more = event.type in JOINED and last is not None and _is_alike(event, last)
        same = [*same, last] if is_more and last else []
        if event.type == MessagePosted.type:
            before[event.payload["seq"]], waiting = waiting, []
        # What a rule did is said once, by the rule.
        elif event.actor_kind != RULE and (text := SENTENCES[event.type](Telling(event, names, last, same))):
            # A line that goes on keeps its id.
            line = Line((same[0] if same else event).public_id, text, event.created_at, event.type in PASSING)
            if waiting and (waiting[-1].id == line.id or (line.is_passing and waiting[-1].is_passing)):
                waiting.pop()
            waiting.append(line)
        last = event
    rows: list[Row] = []
    for message in page.messages:
        rows += _as_rows(before.get(message.seq, []))
        rows.append(Row(message.created_at, message=message))
    return rows if page.has_after else rows + _as_rows(waiting)


def _is_alike(event: Event, other: Event) -> bool:
    return (event.type, event.actor_kind, event.actor_id) == (other.type, other.actor_kind, other.actor_id)


def names_in(conversation: Conversation, story: Sequence[Event]) -> dict[str, str]:
    """Give the names of whoever these facts of a conversation speak of, and the words of answers that were not sent.

    One query; one more where an answer was not sent.
    """
    told = [event for event in story if event.type != MessagePosted.type]
    keys = ("agent", "to")
    ids = {name for event in told for name in (event.actor_id, *(event.payload.get(key, "") for key in keys))}
    unsent = [event.payload["reply"] for event in told if event.type == ReplyCancelled.type]
    words = queries.words_of_replies(conversation, unsent) if unsent else {}
    return queries.names_of(ids) | words | {conversation.contact.public_id: called(conversation.contact)}


def _as_rows(lines: Sequence[Line]) -> list[Row]:
    return [Row(line.at, line=line) for line in lines]


@says(SessionStarted)
def session_started(telling: Telling) -> SafeString:
    return format_html(gettext("{name} began a session"), name=telling.actor)


@says(SessionEnded)
def session_ended(telling: Telling) -> SafeString:
    if telling.event.payload["ended_by"] == Session.EndedBy.RULE:
        return escape(gettext("The session ended after a long silence"))
    return format_html(gettext("{name} ended the session"), name=telling.actor)


@says(ReplyCancelled)
def reply_cancelled(telling: Telling) -> SafeString | None:
    if telling.event.payload["reason"] != "customer":
        return None
    name = telling.name(telling.event.payload["agent"])
    said = format_html(gettext("The scheduled reply of {name} was not sent: the customer wrote first"), name=name)
    words = telling.names.get(telling.event.payload["reply"], "")
    return format_html('{} <q class="unsent" dir="auto">{}</q>', said, words) if words else said


@says(ContactBlocked)
def contact_blocked(telling: Telling) -> SafeString:
    return format_html(gettext("{name} blocked {customer}"), name=telling.actor, customer=_whom(telling))


@says(BlockLifted)
def block_lifted(telling: Telling) -> SafeString:
    return format_html(gettext("{name} let {customer} write again"), name=telling.actor, customer=_whom(telling))


@says(RatingGiven)
def rating_given(telling: Telling) -> SafeString:
    told = telling.event.payload
    text = gettext("The customer changed their rating: {word} ({score} of {scale})")
    if not told["is_change"]:
        text = gettext("The customer rated this: {word} ({score} of {scale})")
    word = told.get("word") or words_of(told["scale"])[told["score"] - 1]
    return format_html(text, word=word, score=told["score"], scale=told["scale"])


def _whom(telling: Telling) -> SafeString:
    told = telling.event.payload
    if told["kind"] in {Block.Kind.ADDRESS, Block.Kind.EMAIL}:
        return format_html("<b>{}</b>", told["value"].removesuffix("/32").removesuffix("/128"))
    return telling.name(told["contact"])
