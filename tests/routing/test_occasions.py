"""Occasions beyond the ticket's own changes, the lines a thread has of them, and who is warned of a promise."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from conversations.actions.messages import Author, post_message
from conversations.actions.ratings import answer_rating
from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Conversation, Event, Message, Responder, Session, User
from conversations.queries import thread
from conversations.workspace.lines import rows_of
from routing.actions import sla
from routing.actions.agents import agent_of
from routing.actions.fields import set_field_values
from routing.actions.macros import apply_macro, save_macro
from routing.actions.merging import merge_tickets
from routing.actions.ratings import save_survey
from routing.actions.tickets import (
    assign_ticket,
    change_ticket,
    open_ticket,
    release_ticket,
    set_status,
    snooze_ticket,
    take_ticket,
    wake_due,
)
from routing.actions.transfers import transfer_ticket
from routing.models import CustomField, Firing, Group, Macro, SlaPolicy, SlaTarget, Survey, Ticket
from tests.factories import make_brand, make_channel, make_user, note, reply, say
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_trigger, settle_rules, when

T0 = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(T0, tick=False) as clock:
        yield clock


@pytest.fixture
def brand(db: None, clock: Any) -> Brand:
    return make_brand()


@pytest.fixture
def alice(brand: Brand) -> User:
    return make_user("alice", brand)


@pytest.fixture
def ticket(brand: Brand) -> Ticket:
    found = wait_in_line(make_channel(brand), "carol")[0]
    settle()
    return found


def promise(brand: Brand, minutes: int) -> None:
    policy = SlaPolicy.objects.create(brand=brand, name="Premium")
    SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=minutes)


def tagging(brand: Brand, occasion: str, *rows: dict[str, Any]) -> None:
    make_trigger(brand, occasion, [occasion], list(rows), {"do": "add_tags", "value": [occasion.replace(".", "-")]})


def tags_of(ticket: Ticket) -> list[str]:
    settle_rules()
    ticket.refresh_from_db()
    return list(ticket.tags)


def lines(ticket: Ticket) -> list[str]:
    settle()
    page = thread(ticket.conversation, internal=True)
    return [str(row.line.text) for row in rows_of(ticket.conversation, page) if row.line]


def test_a_broken_promise_is_an_occasion_and_a_line(brand: Brand, clock: Any) -> None:
    tagging(brand, "ticket.breached")
    promise(brand, 60)
    ticket = wait_in_line(make_channel(brand), "carol")[0]
    assert tags_of(ticket) == []
    clock.shift(timedelta(minutes=61))
    sla.mark_breaches(timezone.now())
    assert tags_of(ticket) == ["ticket-breached"]
    assert [line for line in lines(ticket) if "First reply" in line and "Premium" in line]


def test_what_an_agent_puts_back_or_passes_on_is_an_occasion(brand: Brand, ticket: Ticket, alice: User) -> None:
    tagging(brand, "ticket.released")
    tagging(brand, "ticket.transferred")
    take_ticket(ticket=ticket, agent=agent_of(alice), by=Actor.of_user(alice))
    assert tags_of(ticket) == []
    release_ticket(ticket=ticket, by=Actor.of_user(alice))
    assert tags_of(ticket) == ["ticket-released"]
    chiefs = Group.objects.create(brand=brand, name="Chiefs")
    transfer_ticket(ticket=ticket, to_group=chiefs, by=Actor.of_user(alice))
    assert "ticket-transferred" in tags_of(ticket)


def test_a_note_a_snooze_and_an_ai_agents_words_are_occasions(
    brand: Brand, ticket: Ticket, alice: User, clock: Any
) -> None:
    for occasion in ("note.written", "message.from_agent", "message.from_ai_agent", "ticket.snoozed", "ticket.woke"):
        tagging(brand, occasion)
    note(ticket.conversation, alice, "She called before.")
    assert tags_of(ticket) == ["note-written"]
    bot = Responder.objects.create(brand=brand, name="bot", kind=Responder.Kind.BOT)
    Conversation.objects.update(holder=bot)
    ticket.conversation.refresh_from_db()
    content = {"type": "text", "text": "Somebody will be with you."}
    post_message(conversation=ticket.conversation, author=Author.bot(bot.name), content=content)
    assert tags_of(ticket) == ["note-written", "message-from_ai_agent"]
    snooze_ticket(ticket=ticket, until=timezone.now() + timedelta(hours=1), by=SYSTEM)
    assert tags_of(ticket)[2:] == ["ticket-snoozed"]
    clock.shift(timedelta(hours=2))
    assert wake_due() == 1
    assert tags_of(ticket)[3:] == ["ticket-woke"]


def test_a_merge_is_an_occasion_of_the_ticket_that_goes_on(brand: Brand, ticket: Ticket, alice: User) -> None:
    tagging(brand, "ticket.merged")
    other = wait_in_line(brand.channels.get(), "dave")[0]
    settle()
    merge_tickets(source=other, target=ticket, by=agent_of(alice))
    assert (tags_of(ticket), tags_of(other)) == (["ticket-merged"], [])


def test_a_rating_is_an_occasion_of_the_ticket_that_was_rated(
    brand: Brand, ticket: Ticket, alice: User, clock: Any
) -> None:
    note = {"do": "write_note", "text": "Call them."}
    make_trigger(brand, "Bad rating", ["rating.given"], [when("ticket.rating", "is", "bad")], note)
    save_survey(survey=Survey(brand=brand, is_on=True, when="session_end", scale=5), by=SYSTEM)
    reply(ticket.conversation, alice, "Sent today.")
    settle()
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.AGENT, by=Actor.of_user(alice))
    settle()
    # By the time the customer answers, they write about something else.
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    clock.shift(timedelta(minutes=1))
    open_ticket(conversation=ticket.conversation)
    answer_rating(message=Message.objects.get(content__type="rating"), score=1, by=ticket.conversation.contact)
    settle_rules()
    assert Firing.objects.get().ticket == ticket


def fall_silent(clock: Any) -> None:
    clock.shift(timedelta(hours=1))
    assert turn_sessions_inactive() == 1
    settle_rules()


@pytest.mark.parametrize(
    ("status", "silent", "asked"),
    [("open", True, 1), ("pending", True, 1), ("solved", True, 1), ("open", False, 0), ("closed", True, 1)],
)
def test_who_writes_after_their_silence_asks_for_a_conversation_once_more(
    brand: Brand, ticket: Ticket, clock: Any, status: str, silent: bool, asked: int
) -> None:
    note = {"do": "write_note", "text": "They ask."}
    set_status(ticket=ticket, status=status, by=SYSTEM)
    settle_rules()
    make_trigger(brand, "Asked", ["conversation.requested"], [], note)
    carol = ticket.conversation.contact.identities.get()
    if silent:
        fall_silent(clock)
        assert not Ticket.objects.get().is_active or status in {"solved", "closed"}
    clock.shift(timedelta(seconds=30))
    say(carol, "Are you there?")
    say(carol, "Hello?")
    settle()
    settle_rules()
    assert Firing.objects.filter(outcome="done").count() == asked
    assert Event.objects.filter(type="session.became_active").count() == silent
    assert Ticket.objects.latest("pk").is_active


def test_changes_in_a_row_are_one_line_of_what_was_changed(brand: Brand, ticket: Ticket, alice: User) -> None:
    CustomField.objects.create(brand=brand, key="order_no", label="Order number")
    by, bob = Actor.of_user(alice), make_user("bob", brand)
    change_ticket(ticket=ticket, priority=4, by=by)
    first = [line for line in lines(ticket) if "changed" in line]
    change_ticket(ticket=ticket, tags=["pole"], by=by)
    set_field_values(ticket=ticket, values={"order_no": "A-1"}, by=by)
    change_ticket(ticket=ticket, priority=3, by=by)
    change_ticket(ticket=ticket, priority=2, by=Actor.of_user(bob))
    said = [line for line in lines(ticket) if "changed" in line]
    assert first == ["<b>Alice</b> changed: Priority"]
    assert said == ["<b>Alice</b> changed: Priority, Tags, Order number", "<b>Bob</b> changed: Priority"]
    page = thread(ticket.conversation, internal=True)
    kept = [row.line.id for row in rows_of(ticket.conversation, page) if row.line and "Alice" in row.line.text]
    assert len(kept) == 1
    say(ticket.conversation.contact.identities.get(), "And this?")
    change_ticket(ticket=ticket, priority=4, by=Actor.of_user(bob))
    assert [line for line in lines(ticket) if "changed" in line] == [*said, "<b>Bob</b> changed: Priority"]


def test_macros_and_merging_have_a_line(brand: Brand, ticket: Ticket, alice: User) -> None:
    macro = save_macro(macro=Macro(brand=brand, name="Ask <for> more", text="Which order?"), by=SYSTEM)
    apply_macro(macro=macro, conversation=ticket.conversation, ticket=ticket, user=alice)
    other = wait_in_line(ticket.conversation.channel, "dave")[0]
    merge_tickets(source=ticket, target=other, by=agent_of(alice))
    said = lines(ticket)
    assert "<b>Alice</b> used the macro Ask &lt;for&gt; more" in said
    assert f"<b>Alice</b> merged this into #{other.number}" in said


def test_whoever_has_it_is_told_of_a_promise_and_nobody_else(brand: Brand, alice: User, clock: Any) -> None:
    promise(brand, 60)
    ticket = wait_in_line(make_channel(brand), "carol")[0]
    bob = make_user("bob", brand)
    assign_ticket(ticket=ticket, agent=agent_of(alice), by=SYSTEM)
    settle()

    def told(user: User) -> bool:
        client = Client()
        client.force_login(user)
        return f'data-promise="{ticket.public_id}"' in client.get("/workspace/parts/views/").content.decode()

    assert (told(alice), told(bob)) == (True, False)
    clock.shift(timedelta(minutes=70))
    assert told(alice)
    clock.shift(timedelta(minutes=10))
    assert not told(alice)
