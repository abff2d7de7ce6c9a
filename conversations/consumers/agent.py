"""`/ws/agent/`: the live line of the workspace. It carries facts, never HTML. Frames: docs/asyncapi.yaml.

A page of the workspace is let in by its cookie, an app by the token of its first frame.

Presence (who looks, who types) lives only in the layer: whoever opens a thread asks "who is here", and all answer.
Lists hear of it by way of `LooksSocket`.
"""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from channels.exceptions import StopConsumer

from conversations import limits, live, queries
from conversations.actions.people import keep_sign_of_life
from conversations.business.callers import caller_of_token
from conversations.consumers.base import (
    CLOSE_NOT_SIGNED_IN,
    CLOSE_TOO_FAST,
    CLOSE_TOO_SLOW,
    NoLongerIn,
    text_of,
)
from conversations.consumers.database import in_database
from conversations.consumers.looks import LooksSocket
from conversations.errors import NotSignedIn, TooManyRequests
from conversations.fanout import fanout
from conversations.models import Conversation, User
from conversations.permissions import Permission

CLOSE_WRONG_ORIGIN = 4403
HELLO_WITHIN_S = 10
# How often an end is asked whether it is there: well below the shortest limit of absence, 30 s. A page in the
# background hears it, while browsers wake its own timers once a minute.
ASK_EVERY_S = 15.0


class AgentSocket(LooksSocket):
    """Speaks with one signed-in person of the business, about the brands they belong to."""

    frames = frozenset({"hello", "watch", "unwatch", "list", "typing", "ping"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.watched: Conversation | None = None
        self.typing = False
        self.is_note = False
        # Of an app; "" for a page of the workspace.
        self.token = ""
        self.hello_timer: asyncio.TimerHandle | None = None
        # None before this end is let in, and after it left.
        self.ask_timer: asyncio.TimerHandle | None = None

    @property
    def user(self) -> User:
        if self.viewer is None:
            raise NotSignedIn
        return self.viewer.user

    async def connect(self) -> None:
        await self.accept()
        user = self.scope["user"]
        if not user.is_authenticated and not _shows_cookies(self.scope):
            loop = asyncio.get_running_loop()
            self.hello_timer = loop.call_later(HELLO_WITHIN_S, lambda: loop.create_task(self.close(CLOSE_TOO_SLOW)))
            return
        if not _same_origin(self.scope):
            await self.close(CLOSE_WRONG_ORIGIN)
            return
        await self.let_in(await in_database(queries.viewer_of, user) if user.is_authenticated else None)

    async def on_hello(self, frame: dict[str, Any]) -> None:
        """Let an app in by its person's token."""
        if self.viewer is not None:
            return
        if self.hello_timer:
            self.hello_timer.cancel()
        self.token = text_of(frame, "token")
        try:
            viewer = await in_database(_viewer_of_token, limits.address_of_socket(self.scope), self.token)
        except TooManyRequests:
            await self.close(CLOSE_TOO_FAST)
        except NotSignedIn:
            await self.close(CLOSE_NOT_SIGNED_IN)
        else:
            await self.let_in(viewer)

    async def let_in(self, viewer: queries.Viewer | None) -> None:
        """Have this end hear of its brands, or close it."""
        if viewer is None or not viewer.places:
            await self.close(CLOSE_NOT_SIGNED_IN)
            return
        self.viewer = viewer
        for brand_id in viewer.brand_ids:
            await self.channel_layer.group_add(live.brand_group(brand_id), self.channel_name)
        await in_database(keep_sign_of_life, user_pk=viewer.user.pk, is_active=True)
        await self.tell({"type": "welcome", "user": viewer.user.public_id})
        for brand_id in viewer.brand_ids:
            await self.ask_who_looks(brand_id)
        self.ask_later()

    def ask_later(self) -> None:
        loop = asyncio.get_running_loop()
        self.ask_timer = loop.call_later(ASK_EVERY_S, lambda: loop.create_task(self.ask()))

    async def ask(self) -> None:
        """Have the other end say that it is there."""
        if self.ask_timer is None:
            return
        self.ask_later()
        try:
            await self.tell({"type": "ping"})
            await self.tell_looks_gone()
        except StopConsumer:
            await self.close(CLOSE_TOO_SLOW)

    async def disconnect(self, code: int) -> None:
        if self.hello_timer:
            self.hello_timer.cancel()
        if self.ask_timer:
            self.ask_timer.cancel()
            self.ask_timer = None
        if self.viewer is None:
            return
        await self.leave_thread()
        for brand_id in self.viewer.brand_ids:
            await self.channel_layer.group_discard(live.brand_group(brand_id), self.channel_name)

    async def on_watch(self, frame: dict[str, Any]) -> None:
        """Look at a conversation: tell the others, and have them tell.

        Said again every 25 s it keeps the person there: pages drop whoever they have not heard of for a minute, because
        a process that dies says no goodbye.
        """
        if self.viewer is None:
            raise NotSignedIn
        if self.watched is not None and self.watched.public_id == frame.get("conversation"):
            await self.say_presence("agents.here")
            self.still_look(typing=self.typing, note=self.is_note)
            return
        conversation = await in_database(queries.conversation_for_viewer, self.viewer, text_of(frame, "conversation"))
        await self.leave_thread()
        self.watched = conversation
        await self.channel_layer.group_add(live.thread_group(conversation.pk), self.channel_name)
        self.look_at(conversation)
        await self.say_presence("agents.who_is_here")

    async def on_unwatch(self, frame: dict[str, Any]) -> None:
        await self.leave_thread()

    async def leave_thread(self) -> None:
        if self.watched is None:
            return
        self.look_away()
        await self.channel_layer.group_discard(live.thread_group(self.watched.pk), self.channel_name)
        await self.say_presence("agents.left")
        self.watched, self.typing = None, False

    async def say_presence(self, what: str) -> None:
        assert self.watched is not None
        person = {"id": self.user.public_id, "name": self.user.name, "typing": self.typing, "note": self.is_note}
        message = {"type": what, "conversation": self.watched.public_id, "person": person, "from": self.channel_name}
        await self.channel_layer.group_send(live.thread_group(self.watched.pk), message)

    async def on_typing(self, frame: dict[str, Any]) -> None:
        """Show that this person types, or stopped: in a reply to everyone, in a note to agents only."""
        if self.watched is None or self.watched.public_id != frame.get("conversation") or self.viewer is None:
            return
        if not self.viewer.may(self.watched.brand_id, Permission.NOTE):
            return
        before = (self.typing, self.is_note)
        self.typing = frame.get("state") == "start"
        self.is_note = frame.get("audience") == "internal"
        if before != (self.typing, self.is_note):
            self.still_look(typing=self.typing, note=self.is_note)
        fanout.put(*live.agent_typing(self.watched, self.user, is_typing=self.typing, is_note=self.is_note))

    async def look_again(self) -> None:
        await super().look_again()
        if self.viewer is None:
            return
        try:
            fresh = await in_database(_still_in, self.viewer, self.token)
        except NotSignedIn:
            raise NoLongerIn from None
        before, self.viewer = self.viewer, fresh
        for brand_id in set(before.places) - set(self.viewer.places):
            await self.channel_layer.group_discard(live.brand_group(brand_id), self.channel_name)
        for brand_id in set(self.viewer.places) - set(before.places):
            await self.channel_layer.group_add(live.brand_group(brand_id), self.channel_name)
        if self.watched is not None and not await self.still_sees(self.watched):
            await self.leave_thread()
        if not self.viewer.places:
            raise NoLongerIn

    async def on_ping(self, frame: dict[str, Any]) -> None:
        """Say that the line lives; `active` says that mouse or keyboard were used since the last ping."""
        await self.look_again()
        await in_database(keep_sign_of_life, user_pk=self.user.pk, is_active=frame.get("active") is True)
        await self.tell({"type": "pong"})

    async def still_sees(self, watched: Conversation) -> bool:
        """Say whether this person may go on looking at a conversation. One query for who is restricted, else none."""
        assert self.viewer is not None
        if watched.brand_id not in self.viewer.places:
            return False
        return not self.viewer.is_restricted or await self.sees(watched.public_id)

    async def sees(self, public_id: str) -> bool:
        """Say whether this person may see a conversation; of one they are restricted from, no fact may reach them."""
        if self.viewer is None or not self.viewer.places:
            return False
        return await in_database(queries.sees_conversation, self.viewer, public_id)

    async def agents_changed(self, event: dict[str, Any]) -> None:
        if self.viewer is None or not self.viewer.is_restricted:
            await self.send(text_data=event["frame"])
        elif frame := await self.seen_of(json.loads(event["frame"])):
            await self.tell(frame)

    async def seen_of(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        """Give what is left of a frame for somebody who does not see all conversations: None where nothing is."""
        named = {name: public_id for name in frame["changed"] if (public_id := conversation_named(name))}
        seen = {public_id for public_id in set(named.values()) if await self.sees(public_id)}
        changed = [name for name in frame["changed"] if name not in named or named[name] in seen]
        seqs = {name: seq for name, seq in frame["seqs"].items() if name in changed}
        seq = next(iter(seqs.values())) if len(seqs) == 1 else None
        return frame | {"changed": changed, "seq": seq, "seqs": seqs} if changed else None

    async def agents_typing(self, event: dict[str, Any]) -> None:
        if self.viewer and self.viewer.is_restricted and not await self.sees(conversation_named(event["typing"])):
            return
        if event["who"]["id"] != self.user.public_id:
            await self.tell({"type": "typing"} | {name: event[name] for name in ("typing", "who", "state")})

    async def agents_who_is_here(self, event: dict[str, Any]) -> None:
        if event["from"] != self.channel_name:
            await self.tell_presence(event, is_here=True)
            await self.say_presence("agents.here")

    async def agents_here(self, event: dict[str, Any]) -> None:
        if event["from"] != self.channel_name:
            await self.tell_presence(event, is_here=True)

    async def agents_left(self, event: dict[str, Any]) -> None:
        """Say who left; a person with another window on the thread says at once that they are still here."""
        if event["from"] == self.channel_name:
            return
        if self.watched is not None and event["person"]["id"] == self.user.public_id:
            await self.say_presence("agents.here")
            return
        await self.tell_presence(event, is_here=False)

    async def tell_presence(self, event: dict[str, Any], *, is_here: bool) -> None:
        await self.tell(
            {
                "type": "presence",
                "presence": f"conversation-{event['conversation']}",
                "person": event["person"],
                "here": is_here,
            }
        )


def conversation_named(name: str) -> str:
    """Give the conversation that the name of a changed thing speaks of, or nothing."""
    kind, _, public_id = name.partition("-")
    return public_id if kind in {"conversation", "session", "ticket"} else ""


def _viewer_of_token(address: str, token: str) -> queries.Viewer:
    limits.spend("hello", address)
    return caller_of_token(token).viewer


def _still_in(viewer: queries.Viewer, token: str) -> queries.Viewer:
    return caller_of_token(token).viewer if token else queries.viewer_of(viewer.user)


def _shows_cookies(scope: dict[str, Any]) -> bool:
    """Say whether a browser opened the socket with cookies of ours; an app shows none."""
    return b"cookie" in dict(scope["headers"])


def _same_origin(scope: dict[str, Any]) -> bool:
    """Say whether the page that opened the socket is ours: a browser always tells, and cookies alone prove nothing."""
    headers = dict(scope["headers"])
    origin, host = headers.get(b"origin", b"").decode("latin1"), headers.get(b"host", b"").decode("latin1")
    return bool(origin) and urlsplit(origin).netloc == host
