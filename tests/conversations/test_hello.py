"""Hellos: what one may cost, and that nobody's keeps the others waiting."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.asgi import application
from conversations.actions.conversations import start_conversation
from conversations.actions.visitors import identity_of_token
from conversations.consumers import client
from conversations.consumers.admission import AT_ONCE, admission
from conversations.models import Channel, Conversation, Identity
from tests.conversations.test_sockets import Line, carol, keep_test_connection, run, token_of
from tests.factories import make_user, note, say

__all__ = ["carol", "keep_test_connection"]


class Deaf:
    """A socket that says hello and takes no frame after the handshake."""

    def __init__(self, token: str) -> None:
        hello = json.dumps({"type": "hello", "token": token, "seen": {}})
        self.incoming = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": hello}]
        self.is_stuck = asyncio.Event()
        scope = {
            "type": "websocket",
            "path": "/ws/client/",
            "headers": [],
            "query_string": b"",
            "client": ["9.9.9.9", 1],
        }
        self.task = asyncio.ensure_future(application(scope, self.receive, self.send))

    async def receive(self) -> Any:
        return self.incoming.pop(0) if self.incoming else await asyncio.Event().wait()

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            self.is_stuck.set()
            await asyncio.Event().wait()


def test_sockets_that_read_nothing_keep_nobody_waiting(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(channel)

    async def story() -> None:
        deaf = [Deaf(token) for _ in range(AT_ONCE)]
        await asyncio.gather(*(asyncio.wait_for(each.is_stuck.wait(), 5) for each in deaf))
        line = Line()
        assert (await line.open(token))["type"] == "welcome"
        await line.cut()
        for each in deaf:
            each.task.cancel()

    run(story)


def test_socket_that_reads_nothing_is_given_up(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.consumers.base.SEND_WITHIN_S", 0.1)
    token = token_of(channel)

    async def story() -> None:
        await asyncio.wait_for(Deaf(token).task, 5)

    run(story)


def test_pong_tells_the_newest_public_seq_of_twenty_conversations(channel: Channel, carol: Identity) -> None:
    for _ in range(21):
        say(carol, "hello", conversation=start_conversation(identity=carol))
    last = Conversation.objects.order_by("-pk")[0]
    note(last, make_user("alice", channel.brand), "inside")
    begun = list(Conversation.objects.order_by("-pk").values_list("public_id", flat=True))
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token)
        await line.tell(type="ping")
        assert (await line.hear())["conversations"] == dict.fromkeys(begun[:20], 1)
        await line.cut()

    run(story)


def test_one_hello_replays_so_much_in_all(channel: Channel, carol: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.consumers.client.MAX_REPLAY", 5)
    for _ in range(4):
        begun = start_conversation(identity=carol)
        for n in range(2):
            say(carol, f"m{n}", conversation=begun)
    own = list(Conversation.objects.order_by("-pk").values_list("public_id", flat=True))
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token, dict.fromkeys(own, 0))
        await line.tell(type="ping")
        heard = (await line.hear_until("pong"))[:-1]
        messages = [(each["message"]["conversation"], each["message"]["seq"]) for each in heard if "message" in each]
        assert messages == [(own[0], 1), (own[0], 2), (own[1], 1), (own[1], 2), (own[2], 1)]
        gaps = {each["conversation"]: each["after"] for each in heard if each["type"] == "gap"}
        assert gaps == {own[2]: 1, own[3]: 0}
        await line.cut()

    run(story)


def test_hello_asks_the_database_as_often_for_many_conversations(channel: Channel, carol: Identity) -> None:
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token, dict.fromkeys(own, 0))
        await line.tell(type="ping")
        assert len(await line.hear_until("pong")) == len(own) + 1
        await line.cut()

    counts = []
    for wanted in (2, 20):
        while Conversation.objects.count() < wanted:
            say(carol, "hello", conversation=start_conversation(identity=carol))
        own = list(Conversation.objects.values_list("public_id", flat=True))
        Identity.objects.update(left_at=None)
        with CaptureQueriesContext(connection) as asked:
            run(story)
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_whoever_hung_up_before_their_turn_costs_nothing(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(channel)
    let_in: list[str] = []

    def count(address: str, shown: str) -> Identity:
        let_in.append(shown)
        return identity_of_token(shown)

    monkeypatch.setattr(client, "_let_in", count)

    async def story() -> None:
        async with AsyncExitStack() as full:
            for _ in range(AT_ONCE):
                await full.enter_async_context(admission())
            gone = [Line() for _ in range(3)]
            for line in gone:
                assert (await line.socket.connect())[0]
                await line.tell(type="hello", token=token, seen={})
            for line in gone:
                await line.socket.disconnect()
            stays = Line()
            assert (await stays.socket.connect())[0]
            await stays.tell(type="hello", token=token, seen={})
        assert (await stays.hear())["type"] == "welcome"
        await stays.cut()

    run(story)
    assert let_in == [token]


def test_hello_that_fails_closes_the_socket(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(channel)

    def fail(contact: object, seen: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(client, "_state_of", fail)

    async def story() -> None:
        line = Line()
        assert (await line.socket.connect())[0]
        await line.tell(type="hello", token=token, seen={})
        assert await line.socket.receive_output(timeout=5) == {"type": "websocket.close", "code": 1011}

    run(story)


def test_what_is_told_while_somebody_comes_is_heard_after_the_welcome(channel: Channel, carol: Identity) -> None:
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        assert (await line.socket.connect())[0]
        await line.tell(type="hello", token=token, seen={})
        await line.tell(type="send", client_id="m-1", conversation="default", content={"type": "text", "text": "hi"})
        assert next(frame["type"] for frame in await line.hear_until("ack")) == "welcome"
        await line.cut()

    run(story)
