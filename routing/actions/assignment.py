"""Automatic assignment: rounds that give what waits to whoever has room.

One round of a brand runs at a time: the row of its configuration is its lock, and whoever finds it taken does not wait
for it but has a round asked for again. Within a round rows are locked in one
order, tickets first and then agents, each by key, and what was read before is looked at again under the locks: no
agent gets more than fits, nor what is not for them any more, whatever others do meanwhile (product reference, 2.2).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from conversations import live
from conversations.events import SYSTEM, append
from routing.actions import waiting
from routing.actions.room import hand_to
from routing.decide.assign import Work, obstacle
from routing.decide.classes import ChannelClass
from routing.decide.rounds import Given, can_anybody, run_round
from routing.decide.snapshots import pack_people, pack_terms, pack_work
from routing.events import TicketAssigned, TicketOffered
from routing.models import Agent, Decision, Offer, Round, RoutingConfig, Ticket, Waiting
from routing.nudge import ask_to_assign
from routing.queries.lanes import filled, free_to_give, line, work_of_lane
from routing.queries.persons import People, free_people, terms_of

# How much one round gives at most: it holds its rows locked until all of it is stored.
BATCH = 100


def assign(brand_id: int) -> int:
    """Place what is to be placed, and run rounds until nobody has room or nothing waits; give how much was given."""
    waiting.requeue(brand_id)
    total, goes_on = 0, True
    while goes_on:
        given, goes_on = _round(brand_id)
        total += given
    return total


@transaction.atomic
def _round(brand_id: int) -> tuple[int, bool]:
    """Run one round; give how much it gave, and whether another may give more."""
    skip = connection.features.has_select_for_update_skip_locked
    enabled = RoutingConfig.objects.filter(brand=brand_id, enabled=True)
    config = enabled.select_for_update(skip_locked=skip).first()
    if config is None:
        if enabled.exists():
            # Somebody else's round may have read already what this one was asked for: once more, a moment later.
            ask_to_assign(brand_id)
        return 0, False
    now = timezone.now()
    waiting.relax(brand_id, now)
    waits = list(filled(brand_id))
    people = free_people(brand_id, config, now, classes={lane.channel_class for lane in waits})
    if not people.free:
        return 0, False
    terms, moment = terms_of(config), now.timestamp()
    lanes = {lane.pk: line(lane) for lane in waits if can_anybody(work_of_lane(lane), people.free, terms, moment)}
    if not lanes:
        return 0, False
    chosen: list[Given] = []
    for given in run_round(lanes, people.free, terms, moment):
        chosen.append(given)
        if len(chosen) == BATCH:
            break
    stored = _store(config, people, chosen, now)
    # What others held, moved or filled meanwhile is looked at again, unless nothing moved at all.
    return stored, stored > 0 and (stored < len(chosen) or len(chosen) == BATCH)


def _store(config: RoutingConfig, people: People, chosen: Sequence[Given], now: datetime) -> int:
    """Lock, look again, and store what still holds; give how much that was."""
    tickets = _lock_tickets(given.work.ticket for given in chosen)
    agents = _lock_agents(given.agent for given in chosen)
    fits = dict(_still_fitting(chosen, config, agents, tickets))
    if not fits:
        return 0
    # Before those who get an agent stop waiting.
    trails = dict(Waiting.objects.filter(ticket__in=tickets).values_list("ticket", "trail"))
    asked = [given for given in fits.values() if _is_asked(given.work, config)]
    at_once = [given for given in fits.values() if not _is_asked(given.work, config)]
    _give([tickets[given.work.ticket] for given in at_once], [agents[given.agent] for given in at_once], now)
    _offer(asked, tickets, agents, config, now)
    _remember(config, people, chosen, fits, trails, now)
    for given in fits.values():
        agent = agents[given.agent]
        agent.last_given = {**agent.last_given, given.work.channel_class: now.timestamp()}
    Agent.objects.bulk_update({given.agent: agents[given.agent] for given in fits.values()}.values(), ["last_given"])
    return len(fits)


def _lock_tickets(keys: Iterable[int]) -> dict[int, Ticket]:
    """Lock those of the tickets that nobody else holds and that still wait to be given, and read them."""
    skip = connection.features.has_select_for_update_skip_locked
    locked = Ticket.objects.select_for_update(skip_locked=skip).filter(pk__in=set(keys)).order_by("pk")
    held = list(locked.values_list("pk", flat=True))
    rows = free_to_give().filter(ticket__in=held, ticket__assignee=None)
    still = Ticket.objects.filter(waiting__in=rows).select_related("conversation", "waiting__lane")
    return {ticket.pk: ticket for ticket in still}


def _lock_agents(keys: Iterable[int]) -> dict[int, Agent]:
    wanted = set(keys)
    list(Agent.objects.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk"))
    return {agent.pk: agent for agent in Agent.objects.filter(pk__in=wanted).select_related("user", "custom_status")}


def _still_fitting(
    chosen: Sequence[Given], config: RoutingConfig, agents: Collection[int], tickets: Mapping[int, Ticket]
) -> Iterator[tuple[int, Given]]:
    """Yield what holds by a look under the locks, with its place in the round; the rest waits for the next one.

    What others moved while the round read may have been chosen twice, from where it was and from where it is.
    """
    classes = {given.work.channel_class for given in chosen}
    now = timezone.now()
    there = free_people(config.brand_id, config, now, classes=classes, only=agents)
    terms, moment = terms_of(config), now.timestamp()
    now_there = {person.agent: person for person in there.free}
    left = {key: work_of_lane(ticket.waiting.lane).needs for key, ticket in tickets.items()}
    for place, given in enumerate(chosen):
        person = now_there.get(given.agent)
        if person is None or left.get(given.work.ticket) != given.work.needs:
            continue
        if obstacle(person, given.work, terms, moment) is None:
            del left[given.work.ticket]
            now_there[given.agent] = person.with_one_more(given.work.channel_class, moment)
            yield place, given


def _is_asked(work: Work, config: RoutingConfig) -> bool:
    """Whether an agent is asked first: of calls always, of chats as configured, of email never."""
    if work.channel_class == ChannelClass.MESSAGING:
        return not config.auto_accept_messaging_enabled
    return work.channel_class == ChannelClass.VOICE


def _give(tickets: Sequence[Ticket], agents: Sequence[Agent], now: datetime) -> None:
    for ticket, agent in zip(tickets, agents, strict=True):
        hand_to(ticket, agent, now=now)
    Ticket.objects.bulk_update(tickets, ["assignee", "takes_room_until"])
    waiting.remember_waits(tickets)
    Waiting.objects.filter(ticket__in=tickets).delete()
    for ticket, agent in zip(tickets, agents, strict=True):
        fact = TicketAssigned(ticket=ticket.public_id, agent=agent.user.public_id)
        append(fact, brand_id=ticket.brand_id, conversation=ticket.conversation, by=SYSTEM)
        live.announce_conversation(ticket.conversation, to_contact=False, part="ticket")


def _offer(
    asked: Sequence[Given], tickets: dict[int, Ticket], agents: dict[int, Agent], config: RoutingConfig, now: datetime
) -> None:
    rows = [
        Offer(
            ticket=tickets[given.work.ticket],
            agent=agents[given.agent],
            channel_class=given.work.channel_class,
            made_at=now,
            expires_at=now + timedelta(seconds=_seconds(given.work, config)),
        )
        for given in asked
    ]
    Offer.objects.bulk_create(rows)
    Waiting.objects.filter(ticket__in=[row.ticket for row in rows]).update(is_offered=True)
    for row in rows:
        fact = TicketOffered(
            ticket=row.ticket.public_id, agent=row.agent.user.public_id, expires_at=row.expires_at.isoformat()
        )
        append(fact, brand_id=row.ticket.brand_id, conversation=row.ticket.conversation, by=SYSTEM)
        live.announce_changed(row.ticket.brand_id, f"offers-{row.agent.user.public_id}")


def _seconds(work: Work, config: RoutingConfig) -> float:
    if work.channel_class == ChannelClass.VOICE:
        return config.reassignment_talk_timeout
    return config.reassignment_messaging_timeout


def _remember(
    config: RoutingConfig,
    people: People,
    chosen: Sequence[Given],
    fits: Mapping[int, Given],
    trails: Mapping[int, Any],
    now: datetime,
) -> None:
    """Keep what the round was decided from, and each of its decisions at its place."""
    made = Round.objects.create(
        brand_id=config.brand_id,
        made_at=now,
        people=pack_people(people.free, people.passed_over),
        terms=pack_terms(terms_of(config)),
        dropped=[[at, each.agent, each.work.channel_class] for at, each in enumerate(chosen) if at not in fits],
    )
    Decision.objects.bulk_create(
        Decision(
            round=made,
            place=place,
            ticket_id=given.work.ticket,
            agent_id=given.agent,
            work=pack_work(given.work),
            trail=trails.get(given.work.ticket, {}),
            made_at=now,
        )
        for place, given in fits.items()
    )
