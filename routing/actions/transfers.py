"""Passing work on by hand: to an agent, a group or a queue, with a note; and taking the next one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conversations.actions.messages import Author, post_message
from conversations.events import Actor
from conversations.models import Message
from routing.actions import tickets, waiting
from routing.actions.room import made_room
from routing.decide.assign import Person, Terms, obstacle
from routing.decide.capacity import Capacity
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability
from routing.errors import AlreadyTaken, InvalidChange, NothingWaits
from routing.events import TicketChanged, TicketReleased, TicketTransferred
from routing.models import Agent, Group, Queue, Ticket, Waiting
from routing.queries import answering
from routing.queries.lanes import filled, line, work_of_lane
from routing.queries.persons import config_of, persons_of

MAX_NOTE = 2000


@transaction.atomic
def transfer_ticket(
    *,
    ticket: Ticket,
    by: Agent | Actor,
    to_agent: Agent | None = None,
    to_group: Group | None = None,
    to_queue: Queue | None = None,
    note: str = "",
) -> Ticket:
    """Pass an open ticket on to exactly one of agent, group and queue.

    An agent gets it at once, whatever room they have; in a group or a queue it waits. `note` (up to 2,000 characters)
    is written into the thread for whoever gets it. `by` is an agent, or the actor of a system.
    Raises TicketIsClosed, InvalidChange.
    """
    ticket = tickets.locked_open(ticket)
    actor = _actor(by)
    _check(ticket, to_agent, to_group, to_queue, note)
    _write(ticket, by, note)
    if to_agent:
        tickets.record(ticket, TicketTransferred(ticket.public_id, "agent", to_agent.user.public_id), actor)
        return tickets.assign_ticket(ticket=ticket, agent=to_agent, by=actor)
    if to_group:
        ticket.group, ticket.sent_to = to_group, None
        fact = TicketTransferred(ticket.public_id, "group", to_group.name)
    else:
        assert to_queue is not None
        ticket.sent_to = to_queue
        fact = TicketTransferred(ticket.public_id, "queue", to_queue.name)
    return _send(ticket, fact, actor)


@transaction.atomic
def escalate_ticket(*, ticket: Ticket, by: Agent | Actor, note: str = "") -> Ticket:
    """Send an open ticket to the group that its own group escalates to.

    Raises TicketIsClosed, and InvalidChange where there is none.
    """
    ticket = tickets.locked_open(ticket)
    above = ticket.group.escalates_to if ticket.group else None
    if above is None:
        raise InvalidChange(field="group")
    _check(ticket, None, above, None, note)
    _write(ticket, by, note)
    ticket.group, ticket.sent_to = above, None
    return _send(ticket, TicketTransferred(ticket.public_id, "escalation", above.name), _actor(by))


@transaction.atomic
def send_on(*, ticket: Ticket, by: Actor, to_queue: Queue | None = None) -> Ticket:
    """Pass an open ticket on to a queue, or, without one, to the group that its own group escalates to; for rules.

    Raises TicketIsClosed, InvalidChange.
    """
    ticket = tickets.locked_open(ticket)
    above = ticket.group.escalates_to if ticket.group else None
    _check(ticket, None, None if to_queue else above, to_queue, "")
    ticket.sent_to = to_queue
    if to_queue:
        return _send(ticket, TicketTransferred(ticket.public_id, "queue", to_queue.name), by)
    assert above is not None
    ticket.group = above
    return _send(ticket, TicketTransferred(ticket.public_id, "escalation", above.name), by)


@transaction.atomic
def take_back(
    *,
    ticket: Ticket,
    by: Actor,
    given: Agent | None,
    agent: Agent | None,
    group: Group | None,
    queue: Queue | None,
) -> Ticket:
    """Undo that an open ticket was passed on: it is the agent's, the group's and the queue's again that it was.

    `given` is who got it then; where somebody else has it by now, it stays theirs. A note stays written.
    Raises TicketIsClosed, AlreadyTaken.
    """
    ticket = tickets.locked_open(ticket)
    if ticket.assignee is not None and ticket.assignee != given:
        raise AlreadyTaken(str(ticket.assignee))
    is_moved = ticket.group != group
    ticket.group, ticket.sent_to = group, queue
    ticket.save(update_fields=["group", "sent_to"])
    if is_moved:
        tickets.record(ticket, TicketChanged(ticket=ticket.public_id, fields=["group"]), by)
    if agent is not None:
        had_by = ticket.assignee_id
        ticket = tickets.give(ticket, agent, by=by)
        if had_by is not None:
            made_room(ticket.brand_id, had_by)
        return ticket
    if ticket.assignee_id is not None:
        tickets.put_back(ticket, by=by, is_undone=True)
    else:
        waiting.follow(ticket)
    return ticket


def _check(ticket: Ticket, agent: Agent | None, group: Group | None, queue: Queue | None, note: str) -> None:
    if sum(each is not None for each in (agent, group, queue)) != 1:
        raise InvalidChange(field="to")
    if agent and not answering(ticket.brand_id).filter(pk=agent.pk).exists():
        raise InvalidChange(field="agent")
    if (group and group.brand_id != ticket.brand_id) or (queue and queue.brand_id != ticket.brand_id):
        raise InvalidChange(field="group" if group else "queue")
    if queue and not queue.is_active:
        raise InvalidChange(field="queue")
    if len(note) > MAX_NOTE:
        raise InvalidChange(field="note", limit=MAX_NOTE)


def _actor(by: Agent | Actor) -> Actor:
    return by if isinstance(by, Actor) else Actor.of_user(by.user)


def _write(ticket: Ticket, by: Agent | Actor, note: str) -> None:
    if note.strip():
        author = Author.api(by.name) if isinstance(by, Actor) else Author.agent(by.user)
        content = {"type": "text", "text": note.strip()}
        audience = Message.Audience.INTERNAL
        post_message(conversation=ticket.conversation, author=author, content=content, audience=audience)


def _send(ticket: Ticket, fact: TicketTransferred, actor: Actor) -> Ticket:
    """Have the ticket wait where it was sent."""
    had_by, ticket.assignee = ticket.assignee_id, None
    ticket.was_put_back = ticket.was_put_back or had_by is not None
    ticket.save(update_fields=["assignee", "group", "sent_to", "was_put_back"])
    tickets.record(ticket, fact, actor)
    if had_by is not None:
        tickets.record(ticket, TicketReleased(ticket=ticket.public_id), actor)
    # As if it came anew: whoever was offered it where it was before is not asked again before others.
    Waiting.objects.filter(ticket=ticket).delete()
    waiting.withdraw(ticket)
    waiting.follow(ticket)
    if had_by is not None:
        Waiting.objects.filter(ticket=ticket).update(passed_by=had_by)
    made_room(ticket.brand_id, had_by)
    return ticket


def take_next(*, agent: Agent, brand_id: int, now: datetime | None = None) -> Ticket:
    """Give an agent the first of what waits that they could take, whatever their status and room, held email too.

    Raises NothingWaits.
    """
    now = now or timezone.now()
    person = _willing(agent, brand_id, now)
    if person is None:
        raise NothingWaits
    moment = now.timestamp()
    found = filled(brand_id, by_hand=True)
    lanes = [lane for lane in found if obstacle(person, work_of_lane(lane), Terms(), moment) is None]
    # Of two who take the next one at once, the slower takes the one after it.
    lines = [line(lane, by_hand=True) for lane in lanes]
    heads = [(work, each) for each in lines if (work := next(each, None))]
    while heads:
        first = min(heads, key=lambda head: head[0].order)
        heads.remove(first)
        work, rest = first
        if ticket := _take_waiting(work.ticket, agent):
            return ticket
        if following := next(rest, None):
            heads.append((following, rest))
    raise NothingWaits


@transaction.atomic
def _take_waiting(key: int, agent: Agent) -> Ticket | None:
    """Give an agent a ticket that still waits; None where it was taken, offered, ended or laid aside meanwhile."""
    ticket = tickets.locked(Ticket(pk=key))
    if not Waiting.objects.filter(ticket=ticket, is_offered=False).exists():
        return None
    return tickets.give(ticket, agent, by=Actor.of_user(agent.user))


def take_next_of(*, agent: Agent, brand_ids: Sequence[int]) -> Ticket:
    """Give an agent of several brands the next one of the first brand in which something waits for them.

    Raises NothingWaits.
    """
    for brand_id in brand_ids:
        try:
            return take_next(agent=agent, brand_id=brand_id)
        except NothingWaits:
            continue
    raise NothingWaits


def _willing(agent: Agent, brand_id: int, now: datetime) -> Person | None:
    """Give the agent as one who is there for everything and has room for it."""
    found = persons_of(answering(brand_id).filter(pk=agent.pk), brand_id, config_of(brand_id), now)
    if not found:
        return None
    room = Capacity(dict.fromkeys(ChannelClass.values, 1))
    return replace(
        found[0], availability=dict.fromkeys(ChannelClass.values, Availability.ONLINE), capacity=room, load={}
    )
