"""`manage.py run` as a user starts it, and the settings that must not reach the internet."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.checks import production_is_safe
from tests.config.lines import Sender, start_session, visitor_line

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, port: int, **env: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "manage.py", "run", "--port", str(port)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(data)} | env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def wait_until_ready(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.2)  # another process starts: there is nothing to be told by
    raise AssertionError("not ready within a minute")


def test_run_starts_from_nothing_stops_cleanly_and_keeps_everything(tmp_path: Path) -> None:
    for _ in range(2):
        port = free_port()
        running = start(tmp_path, port)
        wait_until_ready(port)
        for page in ("/demo/", "/workspace/sign-in/", "/admin/login/", "/api/docs/"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=5) as answer:
                assert answer.status == 200
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=30)
        assert running.returncode == 0, said
        assert said.count(f"http://localhost:{port}/") == 4 and "agent@demo.test" in said


def test_kill_of_the_one_process_loses_nothing_acknowledged(tmp_path: Path) -> None:
    port, total = free_port(), 600
    sender = Sender(total)
    running = start(tmp_path, port, API_RATE_LIMITS="off")
    wait_until_ready(port)
    token = start_session(port)
    with contextlib.suppress(Exception):
        line = visitor_line(port, token)
        sender.send(line, 200)
        running.kill()
        sender.send(line, total)
    running.communicate()
    assert 200 <= len(sender.acknowledged) < total
    running = start(tmp_path, port, API_RATE_LIMITS="off")
    wait_until_ready(port)
    with visitor_line(port, token) as line:
        sender.send(line, total)
    try:
        with contextlib.closing(sqlite3.connect(tmp_path / "madang.sqlite3")) as database:
            query = "SELECT client_id, seq FROM conversations_message WHERE client_id LIKE 'c-%' ORDER BY seq"
            stored = database.execute(query).fetchall()
            assert dict(stored) == sender.acknowledged
            assert [seq for _, seq in stored] == list(range(1, total + 1))
            wait_until_read(database)
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)


def wait_until_read(database: sqlite3.Connection) -> None:
    """Wait until the log is numbered and read to its end; another process reads, so there is nothing to be told by."""
    end = time.monotonic() + 30
    query = (
        "SELECT (SELECT position FROM conversations_logreader WHERE name = 'routing') = max(position),"
        " count(*) - count(position) FROM conversations_event"
    )
    while database.execute(query).fetchone() != (1, 0):
        assert time.monotonic() < end, "the log was not read to its end"
        time.sleep(0.2)


def test_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        running = start(tmp_path, port)
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 2
    assert f"Port {port} is already in use" in said


UNSAFE: list[tuple[dict[str, Any], str]] = [
    ({"DEBUG": True}, "madang.E001"),
    ({"SECRET_KEY": ""}, "madang.E002"),
    ({"SECRET_KEY": "short"}, "madang.E003"),
    ({"ALLOWED_HOSTS": []}, "madang.E004"),
    ({"ALLOWED_HOSTS": ["*"]}, "madang.E004"),
    ({"DATABASE_URL": ""}, "madang.E005"),
    ({"REDIS_URL": ""}, "madang.E006"),
    ({"STATIC_ROOT": Path("/nowhere")}, "madang.E007"),
]
SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": ["help.example.com"],
    "DATABASE_URL": "postgres://somewhere",
    "REDIS_URL": "redis://somewhere",
}


@pytest.mark.parametrize(("change", "expected"), [({}, ""), *UNSAFE])
def test_unsafe_production_says_what_to_set(
    settings: Any, tmp_path: Path, change: dict[str, Any], expected: str
) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").touch()
    for name, value in (SAFE | change).items():
        setattr(settings, name, value)
    found = production_is_safe(None)
    assert [each.id for each in found] == ([expected] if expected else [])
    assert all(each.hint for each in found)


def test_collected_files_are_named_after_their_content_and_compressed(tmp_path: Path) -> None:
    env = os.environ | {
        "PRODUCTION": "on",
        "SECRET_KEY": "x" * 50,
        "DATA_DIR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "s"),
    }
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=ROOT, env=env, check=True)
    names = json.loads((tmp_path / "s" / "staticfiles.json").read_text())["paths"]
    app = tmp_path / "s" / names["workspace/js/main.js"]
    assert app.with_name(f"{app.name}.br").exists() and app.with_name(f"{app.name}.gz").exists()
    imported = re.findall(r'from ["\']\./(.+?)["\']', app.read_text())
    assert imported and all(f"workspace/js/{each}" in names.values() for each in imported)


@pytest.mark.django_db
def test_health_answers() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}
    ready = Client().get("/readyz")
    assert (ready.status_code, set(ready.json().values())) == (200, {"ok"})
