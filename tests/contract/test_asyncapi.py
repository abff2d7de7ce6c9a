"""Sockets against docs/asyncapi.yaml: each frame heard or told is checked, and none of the document's may go unseen."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from conversations.actions.personal_tokens import make_token
from conversations.consumers import AgentSocket, ClientSocket
from conversations.models import Message, User
from tests.contract.documents import ASYNC, Documents
from tests.conversations.test_sockets import agent_line, keep_test_connection, run, token_of
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say

__all__ = ["keep_test_connection"]
TEXT = {"type": "text", "text": "hello"}


class Checked:
    """A socket on which every frame, both ways, is held against the document."""

    def __init__(self, line: WebsocketCommunicator, channel: str, documents: Documents, seen: set[str]) -> None:
        self.line, self.channel, self.documents, self.seen = line, channel, documents, seen

    async def tell(self, **frame: Any) -> None:
        self.seen.add(self.documents.frame(self.channel, "to", frame))
        await self.line.send_json_to(frame)

    async def hear(self, kind: str) -> dict[str, Any]:
        """Hear frames until one of this kind."""
        while True:
            frame: dict[str, Any] = await self.line.receive_json_from(timeout=5)
            self.seen.add(self.documents.frame(self.channel, "from", frame))
            if frame["type"] == kind:
                return frame


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents()


def named(documents: Documents, channel: str) -> set[str]:
    return set(documents.sockets["channels"][channel]["messages"])


def other_side(kinds: frozenset[str]) -> set[str]:
    return {f"to.{kind}" for kind in kinds}


@pytest.mark.django_db(transaction=True)
def test_every_frame_of_the_client_socket_is_as_documented(documents: Documents) -> None:
    channel = make_channel(make_brand())
    carol, alice = make_visitor(channel), make_user("alice", channel.brand)
    conversation = say(carol, "m1").message.conversation
    buttons = {"type": "text", "text": "Which?", "actions": [{"type": "postback", "text": "A", "payload": "a"}]}
    asked = reply(conversation, alice, content=buttons).message
    token, seen = token_of(channel), set[str]()
    own = conversation.public_id

    async def story() -> None:
        from config.asgi import application

        phone = Checked(WebsocketCommunicator(application, "/ws/client/"), "client", documents, seen)
        await phone.line.connect()
        await phone.tell(type="hello", token=token, seen={own: 1})
        await phone.hear("welcome")
        await phone.hear("message")
        await phone.tell(type="send", client_id="c-1", conversation="default", content=TEXT, metadata={"from": "app"})
        await phone.hear("ack")
        await phone.hear("message")
        await phone.tell(type="read", conversation=own, seq=2)
        await phone.hear("unread")
        await phone.tell(type="delivered", conversation=own, seq=2)
        await phone.tell(type="typing", conversation=own, state="start")
        await phone.tell(type="postback", conversation=own, message=asked.public_id, payload="a")
        desk = Checked(agent_line(alice), "agent", documents, set())
        await desk.line.connect()
        await desk.hear("welcome")
        await desk.tell(type="watch", conversation=own)
        await desk.tell(type="typing", conversation=own, state="start")
        await phone.hear("typing")
        await phone.tell(type="read", conversation="0" * 24, seq=1)
        assert (await phone.hear("error"))["code"] == "not_found"
        await phone.tell(type="ping")
        await phone.hear("pong")
        await sync_to_async(_many)(conversation, alice)
        await phone.tell(type="resume", conversation=own, after=0)
        await phone.hear("gap")
        await phone.line.disconnect()
        await desk.line.disconnect()

    run(story)
    assert seen == named(documents, "client")
    assert {name for name in seen if name.startswith("to.")} == other_side(ClientSocket.frames)


def _many(conversation: Any, user: User) -> None:
    for number in range(201):
        reply(conversation, user, f"m{number}")


@pytest.mark.django_db(transaction=True)
def test_every_frame_of_the_agent_socket_is_as_documented(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = make_channel(make_brand())
    carol = make_visitor(channel, name="Carol")
    alice, bob = make_user("alice", channel.brand), make_user("bob", channel.brand)
    conversation = say(carol, "m1").message.conversation
    token, own, seen = token_of(channel), conversation.public_id, set[str]()
    secret = make_token(user=alice, name="Phone")[1]

    async def story() -> None:
        from config.asgi import application

        desk = Checked(agent_line(alice), "agent", documents, seen)
        other = Checked(agent_line(bob), "agent", documents, seen)
        for line in (desk, other):
            await line.line.connect()
            await line.hear("welcome")
            await line.tell(type="watch", conversation=own)
        await desk.hear("presence")
        await desk.tell(type="list", conversations=[own])
        await desk.hear("looking")
        await other.tell(type="typing", conversation=own, state="start", audience="internal")
        await desk.hear("typing")
        await sync_to_async(say)(carol, "m2")
        await desk.hear("changed")
        phone = Checked(WebsocketCommunicator(application, "/ws/client/"), "client", documents, set())
        await phone.line.connect()
        await phone.tell(type="hello", token=token)
        await phone.hear("welcome")
        await phone.tell(type="typing", conversation=own, state="start")
        assert (await desk.hear("typing"))["who"]["kind"] == "contact"
        await desk.tell(type="watch", conversation="0" * 24)
        assert (await desk.hear("error"))["code"] == "not_found"
        await other.tell(type="unwatch")
        assert (await desk.hear("presence"))["here"] is False
        await desk.tell(type="ping")
        await desk.hear("pong")
        monkeypatch.setattr("conversations.consumers.agent.ASK_EVERY_S", 0.1)
        app = Checked(WebsocketCommunicator(application, "/ws/agent/"), "agent", documents, seen)
        await app.line.connect()
        await app.tell(type="hello", token=secret)
        await app.hear("welcome")
        await app.hear("ping")
        for line in (desk, other, phone, app):
            await line.line.disconnect()

    run(story)
    assert seen == named(documents, "agent")
    assert {name for name in seen if name.startswith("to.")} == other_side(AgentSocket.frames)
    assert Message.objects.count() == 2


def test_every_example_is_as_its_own_schema(documents: Documents) -> None:
    without = []
    for name, message in documents.sockets["components"]["messages"].items():
        examples = message.get("examples", [])
        for example in examples:
            documents.check(example["payload"], ASYNC, "components", "messages", name, "payload")
        if not examples:
            without.append(name)
    assert without == ["from.conversation"]


def test_operations_name_every_message_once(documents: Documents) -> None:
    for channel, sends, hears in (("client", "clientSends", "clientHears"), ("agent", "agentSends", "agentHears")):
        listed = [
            message["$ref"].removeprefix(f"#/channels/{channel}/messages/")
            for operation in (sends, hears)
            for message in documents.sockets["operations"][operation]["messages"]
        ]
        assert sorted(listed) == sorted(named(documents, channel))


def test_close_codes_are_those_of_the_code(documents: Documents) -> None:
    from conversations.consumers import agent, base

    codes = {name: set(each["x-close-codes"]) for name, each in documents.sockets["channels"].items()}
    closed = (base.CLOSE_NOT_SIGNED_IN, base.CLOSE_TOO_SLOW, base.CLOSE_BLOCKED, base.CLOSE_TOO_FAST)
    assert codes["client"] == {str(code) for code in closed}
    opened = (base.CLOSE_NOT_SIGNED_IN, agent.CLOSE_WRONG_ORIGIN, base.CLOSE_TOO_SLOW, base.CLOSE_TOO_FAST)
    assert codes["agent"] == {str(code) for code in opened}
