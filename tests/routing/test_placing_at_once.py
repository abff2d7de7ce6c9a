"""Placing many tickets anew while others hold some of them, in an order of their own."""

import threading
import time

import pytest
from django.db import connection, transaction

from routing.actions import waiting
from routing.actions.tickets import locked
from routing.models import Lane, Queue, Requeue, Ticket, Waiting
from tests.factories import make_brand, make_channel
from tests.routing.cast import wait_in_line
from tests.threads import in_threads


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
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
