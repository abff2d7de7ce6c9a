"""A page that is open keeps its person here, and hands on it keep them active."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.actions.people import SEEN_EVERY, keep_sign_of_life
from conversations.consumers import agent
from conversations.models import User
from tests.conversations.test_sockets import agent_line, keep_test_connection, run
from tests.factories import make_brand, make_user

__all__ = ["keep_test_connection"]
LONG_AGO = timezone.now() - timedelta(hours=1)


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", make_brand())


def told(alice: User, *frames: dict[str, Any], since: datetime | None) -> User:
    """Have a page open and say these frames, with both signs of life at `since` once it is open."""

    async def story() -> None:
        line = agent_line(alice)
        await line.connect()
        await line.receive_json_from()
        if since:
            await User.objects.aupdate(seen_at=since, active_at=since)
        for frame in frames:
            await line.send_json_to(frame)
            assert (await line.receive_json_from())["type"] == "pong"
        await line.disconnect()

    flow: Callable[[], Coroutine[Any, Any, None]] = story
    run(flow)
    return User.objects.get(pk=alice.pk)


def test_opening_a_page_counts_as_both(alice: User) -> None:
    seen = told(alice, since=None)
    assert seen.seen_at and seen.active_at and timezone.now() - seen.seen_at < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("frame", "is_active"),
    [({}, False), ({"active": False}, False), ({"active": "true"}, False), ({"active": True}, True)],
)
def test_ping_keeps_its_person_here_and_hands_keep_them_active(
    alice: User, frame: dict[str, Any], is_active: bool
) -> None:
    seen = told(alice, {"type": "ping", **frame}, since=LONG_AGO)
    assert seen.seen_at and seen.seen_at > LONG_AGO
    assert (seen.active_at != LONG_AGO) is is_active


def test_whoever_is_let_in_is_asked_again_and_again(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "ASK_EVERY_S", 0.05)

    async def story() -> None:
        line = agent_line(alice)
        await line.connect()
        assert (await line.receive_json_from())["type"] == "welcome"
        for _ in range(2):
            assert await line.receive_json_from() == {"type": "ping"}
        await line.disconnect()
        assert await line.receive_nothing(timeout=0.2)

    flow: Callable[[], Coroutine[Any, Any, None]] = story
    run(flow)


def test_many_pages_write_no_more_than_one(alice: User, django_assert_num_queries: Any) -> None:
    now = timezone.now()
    recent = now - SEEN_EVERY + timedelta(seconds=2)
    User.objects.update(seen_at=recent, active_at=recent)
    for _ in range(3):
        keep_sign_of_life(user_pk=alice.pk, is_active=True)
    assert User.objects.get().seen_at == User.objects.get().active_at == recent
    with django_assert_num_queries(1):
        keep_sign_of_life(user_pk=alice.pk, is_active=False)
