"""The production form: web processes and a worker on PostgreSQL and Redis, and what a kill -9 leaves."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from tests.config.lines import Sender, hear, start_session, visitor_line
from tests.config.test_run import free_port, wait_until_ready
from widget.demo import PASSWORD

ROOT = Path(__file__).parent.parent.parent
# The embedded form has no second process; these run where `make test` has PostgreSQL and Redis.
pytestmark = pytest.mark.skipif(not settings.DATABASE_URL, reason="the scaled form is tested on PostgreSQL and Redis")


class Site:
    """Processes of one installation."""

    def __init__(self, database: str, data: Path) -> None:
        self.database = database
        self.env = os.environ | {
            "DATABASE_URL": database,
            "REDIS_URL": re.sub(r"/\d+$", "/14", settings.REDIS_URL),
            "PRODUCTION": "on",
            "SECURE_COOKIES": "off",
            "STATIC_ROOT": str(data / "static"),
            "SECRET_KEY": "x" * 50,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATA_DIR": str(data),
            "API_RATE_LIMITS": "off",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def call(self, *command: str) -> None:
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self.env, check=True)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        running = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=self.env)
        self.running.append(running)
        return running

    def web(self, port: int) -> subprocess.Popen[bytes]:
        quiet = ("--lifespan", "off", "--log-level", "warning", "--ws-per-message-deflate", "false")
        running = self.start("uvicorn", "config.asgi:application", "--port", str(port), *quiet)
        wait_until_ready(port)
        return running

    def worker(self) -> subprocess.Popen[bytes]:
        beat = ("-B", "--scheduler", "celery.beat:Scheduler", "--loglevel", "warning")
        return self.start("celery", "-A", "config", "worker", "--pool=threads", "-c", "4", *beat)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def stop(self) -> None:
        for running in self.running:
            running.kill()
            running.wait()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    name = f"madang_site_{os.getpid()}"
    admin = psycopg.connect(settings.DATABASE_URL, autocommit=True)
    admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    admin.execute(f"CREATE DATABASE {name}")
    made = Site(re.sub(r"/[^/]*$", f"/{name}", settings.DATABASE_URL), tmp_path)
    try:
        made.call("collectstatic", "--noinput", "--verbosity", "0")
        made.call("migrate", "--verbosity", "0")
        made.call("seed_demo", "--verbosity", "0")
        yield made
    finally:
        made.stop()
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.close()


class AgentBrowser:
    """An agent's cookies and forms."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.get("/workspace/sign-in/")
        self.post("/workspace/sign-in/", username="agent@demo.test", password=PASSWORD)

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.jar}

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path) as answer:
            return str(answer.read().decode())

    def post(self, path: str, **fields: str) -> int:
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": self.cookies["csrftoken"]}).encode()
        with self.opener.open(self.base + path, body) as answer:
            return int(answer.status)

    def line(self) -> ClientConnection:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = self.base.replace("http", "ws") + "/ws/agent/"
        line: ClientConnection = connect(
            address, additional_headers={"Cookie": cookie}, origin=Origin(self.base), compression=None, legacy=True
        )
        assert json.loads(line.recv(10))["type"] == "welcome"
        return line


@pytest.mark.timeout(180)
def test_visitor_on_one_process_talks_to_agent_on_another(site: Site) -> None:
    one, two = free_port(), free_port()
    site.web(one)
    site.web(two)
    site.worker()
    visitor = visitor_line(one, start_session(one))
    agent = AgentBrowser(two)
    script = re.search(r'src="(/static/workspace/js/main\.[0-9a-f]+\.js)"', agent.get("/workspace/inbox/mine/"))
    assert script and "import" in agent.get(script[1])
    agents_line = agent.line()
    visitor.send(
        json.dumps(
            {
                "type": "send",
                "client_id": "c-1",
                "conversation": "default",
                "content": {"type": "text", "text": "Hi there"},
            }
        )
    )
    conversation = hear(visitor, lambda frame: frame["type"] == "ack")["message"]["conversation"]
    hear(agents_line, lambda frame: f"conversation-{conversation}" in frame.get("changed", []))
    end = time.monotonic() + 20
    while "Hi there" not in agent.get("/workspace/parts/list/unassigned/"):
        assert time.monotonic() < end, "the worker opened no ticket"
        hear(agents_line, lambda frame: "inbox" in frame.get("changed", []))
    assert agent.post(f"/workspace/conversations/{conversation}/post/", text="Hello", client_id="a-1") == 201
    answer = hear(visitor, lambda frame: frame["type"] == "message" and frame["message"]["author"]["type"] == "agent")
    assert answer["message"]["content"]["text"] == "Hello"


def shown_to_agent(site: Site, port: int) -> list[str]:
    """Page through the thread as the workspace does; give the words that stand in it."""
    ((conversation,),) = site.rows("SELECT c.public_id FROM conversations_conversation c WHERE last_seq > 1000")
    agent, shown = AgentBrowser(port), list[str]()
    while True:
        page = agent.get(f"/workspace/conversations/{conversation}/messages/?after={len(shown)}")
        words = re.findall(r'class="m-bub"[^>]*>(c-\d+)<', page)
        if not words:
            return shown
        shown += words


@pytest.mark.timeout(240)
def test_kill_of_web_and_worker_loses_nothing_acknowledged(site: Site) -> None:
    port, total = free_port(), 2000
    web, worker = site.web(port), site.worker()
    token = start_session(port)
    sender = Sender(total)
    with contextlib.suppress(Exception):
        line = visitor_line(port, token)
        sender.send(line, 700)
        web.send_signal(signal.SIGKILL)
        worker.send_signal(signal.SIGKILL)
        sender.send(line, total)
    assert 700 <= len(sender.acknowledged) < total
    site.web(port)
    site.worker()
    with visitor_line(port, token) as line:
        sender.send(line, total)
    stored = site.rows("SELECT client_id, seq FROM conversations_message WHERE client_id LIKE 'c-%' ORDER BY seq")
    assert dict(stored) == sender.acknowledged
    assert [seq for _, seq in stored] == list(range(1, total + 1))
    assert shown_to_agent(site, port) == [f"c-{n}" for _, n in sorted((seq, each[2:]) for each, seq in stored)]
    end = time.monotonic() + 30
    while True:
        (read,) = site.rows("SELECT position FROM conversations_logreader WHERE name = 'routing'")
        (last,) = site.rows("SELECT max(position) FROM conversations_event")
        (unpublished,) = site.rows("SELECT count(*) FROM conversations_event WHERE position IS NULL")
        if read == last and unpublished == (0,):
            break
        assert time.monotonic() < end, "the log was not read to its end"
        time.sleep(0.2)  # another process reads: there is nothing to be told by
