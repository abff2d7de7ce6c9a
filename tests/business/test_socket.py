"""The agents' socket for apps: let in by the token of the first frame, and by nothing else."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from conversations.actions.personal_tokens import make_token, revoke_token
from conversations.models import PersonalToken, User
from tests.conversations.test_sockets import keep_test_connection, run
from tests.factories import make_brand, make_channel, make_user, make_visitor, say

__all__ = ["keep_test_connection"]
pytestmark = pytest.mark.django_db(transaction=True)


def app_line(*headers: tuple[bytes, bytes]) -> WebsocketCommunicator:
    from config.asgi import application

    return WebsocketCommunicator(application, "/ws/agent/", headers=list(headers))


async def let_in(line: WebsocketCommunicator, token: str) -> Any:
    await line.connect()
    await line.send_json_to({"type": "hello", "token": token})
    return await line.receive_output(5)


def test_app_hears_what_a_page_hears_and_its_ping_is_a_sign_of_life() -> None:
    channel = make_channel(make_brand())
    alice, carol = make_user("alice", channel.brand), make_visitor(channel)
    token = make_token(user=alice, name="Phone")[1]

    async def story() -> None:
        line = app_line((b"origin", b"capacitor://localhost"))
        await line.connect()
        await line.send_json_to({"type": "watch", "conversation": "0" * 24})
        assert (await line.receive_json_from(5))["code"] == "unauthorized"
        await line.send_json_to({"type": "hello", "token": token})
        assert await line.receive_json_from(5) == {"type": "welcome", "user": alice.public_id}
        await sync_to_async(say)(carol, "hello")
        assert (await line.receive_json_from(5))["type"] == "changed"
        await sync_to_async(User.objects.update)(seen_at=timezone.now() - timedelta(hours=1))
        await line.send_json_to({"type": "ping", "active": True})
        while (await line.receive_json_from(5))["type"] != "pong":
            pass
        await line.disconnect()

    run(story)
    alice.refresh_from_db()
    assert alice.seen_at and timezone.now() - alice.seen_at < timedelta(minutes=1)


def test_token_that_is_none_or_was_taken_away_closes_the_line() -> None:
    brand = make_brand()
    token = make_token(user=make_user("alice", brand), name="Phone")[1]

    async def story() -> None:
        assert await let_in(app_line(), "mad_nothing") == {"type": "websocket.close", "code": 4401}
        line = app_line()
        assert (await let_in(line, token))["type"] == "websocket.send"
        await sync_to_async(lambda: revoke_token(token=PersonalToken.objects.select_related("user").get()))()
        await line.send_json_to({"type": "ping"})
        told = await line.receive_output(5)
        while told["type"] != "websocket.close":
            told = await line.receive_output(5)
        assert told["code"] == 4401

    run(story)


def test_who_says_no_hello_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.consumers.agent.HELLO_WITHIN_S", 0.05)

    async def story() -> None:
        line = app_line()
        await line.connect()
        await asyncio.sleep(0.1)
        assert await line.receive_output(5) == {"type": "websocket.close", "code": 4408}

    run(story)


def test_browser_whose_sign_in_ended_is_told_at_once() -> None:
    async def story() -> None:
        line = app_line((b"cookie", b"sessionid=gone"), (b"host", b"shop.test"), (b"origin", b"http://shop.test"))
        await line.connect()
        assert await line.receive_output(5) == {"type": "websocket.close", "code": 4401}

    run(story)
