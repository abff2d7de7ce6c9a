"""Sockets look again at who is there: a token that ended and a person without a place are closed out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from conversations.models import Channel, ClientToken, Identity, Membership, Message, User
from tests.conversations.test_sockets import (
    Line,
    agent_line,
    carol,
    keep_test_connection,
    run,
    shown,
    token_of,
)
from tests.factories import make_brand, make_user, say

__all__ = ["carol", "keep_test_connection"]
CLOSED = {"type": "websocket.close", "code": 4401}


def end_token() -> None:
    ClientToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def pause_channel() -> None:
    Channel.objects.update(state=Channel.State.PAUSED)


def drop_token() -> None:
    ClientToken.objects.all().delete()


@pytest.mark.parametrize("end", [end_token, pause_channel, drop_token])
@pytest.mark.parametrize(
    "frame",
    [{"type": "ping"}, {"type": "send", "client_id": "c-1", "conversation": "new", "content": shown("x")}],
    ids=lambda frame: frame["type"],
)
def test_whose_token_ended_is_closed_out(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, end: Callable[[], None], frame: dict[str, Any]
) -> None:
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token)
        await sync_to_async(end)()
        if frame["type"] != "ping":  # a minute later, as it were
            monkeypatch.setattr("conversations.consumers.base.LOOK_AGAIN_S", 0)
        await line.tell(**frame)
        assert await line.socket.receive_output(5) == CLOSED
        await line.cut()

    run(story)
    assert Message.objects.count() == 0


def switch_off() -> None:
    User.objects.update(is_active=False)


def leave() -> None:
    Membership.objects.all().delete()


@pytest.mark.parametrize("end", [switch_off, leave])
def test_person_without_a_place_is_closed_out(channel: Channel, end: Callable[[], object]) -> None:
    alice = make_user("alice", channel.brand)

    async def story() -> None:
        line = agent_line(alice)
        await line.connect()
        await line.receive_json_from()
        await sync_to_async(end)()
        await line.send_json_to({"type": "ping"})
        assert await line.receive_output(5) == CLOSED
        await line.disconnect()

    run(story)


@pytest.mark.django_db(transaction=True)
def test_person_who_left_one_brand_hears_no_more_of_it(channel: Channel, carol: Identity) -> None:
    conversation = say(carol, "hello").message.conversation
    alice = make_user("alice", channel.brand, make_brand("other"))

    async def story() -> None:
        line = agent_line(alice)
        await line.connect()
        await line.receive_json_from()
        await line.send_json_to({"type": "watch", "conversation": conversation.public_id})
        await sync_to_async(Membership.objects.filter(brand=channel.brand).delete)()
        await line.send_json_to({"type": "ping"})
        assert await line.receive_json_from() == {"type": "pong"}
        await sync_to_async(say)(carol, "not for alice")
        assert await line.receive_nothing(0.2)
        await line.send_json_to({"type": "watch", "conversation": conversation.public_id})
        assert (await line.receive_json_from())["code"] == "not_found"
        await line.disconnect()

    run(story)
