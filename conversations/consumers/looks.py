"""What an agent's socket says and hears of who looks at which conversation, for the list its page shows."""

import asyncio
from typing import Any

from conversations import live, looks, queries
from conversations.consumers.base import Socket
from conversations.consumers.database import in_database
from conversations.errors import InvalidContent, NotSignedIn
from conversations.incoming import is_storable
from conversations.looks import Look
from conversations.models import Conversation

# Whoever only passes by, on their way to another row, is not shown in lists.
LOOKS_AFTER_S = 1.0
MOST_ROWS = 500


class LooksSocket(Socket):
    """Says where its person looks, and hears where others do of the conversations in its list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer: queries.Viewer | None = None
        # What its page was told of each row it shows.
        self.shown: dict[str, tuple[Look, ...]] = {}
        self.look: Look | None = None
        self.look_brand = 0
        # None once the look was told.
        self.look_timer: asyncio.TimerHandle | None = None

    def look_at(self, conversation: Conversation) -> None:
        """Have lists show that this person looks at it, once they did for a second."""
        assert self.viewer is not None
        user = self.viewer.user
        self.look = Look(conversation.public_id, user.public_id, user.name)
        self.look_brand = conversation.brand_id
        self.look_timer = asyncio.get_running_loop().call_later(LOOKS_AFTER_S, self._tell_look)

    def still_look(self, *, typing: bool, note: bool) -> None:
        """Say again that this person looks, and whether they write; what is known and not yet due is not told."""
        if self.look is None:
            return
        self.look = Look(self.look.conversation, self.look.id, self.look.name, typing, note)
        if self.look_timer is None:
            self._tell_look()

    def look_away(self) -> None:
        """Have lists show this person no more."""
        if self.look_timer:
            self.look_timer.cancel()
        elif self.look:
            looks.teller.put(self.look_brand, self.channel_name, self.look, is_here=False)
        self.look = self.look_timer = None

    def _tell_look(self) -> None:
        self.look_timer = None
        if self.look:
            looks.teller.put(self.look_brand, self.channel_name, self.look, is_here=True)

    async def ask_who_looks(self, brand_pk: int) -> None:
        """Have everybody of a brand say where they look, where this process has not heard of it lately."""
        if looks.board.asks_for(brand_pk):
            await self.channel_layer.group_send(live.brand_group(brand_pk), {"type": "agents.say_looks"})

    async def agents_say_looks(self, event: dict[str, Any]) -> None:
        if self.look and self.look_timer is None:
            self._tell_look()

    async def on_list(self, frame: dict[str, Any]) -> None:
        """Take the conversations of the rows that the page shows now, and tell who looks at them."""
        if self.viewer is None:
            raise NotSignedIn
        names = _names_of(frame)
        self.shown = {name: self.shown.get(name, ()) for name in names}
        await self.tell_looks(names)

    async def agents_looks(self, event: dict[str, Any]) -> None:
        names = looks.board.read(event["brand"], event["sender"], event["number"], event["text"])
        if self.shown and (shown := names & self.shown.keys()):
            await self.tell_looks(shown)

    async def tell_looks_gone(self) -> None:
        """Tell of those who are gone without a word."""
        await self.tell_looks({name for name, people in self.shown.items() if people})

    async def tell_looks(self, names: set[str] | frozenset[str]) -> None:
        """Tell what the page was not told yet of who looks at these; of what its person may not see, nothing."""
        if self.viewer is None or not names:
            return
        me, brand_pks = self.viewer.user.public_id, self.viewer.brand_ids
        found = {name: looks.board.people_at(name, brand_pks, but=me) for name in names}
        news = {name: people for name, people in found.items() if people != self.shown.get(name, ())}
        if news and self.viewer.is_restricted:
            seen = await in_database(queries.seen_among, self.viewer, set(news))
            news = {name: people for name, people in news.items() if name in seen or self.shown.get(name)}
            news = {name: people if name in seen else () for name, people in news.items()}
        news = {name: people for name, people in news.items() if name in self.shown}
        if news:
            self.shown |= news
            told = {f"conversation-{name}": [_person(look) for look in people] for name, people in news.items()}
            await self.tell({"type": "looking", "looking": told})


def _person(look: Look) -> dict[str, Any]:
    return {"id": look.id, "name": look.name, "typing": look.typing, "note": look.note}


def _names_of(frame: dict[str, Any]) -> set[str]:
    """Give the public ids that a frame names. Raises InvalidContent."""
    names = frame.get("conversations")
    if not isinstance(names, list) or len(names) > MOST_ROWS:
        raise InvalidContent(field="conversations", limit=MOST_ROWS)
    if not all(isinstance(name, str) and 0 < len(name) <= 64 and is_storable(name) for name in names):
        raise InvalidContent(field="conversations", limit=64)
    return set(names)
