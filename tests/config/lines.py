"""A visitor's client beside running processes: starts a session, keeps a line, and sends until all is acknowledged."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from websockets.sync.client import ClientConnection, connect

from widget.demo import KEY

ON_THE_WAY = 20


def start_session(port: int) -> str:
    """Let a visitor in; give the token."""
    body = json.dumps({"key": KEY, "client_id": "a-visitor-of-the-test"}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/client/v1/session", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return str(json.load(answer)["token"])


def visitor_line(port: int, token: str, seen: dict[str, int] | None = None) -> ClientConnection:
    """Open the visitor's socket and hear its welcome."""
    line: ClientConnection = connect(f"ws://127.0.0.1:{port}/ws/client/", compression=None, legacy=True)
    line.send(json.dumps({"type": "hello", "token": token, "seen": seen or {}}))
    assert json.loads(line.recv(10))["type"] == "welcome"
    return line


def hear(line: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Give the first frame that is wanted."""
    while True:
        frame: dict[str, Any] = json.loads(line.recv(15))
        if wanted(frame):
            return frame


class Sender:
    """Sends words c-0, c-1 … up to 20 on the way, and keeps the seq of each acknowledged one."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.acknowledged: dict[str, int] = {}

    def send(self, line: ClientConnection, until: int) -> None:
        """Send what is not acknowledged yet until so many are. Raises when the line breaks."""
        waiting = [f"c-{n}" for n in range(self.total) if f"c-{n}" not in self.acknowledged]
        on_the_way: set[str] = set()
        while len(self.acknowledged) < until:
            while waiting and len(on_the_way) < ON_THE_WAY:
                client_id = waiting.pop(0)
                on_the_way.add(client_id)
                content = {"type": "text", "text": client_id}
                frame = {"type": "send", "client_id": client_id, "conversation": "default", "content": content}
                line.send(json.dumps(frame))
            ack = hear(line, lambda each: each["type"] == "ack")
            self.acknowledged[ack["client_id"]] = ack["message"]["seq"]
            on_the_way.discard(ack["client_id"])
