"""`/ws/client/`: the live line of an end user, widget and mobile app alike. Frames: docs/asyncapi.yaml."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from channels.exceptions import StopConsumer

from conversations import limits, live, queries
from conversations.actions import messages, presence
from conversations.actions.visitors import identity_of_token
from conversations.consumers.admission import admission
from conversations.consumers.base import (
    CLOSE_BLOCKED,
    CLOSE_FAILED,
    CLOSE_NOT_SIGNED_IN,
    CLOSE_TOO_FAST,
    CLOSE_TOO_SLOW,
    NoLongerIn,
    Socket,
    number_of,
    text_of,
)
from conversations.consumers.database import Given, Result, in_database
from conversations.errors import Blocked, InvalidContent, NotSignedIn, TooManyRequests
from conversations.fanout import fanout
from conversations.incoming import is_seq
from conversations.models import Contact, Conversation, Identity, Message
from conversations.networks import networks_holding
from conversations.secrets import fingerprint
from conversations.shapes import contact_shape, conversation_shape, message_shape

HELLO_WITHIN_S = 10
SLICE = 50
MAX_REPLAY = 200
# Where a message may go that names no conversation: the default one, or one it begins.
NEW = "new"
UNNAMED = frozenset({"default", NEW})
logger = logging.getLogger(__name__)


class ClientSocket(Socket):
    """Speaks with one end user. Subscribes first, reads then, so that nothing falls between the two."""

    frames = frozenset({"hello", "send", "typing", "read", "delivered", "postback", "resume", "ping"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.identity: Identity | None = None
        self.token = self.address = ""
        self.known: dict[str, Conversation] = {}
        # Who never wrote has no session that could be over when they leave.
        self.has_written = False
        self.hello_timer: asyncio.TimerHandle | None = None
        self.arrival: asyncio.Task[None] | None = None
        self.closing: asyncio.Task[None] | None = None

    @property
    def contact(self) -> Contact:
        if self.identity is None:
            raise NotSignedIn
        return self.identity.contact

    @property
    def who(self) -> str:
        """Whom the rate limits count."""
        if self.identity is None:
            raise NotSignedIn
        return str(self.identity.pk)

    async def connect(self) -> None:
        await self.accept()
        loop = asyncio.get_running_loop()
        self.hello_timer = loop.call_later(HELLO_WITHIN_S, lambda: loop.create_task(self.close(CLOSE_TOO_SLOW)))

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Have everything wait until the end user is in and up to date, but not that they left."""
        if self.arrival and message["type"] != "websocket.disconnect":
            await asyncio.wait([self.arrival])
        await super().dispatch(message)

    async def disconnect(self, code: int) -> None:
        if self.hello_timer:
            self.hello_timer.cancel()
        if self.arrival:
            self.arrival.cancel()
        if self.identity:
            for group in self.groups_of(self.identity):
                await self.channel_layer.group_discard(group, self.channel_name)
            if self.has_written:
                await in_database(presence.left, self.identity)

    async def on_hello(self, frame: dict[str, Any]) -> None:
        token, seen = text_of(frame, "token"), frame.get("seen", {})
        if self.identity or self.arrival or not isinstance(seen, dict) or not all(is_seq(seq) for seq in seen.values()):
            raise InvalidContent(field="hello")
        if self.hello_timer:
            self.hello_timer.cancel()
        # In a task of its own: whoever hangs up while many wait stands in nobody's way.
        self.arrival = asyncio.create_task(self.arrive(token, seen))
        self.arrival.add_done_callback(self.arrived)

    def arrived(self, arrival: asyncio.Task[None]) -> None:
        """Close a socket whose hello failed, as one whose other frames fail is closed."""
        self.arrival = None
        error = None if arrival.cancelled() else arrival.exception()
        if error is not None:
            # Whoever takes no frames was given up already, and that is no failure of ours.
            if not isinstance(error, StopConsumer):
                logger.error("hello=failed", exc_info=error)
            self.closing = asyncio.create_task(self.give_up())

    async def give_up(self) -> None:
        """Close, and end without waiting for the other end to say that it heard."""
        await self.close(CLOSE_FAILED)
        await self.channel_layer.send(self.channel_name, {"type": "client.over"})

    async def client_over(self, event: dict[str, Any]) -> None:
        raise StopConsumer

    async def arrive(self, token: str, seen: dict[str, int]) -> None:
        """Let somebody in and bring them up to date, when it is their turn."""
        try:
            await self.admit(token)
        except NotSignedIn:
            await self.close(CLOSE_NOT_SIGNED_IN)
            return
        except TooManyRequests:
            await self.close(CLOSE_TOO_FAST)
            return
        except Blocked:
            await self.close(CLOSE_BLOCKED)
            return
        await self.welcome(seen)

    async def welcome(self, seen: dict[str, int]) -> None:
        """Tell how things stand, and what came after what they have seen."""
        state = await self.in_turn(_state_of, self.contact, seen)
        self.known = {own.conversation.public_id: own.conversation for own in state.overview.conversations}
        self.has_written = self.has_written or bool(self.known)
        await self.tell(
            {
                "type": "welcome",
                "contact": contact_shape(self.contact),
                "conversations": [conversation_shape(own) for own in state.overview.conversations],
                "unread": state.overview.unread,
            }
        )
        await self.replay(state.after, state.missed)

    async def admit(self, token: str) -> None:
        """Let in whom the token names. Raises NotSignedIn, TooManyRequests, Blocked."""
        self.address = limits.address_of_socket(self.scope)
        self.identity = await self.in_turn(_let_in, self.address, token)
        self.token = token
        for group in self.groups_of(self.identity):
            await self.channel_layer.group_add(group, self.channel_name)

    def groups_of(self, identity: Identity) -> tuple[str, str]:
        """Name the groups of the channel layer that an end user's socket is in."""
        return live.client_group(identity.contact_id), live.visitors_group(identity.channel.brand_id)

    async def in_turn(self, call: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        """Read as one of few at a time. Nothing is sent meanwhile: whoever reads nothing would keep others waiting."""
        async with admission():
            return await in_database(call, *args, **kwargs)

    async def replay(self, after: dict[Conversation, int], found: Sequence[Message]) -> None:
        """Send what was found after a seq of each, in slices that let others breathe.

        Past 200 in all, say where the client may page on.
        """
        of = {conversation.pk: conversation for conversation in after}
        for sent, message in enumerate(found[:MAX_REPLAY], start=1):
            conversation = of[message.conversation_id]
            await self.tell({"type": "message", "message": message_shape(message, conversation)})
            after[conversation] = message.seq
            if sent % SLICE == 0:
                await asyncio.sleep(0)
        if len(found) > MAX_REPLAY:
            for conversation, seq in after.items():
                if conversation.pk <= found[MAX_REPLAY].conversation_id:
                    await self.tell({"type": "gap", "conversation": conversation.public_id, "after": seq})

    async def conversation(self, frame: dict[str, Any]) -> Conversation:
        """Give the conversation a frame names; only ever one of the end user's own."""
        public_id = text_of(frame, "conversation")
        if public_id not in self.known:
            found = await in_database(_find, self.who, self.contact, public_id)
            self.known[public_id] = found
        return self.known[public_id]

    async def on_send(self, frame: dict[str, Any]) -> None:
        client_id = text_of(frame, "client_id")
        if self.identity is None:
            raise NotSignedIn
        destination = text_of(frame, "conversation")
        posted = await in_database(
            _receive,
            identity=self.identity,
            conversation=None if destination in UNNAMED else await self.conversation(frame),
            begins_new=destination == NEW,
            content=frame.get("content"),
            client_id=client_id,
            metadata=frame.get("metadata"),
        )
        self.has_written = True
        shape = message_shape(posted.message, posted.message.conversation)
        await self.tell({"type": "ack", "client_id": client_id, "message": shape})

    async def on_typing(self, frame: dict[str, Any]) -> None:
        # Costs the database nothing; the pace of frames bounds it.
        conversation = await self.conversation(frame)
        is_typing = text_of(frame, "state") == "start"
        fanout.put(live.contact_typing(conversation, self.contact, is_typing=is_typing))

    async def on_read(self, frame: dict[str, Any]) -> None:
        conversation, seq = await self.conversation(frame), number_of(frame, "seq")
        await in_database(_mark_read, self.who, conversation, self.contact, seq)

    async def on_delivered(self, frame: dict[str, Any]) -> None:
        conversation, seq = await self.conversation(frame), number_of(frame, "seq")
        await in_database(_mark_delivered, self.who, conversation, self.contact, seq)

    async def on_postback(self, frame: dict[str, Any]) -> None:
        conversation = await self.conversation(frame)
        message, payload = text_of(frame, "message"), text_of(frame, "payload", 4096)
        assert self.identity is not None
        await in_database(_press, self.identity, conversation, message, payload)

    async def on_resume(self, frame: dict[str, Any]) -> None:
        after = {await self.conversation(frame): number_of(frame, "after")}
        await self.replay(after, await self.in_turn(_missed, self.who, after))

    async def look_again(self) -> None:
        await super().look_again()
        if self.identity is None:
            return
        try:
            self.identity = await in_database(_still_in, self.address, self.token)
        except NotSignedIn:
            raise NoLongerIn from None
        except Blocked:
            raise NoLongerIn(CLOSE_BLOCKED) from None

    async def on_ping(self, frame: dict[str, Any]) -> None:
        """Answer with the newest seqs: a lost last frame leaves no hole by which a client would notice."""
        await self.look_again()
        newest = await in_database(_newest, self.who, self.contact) if self.identity else {}
        await self.tell({"type": "pong", "conversations": newest})

    async def client_message(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["frame"])

    async def client_conversation(self, event: dict[str, Any]) -> None:
        state = await in_database(_one_state, self.contact, event["conversation"])
        own = state.conversations[0]
        self.known[own.conversation.public_id] = own.conversation
        await self.tell({"type": "conversation", "conversation": conversation_shape(own)})
        await self.tell({"type": "unread", "count": state.unread})

    async def client_typing(self, event: dict[str, Any]) -> None:
        await self.tell({"type": "typing"} | {name: event[name] for name in ("conversation", "author", "state")})

    async def client_blocked(self, event: dict[str, Any]) -> None:
        """Look whether a block that was made this moment concerns this end."""
        if "network" not in event or event["network"] in networks_holding(self.address):
            await self.look_again()

    async def client_signed_out(self, event: dict[str, Any]) -> None:
        if event["token_hash"] in {"", fingerprint(self.token)}:
            await self.close(CLOSE_NOT_SIGNED_IN)


def _let_in(address: str, token: str) -> Identity:
    limits.spend("hello", address)
    return _still_in(address, token)


def _still_in(address: str, token: str) -> Identity:
    identity = identity_of_token(token, caller=address)
    queries.refuse_blocked(identity, address)
    presence.came(identity)
    return identity


def _newest(who: str, contact: Contact) -> dict[str, int]:
    limits.spend("read", who)
    return queries.newest_seqs(contact)


def _find(who: str, contact: Contact, public_id: str) -> Conversation:
    limits.spend("read", who)
    return queries.conversation_for_contact(contact, public_id)


def _receive(*, identity: Identity, **given: Any) -> messages.Posted:
    limits.spend("send", str(identity.pk))
    return messages.receive(identity=identity, **given)


@dataclass(frozen=True)
class _State:
    """What an end user who comes is told; `missed` came after the seqs they have seen."""

    overview: queries.Overview
    after: dict[Conversation, int]
    missed: Sequence[Message]


def _state_of(contact: Contact, seen: dict[str, int]) -> _State:
    overview = queries.overview(contact)
    told = [(own.conversation, seen.get(own.conversation.public_id)) for own in overview.conversations]
    after = {each: seq for each, seq in told if seq is not None and seq < each.last_public_seq}
    return _State(overview, after, _after(after))


def _one_state(contact: Contact, public_id: str) -> queries.Overview:
    return queries.own_view(contact, queries.conversation_for_contact(contact, public_id))


def _missed(who: str, after: dict[Conversation, int]) -> Sequence[Message]:
    limits.spend("read", who)
    return _after(after)


def _after(after: dict[Conversation, int]) -> Sequence[Message]:
    return queries.missed({conversation.pk: seq for conversation, seq in after.items()}, limit=MAX_REPLAY + 1)


def _mark_read(who: str, conversation: Conversation, contact: Contact, seq: int) -> None:
    limits.spend("read", who)
    messages.mark_read(conversation=conversation, contact=contact, seq=seq)


def _mark_delivered(who: str, conversation: Conversation, contact: Contact, seq: int) -> None:
    limits.spend("read", who)
    messages.mark_delivered(conversation=conversation, contact=contact, seq=seq)


def _press(identity: Identity, conversation: Conversation, public_id: str, payload: str) -> Message:
    limits.spend("send", str(identity.pk))
    message = queries.message_of(conversation, public_id)
    messages.press_postback(identity=identity, message=message, payload=payload)
    return message
