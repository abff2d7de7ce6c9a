"""What becomes of work as conversations go on: the customer wrote, an agent answered, a session began, fell silent or
ended."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from conversations import live
from conversations.events import SYSTEM
from conversations.models import Conversation
from routing.actions import sla, waiting
from routing.actions.room import made_room
from routing.actions.tickets import locked, open_ticket, put_back_from_absent, set_status, wake_ticket
from routing.decide.sessions import reopens
from routing.decide.tickets import status_after_agent_wrote, status_after_contact_wrote
from routing.models import Ticket
from routing.queries.sessions import session_settings

# Each word of each customer comes through this statement; compiling it anew each time cost thrice its execution.
TOUCH = """
    UPDATE routing_ticket SET waiting_since = COALESCE(waiting_since, %s),
        last_activity_at = CASE WHEN last_activity_at < %s THEN %s ELSE last_activity_at END
    WHERE conversation_id = %s AND is_open AND is_active AND status IN ('new', 'open') AND snoozed_until IS NULL
    RETURNING id, waiting_since = %s
"""


def touch_after_contact_wrote(*, conversation_pk: int, brand_pk: int, at: datetime) -> bool:
    """Have work that is new or open, not snoozed and not silent, go on waiting; say whether there was any.

    Most words of a customer change nothing else; for the rest there is `reopen_after_contact_wrote`.
    """
    # As the ORM stores it: SQLite's own words for a moment would not compare with those.
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, [moment, moment, moment, conversation_pk, moment])
        touched = cursor.fetchone()
    if touched is None:
        return False
    key, begins_to_wait = touched
    if begins_to_wait:
        sla.follow_customer(ticket_pk=key, at=at)
    live.announce_changed(brand_pk, "inbox")
    return True


@transaction.atomic
def reopen_after_contact_wrote(*, conversation: Conversation, at: datetime) -> Ticket:
    """Bring a conversation's work up to date after the customer wrote: opened, opened again, or waiting since `at`.

    A solved ticket is the same work once more, for as long as its brand has it so; else another is opened, as after a
    closed one. What was decided after those words (the log is read later) stands: they were there to see.
    """
    decided = conversation.tickets.filter(status_set_at__gte=at).exclude(status__in=["new", "open"])
    if ticket := decided.order_by("-is_open", "-pk").first():
        return ticket
    there = conversation.tickets.filter(is_open=True).first() or _solved_lately(conversation, at)
    ticket = there or open_ticket(conversation=conversation, waiting_since=at)
    status = status_after_contact_wrote(ticket.status)
    if status != ticket.status:
        was_open = ticket.is_open
        ticket = set_status(ticket=ticket, status=status, by=SYSTEM)
        put_back_from_absent(ticket, is_asked_for=not was_open)
    wake_ticket(ticket=ticket, by=SYSTEM, reason="customer", at=at)
    Ticket.objects.filter(pk=ticket.pk, last_activity_at__lt=at).update(last_activity_at=at)
    own = Ticket.objects.filter(pk=ticket.pk)
    if own.filter(is_active=False, session_ended=False).update(is_active=True, takes_room_until=None):
        _place_anew(own)
    Ticket.objects.filter(pk=ticket.pk, waiting_since=None).update(waiting_since=at)
    if there:
        sla.follow_customer(ticket_pk=ticket.pk, at=at)
    live.announce_changed(conversation.brand_id, "inbox")
    return ticket


def _solved_lately(conversation: Conversation, at: datetime) -> Ticket | None:
    """Give the last ticket, solved, that words written at `at` open again."""
    ticket = conversation.tickets.filter(status=Ticket.Status.SOLVED).order_by("-pk").first()
    if ticket is None:
        return None
    hours = session_settings(ticket.brand_id).reopen_solved_for_hours
    return ticket if reopens(ticket.solved_at, hours, at) else None


@transaction.atomic
def touch_after_agent_wrote(*, conversation: Conversation, at: datetime) -> Ticket:
    """Bring a conversation's work up to date after an agent answered: open, and waiting for the customer.

    Work that was solved after those words (an agent sends and solves at once, the log is read later) stays solved.
    """
    solved = conversation.tickets.filter(is_open=False, solved_at__gte=at).order_by("-pk").first()
    ticket = conversation.tickets.filter(is_open=True).first() or solved or open_ticket(conversation=conversation)
    status = status_after_agent_wrote(ticket.status)
    if status != ticket.status:
        ticket = set_status(ticket=ticket, status=status, by=SYSTEM)
    Ticket.objects.filter(pk=ticket.pk).update(last_activity_at=at, takes_room_until=None)
    if ticket.takes_room_until is not None:
        made_room(conversation.brand_id, ticket.assignee_id)
    Ticket.objects.filter(pk=ticket.pk, waiting_since__lte=at).update(waiting_since=None)
    sla.follow_agent(ticket_pk=ticket.pk, at=at)
    live.announce_changed(conversation.brand_id, "inbox")
    return ticket


@transaction.atomic
def mark_session(*, conversation_pk: int, brand_pk: int, has_ended: bool) -> None:
    """Have the open ticket of a conversation say whether the session is over; whoever ended it waits no more."""
    found = Ticket.objects.filter(conversation=conversation_pk, is_open=True)
    over = {"session_ended": True, "is_active": False, "waiting_since": None, "takes_room_until": None}
    had_by = found.values_list("assignee", flat=True).first()
    if found.update(**over if has_ended else {"session_ended": False, "is_active": True, "takes_room_until": None}):
        _place_anew(found)
        live.announce_changed(brand_pk, "inbox")
        made_room(brand_pk, had_by)


def _place_anew(found: QuerySet[Ticket]) -> None:
    """Have what of these waits wait where its session has it now; the caller is in a transaction."""
    for ticket in found.filter(waiting__isnull=False):
        waiting.follow(locked(ticket))


@transaction.atomic
def mark_silent(*, conversation_pk: int, brand_pk: int) -> None:
    """Have the open ticket of a conversation say that its customer fell silent; that may make room for other work."""
    found = Ticket.objects.filter(conversation=conversation_pk, is_open=True)
    active = found.filter(is_active=True)
    had_by = active.values_list("assignee", flat=True).first()
    if active.update(is_active=False):
        _place_anew(found)
        live.announce_changed(brand_pk, "inbox")
        made_room(brand_pk, had_by)
