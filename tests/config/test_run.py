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
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config.checks import production_is_safe
from config.management.commands.run import may_have_demo, sign_in_notes
from conversations import relay
from conversations.models import Brand, User
from routing.models import Ticket
from tests.config.lines import Sender, start_session, visitor_line
from tests.factories import make_brand, make_channel, make_user, make_visitor, say

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, port: int, *more: str, **env: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "manage.py", "run", "--port", str(port), *more]
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


@pytest.mark.parametrize(
    ("bind", "change", "expected"),
    [
        ("127.0.0.1", {}, True),
        ("localhost", {}, True),
        ("0.0.0.0", {}, False),  # asked, not bound
        ("192.168.0.7", {}, False),
        ("127.0.0.1", {"PRODUCTION": True}, False),
        ("127.0.0.1", {"DATABASE_URL": "postgres://somewhere"}, False),
        ("127.0.0.1", {"REDIS_URL": "redis://somewhere"}, False),
    ],
)
def test_known_passwords_stay_on_this_machine(settings: Any, bind: str, change: dict[str, Any], expected: bool) -> None:
    for name, value in ({"PRODUCTION": False, "DATABASE_URL": "", "REDIS_URL": ""} | change).items():
        setattr(settings, name, value)
    assert may_have_demo(bind) is expected


@pytest.mark.django_db
def test_run_says_how_to_sign_in() -> None:
    assert "admin@demo.test" in sign_in_notes(has_demo=True)[0]
    assert "create_admin" in sign_in_notes(has_demo=False)[0]
    make_user("ada", make_brand())
    assert sign_in_notes(has_demo=False) == []
    User.objects.create_user("admin@demo.test", "madang", name="Mina")
    assert "everybody knows their password" in sign_in_notes(has_demo=False)[0]


def test_run_within_reach_of_others_makes_no_demo(tmp_path: Path) -> None:
    port = free_port()
    running = start(tmp_path, port, "--bind", "0.0.0.0")  # the case in question
    wait_until_ready(port)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    with contextlib.closing(sqlite3.connect(tmp_path / "madang.sqlite3")) as database:
        assert database.execute("SELECT count(*) FROM conversations_user").fetchone() == (0,)
    assert "create_admin" in said and "demo.test" not in said


@pytest.mark.django_db
def test_first_admin_gets_a_brand_that_works() -> None:
    said = StringIO()
    given = {"email": "Ada@Example.test", "name": "Ada", "brand": "Sopoong Tents", "base_url": "https://help.test/"}
    call_command("create_admin", **given, stdout=said)
    link = said.getvalue().strip().splitlines()[-1]
    assert link.startswith("https://help.test/admin/join/")
    browser = Client()
    form = browser.get(link.removeprefix("https://help.test"), follow=True)
    password = {"new_password1": "tall grass 77", "new_password2": "tall grass 77"}
    landed = browser.post(form.redirect_chain[-1][0], password, follow=True)
    assert (landed.status_code, landed.redirect_chain[-1][0]) == (200, "/workspace/inbox/mine/")
    assert browser.get("/admin/conversations/brand/add/").status_code == 200
    brand = Brand.objects.get()
    say(make_visitor(make_channel(brand)), "hello")
    relay.publish_pending()
    relay.run_readers()
    assert Ticket.objects.get().brand == brand
    with pytest.raises(CommandError, match="email"):
        call_command("create_admin", **given, stdout=said)
    assert (User.objects.count(), Brand.objects.count(), brand.slug) == (1, 1, "sopoong-tents")


@pytest.mark.django_db
def test_health_answers() -> None:
    assert Client().get("/healthz").json() == {"status": "ok"}
    ready = Client().get("/readyz")
    assert (ready.status_code, set(ready.json().values())) == (200, {"ok"})


@pytest.mark.django_db
def test_not_ready_while_migrations_wait() -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("routing")[0]
    MigrationRecorder(connection).record_unapplied(*newest)
    ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()) == (
        503,
        {
            "status": "unavailable",
            "database": "ok",
            "migrations": "pending",
            "channel_layer": "ok",
            "cache": "ok",
            "broker": "ok",
        },
    )


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["refuses", "loses"])
def test_not_ready_while_the_layer_is_broken(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    async def send(channel: str, message: dict[str, Any]) -> None:
        if way == "refuses":
            raise ConnectionRefusedError("redis://user:secret@somewhere")

    monkeypatch.setattr(get_channel_layer(), "send", send)
    monkeypatch.setattr("config.views.PROBE_S", 0.1)
    ready = Client().get("/readyz")
    found = ready.json()
    said = {"refuses": "ConnectionRefusedError", "loses": "TimeoutError"}[way]
    assert (ready.status_code, found["status"], found["channel_layer"]) == (503, "unavailable", said)
    assert found["database"] == found["cache"] == "ok" and b"secret" not in ready.content
