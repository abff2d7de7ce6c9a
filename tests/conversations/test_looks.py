"""Who looks at what, for lists: told of the rows that are shown, once, and of what one may see alone."""

from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from conversations import looks
from conversations.consumers import looks as consumer
from conversations.looks import REMEMBERED, Board
from conversations.models import Conversation, CustomRole, Membership, User
from conversations.permissions import Permission, Sees
from tests.conversations.test_sockets import agent_line, keep_test_connection, run
from tests.factories import make_brand, make_channel, make_user, make_visitor, say

__all__ = ["keep_test_connection"]  # an autouse fixture, at work here too
PASSING_S = 0.3


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "LOOKS_AFTER_S", PASSING_S)
    monkeypatch.setattr(looks, "PACE_S", 0.05)


@pytest.fixture
def conversation(db: None) -> Conversation:
    return say(make_visitor(make_channel(make_brand())), "hello").message.conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def bob(conversation: Conversation) -> User:
    return make_user("bob", conversation.brand)


async def opened(user: User) -> WebsocketCommunicator:
    line = agent_line(user)
    await line.connect()
    await line.receive_json_from()
    return line


async def listing(user: User, *conversations: Conversation) -> WebsocketCommunicator:
    """Open a socket of this person whose page lists these conversations."""
    line = await opened(user)
    await line.send_json_to({"type": "list", "conversations": [each.public_id for each in conversations]})
    return line


async def watch(line: WebsocketCommunicator, conversation: Conversation) -> None:
    await line.send_json_to({"type": "watch", "conversation": conversation.public_id})


async def hear(line: WebsocketCommunicator) -> dict[str, list[dict[str, Any]]]:
    """Give the next frame that says who looks."""
    while True:
        frame: dict[str, Any] = await line.receive_json_from(timeout=5)
        if frame["type"] == "looking":
            return frame["looking"]  # type: ignore[no-any-return]  # a frame's


async def hears_nothing(line: WebsocketCommunicator) -> bool:
    return bool(await line.receive_nothing(timeout=PASSING_S + 0.4))


def names(told: dict[str, list[dict[str, Any]]], conversation: Conversation) -> list[tuple[str, bool]]:
    assert list(told) == [f"conversation-{conversation.public_id}"]
    return [(person["name"], person["typing"]) for person in told[f"conversation-{conversation.public_id}"]]


def test_who_looks_writes_and_leaves_is_told_to_who_shows_the_row(
    conversation: Conversation, alice: User, bob: User
) -> None:
    other = say(make_visitor(conversation.channel, "browser-of-dora-0001"), "hi").message.conversation

    async def story() -> None:
        first, elsewhere, second = await listing(alice, conversation), await listing(alice, other), await opened(bob)
        await watch(second, conversation)
        assert names(await hear(first), conversation) == [("Bob", False)]
        typing = {"type": "typing", "conversation": conversation.public_id, "state": "start"}
        await second.send_json_to(typing)
        assert names(await hear(first), conversation) == [("Bob", True)]
        # What was said already is said to nobody again.
        await second.send_json_to(typing)
        await watch(second, conversation)
        assert await hears_nothing(first)
        await second.send_json_to({"type": "unwatch"})
        assert names(await hear(first), conversation) == []
        assert await hears_nothing(elsewhere)
        for line in (first, elsewhere, second):
            await line.disconnect()

    run(story)


def test_who_only_passes_by_is_not_shown(conversation: Conversation, alice: User, bob: User) -> None:
    async def story() -> None:
        first, second = await listing(alice, conversation), await opened(bob)
        for _ in range(3):
            await watch(second, conversation)
            await second.send_json_to({"type": "typing", "conversation": conversation.public_id, "state": "start"})
            await second.send_json_to({"type": "unwatch"})
        assert await hears_nothing(first)
        await first.disconnect()
        await second.disconnect()

    run(story)


def test_a_list_that_loads_later_is_told_at_once_and_of_oneself_nothing(
    conversation: Conversation, alice: User, bob: User
) -> None:
    async def story() -> None:
        first, second = await listing(alice, conversation), await opened(bob)
        await watch(second, conversation)
        await hear(first)
        later = await listing(alice, conversation)
        assert names(await hear(later), conversation) == [("Bob", False)]
        own = await listing(bob, conversation)
        assert await hears_nothing(own)
        # Another list, and the first one again: it is told anew.
        await first.send_json_to({"type": "list", "conversations": []})
        await first.send_json_to({"type": "list", "conversations": [conversation.public_id]})
        assert names(await hear(first), conversation) == [("Bob", False)]
        # Who dies without a word closes the socket in time.
        await second.disconnect()
        assert names(await hear(first), conversation) == []
        for line in (first, later, own):
            await line.disconnect()

    run(story)


def test_who_is_not_heard_of_for_a_minute_is_gone(
    conversation: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.consumers.agent.ASK_EVERY_S", 0.1)

    async def story() -> None:
        first, second = await listing(alice, conversation), await opened(bob)
        await watch(second, conversation)
        assert names(await hear(first), conversation) == [("Bob", False)]
        monkeypatch.setattr(looks, "GONE_S", 0.0)
        assert names(await hear(first), conversation) == []
        await first.disconnect()
        await second.disconnect()

    run(story)


def test_nothing_is_told_of_what_one_may_not_see(conversation: Conversation, bob: User) -> None:
    role = CustomRole.objects.create(
        brand=conversation.brand, name="Desk", sees=Sees.ASSIGNED, permissions=[Permission.REPLY]
    )
    rita, stranger = make_user("rita", conversation.brand), make_user("sam", make_brand("elsewhere"))
    Membership.objects.filter(user=rita).update(custom_role=role)

    async def story() -> None:
        second = await opened(bob)
        await watch(second, conversation)
        lines = [await listing(rita, conversation), await listing(stranger, conversation)]
        for line in lines:
            assert await hears_nothing(line)
            await line.send_json_to({"type": "list", "conversations": [conversation.public_id]})
            assert await hears_nothing(line)
        for line in (*lines, second):
            await line.disconnect()

    run(story)


def test_a_process_that_starts_later_asks_once(
    conversation: Conversation, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        first, second = await listing(alice, conversation), await opened(bob)
        await watch(second, conversation)
        await hear(first)
        monkeypatch.setattr(looks, "board", Board())
        later = await listing(alice, conversation)
        assert names(await hear(later), conversation) == [("Bob", False)]
        assert not looks.board.asks_for(conversation.brand_id)
        for line in (first, second, later):
            await line.disconnect()

    run(story)


@pytest.mark.parametrize("given", [None, "x", [1], [""], ["x" * 65], ["x"] * 501])
def test_a_list_within_its_limits(conversation: Conversation, alice: User, given: object) -> None:
    async def story() -> None:
        line = await opened(alice)
        await line.send_json_to({"type": "list", "conversations": given})
        frame = await line.receive_json_from()
        assert (frame["type"], frame["field"]) == ("error", "conversations")
        await line.disconnect()

    run(story)


def test_a_text_is_read_once_and_an_older_one_changes_nothing() -> None:
    board = Board()
    came = '[["c1","s1","p1","Bob",false,false],["c1","s2","p1","Bob",true,false],["c1","s3","p2","Amy",false,false]]'
    assert board.read(1, "process", 2, came) == {"c1"}
    assert [(look.name, look.typing) for look in board.people_at("c1", [1], but="")] == [("Bob", True), ("Amy", False)]
    assert board.people_at("c1", [2], but="") == ()
    assert [look.name for look in board.people_at("c1", [1], but="p1")] == ["Amy"]
    assert board.read(1, "process", 1, '[["c1","s1"],["c1","s2"]]') == {"c1"}
    assert len(board.people_at("c1", [1], but="")) == 2
    for number in range(3, 5 + REMEMBERED):
        board.read(1, "process", number, '[["c1","s2"]]')
    assert [(look.name, look.typing) for look in board.people_at("c1", [1], but="p2")] == [("Bob", False)]
