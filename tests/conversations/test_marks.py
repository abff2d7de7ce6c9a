"""Whom a mark of delivery or reading is told to: only who is shown it, and only when it moved."""

import pytest

from conversations import live, queries
from conversations.actions import messages
from conversations.fanout import Send
from conversations.models import Conversation, Identity, User
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    return say(carol, "Are you there?").message.conversation


@pytest.fixture
def people(conversation: Conversation) -> list[User]:
    return [make_user(name, conversation.brand) for name in ("alice", "bob", "dave", "erin")]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gather whom sockets' messages go to, and for the people what changed: "client", "brand: conversation"."""
    heard: list[str] = []

    def announce(*sends: Send) -> None:
        for group, message in sends:
            changed = [name.split("-")[0] for name in message.get("changed", [])]
            heard.append(": ".join([group.split("-")[0], *changed]))

    monkeypatch.setattr(live, "announce", announce)
    return heard


def test_of_many_people_only_the_farthest_mark_is_told_and_only_to_the_contact(
    conversation: Conversation, people: list[User], told: list[str]
) -> None:
    for person in people:
        messages.mark_delivered(conversation=conversation, user=person, seq=1)
    assert told == ["client"]
    for person in reversed(people):
        messages.mark_read(conversation=conversation, user=person, seq=1)
    assert told == ["client", "client"]


def test_each_step_of_the_farthest_is_told(
    carol: Identity, conversation: Conversation, people: list[User], told: list[str]
) -> None:
    alice, bob, *_ = people
    say(carol, "Hello?"), say(carol, "Anyone?")
    told.clear()
    steps = []
    for person, mark, seq in (
        (alice, messages.mark_read, 1),
        (bob, messages.mark_delivered, 3),
        (bob, messages.mark_read, 1),
        # Read is new to the contact, though bob's device has had it.
        (alice, messages.mark_read, 3),
        (bob, messages.mark_read, 2),
        (bob, messages.mark_read, 3),
    ):
        mark(conversation=conversation, user=person, seq=seq)
        (own,) = queries.own_view(carol.contact, conversation).conversations
        steps.append((own.business_delivered_seq, own.business_read_seq, len(told)))
    assert steps == [(1, 1, 1), (3, 1, 2), (3, 1, 2), (3, 3, 3), (3, 3, 3), (3, 3, 3)]
    assert set(told) == {"client"}


def test_contacts_marks_are_told_to_the_people_and_reading_to_their_own_devices(
    carol: Identity, conversation: Conversation, people: list[User], told: list[str]
) -> None:
    reply(conversation, people[0], "Yes.")
    # The people's own marks are nothing to measure the contact's by.
    messages.mark_read(conversation=conversation, user=people[0], seq=2)
    told.clear()
    for _ in range(2):
        messages.mark_delivered(conversation=conversation, contact=carol.contact, seq=2)
    assert told == ["brand: conversation"]
    for _ in range(2):
        messages.mark_read(conversation=conversation, contact=carol.contact, seq=2)
    assert sorted(told[1:]) == ["brand: conversation", "client"]


def test_what_comes_after_a_conversation_was_read_is_counted_by_itself(
    carol: Identity, conversation: Conversation, people: list[User]
) -> None:
    reply(conversation, people[0], "Before")
    read = queries.conversation_for_contact(carol.contact, conversation.public_id)
    reply(conversation, people[0], "Since")
    told = queries.own_view(carol.contact, read)
    assert (told.unread, told.conversations[0].unread) == (1, 1)
    told = queries.own_view(carol.contact, queries.conversation_for_contact(carol.contact, conversation.public_id))
    assert (told.unread, told.conversations[0].unread) == (2, 2)
