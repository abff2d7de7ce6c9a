"""Many rows at once while others hold some of them: nobody waits in circles, and nothing is forgotten."""

import threading
import time

import pytest
from django.db import connection, transaction

from conversations.events import SYSTEM
from routing.actions import assignment, firing, waiting
from routing.actions.tickets import change_ticket, locked
from routing.models import Lane, Queue, Requeue, RoutingConfig, Ticket, Waiting
from tests.factories import make_brand, make_channel
from tests.routing.cast import configure, make_agent, settle, wait_in_line
from tests.routing.rule_cast import make_trigger
from tests.threads import in_threads


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks no rows")
def test_whoever_holds_a_later_ticket_and_wants_an_earlier_one_makes_no_circle() -> None:
    brand = make_brand()
    tickets = wait_in_line(make_channel(brand), "carol", "dave", "erin")
    queue = Queue.objects.create(brand=brand, name="All", conditions={"all": [], "any": []})
    Requeue.objects.create(brand=brand)
    holds = threading.Event()

    def work(n: int) -> None:
        if n == 0:
            holds.wait(10)
            assert waiting.requeue(brand.pk) == 3
            return
        with transaction.atomic():
            locked(tickets[2])
            holds.set()
            # Until the other has come as far as it comes.
            time.sleep(0.5)
            locked(tickets[0])

    assert in_threads(2, work) == []
    assert {*Waiting.objects.values_list("lane__queue", flat=True)} == {queue.pk}
    assert not Requeue.objects.exists() and Ticket.objects.count() == 3
    assert Lane.objects.filter(queue=queue).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks no rows")
@pytest.mark.parametrize("held", ["brand", "ticket"])
def test_whoever_finds_a_row_taken_waits_for_nobody_and_asks_again(held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    brand = make_brand()
    config = configure(brand)
    make_agent("alice", brand)
    make_trigger(brand, "Go", ["ticket.changed"], [], {"do": "add_tags", "value": ["seen"]})
    [ticket] = wait_in_line(make_channel(brand), "carol")
    change_ticket(ticket=ticket, add_tag="go", by=SYSTEM)
    settle()
    asked: list[object] = []
    monkeypatch.setattr(assignment, "ask_to_assign", asked.append)
    monkeypatch.setattr(firing, "ask_for_rules", lambda: asked.append("rules"))
    holds, goes = threading.Event(), threading.Event()

    def work(n: int) -> None:
        if n == 0:
            with transaction.atomic():
                found = RoutingConfig.objects.filter(pk=config.pk) if held == "brand" else Ticket.objects.all()
                list(found.select_for_update())
                holds.set()
                assert goes.wait(10), "nobody waits for it"
            return
        holds.wait(10)
        assert (assignment.assign(brand.pk) if held == "brand" else firing.run_triggers()) == 0
        goes.set()

    assert in_threads(2, work) == []
    assert asked == [brand.pk if held == "brand" else "rules"]
    assert firing.run_triggers() == assignment.assign(brand.pk) == 1


@pytest.mark.django_db
def test_more_than_can_be_done_at_once_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing, "TICKETS_AT_ONCE", 2)
    brand = make_brand()
    make_trigger(brand, "Go", ["ticket.opened"], [], {"do": "add_tags", "value": ["seen"]})
    wait_in_line(make_channel(brand), "carol", "dave", "erin")
    settle()
    asked: list[int] = []
    monkeypatch.setattr(firing, "ask_for_rules", lambda: asked.append(1))
    assert [firing.run_triggers(), len(asked), firing.run_triggers(), len(asked)] == [2, 1, 1, 1]
