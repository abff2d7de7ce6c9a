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


async def heard(line: WebsocketCommunicator) -> tuple[str, bool]:
    frame: dict[str, Any] = await line.receive_json_from(timeout=5)
    assert frame["type"] == "presence", frame
    return frame["person"]["name"], frame["here"]


def test_saying_it_again_tells_the_others_without_asking_them(conversation: Conversation) -> None:
    alice, bob = make_user("alice", conversation.brand), make_user("bob", conversation.brand)

    async def story() -> None:
        first = await watching(alice, conversation)
        second = await watching(bob, conversation)
        assert (await heard(first), await heard(second)) == (("Bob", True), ("Alice", True))
        await second.send_json_to({"type": "watch", "conversation": conversation.public_id})
        assert await heard(first) == ("Bob", True)
        assert await second.receive_nothing()
        await first.disconnect()
        assert await heard(second) == ("Alice", False)
        await second.disconnect()

    run(story)


def test_person_with_a_second_window_stays(conversation: Conversation) -> None:
    alice, bob = make_user("alice", conversation.brand), make_user("bob", conversation.brand)

    async def story() -> None:
        watcher = await watching(alice, conversation)
        windows = [await watching(bob, conversation) for _ in range(2)]
        # Each window comes, and the first one answers the second.
        assert [await heard(watcher) for _ in range(3)] == [("Bob", True)] * 3
        await windows[0].disconnect()
        # Gone with one window, and at once there again with the other.
        assert [await heard(watcher) for _ in range(2)] == [("Bob", False), ("Bob", True)]
        await windows[1].disconnect()
        assert await heard(watcher) == ("Bob", False)
        await watcher.disconnect()

    run(story)


def test_note_is_told_apart_from_a_reply(conversation: Conversation) -> None:
    alice, bob = make_user("alice", conversation.brand), make_user("bob", conversation.brand)

    async def story() -> None:
        first = await watching(alice, conversation)
        second = await watching(bob, conversation)
        assert (await heard(first), await heard(second)) == (("Bob", True), ("Alice", True))
        for audience, is_note in (("public", False), ("internal", True)):
            await second.send_json_to(
                {"type": "typing", "conversation": conversation.public_id, "state": "start", "audience": audience}
            )
            frame = await first.receive_json_from(timeout=5)
            assert (frame["type"], frame["who"]["name"], frame["who"]["note"]) == ("typing", "Bob", is_note)
        await first.disconnect()
        await second.disconnect()

    run(story)
