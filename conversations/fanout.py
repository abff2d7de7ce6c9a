"""From any thread to the channel layer: one sender a process, in order, and what waits together goes as one.

A batch goes at once, the next one 10 ms later at the earliest: under load it gathers what came meanwhile, so that
twenty agents hear once a batch and not once a message. Lossy by design, as the quick lane is.
"""

import asyncio
import atexit
import json
import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

from channels.layers import get_channel_layer

Send = tuple[str, dict[str, Any]]
CHANGED = "agents.changed"
FLUSH_S = 1.0
PACE_S = 0.01
logger = logging.getLogger(__name__)


def frame_text(frame: dict[str, Any]) -> str:
    """Give a frame as sockets carry it."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def merge(sends: Iterable[Send]) -> list[Send]:
    """Join what agents of one group hear of changes into one message, its frame ready made; keep all else as it is.

    `changed` names what to fetch anew; `seqs` the newest message of each conversation named, `seq` the only one.
    """
    merged: list[Send] = []
    changes: dict[str, dict[str, Any]] = {}
    for group, message in sends:
        if message["type"] != CHANGED:
            merged.append((group, message))
            continue
        if group not in changes:
            changes[group] = {"changed": {}, "seqs": {}}
            merged.append((group, {"type": CHANGED}))
        changes[group]["changed"].update(dict.fromkeys(message["changed"]))
        for name, seq in message.get("seqs", {}).items():
            changes[group]["seqs"][name] = max(seq, changes[group]["seqs"].get(name, 0))
    for group, message in merged:
        if message["type"] == CHANGED:
            changed, seqs = list(changes[group]["changed"]), changes[group]["seqs"]
            seq = next(iter(seqs.values())) if len(seqs) == 1 else None
            message["frame"] = frame_text({"type": "changed", "changed": changed, "seq": seq, "seqs": seqs})
    return merged


class Fanout:
    """Sends from the web server's event loop once a socket opened there, and from a thread of its own elsewhere."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waiting: list[Send] = []
        self.is_sending = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[None] | None = None

    def adopt(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send from this loop from now on; called by each socket that opens."""
        if self.loop is not loop:
            with self.lock:
                self.loop, self.is_sending = loop, bool(self.waiting)
                if self.is_sending:
                    loop.call_soon_threadsafe(self._start, loop)

    def put(self, *sends: Send) -> None:
        """Take what shall be sent, from any thread; returns at once."""
        with self.lock:
            self.waiting.extend(sends)
            if self.loop is None or self.loop.is_closed():
                self.loop, self.is_sending = _own_loop(), False
            if not self.is_sending:
                self.is_sending = True
                self.loop.call_soon_threadsafe(self._start, self.loop)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.task = loop.create_task(self._send(loop))

    async def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        layer = get_channel_layer()
        assert layer is not None
        while True:
            with self.lock:
                if self.loop is not loop:
                    return
                batch, self.waiting = self.waiting, []
                if not batch:
                    self.is_sending = False
                    return
            pace = loop.time() + PACE_S
            for group, message in merge(batch):
                try:
                    await layer.group_send(group, message)
                except Exception:
                    # Whatever the layer raises: what follows may still go, and who missed this resumes by seq.
                    logger.warning("group=%s outcome=not_sent", group, exc_info=True)
            await asyncio.sleep(pace - loop.time())

    def flush(self) -> None:
        """Give what waits a second to go, at the end of a process."""
        end = time.monotonic() + FLUSH_S
        while self.is_sending and self.loop and self.loop.is_running() and time.monotonic() < end:
            time.sleep(0.01)


def _own_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="fanout", daemon=True).start()
    return loop


fanout = Fanout()
atexit.register(fanout.flush)
