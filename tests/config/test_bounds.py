import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from config.bounds import AROUND_FILE_BYTES, BoundedBody

MB = 1024 * 1024


def ask(path: str, *pieces: int, told: int | None = None) -> tuple[int, int | None]:
    """Send a body in pieces of these sizes; give how many bytes the app read, and the status of a refusal."""
    read: list[int] = []
    answered: list[int] = []
    waiting = list(pieces)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            read.append(len(message["body"]))
            if not message["more_body"]:
                return

    async def receive() -> dict[str, Any]:
        size = waiting.pop(0)
        return {"type": "http.request", "body": b"x" * size, "more_body": bool(waiting)}

    async def send(message: Mapping[str, Any]) -> None:
        if "status" in message:
            answered.append(message["status"])

    headers = [(b"content-length", str(told).encode())] if told is not None else []
    asyncio.run(BoundedBody(app)({"path": path, "headers": headers}, receive, send))
    return sum(read), answered[0] if answered else None


@pytest.fixture(autouse=True)
def small(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * MB, MB


def test_told_length_is_refused_before_anything_is_read() -> None:
    assert ask("/healthz", 1, told=MB + 1) == (0, 413)
    assert ask("/client/v1/attachments", 1, told=4 * MB + AROUND_FILE_BYTES + 1) == (0, 413)


def test_untold_length_is_cut_off_at_the_limit() -> None:
    assert ask("/client/v1/session", MB, 1, 1) == (MB, None)


def test_what_is_within_the_limit_goes_through() -> None:
    assert ask("/client/v1/session", MB, told=MB) == (MB, None)
    assert ask("/workspace/upload/", 2 * MB, 2 * MB, told=4 * MB) == (4 * MB, None)
