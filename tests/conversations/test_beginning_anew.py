"""After an ended session: the same conversation goes on, or, where the brand wants it so, a new one begins, once."""

import pytest
from django.test import Client

from conversations.actions.messages import Author, post_message, receive
from conversations.actions.sessions import end_session, resume_session
from conversations.errors import InvalidContent, SessionIsOver
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, Conversation, Identity, Message, Session, User
from tests.factories import make_brand, make_user, make_visitor, note, reply, say
from tests.threads import in_threads


@pytest.fixture
def brand(db: None) -> Brand:
    brand = make_brand()
    Brand.objects.update(begins_anew_after_end=True)
    return Brand.objects.get(pk=brand.pk)


@pytest.fixture
def carol(channel: Channel) -> Identity:
    return make_visitor(channel, name="Carol")


@pytest.fixture
def alice(brand: Brand) -> User:
    return make_user("alice", brand)


def end(conversation: Conversation) -> None:
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)


def test_the_same_conversation_goes_on_unless_the_brand_begins_anew(carol: Identity) -> None:
    Brand.objects.update(begins_anew_after_end=False)
    first = say(carol, "Hello").message.conversation
    end(first)
    assert say(carol, "Again", conversation=first).message.conversation == first
    assert Conversation.objects.count() == 1


def test_words_after_the_end_begin_a_conversation_whichever_way_they_come(carol: Identity) -> None:
    first = say(carol, "Hello", client_id="m-1").message.conversation
    end(first)
    # A client that knows only the ended one, then one that knows none, then the retry of each.
    second = say(carol, "Again", conversation=first, client_id="m-2").message.conversation
    assert second != first and second.default_for_id == carol.contact_id
    assert say(carol, "And more", client_id="m-3").message.conversation == second
    again = say(carol, "Again", conversation=first, client_id="m-2")
    assert (again.message.conversation, again.created) == (second, False)
    late = say(carol, "Hello", conversation=first, client_id="m-1")
    assert (late.message.conversation, late.created) == (first, False)
    end(second)
    third = say(carol, "Third", conversation=first).message.conversation
    assert third not in (first, second)
    assert Message.objects.count() == 4
    assert [each.last_seq for each in Conversation.objects.order_by("pk")] == [1, 2, 1]


def test_what_cannot_be_posted_begins_nothing_and_an_answer_to_a_form_stays(carol: Identity, alice: User) -> None:
    first = say(carol, "Hello").message.conversation
    fields = [{"type": "text", "name": "order", "label": "Order"}]
    form = reply(first, alice, content={"type": "form", "fields": fields}).message
    end(first)
    with pytest.raises(InvalidContent):
        say(carol, "Again", conversation=first, client_id="x" * 65)
    assert Conversation.objects.count() == 1
    answer = {
        "type": "formResponse",
        "quotedMessageId": form.public_id,
        "fields": [{"type": "text", "name": "order", "label": "Order", "text": "7"}],
    }
    posted = receive(identity=carol, content=answer, conversation=first)
    assert posted.message.conversation == first


def test_agents_write_notes_into_an_ended_one_and_reply_once_they_reopened_it(carol: Identity, alice: User) -> None:
    first = say(carol, "Hello").message.conversation
    end(first)
    with pytest.raises(SessionIsOver):
        reply(first, alice, "Still there?")
    note(first, alice, "They went")
    post_message(conversation=first, author=Author.system(), content={"type": "text", "text": "How was it?"})
    resume_session(conversation=first, by=Actor.of_user(alice))
    reply(first, alice, "Still there?")
    assert say(carol, "Yes", conversation=first).message.conversation == first
    end(first)
    say(carol, "One more thing", conversation=first)
    with pytest.raises(SessionIsOver):
        resume_session(conversation=first, by=Actor.of_user(alice))


def test_the_composer_says_what_can_be_written(carol: Identity, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    first = say(carol, "Hello").message.conversation
    address = f"/workspace/conversations/{first.public_id}/ended/"
    assert "m-banner" not in client.get(address).content.decode()
    end(first)
    shown = client.get(address).content.decode()
    assert "data-over" in shown and "Write a note, or reopen it to reply." in shown
    refused = client.post(f"/workspace/conversations/{first.public_id}/post/", {"text": "x"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "session_is_over")
    assert "m-banner" not in client.post(f"{address}resume/").content.decode()
    end(first)
    second = say(carol, "Again", conversation=first).message.conversation
    shown = client.post(f"{address}resume/").content.decode()
    assert f"/workspace/inbox/all/{second.public_id}/" in shown and "went on in a new conversation" in shown
    Brand.objects.update(begins_anew_after_end=False)
    shown = client.get(address).content.decode()
    assert "data-over" not in shown


@pytest.mark.django_db(transaction=True)
def test_two_words_at_once_begin_one_conversation(carol: Identity) -> None:
    first = say(carol, "Hello").message.conversation
    end(first)
    errors = in_threads(6, lambda n: say(carol, f"Again {n}", conversation=first if n % 2 else None, client_id=f"m{n}"))
    assert errors == []
    assert sorted(Conversation.objects.values_list("last_seq", flat=True)) == [1, 6]
