"""What every socket of ours has: cheap dispatch, bounded JSON frames, and a bounded pace."""

import asyncio
import json
import time
from typing import Any, ClassVar

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from conversations.api.errors import error_shape
from conversations.errors import ConversationsError, InvalidContent, TooManyRequests
from conversations.fanout import fanout, frame_text
from conversations.incoming import is_seq, is_storable, json_in

MAX_FRAME_CHARS = 64 * 1024
FRAMES_PER_S = 30
BURST = 120
# Whoever has not taken a frame by then reads nothing; waiting on would fill the memory with what is meant for them.
SEND_WITHIN_S = 10.0
# How long a socket lives on what was looked up of its other end; a ping looks again at once.
LOOK_AGAIN_S = 60.0
# Close codes (RFC 6455 section 7.4): the server failed; and ours, of the 4000 to 4999 that applications may use.
CLOSE_FAILED = 1011
CLOSE_NOT_SIGNED_IN = 4401
CLOSE_TOO_SLOW = 4408
CLOSE_BLOCKED = 4423
CLOSE_TOO_FAST = 4429


class NoLongerIn(Exception):
    """The token ended, the channel is paused, or the person has no place here any more; `code` closes the socket."""

    def __init__(self, code: int = CLOSE_NOT_SIGNED_IN) -> None:
        self.code = code
        super().__init__(code)


class Socket(AsyncWebsocketConsumer):
    """Base: takes JSON text frames with a `type` out of `frames`, and calls the method `on_<type>` with the frame."""

    frames: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.allowance = float(BURST)
        self.last_frame_at = self.looked_at = time.monotonic()

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        fanout.adopt(asyncio.get_running_loop())
        await super().websocket_connect(message)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler directly: Channels' own dispatch hops through the database thread for each message."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"no handler for {message['type']}")
        try:
            if message["type"] != "websocket.disconnect" and time.monotonic() - self.looked_at > LOOK_AGAIN_S:
                await self.look_again()
            await handler(message)
        except NoLongerIn as error:
            await self.close(error.code)

    async def look_again(self) -> None:
        """Look whether whoever is at the other end may still be here. Raises NoLongerIn."""
        self.looked_at = time.monotonic()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame: dict[str, Any] = {}
        try:
            self._pace()
            frame = _parsed(text_data)
            if frame["type"] not in self.frames:
                raise InvalidContent(field="type")
            await getattr(self, f"on_{frame['type']}")(frame)
        except ConversationsError as error:
            client_id = frame.get("client_id")
            told = {"type": "error", "client_id": client_id if isinstance(client_id, str) else None}
            # In ASCII: what is at fault may be half a character, which no frame carries as it is.
            await self.send(text_data=json.dumps(told | error_shape(error)))

    def _pace(self) -> None:
        now = time.monotonic()
        self.allowance = min(BURST, self.allowance + (now - self.last_frame_at) * FRAMES_PER_S)
        self.last_frame_at = now
        self.allowance -= 1
        if self.allowance < 0 and settings.API_RATE_LIMITS:
            raise TooManyRequests(limit=1)

    async def send(self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool = False) -> None:
        """Send text to the other end; give the socket up when it is not taken within 10 s."""
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await super().send(text_data, bytes_data, close)
        except TimeoutError:
            await self.disconnect(CLOSE_TOO_SLOW)
            raise StopConsumer from None

    async def tell(self, frame: dict[str, Any]) -> None:
        """Send one frame."""
        await self.send(text_data=frame_text(frame))


def _parsed(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MAX_FRAME_CHARS:
        raise InvalidContent(field="frame", limit=MAX_FRAME_CHARS)
    try:
        frame = json_in(text)
    except ValueError:
        raise InvalidContent(field="frame") from None
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise InvalidContent(field="type")
    return frame


def text_of(frame: dict[str, Any], name: str, limit: int = 64) -> str:
    """Give a text field of a frame. Raises InvalidContent."""
    value = frame.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit or not is_storable(value):
        raise InvalidContent(field=name, limit=limit)
    return value


def number_of(frame: dict[str, Any], name: str) -> int:
    """Give a number field of a frame, 0 to 2^31 - 1. Raises InvalidContent."""
    value: int = frame.get(name, -1)
    if not is_seq(value):
        raise InvalidContent(field=name)
    return value
