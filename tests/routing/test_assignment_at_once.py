"""Many workers at once: no ticket twice, no agent above what fits, none left while somebody has room."""

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Q

from conversations.events import SYSTEM
from conversations.models import Brand, Event
from routing.actions import assignment, offers, waiting
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import assign_ticket, change_ticket, locked, release_ticket, set_status, take_ticket
from routing.errors import AlreadyTaken, OfferIsGone
from routing.models import (
    Agent,
    AgentSkill,
    CapacityRule,
    Decision,
    Group,
    Offer,
    Skill,
    SkillRule,
    SkillType,
    Ticket,
    Waiting,
)
from tests.routing.cast import configure, settle
from tests.threads import in_threads

WORKERS = 8


def crowd(tickets: int, agents: int, each: int, **config: object) -> Brand:
    """Make a brand with as many who wait and as many agents, online, who have room for `each`."""
    call_command("seed_load", conversations=tickets, messages=tickets, agents=agents, queued=tickets, verbosity=0)
    brand = Brand.objects.get(slug="load")
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=each)
    Agent.objects.filter(user__memberships__brand=brand).update(status="online", is_present=True)
    configure(brand, **config)
    return brand


def sort(brand: Brand) -> None:
    """Give each ticket one of three groups and every other one a skill that it requires; agents likewise."""
    groups = [Group.objects.create(brand=brand, name=f"Group {n}") for n in range(3)]
    korean = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    asks = {"all": [{"field": "ticket.tags", "operator": "include_any", "value": ["ko"]}], "any": []}
    SkillRule.objects.create(brand=brand, name="Korean", conditions=asks).requires.add(korean)
    agents, tickets = list(Agent.objects.order_by("pk")), list(Ticket.objects.order_by("pk"))
    for n, group in enumerate(groups):
        group.members.set(agents[n::3])
    AgentSkill.objects.bulk_create(AgentSkill(agent=agent, skill=korean) for agent in agents[::2])
    for n, ticket in enumerate(tickets):
        ticket.group, ticket.tags = groups[n % 3], ["ko"] * (n % 2)
    Ticket.objects.bulk_update(tickets, ["group", "tags"], batch_size=500)
    waiting.ask_requeue(brand.pk)
    waiting.requeue(brand.pk)


def misplaced(kept: Collection[int] = ()) -> list[object]:
    """Give what is with, or was offered to, somebody outside its group or without the skill it requires.

    `kept` are tickets that stay with who had them when they left their group.
    """
    members = set(Group.members.through.objects.values_list("group", "agent"))
    skilled = set(AgentSkill.objects.values_list("agent", flat=True))
    held = Ticket.objects.exclude(assignee=None).exclude(pk__in=kept)
    had = [*held.values_list("group", "tags", "assignee")]
    had += Offer.objects.values_list("ticket__group", "ticket__tags", "agent")
    return [
        row for row in had if (row[0] and (row[0], row[2]) not in members) or ("ko" in row[1] and row[2] not in skilled)
    ]


def above(each: int) -> list[object]:
    """Give who has more than fits, what is offered to them included, by one look at all of it."""
    held = Count("tickets", filter=Q(tickets__status__in=["new", "open"]), distinct=True)
    asked = Count("offers", filter=Q(offers__state="pending"), distinct=True)
    found = Agent.objects.annotate(held=held, asked=asked).values_list("pk", "held", "asked")
    return [row for row in found if row[1] + row[2] > each]


def flap(agents: list[Agent], until: threading.Event, times: int = 10**9) -> None:
    """Have agents come and go, at random, and what they are not there for go on to others."""
    chance = random.Random(7)
    for n in range(times):
        if until.is_set():
            return
        status = chance.choice(["offline", "online", "away"])
        set_agent_status(agent=chance.choice(agents), status=status, by=SYSTEM)
        if n % 10 == 0:
            settle()


def move(agents: Sequence[Agent], until: threading.Event) -> set[int]:
    """Have what waits go to other groups, and people leave theirs for others; give what those keep who left.

    Both under the locks under which work is given, so that what it was given by can be told from what came later.
    """
    chance = random.Random(11)
    groups = list(Group.objects.order_by("pk"))
    tickets = list(Ticket.objects.order_by("pk"))
    leave, kept = list(agents[::5]), set[int]()
    while not until.is_set():
        with transaction.atomic():
            ticket = locked(chance.choice(tickets))
            if ticket.assignee_id is None:
                change_ticket(ticket=ticket, group=chance.choice(groups), by=SYSTEM)
        if leave and chance.random() < 0.3:
            with transaction.atomic():
                agent = Agent.objects.select_for_update().get(pk=leave.pop().pk)
                kept |= set(Ticket.objects.filter(assignee=agent).values_list("pk", flat=True))
                old = agent.groups.get()
                agent.groups.set([chance.choice([group for group in groups if group != old])])
    return kept


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("is_sorted", "moves"),
    [(False, False), (True, False), (True, True)],
    ids=["all alike", "three groups and a skill", "while work and people change their groups"],
)
def test_eight_workers_and_agents_who_come_and_go(is_sorted: bool, moves: bool) -> None:
    is_big = connection.vendor == "postgresql"
    count, people = ((1500, 60) if is_sorted else (5000, 200)) if is_big else (400, 20)
    # All alike, there is exactly room for all; sorted, enough in each group for those who require the skill.
    each = count // people * (3 if is_sorted else 1)
    brand = crowd(count, people, each)
    if is_sorted:
        sort(brand)
    agents = list(Agent.objects.order_by("pk"))
    done = threading.Event()
    over: list[object] = []
    kept: set[int] = set()
    ends = time.monotonic() + 120

    def work(n: int) -> None:
        if n == 0:
            return flap(agents, done)
        if moves and n == 1:
            return kept.update(move(agents, done))
        # Whoever finds another's round running gives nothing, and asks again.
        while Waiting.objects.exists() and time.monotonic() < ends:
            assignment.assign(brand.pk)
            over.extend(above(each))
        done.set()

    assert in_threads(WORKERS + 1, work) == []
    for agent in agents:
        set_agent_status(agent=agent, status="online", by=SYSTEM)
    assignment.assign(brand.pk)
    assert over == above(each) == misplaced(kept) == []
    assert not Waiting.objects.exists(), "somebody had room for each"
    assert not Ticket.objects.filter(assignee=None).exists()
    assert Event.objects.filter(type="ticket.assigned").count() == Decision.objects.count() == count


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_offers_of_eight_workers_are_answered_while_agents_come_and_go() -> None:
    count, people = (240, 24) if connection.vendor == "postgresql" else (96, 12)
    each = count // people * 3
    brand = crowd(count, people, each, auto_accept_messaging_enabled=False)
    sort(brand)
    agents = list(Agent.objects.select_related("user").order_by("pk"))
    done = threading.Event()
    over: list[object] = []
    ends = time.monotonic() + 120

    def work(n: int) -> None:
        if n == WORKERS:
            flap(agents, done, times=people * 4)
            for agent in agents:
                set_agent_status(agent=agent, status="online", by=SYSTEM)
            return settle()
        chance = random.Random(n)
        while Waiting.objects.exists() and time.monotonic() < ends:
            assignment.assign(brand.pk)
            over.extend(above(each))
            pending = Offer.objects.filter(state="pending").select_related("ticket", "agent__user")
            for offer in chance.sample(found := list(pending), min(len(found), 10)):
                answer = offers.accept_offer if chance.random() < 0.8 else offers.decline_offer
                with contextlib.suppress(AlreadyTaken, OfferIsGone):
                    answer(ticket=offer.ticket, agent=offer.agent, by=SYSTEM)
        done.set()

    assert in_threads(WORKERS + 1, work) == []
    assert over == above(each) == misplaced() == []
    assert not Waiting.objects.exists(), "somebody had room for each"
    accepted = Counter(Offer.objects.filter(state="accepted").values_list("ticket", flat=True))
    assert set(accepted.values()) == {1} and len(accepted) == count, "accepted once, each of them"
    assert not Offer.objects.filter(state="pending").exists()
    assert Offer.objects.filter(state="declined").exists()
    assert Event.objects.filter(type="ticket.assigned").count() == count


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
