"""Madang itself, in both forms, as an operator starts it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg

from tests.bench.line import Line, connect
from tests.bench.processes import ROOT, wait_until_it_answers
from tests.bench.products import LOGS, REDIS_URL, UVICORN, Heard, Product, create_database

STORED = (
    "SELECT count(*) FROM conversations_message m JOIN conversations_event e"
    " ON e.type = 'message.posted' AND {payload} = m.public_id WHERE m.client_id LIKE '{run}-%'"
)
UNREAD = (
    "SELECT (SELECT count(*) FROM conversations_event WHERE position IS NULL),"
    " (SELECT max(position) FROM conversations_event) - (SELECT min(position) FROM conversations_logreader)"
)


class Madang(Product):
    """Base of both forms: the client and agent sockets, the load brand's people."""

    payload = ""

    def __init__(self, port: int, env: dict[str, str], people: int) -> None:
        super().__init__(port)
        self.ports = [port]  # of the web processes that clients are spread over
        self.env = env | {"API_RATE_LIMITS": "off", "PRODUCTION": "off", "DJANGO_SETTINGS_MODULE": "config.settings"}
        self.call("manage.py", "migrate", "--verbosity", "0")
        found = json.loads(self.call("-m", "tests.bench.people", str(people))) if people else {}
        self.visitors: list[dict[str, str]] = found.get("visitors", [])
        self.cookies: list[str] = found.get("agents", [])
        self.numbers = {visitor["conversation"]: n for n, visitor in enumerate(self.visitors)}

    def call(self, *command: str) -> str:
        """Run one command inside the installation; give what it prints."""
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=os.environ | self.env, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    def rows(self, query: str) -> list[Any]:
        """Give the rows of one query of the installation's database."""
        raise NotImplementedError

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def visitor(self, conversation: int, hear: Callable[[dict[str, Any]], None], seen: int | None = None) -> Line:
        who = self.visitors[conversation]
        port = self.ports[conversation % len(self.ports)]
        line = await connect(f"ws://127.0.0.1:{port}/ws/client/", hear)
        marks = {} if seen is None else {who["conversation"]: seen}
        line.tell({"type": "hello", "token": who["token"], "seen": marks})
        return line

    async def agent(self, number: int, conversations: range, hear: Callable[[dict[str, Any]], None]) -> Line:
        port = self.ports[number // 2 % len(self.ports)]
        headers = {"Cookie": self.cookies[number], "Origin": f"http://127.0.0.1:{port}"}
        return await connect(f"ws://127.0.0.1:{port}/ws/agent/", hear, headers)

    def words(self, run: str, conversation: int, n: int) -> dict[str, Any]:
        return {
            "type": "send",
            "client_id": f"{run}-{conversation}-{n}",
            "conversation": self.visitors[conversation]["conversation"],
            "content": {"type": "text", "text": f"{run}: when does my tent come?"},
        }

    def heard(self, frame: dict[str, Any]) -> list[Heard]:
        if frame["type"] == "ack":
            _, conversation, n = frame["client_id"].split("-")
            return [("ack", int(conversation), int(n), frame["message"]["seq"])]
        if frame["type"] == "changed":
            seqs = {name.removeprefix("conversation-"): seq for name, seq in frame["seqs"].items()}
            return [("seen", self.numbers[name], 0, seq) for name, seq in seqs.items() if name in self.numbers]
        return []

    def stored(self, run: str) -> int:
        return int(self.rows(STORED.format(payload=self.payload, run=run))[0][0])

    def settle(self) -> float:
        """Wait until every fact is numbered and read; give the seconds. Raises TimeoutError after two minutes."""
        begun = time.monotonic()
        while time.monotonic() < begun + 120:
            unnumbered, unread = self.rows(UNREAD)[0]
            if not unnumbered and not unread:
                return time.monotonic() - begun
            time.sleep(0.1)
        raise TimeoutError("the log was not read to its end")


class Scaled(Madang):
    """uvicorn, a worker and beat on PostgreSQL and Redis; more web processes by `web`."""

    name = "Madang scaled"
    payload = "e.payload->>'message'"

    def __init__(self, port: int, people: int, suffix: str = "site", *, anew: bool = True) -> None:
        database = create_database(suffix, anew=anew)
        super().__init__(port, {"DATABASE_URL": database, "REDIS_URL": REDIS_URL, "SECRET_KEY": "b" * 50}, people)
        self.database = database
        self.web(port)

    def web(self, port: int) -> None:
        process = self.start("-m", "uvicorn", "config.asgi:application", "--port", str(port), *UVICORN, env=self.env)
        wait_until_it_answers(f"http://127.0.0.1:{port}/healthz", process)

    def worker(self) -> None:
        celery = ("-m", "celery", "-A", "config")
        self.start(*celery, "worker", "--pool=threads", "-c", "8", "--loglevel", "warning", env=self.env)
        self.start(*celery, "beat", "--scheduler", "celery.beat:Scheduler", "--loglevel", "warning", env=self.env)

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()


class Embedded(Madang):
    """`manage.py run`: one process on SQLite."""

    name = "Madang embedded"
    payload = "json_extract(e.payload, '$.message')"

    def __init__(self, port: int, people: int) -> None:
        self.folder = LOGS / "embedded"
        shutil.rmtree(self.folder, ignore_errors=True)
        super().__init__(port, {"DATABASE_URL": "", "REDIS_URL": "", "DATA_DIR": str(self.folder)}, people)
        process = self.start("manage.py", "run", "--port", str(port), env=self.env)
        wait_until_it_answers(f"{self.address}/healthz", process)
        self.rss_at_start_kib = self.rss_kib()

    def rows(self, query: str) -> list[Any]:
        with sqlite3.connect(f"file:{self.folder}/madang.sqlite3?mode=ro", uri=True, timeout=20) as connection:
            return connection.execute(query).fetchall()

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)
