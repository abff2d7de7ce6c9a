"""Presence in a thread: who is there is said again and again, who leaves is gone, two windows are one person."""

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from conversations.models import Conversation, User
from tests.conversations.test_sockets import agent_line, keep_test_connection, run
from tests.factories import make_brand, make_channel, make_user, make_visitor, say

__all__ = ["keep_test_connection"]  # an autouse fixture, at work here too


@pytest.fixture
def conversation(db: None) -> Conversation:
    return say(make_visitor(make_channel(make_brand())), "hello").message.conversation


async def watching(user: User, conversation: Conversation) -> WebsocketCommunicator:
    """Open a socket of this person that looks at the conversation."""
    line = agent_line(user)
    await line.connect()
    await line.receive_json_from()
    await line.send_json_to({"type": "watch", "conversation": conversation.public_id})
    return line


async def hear(line: WebsocketCommunicator, name: str, *, is_here: bool) -> None:
    """Wait until this is told of a person. Being there may be told more than once, so repeats are passed over."""
    while True:
        frame: dict[str, Any] = await line.receive_json_from(timeout=5)
        if frame["type"] == "presence" and (frame["person"]["name"], frame["here"]) == (name, is_here):
            return


async def quiet(line: WebsocketCommunicator) -> None:
    """Pass over what is still on its way."""
    while not await line.receive_nothing(timeout=0.3):
        await line.receive_json_from()


def test_saying_it_again_tells_the_others_without_asking_them(conversation: Conversation) -> None:
    alice, bob = make_user("alice", conversation.brand), make_user("bob", conversation.brand)

    async def story() -> None:
        first = await watching(alice, conversation)
        second = await watching(bob, conversation)
        await hear(first, "Bob", is_here=True)
        await hear(second, "Alice", is_here=True)
        await quiet(first)
        await quiet(second)
        await second.send_json_to({"type": "watch", "conversation": conversation.public_id})
        await hear(first, "Bob", is_here=True)
        assert await second.receive_nothing()
        await first.disconnect()
        await hear(second, "Alice", is_here=False)
        await second.disconnect()

    run(story)


def test_person_with_a_second_window_stays(conversation: Conversation) -> None:
    alice, bob = make_user("alice", conversation.brand), make_user("bob", conversation.brand)

    async def story() -> None:
        watcher = await watching(alice, conversation)
        windows = [await watching(bob, conversation) for _ in range(2)]
        await hear(watcher, "Bob", is_here=True)
        await quiet(watcher)
        await windows[0].disconnect()
        # Gone with one window, and at once there again with the other.
        await hear(watcher, "Bob", is_here=False)
        await hear(watcher, "Bob", is_here=True)
        await quiet(watcher)
        await windows[1].disconnect()
        await hear(watcher, "Bob", is_here=False)
        assert await watcher.receive_nothing(timeout=0.5)
        await watcher.disconnect()

    run(story)


def test_note_is_told_apart_from_a_reply(conversation: Conversation) -> None:
    alice, bob = make_user("alice", conversation.brand), make_user("bob", conversation.brand)

    async def story() -> None:
        first = await watching(alice, conversation)
        second = await watching(bob, conversation)
        await hear(first, "Bob", is_here=True)
        await hear(second, "Alice", is_here=True)
        await quiet(first)
        await quiet(second)
        for audience, is_note in (("public", False), ("internal", True)):
            await second.send_json_to(
                {"type": "typing", "conversation": conversation.public_id, "state": "start", "audience": audience}
            )
            frame = await first.receive_json_from(timeout=5)
            assert (frame["type"], frame["who"]["name"], frame["who"]["note"]) == ("typing", "Bob", is_note)
        await first.disconnect()
        await second.disconnect()

    run(story)
