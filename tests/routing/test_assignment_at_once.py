"""Many workers at once: no ticket twice, no agent above what fits, none left while somebody has room."""

import contextlib
import random
import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count

from conversations.events import SYSTEM
from conversations.models import Brand, Event
from routing.actions import assignment, offers, waiting
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import assign_ticket, release_ticket, set_status, take_ticket
from routing.errors import AlreadyTaken, OfferIsGone
from routing.models import Agent, CapacityRule, Decision, Offer, Ticket, Waiting
from tests.routing.cast import configure
from tests.threads import in_threads

WORKERS = 8


def crowd(tickets: int, agents: int, each: int, **config: object) -> Brand:
    """Make a brand with as many who wait and as many agents, online, who have room for `each`."""
    call_command("seed_load", conversations=tickets, messages=tickets, agents=agents, queued=tickets, verbosity=0)
    brand = Brand.objects.get(slug="load")
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=each)
    Agent.objects.filter(user__memberships__brand=brand).update(status="online")
    configure(brand, **config)
    return brand


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_eight_workers_and_agents_who_come_and_go() -> None:
    is_big = connection.vendor == "postgresql"
    count, people = (5000, 200) if is_big else (400, 20)
    each = count // people
    brand = crowd(count, people, each)
    agents = list(Agent.objects.order_by("pk"))
    done = threading.Event()
    over: list[object] = []

    def work(n: int) -> None:
        if n == WORKERS:
            return flap()
        while assignment.assign(brand.pk):
            too_much = Ticket.objects.filter(assignee__isnull=False).values("assignee").annotate(n=Count("pk"))
            over.extend(too_much.filter(n__gt=each))
        done.set()

    def flap() -> None:
        chance = random.Random(7)
        while not done.is_set():
            agent = chance.choice(agents)
            set_agent_status(agent=agent, status=chance.choice(["offline", "online", "away"]), by=SYSTEM)

    assert in_threads(WORKERS + 1, work) == []
    for agent in agents:
        set_agent_status(agent=agent, status="online", by=SYSTEM)
    assignment.assign(brand.pk)
    assert over == []
    assert not Waiting.objects.exists(), "somebody had room for each"
    assert not Ticket.objects.filter(assignee=None).exists()
    assert Event.objects.filter(type="ticket.assigned").count() == Decision.objects.count() == count
    held = Ticket.objects.values("assignee").annotate(n=Count("pk")).values_list("n", flat=True)
    assert set(held) == {each}


@pytest.mark.django_db(transaction=True)
def test_hands_and_rounds_at_once_end_with_one_holder_each() -> None:
    brand = crowd(60, 6, 4, auto_accept_messaging_enabled=False)
    agents, tickets = list(Agent.objects.select_related("user")), list(Ticket.objects.all())

    deeds: list[Callable[..., object]] = [take_ticket, assign_ticket, offers.accept_offer, offers.decline_offer]

    def work(n: int) -> None:
        chance = random.Random(n)
        for _ in range(40):
            ticket, agent = chance.choice(tickets), chance.choice(agents)
            assignment.assign(brand.pk)
            with contextlib.suppress(AlreadyTaken, OfferIsGone):
                chance.choice(deeds)(ticket=ticket, agent=agent, by=SYSTEM)
            if chance.random() < 0.5:
                release_ticket(ticket=chance.choice(tickets), by=SYSTEM)

    assert in_threads(4, work) == []
    for ticket in Ticket.objects.all():
        waits = Waiting.objects.filter(ticket=ticket).first()
        assert (ticket.assignee_id is None) is (waits is not None)
        pending = Offer.objects.filter(ticket=ticket, state="pending").exists()
        assert pending is (waits is not None and waits.is_offered)
    waiting.ask_requeue(brand.pk)
    for ticket in tickets:
        set_status(ticket=ticket, status="solved", by=SYSTEM)
    assert not Waiting.objects.exists()
