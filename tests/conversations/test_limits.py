"""Rate limits: the same by socket as by HTTP, for visitors and for addresses, and none while the cache is away."""

import logging
from typing import Any

import pytest
from redis.exceptions import ConnectionError as CacheIsAway

from conversations import limits
from conversations.errors import TooManyRequests
from conversations.events import PostbackPressed
from conversations.models import Channel, Event, Identity
from tests.conversations.test_client_api import EndUser
from tests.conversations.test_sockets import Line, carol, keep_test_connection, run, token_of
from tests.factories import make_user, reply, say

__all__ = ["carol", "keep_test_connection"]
BUTTON = {"type": "text", "text": "Which?", "actions": [{"type": "postback", "text": "A", "payload": "a"}]}


@pytest.mark.parametrize(
    ("scope", "frame"),
    [
        ("send", {"type": "postback", "payload": "a"}),
        ("read", {"type": "read", "seq": 1}),
        ("read", {"type": "delivered", "seq": 1}),
        ("read", {"type": "resume", "after": 2}),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else value,
)
@pytest.mark.usefixtures("standing_window")
def test_socket_spends_as_http_does(
    channel: Channel, carol: Identity, settings: Any, scope: str, frame: dict[str, Any]
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {scope: 2}
    conversation = say(carol, "hello").message.conversation
    asked = reply(conversation, make_user("alice", channel.brand), content=BUTTON).message
    token = token_of(channel)

    async def story() -> list[dict[str, Any]]:
        line = Line()
        await line.open(token)
        for _ in range(4):
            await line.tell(conversation=conversation.public_id, message=asked.public_id, **frame)
        # A second socket of the same person has no allowance of its own.
        other = Line()
        await other.open(token)
        await other.tell(conversation=conversation.public_id, message=asked.public_id, **frame)
        heard = [*(await line.hear_until("error")), await line.hear(), *(await other.hear_until("error"))]
        await line.cut()
        await other.cut()
        return [each for each in heard if each["type"] == "error"]

    assert [each["code"] for each in run(story)] == ["too_many_requests"] * 3
    if frame["type"] == "postback":
        assert Event.objects.filter(type=PostbackPressed.type).count() == 2


@pytest.mark.usefixtures("standing_window")
def test_hellos_are_counted_by_address(channel: Channel, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"hello": 2}
    settings.TRUSTED_PROXIES = 1
    token = token_of(channel)

    async def hello(address: bytes) -> str:
        line = Line()
        # What the client itself claims stands before what the proxy saw.
        line.socket.scope["headers"] = [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", address)]
        assert (await line.socket.connect())[0]
        await line.tell(type="hello", token=token)
        first = await line.socket.receive_output(5)
        await line.cut()
        return str(first.get("code", "in"))

    async def story() -> list[str]:
        return [await hello(address) for address in (b"9.9.9.9", b"9.9.9.9", b"9.9.9.9", b"8.8.8.8")]

    assert run(story) == ["in", "in", "4429", "in"]


@pytest.mark.usefixtures("standing_window")
def test_calls_are_counted_by_address_too(channel: Channel, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"address": 3}
    people = [EndUser(channel, f"browser-of-somebody-{n}") for n in range(4)]
    assert [each.call("GET", "poll").status_code for each in people] == [200, 200, 200, 429]


@pytest.mark.usefixtures("standing_window")
def test_counts_outlive_many_others(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"read": 1}
    limits.spend("read", "carol")
    for n in range(1000):
        limits.spend("read", str(n))
    with pytest.raises(TooManyRequests):
        limits.spend("read", "carol")


def test_without_cache_words_get_through_and_one_line_says_so(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        def incr(self, key: str) -> int:
            raise CacheIsAway

    carol = EndUser(channel, "carols-browser-0001")
    monkeypatch.setattr("conversations.limits.cache", Away())
    with caplog.at_level(logging.WARNING, "conversations.limits"):
        assert [carol.send("hello", f"c-{n}").status_code for n in range(3)] == [201, 201, 201]
    assert len([each for each in caplog.records if each.name == "conversations.limits"]) == 1
