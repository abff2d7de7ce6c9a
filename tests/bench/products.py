"""The products under test, each started as it runs for real: how one is spoken to, what it uses, what it stored."""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg

from tests.bench.line import Line, connect
from tests.bench.processes import ROOT, Process, cpu_seconds, rss_kib, wait_until_it_answers

DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://madang:madang@127.0.0.1:5432/madang")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/13")
LOGS = ROOT / ".data" / "bench"
AGENTS = 20
BEHIND = 5  # messages of a seeded conversation
UVICORN = ("--lifespan", "off", "--log-level", "warning", "--ws-per-message-deflate", "false")
# What a frame says: ("ack", conversation, n, its place in order), ("seen", conversation, 0, up to which place).
Heard = tuple[str, int, int, int]


class Product:
    """Base: processes on ports of this machine, one database of PostgreSQL or none."""

    name = ""
    has_agents = True

    def __init__(self, port: int) -> None:
        self.port = port
        self.processes: list[Process] = []
        self.database = ""

    def start(self, *command: str, env: dict[str, str] | None = None) -> Process:
        LOGS.mkdir(parents=True, exist_ok=True)
        process = Process(LOGS / f"{self.name}.log", env or {}, *command)
        self.processes.append(process)
        return process

    @property
    def pids(self) -> list[int]:
        return [pid for process in self.processes for pid in process.pids]

    def backends(self) -> list[int]:
        """Give the processes of PostgreSQL that serve this product."""
        if not self.database:
            return []
        with psycopg.connect(self.database) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return [pid for (pid,) in rows]

    def cpu(self) -> tuple[dict[int, float], dict[int, float]]:
        """Give CPU seconds so far of the product's own processes, and of its database's."""
        return cpu_seconds(self.pids), cpu_seconds(self.backends())

    def rss_kib(self) -> int:
        return rss_kib(self.pids)

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.stop()
        self.processes.clear()
        if self.database:
            self.forget()

    def forget(self) -> None:
        """Drop what was stored."""
        drop_database(self.database)

    async def visitor(self, conversation: int, hear: Callable[[dict[str, Any]], None]) -> Line:
        raise NotImplementedError

    async def agent(self, number: int, conversations: range, hear: Callable[[dict[str, Any]], None]) -> Line:
        """Open the socket of the agent who follows the conversations of which every 20th is theirs."""
        raise NotImplementedError

    def words(self, run: str, conversation: int, n: int) -> dict[str, Any]:
        """Give the frame that says the n-th thing in a conversation."""
        raise NotImplementedError

    def heard(self, frame: dict[str, Any]) -> list[Heard]:
        raise NotImplementedError

    def stored(self, run: str) -> int | None:
        """Count what the run left in the database, with its fact; None where nothing is stored."""
        return None

    def settle(self) -> float:
        """Wait until background work is done; give the seconds it took."""
        return 0.0


def create_database(suffix: str, *, anew: bool = True) -> str:
    """Make a database beside the configured one, unless it may stay and is there; give its address."""
    address = re.sub(r"/([^/]*)$", rf"/\1_{suffix}", DATABASE_URL)
    if anew:
        drop_database(address)
    with psycopg.connect(DATABASE_URL, autocommit=True) as admin, suppress(psycopg.errors.DuplicateDatabase):
        admin.execute(f'CREATE DATABASE "{address.rpartition("/")[2]}"'.encode())
    return address


def drop_database(address: str) -> None:
    """Drop a database, waiting for autovacuum, which only a superuser may send away."""
    for _ in range(60):
        with suppress(psycopg.errors.InsufficientPrivilege):
            return _drop(address)
        time.sleep(1)
    return _drop(address)


def _drop(address: str) -> None:
    with psycopg.connect(DATABASE_URL, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{address.rpartition("/")[2]}" WITH (FORCE)'.encode())


class Bare(Product):
    """A reference app; its own words."""

    def serve(self, *command: str, env: dict[str, str] | None = None) -> None:
        process = self.start(*command, env=env)
        wait_until_it_answers(f"http://127.0.0.1:{self.port}/", process)

    async def visitor(self, conversation: int, hear: Callable[[dict[str, Any]], None]) -> Line:
        return await connect(f"ws://127.0.0.1:{self.port}/ws/room/?room={conversation}", hear)

    async def agent(self, number: int, conversations: range, hear: Callable[[dict[str, Any]], None]) -> Line:
        rooms = "&".join(f"room={each}" for each in conversations[number::AGENTS])
        return await connect(f"ws://127.0.0.1:{self.port}/ws/room/?{rooms}", hear)

    def words(self, run: str, conversation: int, n: int) -> dict[str, Any]:
        return {"type": "send", "n": n, "text": f"{run}: when does my tent come?", "room": conversation}

    def heard(self, frame: dict[str, Any]) -> list[Heard]:
        if frame["type"] == "ack":
            return [("ack", -1, frame["n"], frame["n"])]
        return [("seen", int(frame["room"]), 0, frame["n"])] if frame["type"] == "seen" else []


class BarePg(Bare):
    name = "bare-pg (uvicorn)"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.database = create_database("bare")
        with psycopg.connect(self.database) as connection:
            connection.execute(
                "CREATE TABLE bare_message (id bigserial PRIMARY KEY, room text, n int, text text,"
                " at timestamptz DEFAULT now())"
            )
        env = {"DATABASE_URL": self.database, "REDIS_URL": REDIS_URL}
        self.serve("-m", "uvicorn", "tests.bench.bare_pg:app", "--port", str(port), *UVICORN, env=env)

    def stored(self, run: str) -> int:
        with psycopg.connect(self.database) as connection:
            row = connection.execute("SELECT count(*) FROM bare_message WHERE text LIKE %s", (f"{run}:%",)).fetchone()
        return int(row[0]) if row else 0


class BareMem(Bare):
    name = "bare-mem (daphne)"

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.serve(
            "-m", "daphne", "-p", str(port), "--websocket_connect_timeout", "60", "-v", "0", "tests.bench.bare_mem:app"
        )


class Echo(Bare):
    """The bare app's echo: no agent, no storing, each frame comes back."""

    has_agents = False

    def __init__(self, of: Bare) -> None:
        super().__init__(of.port)
        self.name = f"echo ({of.name.partition('(')[2]}"

    async def visitor(self, conversation: int, hear: Callable[[dict[str, Any]], None]) -> Line:
        return await connect(f"ws://127.0.0.1:{self.port}/ws/echo/", hear)

    def heard(self, frame: dict[str, Any]) -> list[Heard]:
        return [("ack", -1, frame["n"], frame["n"])]
