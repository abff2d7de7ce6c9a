from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.actions import messages, sessions, switchboard, visitors
from conversations.errors import ClientIdTaken, InvalidContent, NewMessagesArrived, NotInControl, SessionAlreadyEnded
from conversations.events import SYSTEM
from conversations.models import Contact, Conversation, Event, Identity, Message, Responder, Session
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say
from tests.threads import in_threads

TEXT = {"type": "text", "text": "hello"}


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


def types_of(conversation: Conversation) -> list[str]:
    return list(Event.objects.filter(conversation_id=conversation.pk).order_by("id").values_list("type", flat=True))


def test_first_word_starts_conversation_and_session(carol: Identity) -> None:
    posted = say(carol, "Can I exchange it?")
    conversation = posted.message.conversation
    conversation.refresh_from_db()
    assert (posted.message.seq, conversation.last_seq, conversation.last_preview) == (1, 1, "Can I exchange it?")
    assert conversation.session is not None and conversation.session.state == Session.State.ACTIVE
    assert types_of(conversation) == ["conversation.started", "session.started", "message.posted"]


@pytest.mark.parametrize(("after", "expected"), [(timedelta(minutes=1), 4), (timedelta(seconds=4), 3)])
def test_message_costs_four_statements_and_in_a_burst_three(carol: Identity, after: timedelta, expected: int) -> None:
    conversation = say(carol, "first").message.conversation
    # conversation with RETURNING, session, message, event; around them the savepoint of the test's own transaction.
    with time_machine.travel(timezone.now() + after, tick=False), CaptureQueriesContext(connection) as queries:
        say(carol, "second", conversation=conversation)
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == expected, statements


def test_retry_with_same_client_id_is_same_message(carol: Identity) -> None:
    first, again = say(carol, "once", client_id="c-1"), say(carol, "once", client_id="c-1")
    assert (first.created, again.created, first.message.pk) == (True, False, again.message.pk)
    assert first.message.conversation.messages.count() == 1
    assert types_of(first.message.conversation).count("message.posted") == 1
    first.message.conversation.refresh_from_db()
    assert first.message.conversation.last_seq == 1


def test_client_id_of_another_author_is_refused(carol: Identity) -> None:
    posted = say(carol, "mine", client_id="c-1")
    alice = make_user("alice", carol.contact.brand)
    with pytest.raises(ClientIdTaken):
        reply(posted.message.conversation, alice, "not mine", client_id="c-1")
    assert Message.objects.count() == 1


def test_bad_content_changes_nothing(carol: Identity) -> None:
    with pytest.raises(InvalidContent):
        messages.receive(identity=carol, content={"type": "text", "text": "x" * 4097})
    assert (Conversation.objects.count(), Event.objects.count()) == (0, 0)


def test_reply_that_saw_not_all_is_held_back(carol: Identity) -> None:
    conversation = say(carol, "one").message.conversation
    alice = make_user("alice", conversation.brand)
    say(carol, "two")
    with pytest.raises(NewMessagesArrived) as refused:
        reply(conversation, alice, "answer to one", seen_seq=1)
    assert refused.value.limit == 2
    assert reply(conversation, alice, "answer to both", seen_seq=2).message.seq == 3


def test_bot_is_refused_while_agents_hold(carol: Identity) -> None:
    conversation = say(carol, "one").message.conversation
    with pytest.raises(NotInControl):
        messages.post_message(conversation=conversation, author=messages.Author.bot("Dori"), content=TEXT)
    assert conversation.messages.count() == 1


def test_agents_word_takes_conversation_from_bot(carol: Identity) -> None:
    conversation = say(carol, "one").message.conversation
    Responder.objects.create(brand=conversation.brand, name="dori", kind=Responder.Kind.BOT)
    switchboard.pass_control(conversation=conversation, to="dori", by=SYSTEM)
    messages.post_message(conversation=conversation, author=messages.Author.bot("Dori"), content=TEXT)
    reply(conversation, make_user("alice", conversation.brand), "I take over")
    conversation.refresh_from_db()
    assert conversation.holder is not None and conversation.holder.kind == Responder.Kind.AGENTS


def test_next_word_after_end_begins_another_session(carol: Identity) -> None:
    conversation = say(carol, "one").message.conversation
    end: Any = {"conversation": conversation, "ended_by": Session.EndedBy.AGENT, "by": SYSTEM}
    sessions.end_session(**end)
    with pytest.raises(SessionAlreadyEnded):
        sessions.end_session(**end)
    say(carol, "two")
    states = list(conversation.sessions.order_by("pk").values_list("state", flat=True))
    assert states == ["ended", "active"]


def test_silence_turns_session_inactive_and_a_word_wakes_it(carol: Identity, time_machine: Any) -> None:
    time_machine.move_to("2026-11-24T10:00:00Z")
    conversation = say(carol, "one").message.conversation
    time_machine.move_to("2026-11-24T10:10:01Z")
    assert (sessions.turn_sessions_inactive(), sessions.turn_sessions_inactive()) == (1, 0)
    say(carol, "still here")
    assert conversation.sessions.get().state == Session.State.ACTIVE


def test_read_mark_never_goes_back(carol: Identity) -> None:
    conversation = say(carol, "one").message.conversation
    alice = make_user("alice", conversation.brand)
    for text in ("a", "b"):
        reply(conversation, alice, text)
    conversation.refresh_from_db()
    marks = [messages.mark_read(conversation=conversation, contact=carol.contact, seq=seq) for seq in (2, 1, 99, 3)]
    assert marks == [True, False, True, False]
    assert conversation.participants.get(contact=carol.contact).read_seq == 3


def test_reading_takes_back_nothing_of_what_was_delivered(carol: Identity) -> None:
    say(carol, "a"), say(carol, "b")
    conversation = say(carol, "c").message.conversation
    marks = conversation.participants.filter(contact=carol.contact).values_list("delivered_seq", "read_seq")
    messages.mark_delivered(conversation=conversation, contact=carol.contact, seq=3)
    messages.mark_read(conversation=conversation, contact=carol.contact, seq=2)
    assert marks.get() == (3, 2)
    messages.mark_read(conversation=conversation, contact=carol.contact, seq=3)
    assert marks.get() == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_burst_of_one_new_visitor_makes_one_conversation() -> None:
    channel = make_channel(make_brand())

    def arrive(n: int) -> None:
        identity = visitors.admit_visitor(channel=channel, client_id="carols-browser-0001").identity
        say(identity, f"message {n}", client_id=f"c-{n}")

    assert in_threads(50, arrive) == []
    assert (Contact.objects.count(), Conversation.objects.count()) == (1, 1)
    seqs = list(Message.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 51))
    assert list(Message.objects.order_by("pk").values_list("seq", flat=True)) == seqs


@pytest.mark.django_db(transaction=True)
def test_ten_sends_at_once_with_one_client_id_are_one() -> None:
    carol = make_visitor(make_channel(make_brand()))
    assert in_threads(10, lambda n: say(carol, "once", client_id="c-1")) == []
    assert Message.objects.count() == 1
    assert Event.objects.filter(type="message.posted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_beginnings_at_once_with_one_client_id_are_one() -> None:
    carol = make_visitor(make_channel(make_brand()))
    say(carol, "the default one")
    assert in_threads(10, lambda n: say(carol, "another matter", client_id="c-1", begins_new=True)) == []
    assert (Conversation.objects.count(), Message.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_ten_first_beginnings_at_once_have_one_default() -> None:
    carol = make_visitor(make_channel(make_brand()))
    assert in_threads(10, lambda n: say(carol, f"matter {n}", client_id=f"c-{n}", begins_new=True)) == []
    assert (Conversation.objects.count(), Conversation.objects.exclude(default_for=None).count()) == (10, 1)


def test_what_cannot_be_posted_begins_nothing(carol: Identity) -> None:
    with pytest.raises(InvalidContent):
        say(carol, "hello", metadata={"nested": {}}, begins_new=True)
    assert (Conversation.objects.count(), Event.objects.count()) == (0, 0)


def test_public_messages_name_the_public_one_before(carol: Identity) -> None:
    conversation = say(carol, "one").message.conversation
    alice = make_user("alice", conversation.brand)
    reply(conversation, alice, "a note", audience=Message.Audience.INTERNAL)
    reply(conversation, alice, "two")
    say(carol, "three")
    assert list(Message.objects.order_by("seq").values_list("seq", "previous_seq")) == [(1, 0), (2, 0), (3, 1), (4, 3)]


def test_moments_compare_whichever_statement_stored_them(carol: Identity) -> None:
    message = say(carol, "one").message
    stored = Conversation.objects.get(pk=message.conversation_id).last_message_at
    assert stored == message.created_at
    assert Conversation.objects.filter(last_message_at=stored).count() == 1
