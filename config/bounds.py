"""How much a request may carry: refused before anything is read, or cut off where its length was not told."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

UPLOADS = frozenset({"/client/v1/attachments", "/api/v1/attachments", "/workspace/upload/"})
# A web form carries its files with it.
FORMS = "/forms/"
# Beside the file itself: the other fields and the seams of a multipart body.
AROUND_FILE_BYTES = 64 * 1024


class BoundedBody:
    """Lets bodies of `DATA_UPLOAD_MAX_MEMORY_SIZE` through to `app`, and of `UPLOAD_MAX_BYTES` to where files go."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        limit = _limit_of(scope["path"])
        told = dict(scope["headers"]).get(b"content-length", b"")
        if told.isdigit() and int(told) > limit:
            await _refuse(send, limit)
            return
        left = limit

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            return message if left >= 0 else {"type": "http.disconnect"}

        await self.app(scope, bounded, send)


def _limit_of(path: str) -> int:
    if path in UPLOADS or path.startswith(FORMS):
        return int(settings.UPLOAD_MAX_BYTES) + AROUND_FILE_BYTES
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


async def _refuse(send: Send, limit: int) -> None:
    title = f"This is too large: at most {limit / 1_000_000:.1f} MB."
    error = {"code": "payload_too_large", "title": title, "field": None, "limit": limit}
    body = json.dumps({"error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
