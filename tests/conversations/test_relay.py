"""The log's cursor has no gaps, and a reader that fails holds up only itself."""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from conversations import events, relay
from conversations.batch import once_a_batch, one_batch
from conversations.events import SYSTEM, Fact, append, reads
from conversations.models import DeadFact, Event, LogReader
from tests.factories import make_brand
from tests.threads import in_threads


@dataclass(frozen=True)
class Rang(Fact):
    type = "test.rang"
    title = "Rang"
    n: int


@pytest.fixture
def told() -> Iterator[list[int]]:
    heard: list[int] = []

    @reads("test", Rang)
    def hear(event: Event) -> None:
        if event.payload["n"] == 13:
            raise RuntimeError("unlucky")
        heard.append(event.payload["n"])

    yield heard
    del events.READERS["test"]


def ring(*numbers: int) -> None:
    brand_id = make_brand(f"b{numbers[0]}").pk
    for n in numbers:
        append(Rang(n), brand_id=brand_id, by=SYSTEM)
    relay.publish_pending()


@pytest.mark.django_db
def test_reader_is_told_in_order_and_once(told: list[int]) -> None:
    ring(1, 2, 3)
    relay.run_readers()
    relay.run_readers()
    assert told == [1, 2, 3]


@pytest.mark.django_db
def test_failing_fact_is_retried_with_longer_waits_then_set_aside(told: list[int], time_machine: Any) -> None:
    ring(1, 13, 2)
    moment = 1_795_500_000.0
    waits = []
    for _ in range(relay.MAX_FAILURES):
        time_machine.move_to(moment, tick=False)
        relay.run_readers()
        reader = LogReader.objects.get(name="test")
        if reader.retry_at:
            waits.append(round(reader.retry_at.timestamp() - moment))
            moment = reader.retry_at.timestamp() + 0.01
    assert waits == [1, 2, 4, 8, 16]
    assert list(dict.fromkeys(told)) == [1, 2]  # what stood in a batch with a failing fact is told again
    assert DeadFact.objects.get().error == "RuntimeError('unlucky')"


@pytest.mark.django_db
def test_fact_set_aside_can_be_run_again(told: list[int]) -> None:
    ring(7)
    dead = DeadFact.objects.create(reader="test", event=Event.objects.get(type="test.rang"), error="x")
    relay.run_again(dead)
    dead.refresh_from_db()
    assert told == [7] and dead.resolved_at is not None


def read_after(cursor: int) -> list[tuple[int, int]]:
    """Read the log as a consumer does: what stands after its cursor, in order; (position, n)."""
    rows = Event.objects.filter(position__gt=cursor).order_by("position")
    return [(row.position or 0, row.payload["n"]) for row in rows]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time: nobody overtakes")
@pytest.mark.parametrize("is_safe", [True, False], ids=["relay", "numbered in the writer's transaction"])
def test_slow_writer_is_not_passed_by_a_quick_one(is_safe: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the safeguard removed, the consumer's cursor passes the slow fact before it is there, and misses it."""
    brand_id = make_brand().pk
    if not is_safe:
        monkeypatch.setattr(relay, "publish_pending", lambda: 0)
    wrote, may_commit = threading.Event(), threading.Event()

    def ring_once(n: int) -> None:
        event = append(Rang(n), brand_id=brand_id, by=SYSTEM)
        if not is_safe:
            Event.objects.filter(pk=event.pk).update(position=event.pk)

    def write_slowly() -> None:
        with transaction.atomic():
            ring_once(1)
            wrote.set()
            assert may_commit.wait(10)
        connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert wrote.wait(10)
    with transaction.atomic():
        ring_once(2)
    relay.publish_pending()
    early = read_after(0)
    assert [n for _, n in early] == [2]
    may_commit.set()
    slow.join()
    relay.publish_pending()
    late = read_after(early[-1][0])
    assert [n for _, n in late] == ([1] if is_safe else [])


@pytest.mark.django_db(transaction=True)
def test_reader_polling_during_eight_writers_misses_nothing() -> None:
    brand_id = make_brand().pk
    stop = threading.Event()
    seen: list[int] = []

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for n in range(25):
            try:
                with transaction.atomic():
                    for _ in range(chance.randint(1, 3)):
                        append(Rang(seed * 1000 + n), brand_id=brand_id, by=SYSTEM)
                    if connection.vendor == "postgresql":
                        stop.wait(chance.random() * 0.01)
                    if chance.random() < 0.05:
                        raise RuntimeError("rolled back")
            except RuntimeError:
                continue
            relay.publish_pending()

    def follow() -> None:
        cursor = 0
        while True:
            last_look = stop.is_set()
            rows = Event.objects.filter(position__gt=cursor).order_by("position").values_list("position", "pk")
            for position, pk in rows:
                cursor = position or 0
                seen.append(pk)
            if last_look and not rows:
                break
            time.sleep(0.002)  # the polling under test
        connection.close()

    follower = threading.Thread(target=follow)
    follower.start()
    failed = in_threads(8, write)
    relay.publish_pending()
    stop.set()
    follower.join()
    assert failed == []
    rows = list(Event.objects.order_by("position").values_list("position", "pk"))
    assert [position for position, _ in rows] == list(range(1, len(rows) + 1))
    assert seen == [pk for _, pk in rows]


def test_what_an_admin_set_is_asked_once_a_batch_and_each_time_outside_one() -> None:
    asked: list[int] = []

    @once_a_batch
    def question(brand_id: int) -> int:
        asked.append(brand_id)
        return brand_id * 2

    for _ in range(2):
        with one_batch():
            assert [question(1), question(2), question(1)] == [2, 4, 2]
    assert asked == [1, 2, 1, 2]
    assert [question(1), question(1)] == [2, 2]
    assert asked == [1, 2, 1, 2, 1, 1]
