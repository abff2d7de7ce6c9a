"""Giving each ticket that nobody has a place to wait in, and taking it out.

Callers hold the ticket's row. One rule for all of them: what is new or open, not snoozed, and nobody's waits.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from conversations import live
from conversations.events import SYSTEM, append
from conversations.models import Block, Brand
from conversations.queries.blocks import blocked_among
from routing.actions.room import made_room
from routing.decide.assign import misfit
from routing.decide.classes import ChannelClass, class_of_work
from routing.decide.occasions import OPENING
from routing.decide.placing import Place, place
from routing.decide.trails import Asking
from routing.events import TicketQueued
from routing.models import Agent, FirstWait, Lane, Offer, Requeue, RoutingConfig, Ticket, Waiting
from routing.models.waiting import NEVER
from routing.nudge import ask_to_assign
from routing.queries.lanes import work_of_lane
from routing.queries.persons import config_of, persons_of
from routing.queries.rules import heard_by
from routing.queries.ways import facts_for, ways_of

REQUEUE_BATCH = 200
CHECKED_AT_ONCE = 2000
# How long work that is opened waits for its triggers at most, whatever keeps them.
RULES_FIRST = timedelta(seconds=5)
# How exactly it is known when a lane was used.
USED_AGAIN = timedelta(days=1)
# What placing a ticket decides of its row.
PLACED = ("lane", "priority", "due_at", "preferred", "relaxes_at", "is_held", "trail")


def follow(ticket: Ticket, *, at: datetime | None = None, is_asked_for: bool = False) -> None:
    """Have a ticket wait, or not, as its status and assignee say, and have somebody look for an agent.

    `is_asked_for`: it is opened, or opened again, just now: triggers that answer that are run before it is given.
    """
    is_work = ticket.status in {Ticket.Status.NEW, Ticket.Status.OPEN} and ticket.snoozed_until is None
    if ticket.assignee_id is None and is_work:
        put(ticket, at=at, is_asked_for=is_asked_for)
    else:
        take_out(ticket)


def put(ticket: Ticket, *, at: datetime | None = None, is_asked_for: bool = False) -> None:
    """Place a ticket where the brand's queues and rules say now; one that waits already keeps since when it does."""
    put_all(ticket.brand_id, [ticket], at=at or timezone.now(), is_asked_for=is_asked_for)


def put_all(brand_id: int, tickets: Iterable[Ticket], *, at: datetime, is_asked_for: bool = False) -> None:
    """Place tickets of one brand, whose rows the caller holds. What is the same for all is read once."""
    tickets = list(tickets)
    config, ways = config_of(brand_id), ways_of(brand_id)
    if not config.skills_enabled:
        ways = replace(ways, skills=())
    facts = facts_for(ways, tickets, at)
    rules_until = _rules_until(config) if is_asked_for else None
    standing = {row.ticket_id: row for row in Waiting.objects.filter(ticket__in=tickets)}
    blocked = blocked_among(brand_id, {ticket.conversation.contact_id for ticket in tickets})
    lanes: dict[str, Lane] = {}
    made: list[Waiting] = []
    changed: list[Waiting] = []
    moved: list[Waiting] = []
    for ticket in tickets:
        asking, skips_queues = Asking(facts[ticket.pk]), _skips_queues(ticket, config)
        found = place(
            ways,
            asking,
            ticket=ticket.public_id,
            group=ticket.group_id,
            sent_to=ticket.sent_to_id,
            skips_queues=skips_queues,
        )
        new = Waiting(ticket=ticket, brand_id=brand_id, eligible_at=at, rules_until=rules_until)
        row = standing.get(ticket.pk, new)
        row.ticket = ticket
        before = _placed(row)
        _fill(row, ticket, found, config, at, lanes)
        row.is_held |= ticket.conversation.contact_id in blocked
        if ways.ask:
            trail = asking.trail(found, is_sent=ticket.sent_to_id is not None, skips_queues=skips_queues)
            row.trail = trail.stored
        else:
            row.trail = {}
        after = _placed(row)
        if ticket.pk not in standing:
            made.append(row)
        elif after != before:
            changed.append(row)
        if after["lane_id"] != before["lane_id"]:
            moved.append(row)
        if row.is_offered and row.is_held and not before["is_held"]:
            _take_back(row)
    Waiting.objects.bulk_create(made)
    Waiting.objects.bulk_update(changed, PLACED)
    if offered := [row for row in moved if row.is_offered]:
        _withdraw_misfits(offered, config, at)
    for row in moved:
        fact = TicketQueued(ticket=row.ticket.public_id, queue=row.lane.queue.name if row.lane.queue else "")
        append(fact, brand_id=brand_id, conversation=row.ticket.conversation, by=SYSTEM)
    if made or changed:
        ask_to_assign(brand_id)


def _withdraw_misfits(rows: Sequence[Waiting], config: RoutingConfig, at: datetime) -> None:
    """End the offers of what moved to where the agent who was asked has no part in it."""
    pending = Offer.objects.filter(ticket__in=[row.ticket_id for row in rows], state=Offer.State.PENDING)
    asked = dict(pending.values_list("ticket", "agent"))
    agents = Agent.objects.filter(pk__in=asked.values())
    persons = {person.agent: person for person in persons_of(agents, config.brand_id, config, at)}
    for row in rows:
        person = persons.get(asked.get(row.ticket_id, 0))
        if person and misfit(person, work_of_lane(row.lane)):
            _take_back(row)


def _take_back(row: Waiting) -> None:
    """End the offer of what waits; it goes on waiting."""
    row.is_offered = False
    row.save(update_fields=["is_offered"])
    withdraw(row.ticket)


def _placed(row: Waiting) -> dict[str, Any]:
    """Give what placing decided of a row."""
    return {name: getattr(row, name) for name in ("lane_id", *PLACED[1:])}


def _fill(
    row: Waiting, ticket: Ticket, found: Place, config: RoutingConfig, at: datetime, lanes: dict[str, Lane]
) -> None:
    """Set what PLACED names; `lanes` are those looked up already."""
    required, preferred = found.required, found.preferred
    row.relaxes_at = _relaxes_at(ticket, config, row.eligible_at) if required else None
    if row.relaxes_at and row.relaxes_at <= at:
        required, preferred, row.relaxes_at = frozenset(), required | preferred, None
    channel_class = _class(ticket, config)
    key = lane_key(channel_class, found, required)
    if key not in lanes:
        lanes[key] = lane_for(ticket.brand_id, channel_class, found, required)
    row.lane, row.priority, row.preferred = lanes[key], ticket.priority, sorted(preferred)
    row.is_held = _is_held(ticket, found, config)
    row.due_at = (ticket.sla_due_at if config.ticket_sorting_prioritize_sla else None) or NEVER


def _rules_until(config: RoutingConfig) -> datetime | None:
    """Say until when work that is opened now waits for its triggers; None where it need not."""
    if not (config.enabled and heard_by(config.brand_id) & OPENING):
        return None
    return timezone.now() + RULES_FIRST


def rules_ran(ticket: Ticket) -> None:
    """Have a ticket, whose row the caller holds, be given now that its triggers were run."""
    if Waiting.objects.filter(ticket=ticket, rules_until__isnull=False).update(rules_until=None):
        ask_to_assign(ticket.brand_id)


def _skips_queues(ticket: Ticket, config: RoutingConfig) -> bool:
    return ticket.was_put_back and not config.reassignment_through_queues_enabled


def _relaxes_at(ticket: Ticket, config: RoutingConfig, since: datetime) -> datetime | None:
    if not config.skills_timeout_enabled:
        return None
    return since + timedelta(seconds=config.skills_timeout_s(_class(ticket, config)))


def _class(ticket: Ticket, config: RoutingConfig) -> str:
    """Give the class in which a ticket waits: it is counted in the same once an agent has it."""
    return class_of_work(
        ticket.channel_class, session_ended=ticket.session_ended, ended_is_email=config.transform_to_email_enabled
    )


def _is_held(ticket: Ticket, found: Place, config: RoutingConfig) -> bool:
    """Whether a ticket is not assigned automatically: email in no queue, without the tag that lets it in.

    Nor is that of a customer who is blocked, which is asked for all at once.
    """
    tag, is_email = config.autorouting_tag, ticket.channel_class == ChannelClass.EMAIL
    return bool(tag) and is_email and found.queue is None and tag not in ticket.tags


def lane_key(channel_class: str, found: Place, required: frozenset[int]) -> str:
    """Name what work needs, so that the same needs have the same name."""
    needs = [found.queue, channel_class, sorted(found.primary), sorted(found.secondary), sorted(required)]
    return hashlib.sha256(json.dumps(needs).encode()).hexdigest()


def lane_for(brand_id: int, channel_class: str, found: Place, required: frozenset[int]) -> Lane:
    """Give the lane of all work that needs the same, made when it is the first."""
    key, now = lane_key(channel_class, found, required), timezone.now()
    lane, _ = Lane.objects.select_related("queue").get_or_create(
        brand_id=brand_id,
        key=key,
        defaults={
            "queue_id": found.queue,
            "queue_priority": found.queue_priority,
            "channel_class": channel_class,
            "primary": sorted(found.primary),
            "secondary": sorted(found.secondary),
            "required": sorted(required),
        },
    )
    if lane.queue_priority != found.queue_priority or lane.used_at < now - USED_AGAIN:
        lane.queue_priority, lane.used_at = found.queue_priority, now
        if not Lane.objects.filter(pk=lane.pk).update(queue_priority=lane.queue_priority, used_at=now):
            # It was dropped just now.
            return lane_for(brand_id, channel_class, found, required)
    return lane


def remember_waits(tickets: Iterable[Ticket]) -> None:
    """Keep how long these waited who get an agent now, for the first time. Two queries."""
    rows = Waiting.objects.filter(ticket__in=[ticket.pk for ticket in tickets])
    now = timezone.now()
    FirstWait.objects.bulk_create(
        (
            FirstWait(ticket_id=row.ticket_id, lane_id=row.lane_id, began_at=row.eligible_at, ended_at=now)
            for row in rows
        ),
        ignore_conflicts=True,
    )


def take_out(ticket: Ticket) -> None:
    """Have a ticket wait no more; who was offered it is not any longer."""
    if Waiting.objects.filter(ticket=ticket).delete()[0]:
        withdraw(ticket)


def withdraw(ticket: Ticket) -> None:
    """End the offer of a ticket that is not to be answered any more."""
    pending = Offer.objects.filter(ticket=ticket, state=Offer.State.PENDING)
    offer = pending.select_related("agent__user").first()
    if offer is None:
        return
    pending.update(state=Offer.State.WITHDRAWN, ended_at=timezone.now())
    live.announce_changed(ticket.brand_id, f"offers-{offer.agent.user.public_id}")
    made_room(ticket.brand_id, offer.agent_id)


def ask_requeue(brand_id: int) -> None:
    """Have everything of a brand that waits placed anew: its configuration changed. In the caller's transaction."""
    Requeue.objects.create(brand_id=brand_id)
    ask_to_assign(brand_id)


def requeue(brand_id: int) -> int:
    """Place everything that waits anew where somebody asked for it; give how many tickets that were.

    A wish goes when all are placed, so a kill loses none of it.
    """
    wishes = list(Requeue.objects.filter(brand=brand_id).values_list("pk", flat=True))
    if not wishes:
        return 0
    placed = _place_all(brand_id)
    Requeue.objects.filter(pk__in=wishes).delete()
    return placed


def follow_time(*, limit: int = CHECKED_AT_ONCE) -> int:
    """Place what waits anew in brands whose queues or rules ask what changes with time, and where a block ended by
    itself; give how many tickets.

    At most `limit`, those first whose last check is the longest ago: the next call goes on from there.
    """
    waiting = Brand.objects.filter(pk__in=Waiting.objects.order_by().values("brand").distinct())
    timed = [key for key in waiting.values_list("pk", flat=True) if ways_of(key).is_timed]
    over = Block.objects.filter(contact=OuterRef("ticket__conversation__contact"), lifted_at=None)
    let_in = Q(is_held=True) & Exists(over.filter(expires_at__lte=timezone.now()))
    found = Waiting.objects.filter(let_in | Q(brand__in=timed))
    by_brand: dict[int, list[int]] = defaultdict(list)
    for brand_id, ticket in found.order_by("checked_at", "pk").values_list("brand", "ticket")[:limit]:
        by_brand[brand_id].append(ticket)
    for brand_id, keys in by_brand.items():
        for begin in range(0, len(keys), REQUEUE_BATCH):
            _place_some(brand_id, keys[begin : begin + REQUEUE_BATCH])
    return sum(map(len, by_brand.values()))


def follow_contact(contact_id: str, brand_id: int) -> None:
    """Place the waiting work of a contact, by its public id, where it goes by what is known of them now."""
    found = Waiting.objects.filter(brand=brand_id, ticket__conversation__contact__public_id=contact_id)
    keys = list(found.order_by("ticket").values_list("ticket", flat=True)[:REQUEUE_BATCH])
    if keys:
        _place_some(brand_id, keys)


def follow_block(contact_id: str, email: str, brand_id: int) -> None:
    """Have waiting work of whoever is blocked, or no more, be given to nobody, or again: by public id, or by email."""
    whose = Q(ticket__conversation__contact__public_id=contact_id)
    if email:
        whose |= Q(ticket__conversation__contact__email__iexact=email)
        whose |= Q(ticket__conversation__contact__verified_email=email)
    found = Waiting.objects.filter(whose, brand=brand_id).order_by("ticket").values_list("ticket", flat=True)
    if keys := list(found[:REQUEUE_BATCH]):
        _place_some(brand_id, keys)


def _place_all(brand_id: int) -> int:
    """Place everything that waits, a batch at a time, each in a transaction of its own; give how many tickets."""
    placed, last = 0, 0
    while keys := list(
        _unassigned(brand_id).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:REQUEUE_BATCH]
    ):
        last = keys[-1]
        _place_some(brand_id, keys)
        placed += len(keys)
    return placed


def _place_some(brand_id: int, keys: Sequence[int]) -> None:
    """Place these anew. What somebody else holds is waited for afterwards, each by itself.

    Whoever holds many rows waits for none: others lock tickets in an order of their own, such as the log's.
    """
    placed = _place_batch(brand_id, keys, skips_held=True)
    for key in sorted(set(keys) - placed):
        _place_batch(brand_id, [key], skips_held=False)


@transaction.atomic
def _place_batch(brand_id: int, keys: Sequence[int], *, skips_held: bool) -> set[int]:
    """Place these anew in one transaction; give those whose rows it got."""
    skip = skips_held and connection.features.has_select_for_update_skip_locked
    locked = Ticket.objects.select_for_update(skip_locked=skip).filter(pk__in=keys).order_by("pk")
    held = set(locked.values_list("pk", flat=True))
    now = timezone.now()
    put_all(brand_id, _unassigned(brand_id).filter(pk__in=held).select_related("conversation"), at=now)
    Waiting.objects.filter(ticket__in=held).update(checked_at=now)
    return held


def _unassigned(brand_id: int) -> QuerySet[Ticket]:
    statuses = [Ticket.Status.NEW, Ticket.Status.OPEN]
    found = Ticket.objects.filter(brand=brand_id, is_open=True, assignee=None, snoozed_until=None)
    return found.filter(status__in=statuses)


def relax(brand_id: int, now: datetime) -> None:
    """Give up the skills that work waited for too long; it goes on preferring them. The caller is in a transaction.

    What somebody else is just about to change is left for the next time.
    """
    due = Waiting.objects.filter(brand=brand_id, relaxes_at__lte=now)
    keys = list(due.values_list("ticket", flat=True)[:REQUEUE_BATCH])
    if not keys:
        return
    skip = connection.features.has_select_for_update_skip_locked
    locked = Ticket.objects.select_for_update(skip_locked=skip).filter(pk__in=keys).order_by("pk")
    rows = list(due.filter(ticket__in=list(locked.values_list("pk", flat=True))).select_related("lane"))
    relaxed = {lane.pk: _without_skills(lane) for lane in {row.lane_id: row.lane for row in rows}.values()}
    for row in rows:
        row.preferred = sorted({*row.preferred, *row.lane.required})
        row.lane, row.relaxes_at = relaxed[row.lane_id], None
    Waiting.objects.bulk_update(rows, ["preferred", "lane", "relaxes_at"])


def _without_skills(lane: Lane) -> Lane:
    """Give the lane of work that needs the same but for the skills."""
    found = Place(lane.queue_id, lane.queue_priority, frozenset(lane.primary), frozenset(lane.secondary))
    return lane_for(lane.brand_id, lane.channel_class, found, frozenset())


def brands_that_wait() -> list[int]:
    """Give the brands in which something waits, or waits to be placed."""
    waiting = Brand.objects.filter(pk__in=Waiting.objects.order_by().values("brand").distinct())
    return sorted({*waiting.values_list("pk", flat=True), *Requeue.objects.values_list("brand", flat=True)})
