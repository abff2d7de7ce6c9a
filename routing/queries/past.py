"""A past period as the simulation takes it: what came, how long it took, and who was there."""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils import timezone

from conversations.models import Event
from routing.decide.assign import Person, Work
from routing.decide.classes import ChannelClass
from routing.decide.conditions import Facts
from routing.decide.placing import Ways, by_facts, place
from routing.decide.simulation import Arrival, Shift
from routing.decide.statuses import by_class
from routing.models import CustomStatus, RoutingConfig, StatusSpell, Ticket
from routing.queries.persons import config_of, persons_of
from routing.queries.sla import first_reply_due
from routing.queries.ways import facts_for, ways_of
from routing.queries.work import answering

MAX_TICKETS = 50_000
# How long work takes where nothing of the period tells.
USUAL_S = 600.0
FACTS = ("ticket.assigned", "ticket.released", "ticket.status_changed", "session.ended")


@dataclass(frozen=True)
class Lived:
    """What happened to one ticket, in seconds since 1970: when it was first given to somebody, and when it was done."""

    given_at: float | None = None
    done_at: float | None = None
    agent: str = ""


def lives(brand_id: int, tickets: list[Ticket]) -> dict[int, Lived]:
    """Give what happened to each ticket, by its key. One query for each 500 tickets."""
    found: dict[int, Lived] = {}
    for first in range(0, len(tickets), 500):
        some = tickets[first : first + 500]
        facts: dict[int, list[Event]] = defaultdict(list)
        events = Event.objects.filter(conversation_id__in=[ticket.conversation_id for ticket in some], type__in=FACTS)
        for event in events.order_by("pk"):
            facts[event.conversation_id or 0].append(event)
        for ticket in some:
            found[ticket.pk] = _lived(ticket, facts[ticket.conversation_id])
    return found


def _lived(ticket: Ticket, facts: list[Event]) -> Lived:
    """Read one ticket's life: done is solved, pending or its session over, whichever came first after it was given."""
    given_at, agent = None, ""
    for event in facts:
        if event.created_at < ticket.created_at:
            continue
        if event.type == "ticket.assigned" and event.payload["ticket"] == ticket.public_id and given_at is None:
            given_at, agent = event.created_at.timestamp(), event.payload["agent"]
        elif given_at is not None and _ends(event, ticket):
            return Lived(given_at, event.created_at.timestamp(), agent)
    return Lived(given_at, None, agent)


def _ends(event: Event, ticket: Ticket) -> bool:
    if event.type == "session.ended":
        return ticket.channel_class == ChannelClass.MESSAGING
    is_own = event.payload.get("ticket") == ticket.public_id
    return is_own and event.type == "ticket.status_changed" and event.payload["status"] not in {"new", "open"}


def tickets_of(brand_id: int, begins: datetime, ends: datetime) -> list[Ticket]:
    """Give what was opened in a period, oldest first, at most MAX_TICKETS."""
    found = Ticket.objects.filter(brand=brand_id, created_at__gte=begins, created_at__lt=ends)
    return list(found.select_related("conversation").order_by("created_at", "pk")[:MAX_TICKETS])


@dataclass(frozen=True)
class Setup:
    """How a brand is set up at one moment: where work goes, who is there for it, and how they are chosen."""

    config: RoutingConfig
    ways: Ways
    people: list[Person]


def setup_of(brand_id: int, now: datetime) -> Setup:
    """Read how a brand is set up."""
    config = config_of(brand_id)
    return Setup(config, ways_of(brand_id), crew(brand_id, config, now))


def arrivals(tickets: list[Ticket], lived: dict[int, Lived], setup: Setup, due: Mapping[int, float]) -> list[Arrival]:
    """Give work as it came, placed by the queues and rules of a setup. Conditions ask what the tickets are today.

    `due` is by when each should be taken, of `due_of`; it orders work where the brand has it so.
    """
    config, ways = setup.config, setup.ways
    known = [life.done_at - life.given_at for life in lived.values() if life.done_at and life.given_at]
    usual = statistics.median(known) if known else USUAL_S
    found = []
    said = _facts(ways, tickets)
    for ticket in tickets:
        facts = replace(said[ticket.pk], now=ticket.created_at)
        found_place = place(
            ways, by_facts(facts), ticket=ticket.public_id, group=ticket.group_id, sent_to=ticket.sent_to_id
        )
        at = ticket.created_at.timestamp()
        skilled = config.skills_enabled
        first_due = due.get(ticket.pk, math.inf) if config.ticket_sorting_prioritize_sla else 0.0
        work = Work(
            ticket.pk,
            ticket.channel_class,
            found_place.primary,
            found_place.secondary,
            found_place.required if skilled else frozenset(),
            found_place.preferred if skilled else frozenset(),
            order=(float(found_place.queue_priority), first_due, -float(ticket.priority), at, float(ticket.pk)),
        )
        life = lived[ticket.pk]
        takes = life.done_at - life.given_at if life.done_at and life.given_at else usual
        found.append(Arrival(at, work, takes, _relaxes_at(work, config, at), due.get(ticket.pk)))
    return found


def due_of(brand_id: int, tickets: list[Ticket], promise_s: float | None) -> dict[int, float]:
    """Give by when each ticket should be taken, in seconds since 1970: so long after it came, or, without `promise_s`,
    when its first reply is due under the service levels of now. What nothing is promised of is left out.
    """
    if promise_s is None:
        return first_reply_due(brand_id, tickets)
    return {ticket.pk: ticket.created_at.timestamp() + promise_s for ticket in tickets}


def _facts(ways: Ways, tickets: list[Ticket]) -> dict[int, Facts]:
    found: dict[int, Facts] = {}
    for first in range(0, len(tickets), 500):
        found |= facts_for(ways, tickets[first : first + 500], timezone.now())
    return found


def _relaxes_at(work: Work, config: RoutingConfig, at: float) -> float | None:
    if not config.skills_timeout_enabled:
        return None
    return at + config.skills_timeout_s(work.channel_class)


def shifts(brand_id: int, begins: datetime, ends: datetime) -> list[Shift]:
    """Give who was in which status when, for each spell that touches the period."""
    spells = StatusSpell.objects.filter(agent__in=answering(brand_id), began_at__lt=ends, began_at__gte=begins)
    before = StatusSpell.objects.filter(agent__in=answering(brand_id), began_at__lt=begins)
    running = before.filter(ended_at=None) | before.filter(ended_at__gt=begins)
    customs = {each.name: each.by_class for each in CustomStatus.objects.filter(brand=brand_id)}
    far = ends + timedelta(days=1)
    return [
        Shift(
            spell.agent_id,
            max(spell.began_at, begins).timestamp(),
            (spell.ended_at or far).timestamp(),
            by_class(spell.status, customs.get(spell.name)),
        )
        for spell in [*running.order_by("began_at", "pk"), *spells.order_by("began_at", "pk")]
    ]


def crew(brand_id: int, config: RoutingConfig, now: datetime) -> list[Person]:
    """Give everybody who answers, away and without work, as they are configured now."""
    people = persons_of(answering(brand_id), brand_id, config, now)
    return [
        Person(person.agent, by_class("offline"), person.capacity, person.groups, person.skills) for person in people
    ]
