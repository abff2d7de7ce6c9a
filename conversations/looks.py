"""Who looks at which conversation now, for whoever shows lists. Kept in memory alone, a board a process.

What changes is told to all agents of a brand as one text a second, which each process reads once: five hundred sockets
cost no more than hearing that it came. Whoever is not heard of for a minute is gone, as in an open thread.
"""

import asyncio
import json
import logging
import secrets
import time
from collections import OrderedDict, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from channels.layers import get_channel_layer

from conversations.live import brand_group

PACE_S = 1.0
GONE_S = 60.0
MOST_PEOPLE = 20
# How many texts are remembered by what they changed: sockets of one process read the same one, not quite at once.
REMEMBERED = 256
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """Somebody's eyes on a conversation, by public ids; `typing` says that they write, `note` that it is a note."""

    conversation: str
    id: str
    name: str
    typing: bool = False
    note: bool = False


class Board:
    """What this process knows: who looks at each conversation, by the socket they look through."""

    def __init__(self) -> None:
        self._looks: dict[tuple[int, str], dict[str, tuple[Look, float]]] = defaultdict(dict)
        self._read: OrderedDict[tuple[str, int], frozenset[str]] = OrderedDict()
        self._last: dict[str, int] = {}
        self._heard_of: dict[int, float] = {}
        self._cleaned_at = time.monotonic()

    def asks_for(self, brand_pk: int) -> bool:
        """Say whether this process has heard of a brand for so little time that it should ask; it has by then."""
        now = time.monotonic()
        is_new = now - self._heard_of.get(brand_pk, -GONE_S) >= GONE_S
        if is_new:
            self._heard_of[brand_pk] = now
        return is_new

    def read(self, brand_pk: int, sender: str, number: int, text: str) -> frozenset[str]:
        """Take in a text of a process, its `number` counting up; give the conversations it names, by public id."""
        key = (sender, number)
        if key in self._read:
            return self._read[key]
        rows: list[list[object]] = json.loads(text)
        if number > self._last.get(sender, 0):
            self._last[sender] = number
            now = self._heard_of[brand_pk] = time.monotonic()
            for conversation, socket, *person in rows:
                self._note(brand_pk, str(conversation), str(socket), person, now)
            self._clean(now)
        self._read[key] = frozenset(str(row[0]) for row in rows)
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)
        return self._read[key]

    def people_at(self, conversation: str, brand_pks: Collection[int], *, but: str) -> tuple[Look, ...]:
        """Give who looks at a conversation of these brands, each once, who writes first; all but one person.

        At most MOST_PEOPLE.
        """
        since = time.monotonic() - GONE_S
        found: dict[str, Look] = {}
        for brand_pk in brand_pks:
            for look, heard_at in self._looks.get((brand_pk, conversation), {}).values():
                if heard_at > since and look.id != but and (look.typing or look.id not in found):
                    found[look.id] = look
        return tuple(sorted(found.values(), key=lambda look: (not look.typing, look.name, look.id))[:MOST_PEOPLE])

    def _note(self, brand_pk: int, conversation: str, socket: str, person: list[object], now: float) -> None:
        place = (brand_pk, conversation)
        if person:
            public_id, name, typing, note = person
            look = Look(conversation, str(public_id), str(name), bool(typing), bool(note))
            self._looks[place][socket] = (look, now)
        elif place in self._looks:
            self._looks[place].pop(socket, None)
            if not self._looks[place]:
                del self._looks[place]

    def _clean(self, now: float) -> None:
        """Forget once a minute whoever is gone without a word."""
        if now - self._cleaned_at < GONE_S:
            return
        self._cleaned_at = now
        for place, looks in list(self._looks.items()):
            left = {socket: kept for socket, kept in looks.items() if now - kept[1] < GONE_S}
            if left:
                self._looks[place] = left
            else:
                del self._looks[place]


class Teller:
    """Tells the agents of each brand what changed in this process, at once and then once a second at most.

    Used in the event loop of the sockets alone.
    """

    def __init__(self) -> None:
        self._id = secrets.token_hex(6)
        self._number = 0
        self._waiting: dict[int, dict[tuple[str, str], list[object]]] = defaultdict(dict)
        self._task: asyncio.Task[None] | None = None

    def put(self, brand_pk: int, socket: str, look: Look, *, is_here: bool) -> None:
        """Have it told that somebody looks at a conversation through this socket, or looks no more."""
        person: list[object] = [look.id, look.name, look.typing, look.note] if is_here else []
        self._waiting[brand_pk][look.conversation, socket] = person
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._send())

    async def _send(self) -> None:
        layer = get_channel_layer()
        assert layer is not None
        while self._waiting:
            waiting, self._waiting = self._waiting, defaultdict(dict)
            for brand_pk, looks in waiting.items():
                self._number += 1
                rows = [[*key, *person] for key, person in looks.items()]
                message = {
                    "type": "agents.looks",
                    "brand": brand_pk,
                    "sender": self._id,
                    "number": self._number,
                    "text": json.dumps(rows, separators=(",", ":")),
                }
                try:
                    await layer.group_send(brand_group(brand_pk), message)
                except Exception:
                    # Whatever the layer raises: who looks says so again within half a minute.
                    logger.warning("brand=%s outcome=not_sent", brand_pk, exc_info=True)
            await asyncio.sleep(PACE_S)


board = Board()
teller = Teller()
