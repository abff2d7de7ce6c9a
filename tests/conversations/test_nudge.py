"""What comes after the commit may fail: what was stored is answered for, and sockets still hear of it."""

import time
from typing import Any

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from conversations import events
from conversations.fanout import Send, fanout
from conversations.nudge import Nudge
from tests.conversations.test_client_api import EndUser
from tests.factories import make_brand, make_channel


def refuse(*given: Any, **named: Any) -> None:
    raise OperationalError("the broker is away")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Gather whom sockets' messages go to, and forget when the worker was last told."""
    heard: list[str] = []

    def put(*sends: Send) -> None:
        heard.extend(group.split("-")[0] for group, _ in sends)

    monkeypatch.setattr(fanout, "put", put)
    monkeypatch.setattr(events, "nudge_relay", Nudge("conversations.tasks.relay_events"))
    return heard


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["broker", "nudge"])
def test_message_is_acknowledged_and_told_without_a_broker(
    way: str, told: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    carol = EndUser(make_channel(make_brand()), "carols-browser-0001")
    if way == "broker":
        monkeypatch.setattr(current_app, "send_task", refuse)
    else:
        monkeypatch.setattr(events, "nudge_relay", refuse)
    answer = carol.send("hello")
    assert (answer.status_code, answer.json()["message"]["seq"]) == (201, 1)
    assert {"client", "brand"} <= set(told)
    # Where an earlier test's nudge went out just now, ours follows within 200 ms.
    end = time.monotonic() + 2
    while not caplog.records and time.monotonic() < end:
        time.sleep(0.01)
    assert any(record.levelname in {"WARNING", "ERROR"} for record in caplog.records)


@pytest.mark.django_db(transaction=True)
def test_message_is_acknowledged_when_sockets_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    carol = EndUser(make_channel(make_brand()), "carols-browser-0001")
    monkeypatch.setattr(fanout, "put", refuse)
    assert carol.send("hello").status_code == 201
