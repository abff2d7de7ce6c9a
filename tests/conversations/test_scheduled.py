"""Answers that go out later: on time, once, and not over the customer's head."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.actions import messages, scheduled
from conversations.actions.scheduled import cancel_reply, schedule_reply, send_due, send_now, wait_again
from conversations.errors import InvalidContent, NotWaiting
from conversations.events import Actor
from conversations.models import Conversation, Event, Identity, Membership, Message, Role, ScheduledReply, User
from conversations.tasks import send_scheduled
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say, signed_in
from tests.threads import in_threads

HTMX = {"HX-Request": "true"}
NOON = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def carol(db: None, clock: time_machine.Traveller) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    return say(carol, "Where is it?").message.conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


def later(conversation: Conversation, author: User, text: str = "It ships today", **given: Any) -> ScheduledReply:
    given = {"send_at": timezone.now() + timedelta(hours=1), "seen_seq": 1, "client_id": text[:64], **given}
    return schedule_reply(conversation=conversation, author=author, content={"type": "text", "text": text}, **given)


def answers() -> list[str]:
    return [message.content["text"] for message in Message.objects.filter(author_kind="agent").order_by("seq")]


def test_it_goes_out_on_time_and_once(conversation: Conversation, alice: User, clock: time_machine.Traveller) -> None:
    later(conversation, alice)
    clock.shift(3599)
    send_scheduled()
    assert answers() == []
    clock.shift(1)
    send_scheduled()
    send_scheduled()
    row = ScheduledReply.objects.get()
    assert answers() == ["It ships today"] and row.state == "sent"
    assert row.message is not None and row.message.author_user == alice


def test_same_id_again_is_the_same_one(conversation: Conversation, alice: User) -> None:
    assert later(conversation, alice) == later(conversation, alice)
    assert ScheduledReply.objects.count() == 1
    assert Event.objects.filter(type="reply.scheduled").count() == 1


@pytest.mark.parametrize(
    ("otherwise", "state", "sent", "fact"),
    [
        ("cancel", "cancelled", [], "reply.cancelled"),
        ("hold", "held", [], "reply.held"),
        ("send", "sent", ["It ships today"], ""),
    ],
)
def test_customer_who_writes_first(
    carol: Identity,
    conversation: Conversation,
    alice: User,
    clock: time_machine.Traveller,
    page: Client,
    otherwise: str,
    state: str,
    sent: list[str],
    fact: str,
) -> None:
    later(conversation, alice, if_contact_writes=otherwise)
    say(carol, "Never mind")
    shown = page.get(reverse("conversations:later", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert ("will be" in shown) == (otherwise != "send")
    clock.shift(3600)
    assert send_due() == 1
    assert (ScheduledReply.objects.get().state, answers()) == (state, sent)
    if fact:
        assert Event.objects.filter(type=fact).count() == 1
    thread = page.get(reverse("conversations:thread", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert ("was not sent: the customer wrote first" in thread) == (otherwise == "cancel")
    # What was written is not lost with it.
    assert ('<q class="unsent" dir="auto">It ships today</q>' in thread) == (otherwise == "cancel")
    assert ("Held: the customer wrote first" in thread) == (otherwise == "hold")


def test_word_of_a_colleague_or_a_note_does_not_stop_it(
    conversation: Conversation, alice: User, clock: time_machine.Traveller
) -> None:
    later(conversation, alice)
    reply(conversation, make_user("bob", conversation.brand), "One moment")
    clock.shift(3600)
    send_due()
    assert answers() == ["One moment", "It ships today"]


def test_held_one_is_sent_when_asked(
    carol: Identity, conversation: Conversation, alice: User, clock: time_machine.Traveller
) -> None:
    row = later(conversation, alice, if_contact_writes="hold")
    say(carol, "Hello?")
    clock.shift(3600)
    send_due()
    send_now(reply=row, by=alice)
    assert answers() == ["It ships today"]
    with pytest.raises(NotWaiting):
        send_now(reply=row, by=alice)


def test_cancelled_one_does_not_go_out_and_may_wait_again(
    conversation: Conversation, alice: User, clock: time_machine.Traveller
) -> None:
    row, by = later(conversation, alice), Actor.of_user(alice)
    cancel_reply(reply=row, by=by)
    with pytest.raises(NotWaiting):
        cancel_reply(reply=row, by=by)
    wait_again(reply=row, by=by)
    cancel_reply(reply=row, by=by)
    clock.shift(3600)
    assert send_due() == 0 and answers() == []
    with pytest.raises(NotWaiting):
        wait_again(reply=row, by=by)


def test_writer_who_may_not_answer_any_more_sends_nothing(
    conversation: Conversation, alice: User, clock: time_machine.Traveller, page: Client
) -> None:
    later(conversation, alice)
    Membership.objects.filter(user=alice).update(role=Role.LIGHT)
    clock.shift(3600)
    send_due()
    row = ScheduledReply.objects.get()
    assert (row.state, answers()) == ("failed", []) and "may not answer" in row.reason
    assert Event.objects.get(type="reply.failed").payload["code"] == "forbidden"
    shown = page.get(reverse("conversations:later", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert "may not answer" in shown and "data-later-do" not in shown


def test_one_that_breaks_holds_no_other_up_and_is_given_up(
    conversation: Conversation, alice: User, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = later(conversation, alice, "broken")
    later(conversation, alice, "whole")
    post = messages.post_message

    def post_or_break(**given: Any) -> Any:
        if given["content"]["text"] == "broken":
            raise RuntimeError("the disk is full")
        return post(**given)

    monkeypatch.setattr(scheduled, "post_message", post_or_break)
    clock.shift(3600)
    send_due()
    broken.refresh_from_db()
    assert (answers(), broken.state) == (["whole"], "pending")
    clock.shift(3601)
    send_due()
    broken.refresh_from_db()
    assert broken.state == "failed"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"send_at": NOON}, "until"),
        ({"send_at": NOON + timedelta(days=367)}, "until"),
        ({"if_contact_writes": "shout"}, "if_contact_writes"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "x" * 65}, "client_id"),
        ({"text": "x" * 4097}, "text"),
    ],
)
def test_out_of_bounds_is_refused(conversation: Conversation, alice: User, given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        later(conversation, alice, **given)
    assert refused.value.field == field and not ScheduledReply.objects.exists()


def test_twenty_may_wait(conversation: Conversation, alice: User) -> None:
    for n in range(20):
        later(conversation, alice, f"{n}")
    with pytest.raises(InvalidContent):
        later(conversation, alice, "one more")


def test_thread_costs_the_same_with_one_and_with_nineteen(
    conversation: Conversation, alice: User, page: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            page.get(reverse("conversations:thread", args=[conversation.public_id]), headers=HTMX)
        return len(counted)

    later(conversation, alice, "first")
    few = cost()
    for n in range(18):
        later(conversation, alice, f"{n}")
    assert cost() == few


def test_agent_schedules_edits_and_takes_back(page: Client, conversation: Conversation, alice: User) -> None:
    page.cookies["time_zone"] = "Asia/Seoul"
    add = reverse("conversations:later_add", args=[conversation.public_id])
    given = {"text": "Good morning", "until": "2026-12-03T09:00", "seen_seq": "1", "client_id": "one"}
    assert page.post(add, {**given, "until": "yesterday"}, headers=HTMX).status_code == 400
    told = page.post(add, given, headers=HTMX).json()["told"]
    row = ScheduledReply.objects.get()
    assert row.send_at == datetime(2026, 12, 3, 0, 0, tzinfo=UTC)
    assert page.post(told["undo"], {"undo": "yes"}, headers=HTMX).json()["text"] == "It will not be sent."
    again = page.post(reverse("conversations:later_change", args=[row.public_id, "again"]), headers=HTMX)
    assert again.json()["text"] == "It waits again."
    edited = page.post(reverse("conversations:later_change", args=[row.public_id, "edit"]), headers=HTMX)
    assert edited.json()["text"] == "Good morning"
    row.refresh_from_db()
    assert row.state == "cancelled"
    gone = page.post(reverse("conversations:later_change", args=[row.public_id, "now"]), headers=HTMX)
    assert (gone.status_code, answers()) == (409, [])


@pytest.mark.django_db(transaction=True)
def test_of_many_sweeps_one_sends_it() -> None:
    conversation = say(make_visitor(make_channel(make_brand())), "hello").message.conversation
    row = later(conversation, make_user("alice", conversation.brand))
    ScheduledReply.objects.filter(pk=row.pk).update(send_at=timezone.now() - timedelta(minutes=1))
    assert in_threads(6, lambda n: send_due()) == []
    assert answers() == ["It ships today"]
    assert ScheduledReply.objects.get().state == "sent"
