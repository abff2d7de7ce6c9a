"""Reminders, the end of work by time, and what is said outside business hours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from conversations.actions.sessions import end_session
from conversations.events import SYSTEM
from conversations.models import Conversation, Event, Identity, Message, Session, User
from routing.actions import sessions
from routing.actions.schedules import save_schedule
from routing.actions.tickets import set_status, snooze_ticket
from routing.decide.hours import Opening
from routing.decide.languages import in_language, language_of
from routing.decide.sessions import (
    Reminder,
    due_reminder,
    expected_minutes,
    is_news,
    reopens,
    rounded_up,
)
from routing.errors import InvalidChange
from routing.models import ReminderStep, Schedule, SessionSettings, Ticket
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say
from tests.routing.cast import settle
from tests.threads import in_threads

NOON = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)  # a Wednesday, noon in Seoul
MINUTE, EPSILON = timedelta(minutes=1), timedelta(microseconds=1)
CHAIN = [
    Reminder(5, "Are you still there, {{customer.name|friend}}?", "아직 계세요?"),
    Reminder(300, "We are here when you are.", status="pending", tags=["silent"]),
    Reminder(60, "We close this for now.", status="solved", ends_session=True),
]


@pytest.mark.parametrize(
    ("done", "after", "place"),
    [
        ({}, 5 * MINUTE - EPSILON, None),
        ({}, 5 * MINUTE, 0),
        ({}, 5 * MINUTE + timedelta(days=1) - EPSILON, 0),
        ({}, 5 * MINUTE + timedelta(days=1), None),
        # The next waits from when the one before was done, late or not.
        ({0: NOON + 9 * MINUTE}, 309 * MINUTE - EPSILON, None),
        ({0: NOON + 9 * MINUTE}, 309 * MINUTE, 1),
        ({0: NOON + 5 * MINUTE, 1: NOON + 305 * MINUTE}, 365 * MINUTE, 2),
        ({0: NOON + 5 * MINUTE, 1: NOON + 305 * MINUTE, 2: NOON + 365 * MINUTE}, 999 * MINUTE, None),
        ({1: NOON + 5 * MINUTE}, 999 * MINUTE, None),
    ],
)
def test_each_reminder_is_due_from_its_minute_to_a_day_later(
    done: dict[int, datetime], after: timedelta, place: int | None
) -> None:
    assert due_reminder(CHAIN, NOON, done, NOON + after) == place


def test_solved_work_reopens_up_to_and_with_its_last_hour() -> None:
    last = NOON + timedelta(hours=2)
    assert reopens(NOON, 2, last) and not reopens(NOON, 2, last + EPSILON)
    assert reopens(NOON, None, NOON + timedelta(days=900)) and reopens(None, 0, NOON)
    assert reopens(NOON, 0, NOON) and not reopens(NOON, 0, NOON + EPSILON)


@pytest.mark.parametrize(
    ("waits", "waited", "minutes"),
    [
        ([600, 600], 0, None),
        ([60, 600, 240], 0, 4),
        ([60, 600, 241], 0, 5),
        ([60, 600, 241], 200, 1),
        ([60, 600, 240], 240, None),
        ([60, 600, 240], 9999, None),
        ([420.0, 420.0, 420.0], 0, 10),
    ],
)
def test_nobody_is_told_a_wait_that_nobody_knows(waits: list[float], waited: float, minutes: int | None) -> None:
    assert expected_minutes(waits, waited) == minutes


def test_minutes_are_rounded_up_to_what_is_honest() -> None:
    given = [0.1, 1, 4.2, 5, 5.1, 30, 31, 46, 120, 121, 200]
    assert [rounded_up(each) for each in given] == [1, 1, 5, 5, 10, 30, 45, 60, 120, 180, 240]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((3, 5), (3, 5), False),
        ((3, 5), (2, 5), True),
        ((3, 5), (3, 10), True),
        ((None, 5), (None, 5), False),
        ((None, None), (1, None), True),
        ((40, None), (36, None), False),
        ((40, None), (35, None), True),
        ((12, None), (10, None), True),
    ],
)
def test_only_what_changed_much_is_told_again(before: Any, after: Any, told: bool) -> None:
    assert is_news(before, after) == told


def test_texts_come_in_the_readers_language_or_the_one_there_is() -> None:
    assert language_of("ko-KR", "en") == "ko" and language_of("fr", "ko") == "ko" and language_of("", "de") == "en"
    assert (
        in_language("ko", "e", "한") == "한"
        and in_language("ko", "e", "") == "e"
        and in_language("en", "", "한") == "한"
    )


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def carol(db: None, clock: time_machine.Traveller) -> Identity:
    return make_visitor(make_channel(make_brand()), name="Carol")


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    conversation = say(carol, "The pole of my tent is bent.").message.conversation
    settle()
    return conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


def configure(conversation: Conversation, **given: Any) -> SessionSettings:
    settings = SessionSettings(brand=conversation.brand)
    settings.chain = given.pop("chain", CHAIN)
    for name, value in given.items():
        setattr(settings, name, value)
    return sessions.save_session_settings(settings=settings, by=SYSTEM)


def sweep() -> int:
    settle()
    done = sessions.remind_silent(timezone.now())
    settle()
    return done


def said_by_system() -> list[str]:
    return [each.content["text"] for each in Message.objects.filter(author_kind="system").order_by("seq")]


def answered(clock: time_machine.Traveller, conversation: Conversation, alice: User) -> None:
    clock.shift(60)
    reply(conversation, alice, "Which pole is it?")
    settle()


def test_silence_is_reminded_of_then_solved_and_ended(
    clock: time_machine.Traveller, conversation: Conversation, alice: User
) -> None:
    configure(conversation)
    answered(clock, conversation, alice)
    clock.shift(299)
    assert sweep() == 0
    clock.shift(1)
    assert sweep() == 1 and said_by_system() == ["Are you still there, Carol?"]
    clock.shift(300 * 60 - 1)
    assert sweep() == 0
    clock.shift(1)
    assert sweep() == 1
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.tags) == ("pending", ["silent"])
    clock.shift(60 * 60)
    assert sweep() == 1 and len(said_by_system()) == 3
    ticket.refresh_from_db()
    session = Session.objects.get()
    assert ticket.status == "solved" and (session.state, session.ended_by) == ("ended", "rule")
    clock.shift(10 * 24 * 3600)
    assert sweep() == 0 and len(said_by_system()) == 3
    assert [each.payload["place"] for each in Event.objects.filter(type="ticket.reminded").order_by("pk")] == [0, 1, 2]


def test_a_word_of_the_customer_stops_the_chain_and_an_answer_begins_it_anew(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation, alice: User
) -> None:
    configure(conversation)
    answered(clock, conversation, alice)
    clock.shift(300)
    assert sweep() == 1
    clock.shift(60)
    say(carol, "The long one.")
    clock.shift(24 * 3600 - 1)
    assert sweep() == 0
    answered(clock, conversation, alice)
    clock.shift(300)
    assert sweep() == 1 and len(said_by_system()) == 2


def test_a_word_that_the_log_has_not_told_yet_stops_it_too(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation, alice: User
) -> None:
    configure(conversation)
    answered(clock, conversation, alice)
    clock.shift(300)
    say(carol, "The long one.")
    assert sessions.remind_silent(timezone.now()) == 0 and not said_by_system()


@pytest.mark.parametrize(("also", "done"), [(False, 0), (True, 1)])
def test_nobody_is_reminded_while_we_owe_the_answer_unless_configured(
    clock: time_machine.Traveller, conversation: Conversation, also: bool, done: int
) -> None:
    configure(conversation, reminds_who_waits=also)
    clock.shift(300)
    assert sweep() == done


def test_snoozed_ended_and_solved_work_reminds_nobody(
    clock: time_machine.Traveller, conversation: Conversation, alice: User
) -> None:
    configure(conversation)
    answered(clock, conversation, alice)
    clock.shift(1)
    ticket = snooze_ticket(ticket=Ticket.objects.get(), until=timezone.now() + timedelta(days=1), by=SYSTEM)
    clock.shift(400)
    assert sweep() == 0
    Ticket.objects.update(snoozed_until=None)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    assert sweep() == 0
    set_status(ticket=ticket, status="open", by=SYSTEM)
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    assert sweep() == 0 and not said_by_system()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_remind_once() -> None:
    carol = make_visitor(make_channel(make_brand()), name="Carol")
    conversation = say(carol, "m1").message.conversation
    configure(conversation)
    settle()
    reply(conversation, make_user("alice", conversation.brand), "Which?")
    settle()
    now = timezone.now() + timedelta(minutes=6)
    in_threads(4, lambda number: sessions.remind_silent(now))
    assert len(said_by_system()) == 1 and ReminderStep.objects.count() == 1


@pytest.mark.parametrize(
    ("chain", "field"),
    [
        ([Reminder(0, "a")], "reminders.0.minutes"),
        ([Reminder(10081, "a")], "reminders.0.minutes"),
        ([Reminder(5)], "reminders.0.text_en"),
        ([Reminder(5, "a"), Reminder(5, text_ko="a" * 1001)], "reminders.1.text_ko"),
        ([Reminder(5, "Hello {{name}}")], "reminders.0.text_en"),
        ([Reminder(5, "Hello", "{{field:lost}}")], "reminders.0.text_ko"),
        ([Reminder(5, "a", status="closed")], "reminders.0.status"),
        ([Reminder(5, "a", status="solved"), Reminder(5, "b")], "reminders.0.status"),
        ([Reminder(5, "a", ends_session=True), Reminder(5, "b")], "reminders.0.ends_session"),
        ([Reminder(5, "a", tags=["x" * 41])], "reminders.0.tags"),
        ([Reminder(5, "a")] * 4, "reminders"),
    ],
)
def test_a_chain_that_cannot_be_is_refused_and_changes_nothing(
    conversation: Conversation, chain: list[Reminder], field: str
) -> None:
    with pytest.raises(InvalidChange) as refused:
        configure(conversation, chain=chain)
    assert refused.value.field == field and not SessionSettings.objects.exists()


def test_a_brand_has_one_row_of_settings(conversation: Conversation) -> None:
    configure(conversation)
    with pytest.raises(InvalidChange):
        configure(conversation)
    with pytest.raises(InvalidChange):
        sessions.save_session_settings(
            settings=SessionSettings(brand=make_brand("other"), close_solved_after_days=0), by=SYSTEM
        )


def test_solved_work_closes_after_its_days_and_the_next_word_opens_other_work(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation
) -> None:
    clock.shift(1)
    ticket = set_status(ticket=Ticket.objects.get(), status="solved", by=SYSTEM)
    clock.shift(4 * 24 * 3600 - 1)
    assert sessions.close_solved(timezone.now()) == 0
    clock.shift(1)
    assert sessions.close_solved(timezone.now()) == 1 and sessions.close_solved(timezone.now()) == 0
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    clock.shift(1)
    say(carol, "Bent again.")
    settle()
    assert list(Ticket.objects.order_by("number").values_list("status", flat=True)) == ["closed", "new"]


def test_a_brand_may_never_close_and_may_stop_reopening(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation
) -> None:
    configure(conversation, close_solved_after_days=None, reopen_solved_for_hours=2)
    clock.shift(1)
    ticket = set_status(ticket=Ticket.objects.get(), status="solved", by=SYSTEM)
    clock.shift(2 * 3600)
    say(carol, "Bent again.")
    settle()
    ticket.refresh_from_db()
    assert ticket.status == "open" and Ticket.objects.count() == 1
    clock.shift(1)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    clock.shift(2 * 3600 + 1)
    say(carol, "And again.")
    settle()
    assert Ticket.objects.count() == 2
    clock.shift(400 * 24 * 3600)
    assert sessions.close_solved(timezone.now()) == 0


def open_weekdays(conversation: Conversation) -> None:
    """Open on weekdays from 9 to 18 in Seoul."""
    schedule = Schedule(brand=conversation.brand, name="Office", time_zone="Asia/Seoul", is_default=True)
    week = [Opening(day, 9 * 60, 18 * 60) for day in range(5)]
    save_schedule(schedule=schedule, week=week, fields=(), by=SYSTEM)


@pytest.mark.parametrize(
    ("locale", "zone", "text"),
    [
        ("en", "Europe/Berlin", "We are away.\nWe open again on Thursday, December 3, 01:00."),
        ("en", "", "We are away.\nWe open again on Thursday, December 3, 09:00 (Asia/Seoul)."),
        ("ko-KR", "Asia/Seoul", "지금은 쉬어요.\n12월 3일 목요일 오전 9:00에 상담을 다시 시작해요."),
    ],
)
def test_who_writes_while_you_are_closed_is_told_once_a_session_when_you_open(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation, locale: str, zone: str, text: str
) -> None:
    open_weekdays(conversation)
    configure(
        conversation,
        closed_text_en="We are away.",
        closed_text_ko="지금은 쉬어요.",
        chain=[],
    )
    carol.contact.locale = locale
    carol.contact.save()
    Identity.objects.update(profile={"time_zone": zone})
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    clock.shift(7 * 3600)
    say(carol, "m2")
    settle()
    clock.shift(60)
    say(carol, "m3")
    settle()
    assert len(said_by_system()) == 1 and said_by_system()[0].startswith(text)
    assert Ticket.objects.get().waiting_since is not None


def test_nobody_is_told_while_you_are_open_or_have_no_words(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation
) -> None:
    open_weekdays(conversation)
    settings = configure(conversation, closed_text_en="We are away.", chain=[], tells_opening=False)
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    say(carol, "m2")
    settle()
    assert not said_by_system()
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    clock.shift(7 * 3600)
    say(carol, "m3")
    settle()
    assert said_by_system() == ["We are away."]
    settings.closed_text_en = ""
    sessions.save_session_settings(settings=settings, fields=["closed_text_en"], by=SYSTEM)
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    say(carol, "m4")
    settle()
    assert len(said_by_system()) == 1


def test_the_schedule_that_was_chosen_says_whether_you_are_closed(
    clock: time_machine.Traveller, carol: Identity, conversation: Conversation
) -> None:
    open_weekdays(conversation)
    night = Schedule(brand=conversation.brand, name="Night", time_zone="Asia/Seoul")
    save_schedule(schedule=night, week=[Opening(day, 0, 8 * 60) for day in range(7)], fields=(), by=SYSTEM)
    configure(conversation, closed_text_en="We are away.", closed_schedule=night, chain=[])
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    say(carol, "At noon")
    settle()
    assert said_by_system() == [
        "We are away.\nWe open again on Thursday, December 3, 00:00 (Asia/Seoul).",
    ]


def test_a_schedule_of_another_brand_is_refused(conversation: Conversation) -> None:
    foreign = Schedule.objects.create(brand=make_brand("other"), name="Theirs", time_zone="UTC")
    with pytest.raises(InvalidChange) as refused:
        configure(conversation, closed_schedule=foreign, chain=[])
    assert refused.value.field == "closed_schedule" and not SessionSettings.objects.exists()
