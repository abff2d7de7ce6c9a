"""The two sockets: nothing lost, nothing doubled, nothing of others."""

import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator

from config.asgi import application
from conversations.actions import visitors
from conversations.consumers.admission import AT_ONCE, admission
from conversations.models import Channel, Conversation, Identity, Message, User
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say

T = TypeVar("T")


@pytest.fixture(autouse=True)
def keep_test_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels closes connections after each database call, and with them the test's own transaction."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)


@pytest.fixture
def carol(channel: Channel) -> Identity:
    return make_visitor(channel)


class Line:
    """One open client socket."""

    def __init__(self) -> None:
        self.socket = WebsocketCommunicator(application, "/ws/client/")

    async def open(self, token: str, seen: dict[str, int] | None = None) -> dict[str, Any]:
        assert (await self.socket.connect())[0]
        await self.tell(type="hello", token=token, seen=seen or {})
        return await self.hear()

    async def tell(self, **frame: Any) -> None:
        await self.socket.send_json_to(frame)

    async def hear(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self.socket.receive_json_from(timeout=5)
        return frame

    async def hear_until(self, kind: str) -> list[dict[str, Any]]:
        heard = [await self.hear()]
        while heard[-1]["type"] != kind:
            heard.append(await self.hear())
        return heard

    async def cut(self) -> None:
        await self.socket.disconnect()


def run(story: Callable[[], Awaitable[T]]) -> T:
    return async_to_sync(story)()


def token_of(channel: Channel, client_id: str = "carols-browser-0001") -> str:
    return visitors.admit_visitor(channel=channel, client_id=client_id).token


def shown(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


@pytest.mark.django_db(transaction=True)
def test_message_is_acknowledged_and_reaches_other_devices() -> None:
    token = token_of(make_channel(make_brand()))

    async def story() -> None:
        phone, laptop = Line(), Line()
        await phone.open(token)
        await laptop.open(token)
        await phone.tell(type="send", client_id="c-1", conversation="default", content=shown("hello"))
        ack = (await phone.hear_until("ack"))[-1]
        assert (ack["client_id"], ack["message"]["seq"]) == ("c-1", 1)
        there = (await laptop.hear_until("message"))[-1]["message"]
        assert there == ack["message"]
        await phone.cut()
        await laptop.cut()

    run(story)


def test_resume_gives_exactly_what_was_missed(channel: Channel, carol: Identity) -> None:
    conversation = say(carol, "m1").message.conversation
    alice = make_user("alice", channel.brand)
    for n in range(2, 121):
        reply(conversation, alice, f"m{n}")
    reply(conversation, alice, "a note", audience=Message.Audience.INTERNAL)
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token, {conversation.public_id: 40})
        seqs = [(await line.hear())["message"]["seq"] for _ in range(80)]
        assert seqs == list(range(41, 121))
        assert await line.socket.receive_nothing(0.05)
        await line.cut()

    run(story)


def test_very_long_absence_is_told_where_to_page_on(channel: Channel, carol: Identity) -> None:
    conversation = say(carol, "m1").message.conversation
    alice = make_user("alice", channel.brand)
    for n in range(2, 261):
        reply(conversation, alice, f"m{n}")
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token, {conversation.public_id: 0})
        heard = await line.hear_until("gap")
        assert (len(heard), heard[-1]["after"]) == (201, 200)
        await line.cut()

    run(story)


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "send", "client_id": "x", "content": {"type": "text", "text": "x"}},
        {"type": "typing", "state": "start"},
        {"type": "read", "seq": 1},
        {"type": "delivered", "seq": 1},
        {"type": "postback", "message": "0" * 24, "payload": "x"},
        {"type": "resume", "after": 0},
    ],
    ids=lambda frame: frame["type"],
)
def test_another_visitors_conversation_is_not_found(channel: Channel, carol: Identity, frame: dict[str, Any]) -> None:
    conversation = say(carol, "secret").message.conversation
    token = token_of(channel, "daves-browser-00001")

    async def story() -> None:
        line = Line()
        await line.open(token)
        await line.tell(conversation=conversation.public_id, **frame)
        assert (await line.hear())["code"] == "not_found"
        await line.cut()

    run(story)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("kind", ["send", "typing", "read", "delivered", "postback", "resume"])
def test_before_hello_nothing_is_answered(carol: Identity, kind: str) -> None:
    async def story() -> None:
        line = Line()
        await line.socket.connect()
        await line.tell(type=kind, conversation="default", client_id="x", seq=1, after=1, content=shown("x"))
        assert (await line.hear())["code"] == "unauthorized"
        await line.cut()

    run(story)
    assert Message.objects.count() == 0


@pytest.mark.parametrize("text", [" ", "[]", "{}", '{"type": 7}', '{"type": "connect"}', "{" * 100, "x" * 70_000])
def test_bad_frame_is_answered_and_the_line_stays(channel: Channel, text: str) -> None:
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token)
        await line.socket.send_to(text_data=text)
        assert (await line.hear())["type"] == "error"
        await line.tell(type="ping")
        assert await line.hear() == {"type": "pong", "conversations": {}}
        await line.cut()

    run(story)


def test_wrong_token_is_closed_out(db: None) -> None:
    async def story() -> None:
        line = Line()
        await line.socket.connect()
        await line.tell(type="hello", token="wrong")
        assert await line.socket.receive_output(5) == {"type": "websocket.close", "code": 4401}

    run(story)


def test_who_waits_for_admission_is_not_hung_up_on(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.consumers.client.HELLO_WITHIN_S", 0.05)
    token = token_of(channel)

    async def story() -> None:
        async with AsyncExitStack() as crowd:
            for _ in range(AT_ONCE):
                await crowd.enter_async_context(admission())
            line = Line()
            await line.socket.connect()
            await line.tell(type="hello", token=token)
            assert await line.socket.receive_nothing(0.2)
        assert (await line.hear())["type"] == "welcome"
        await line.cut()

    run(story)


def agent_line(user: User, origin: bytes = b"http://shop.test") -> WebsocketCommunicator:
    from conversations.consumers import AgentSocket

    line = WebsocketCommunicator(
        AgentSocket.as_asgi(), "/ws/agent/", headers=[(b"host", b"shop.test"), (b"origin", origin)]
    )
    line.scope["user"] = user
    return line


@pytest.mark.django_db(transaction=True)
def test_agents_hear_what_changed_in_their_brand_only() -> None:
    brand, other = make_brand("sopoong"), make_brand("other")
    carol, dave = make_visitor(make_channel(brand)), make_visitor(make_channel(other), "daves-browser-00001")
    alice = make_user("alice", brand)

    async def story() -> None:
        line = agent_line(alice)
        await line.connect()
        assert (await line.receive_json_from())["type"] == "welcome"
        await sync_to_async(say)(dave, "not for alice")
        posted = await sync_to_async(say)(carol, "for alice")
        heard = [await line.receive_json_from()]
        while heard[-1].get("seq") != 1:
            heard.append(await line.receive_json_from())
        conversation = posted.message.conversation.public_id
        names = {name for frame in heard for name in frame["changed"]}
        assert names == {f"conversation-{conversation}", f"session-{conversation}", "inbox"}
        await line.disconnect()

    run(story)


def test_agent_cannot_watch_another_brand(channel: Channel, carol: Identity) -> None:
    conversation = say(carol, "secret").message.conversation
    charlie = make_user("charlie", make_brand("other"))

    async def story() -> None:
        line = agent_line(charlie)
        await line.connect()
        await line.receive_json_from()
        await line.send_json_to({"type": "watch", "conversation": conversation.public_id})
        assert (await line.receive_json_from())["code"] == "not_found"
        await line.disconnect()

    run(story)


def test_agents_see_each_other_in_a_thread(channel: Channel, carol: Identity) -> None:
    conversation = say(carol, "hello").message.conversation
    alice, bob = make_user("alice", channel.brand), make_user("bob", channel.brand)

    async def story() -> None:
        lines = [agent_line(alice), agent_line(bob)]
        for line in lines:
            await line.connect()
            await line.receive_json_from()
            await line.send_json_to({"type": "watch", "conversation": conversation.public_id})
        seen = [await line.receive_json_from() for line in lines]
        assert [(frame["person"]["name"], frame["here"]) for frame in seen] == [("Bob", True), ("Alice", True)]
        await lines[1].disconnect()
        # Each asks and answers, so alice may hear of bob twice before he leaves.
        while (frame := await lines[0].receive_json_from())["here"]:
            assert frame["person"]["name"] == "Bob"
        assert frame["person"]["name"] == "Bob"
        await lines[0].disconnect()

    run(story)


@pytest.mark.parametrize("origin", [b"", b"http://evil.test"])
def test_page_of_another_origin_gets_no_agent_socket(channel: Channel, origin: bytes) -> None:
    alice = make_user("alice", channel.brand)

    async def story() -> None:
        line = agent_line(alice, origin)
        await line.connect()
        assert (await line.receive_output(5))["code"] == 4403

    run(story)


@pytest.mark.usefixtures("standing_window")
def test_too_many_words_are_told_to_wait(carol: Identity, channel: Channel, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"send": 2}
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token)
        for n in range(3):
            await line.tell(type="send", client_id=f"c-{n}", conversation="default", content=shown(f"c-{n}"))
        refused = (await line.hear_until("error"))[-1]
        assert (refused["code"], refused["client_id"]) == ("too_many_requests", "c-2")
        assert 1 <= refused["limit"] <= 60
        await line.cut()

    run(story)
    assert Message.objects.count() == 2


def test_word_to_new_begins_a_conversation_of_its_own(carol: Identity, channel: Channel) -> None:
    token = token_of(channel)
    first: Conversation = say(carol, "first").message.conversation

    async def story() -> list[str]:
        line = Line()
        await line.open(token)
        begun = []
        for _ in range(2):
            await line.tell(type="send", client_id="c-1", conversation="new", content=shown("another matter"))
            begun.append((await line.hear_until("ack"))[-1]["message"]["conversation"])
        await line.cut()
        return begun

    begun = run(story)
    assert begun[0] == begun[1] != first.public_id
    assert Conversation.objects.count() == 2
    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_thousand_cuts_lose_and_double_nothing(settings: Any) -> None:
    """A client that keeps its outbox and orders by seq ends with what the database holds, wherever the line is cut."""
    settings.API_RATE_LIMITS = False
    channel = make_channel(make_brand())
    token = token_of(channel)
    carol = make_visitor(channel)
    conversation: Conversation = say(carol, "first", client_id="c-0").message.conversation
    alice = make_user("alice", channel.brand)
    chance = random.Random(7)
    held: dict[int, str] = {}
    previous: dict[int, int] = {}

    def hear(frame: dict[str, Any]) -> None:
        if frame["type"] in {"message", "ack"}:
            held[frame["message"]["seq"]] = frame["message"]["id"]
            previous[frame["message"]["seq"]] = frame["message"]["previous"]

    def last_without_hole() -> int:
        """Follow `previous` up from the beginning: agents' notes take a seq too, and never come here."""
        end = 0
        for seq in sorted(held):
            if previous[seq] != end:
                break
            end = seq
        return end

    async def story() -> None:
        outbox: list[str] = []
        written = 0
        for cut in range(1000):
            line = Line()
            await line.open(token, {conversation.public_id: last_without_hole()})
            if len(outbox) < 3:
                written += 1
                outbox.append(f"c-{written}")
            if cut % 20 == 0:
                await sync_to_async(reply)(conversation, alice, f"answer {cut}")
                await sync_to_async(reply)(conversation, alice, "a note", audience=Message.Audience.INTERNAL)
            for client_id in outbox:
                await line.tell(
                    type="send", client_id=client_id, conversation=conversation.public_id, content=shown(client_id)
                )
            # Each word in the outbox brings at least one frame, so waiting for that many never hangs.
            for _ in range(chance.randint(0, len(outbox))):
                frame = await line.hear()
                hear(frame)
                if frame["type"] == "ack" and frame["client_id"] in outbox:
                    outbox.remove(frame["client_id"])
            await line.cut()
        line = Line()
        await line.open(token, {conversation.public_id: last_without_hole()})
        for client_id in outbox:
            await line.tell(
                type="send", client_id=client_id, conversation=conversation.public_id, content=shown(client_id)
            )
        await line.tell(type="ping")
        for frame in await line.hear_until("pong"):
            hear(frame)
        await line.cut()

    run(story)
    public = Message.objects.filter(conversation=conversation, audience=Message.Audience.PUBLIC)
    assert held == dict(public.values_list("seq", "public_id"))
    client_ids = list(Message.objects.exclude(client_id="").values_list("client_id", flat=True))
    assert sorted(client_ids) == sorted(f"c-{n}" for n in range(max(int(each[2:]) for each in client_ids) + 1))
    assert len(client_ids) > 500
