"""A customer who closes your last page is gone after a grace; whoever is back in time, or elsewhere too, is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.test import Client

from conversations.actions import presence, sessions
from conversations.models import Brand, Channel, Event, Identity, Session
from tests.conversations.test_sockets import Line, carol, keep_test_connection, run, token_of
from tests.factories import make_visitor, say

__all__ = ["carol", "keep_test_connection"]
NOON = datetime(2026, 12, 2, 12, tzinfo=UTC)


def state() -> str:
    return Session.objects.get().state


def seconds(count: float) -> datetime:
    return NOON + timedelta(seconds=count)


@pytest.mark.parametrize(
    ("grace", "after_s", "becomes"),
    [(60, 59.999, "active"), (60, 60, "inactive"), (60, 61, "inactive"), (None, 300, "active")],
)
def test_who_closes_the_last_socket_is_gone_after_the_grace(
    channel: Channel, carol: Identity, grace: int | None, after_s: float, becomes: str
) -> None:
    Brand.objects.update(gone_after_seconds=grace)
    with time_machine.travel(NOON, tick=False) as clock:
        token = token_of(channel)
        say(carol, "hello")

        async def story() -> None:
            line = Line()
            await line.open(token)
            await line.cut()

        run(story)
        clock.move_to(seconds(after_s))
        sessions.turn_sessions_inactive()
        assert state() == becomes


@pytest.mark.parametrize(("after_s", "becomes"), [(599, "active"), (600, "active"), (601, "inactive")])
def test_who_says_nothing_for_the_brands_minutes_is_silent(carol: Identity, after_s: int, becomes: str) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        say(carol, "hello")
        clock.move_to(seconds(after_s))
        sessions.turn_sessions_inactive()
        assert state() == becomes


def test_another_open_page_says_that_they_are_still_here(channel: Channel, carol: Identity) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = token_of(channel)
        say(carol, "hello")

        async def story() -> None:
            one, other = Line(), Line()
            await one.open(token)
            await other.open(token)
            await one.cut()
            assert (await sync_to_async(Identity.objects.get)()).left_at == NOON
            await other.tell(type="ping")
            await other.hear_until("pong")
            assert (await sync_to_async(Identity.objects.get)()).left_at is None
            clock.move_to(seconds(61))
            assert await sync_to_async(sessions.turn_sessions_inactive)() == 0
            await other.cut()

        run(story)
        clock.move_to(seconds(122))
        assert sessions.turn_sessions_inactive() == 1


def test_who_comes_back_and_writes_is_active(channel: Channel, carol: Identity) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        token = token_of(channel)
        say(carol, "hello")
        presence.left(carol)
        clock.move_to(seconds(61))
        assert (sessions.turn_sessions_inactive(), sessions.turn_sessions_inactive()) == (1, 0)
        assert Event.objects.filter(type="session.became_inactive").count() == 1

        async def story() -> None:
            line = Line()
            await line.open(token)
            await line.tell(
                type="send", client_id="c-1", conversation="default", content={"type": "text", "text": "back"}
            )
            await line.hear_until("ack")
            assert await sync_to_async(state)() == "active"
            clock.move_to(seconds(200))
            assert await sync_to_async(sessions.turn_sessions_inactive)() == 0
            await line.cut()

        run(story)


def test_another_device_that_is_open_keeps_them_here(channel: Channel, carol: Identity) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        say(carol, "hello")
        phone = make_visitor(channel, "carols-telephone-0001")
        Identity.objects.filter(pk=phone.pk).update(contact=carol.contact)
        presence.left(carol)
        clock.move_to(seconds(61))
        assert sessions.turn_sessions_inactive() == 0
        phone.refresh_from_db()
        presence.left(phone)
        clock.move_to(seconds(122))
        assert sessions.turn_sessions_inactive() == 1


def test_words_from_elsewhere_after_they_left_keep_the_session(channel: Channel, carol: Identity) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        say(carol, "hello")
        presence.left(carol)
        clock.move_to(seconds(30))
        say(carol, "from my mail")
        clock.move_to(seconds(300))
        assert sessions.turn_sessions_inactive() == 0 and state() == "active"


def test_who_asks_by_http_is_here_while_they_ask(channel: Channel, carol: Identity) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        headers = {"Authorization": f"Bearer {token_of(channel)}"}
        say(carol, "hello")
        client = Client()
        for at in (0, 10, 70, 130):
            clock.move_to(seconds(at))
            assert client.get("/client/v1/poll", headers=headers).status_code == 200
            assert sessions.turn_sessions_inactive() == 0
        clock.move_to(seconds(191))
        assert sessions.turn_sessions_inactive() == 1


def test_who_has_no_live_session_costs_no_write(carol: Identity, django_assert_num_queries: Any) -> None:
    presence.left(carol)
    carol.refresh_from_db()
    assert carol.left_at is None
    with django_assert_num_queries(0):
        presence.came(carol)
