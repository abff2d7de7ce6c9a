"""What waits together goes as one, and nothing of it gets lost."""

import asyncio
import json
import threading
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from conversations.fanout import CHANGED, Fanout, Send, merge


def changed(group: str, name: str, seq: int | None = None) -> Send:
    seqs = {} if seq is None else {name: seq}
    return group, {"type": CHANGED, "changed": [name, "inbox"], "seqs": seqs}


def test_changes_of_one_group_become_one_frame() -> None:
    typing = ("brand-1", {"type": "agents.typing"})
    sends = [changed("brand-1", "conversation-a", 7), typing, changed("brand-2", "conversation-x")]
    merged = merge([*sends, changed("brand-1", "conversation-b", 2), changed("brand-1", "conversation-a", 6)])
    assert [group for group, _ in merged] == ["brand-1", "brand-1", "brand-2"]
    assert merged[1] == typing
    frame = json.loads(merged[0][1]["frame"])
    assert frame["changed"] == ["conversation-a", "inbox", "conversation-b"]
    assert (frame["seq"], frame["seqs"]) == (None, {"conversation-a": 7, "conversation-b": 2})


def test_one_message_alone_says_its_seq() -> None:
    frame = json.loads(merge([changed("brand-1", "conversation-a", 7)])[0][1]["frame"])
    assert frame == {
        "type": "changed",
        "changed": ["conversation-a", "inbox"],
        "seq": 7,
        "seqs": {"conversation-a": 7},
    }


def test_many_threads_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []

    class Layer:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            await asyncio.sleep(0)
            heard.append(message["n"])

    monkeypatch.setattr("conversations.fanout.get_channel_layer", Layer)
    fanout = Fanout()

    def tell(first: int) -> None:
        for n in range(first, first + 100):
            fanout.put(("group", {"type": "test", "n": n}))

    async def story() -> None:
        threads = [threading.Thread(target=tell, args=(first,)) for first in range(0, 800, 100)]
        for number, thread in enumerate(threads):
            thread.start()
            if number == 3:
                fanout.adopt(asyncio.get_running_loop())
        async with asyncio.timeout(10):
            while len(heard) < 800:
                await asyncio.sleep(0.01)

    async_to_sync(story)()
    assert sorted(heard) == list(range(800))
