"""One client socket, cheap: websockets' own protocol without its streams, frames straight to a callback."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

Hear = Callable[[dict[str, Any]], None]


class Line(asyncio.Protocol):
    """Calls `hear` with each JSON frame; `opened` and `closed` are futures."""

    def __init__(self, address: str, headers: dict[str, str], hear: Hear) -> None:
        self.ws = ClientProtocol(parse_uri(address))
        self.headers = headers
        self.hear = hear
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int | None] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        request = self.ws.connect()
        for name, value in self.headers.items():
            request.headers[name] = value
        self.ws.send_request(request)
        self.flush()

    def data_received(self, data: bytes) -> None:
        self.ws.receive_data(data)
        for event in self.ws.events_received():
            if isinstance(event, Frame):
                if event.opcode is Opcode.TEXT:
                    self.hear(json.loads(bytes(event.data)))
            elif isinstance(event, Response) and not self.opened.done():
                if self.ws.handshake_exc:
                    self.opened.set_exception(self.ws.handshake_exc)
                else:
                    self.opened.set_result(None)
        self.flush()

    def flush(self) -> None:
        if pieces := [piece for piece in self.ws.data_to_send() if piece]:
            self.transport.write(b"".join(pieces))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or InvalidHandshake("closed before it opened"))
        if not self.closed.done():
            self.closed.set_result(self.ws.close_code)

    def tell(self, frame: dict[str, Any]) -> None:
        """Send one frame; nothing on a line that is closing."""
        if self.ws.state is State.OPEN:
            self.ws.send_text(json.dumps(frame).encode())
            self.flush()

    def cut(self) -> None:
        """End the line as a lost network would."""
        self.transport.abort()


async def connect(address: str, hear: Hear, headers: dict[str, str] | None = None, within_s: float = 60) -> Line:
    """Open a line to a server of this machine. Raises OSError, InvalidHandshake, TimeoutError."""
    where = urlsplit(address)
    assert where.hostname == "127.0.0.1" and where.port is not None
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(address, headers or {}, hear), where.hostname, where.port)
    async with asyncio.timeout(within_s):
        await line.opened
    return line
