"""Every change of a ticket."""

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.content import plain_text
from conversations.events import RULE, SIDE, SYSTEM, Actor, Fact, append, on_behalf_of
from conversations.models import Conversation
from conversations.moments import MOST, is_choosable
from routing.actions import sla, waiting
from routing.actions.room import hand_to, made_room
from routing.decide.classes import class_of
from routing.decide.field_values import missing
from routing.decide.tickets import (
    MAX_TAG_CHARS,
    MAX_TAGS,
    SUBJECT_CHARS,
    clean_tags,
    subject_of,
)
from routing.errors import AlreadyTaken, InvalidChange, TicketIsClosed
from routing.events import (
    TicketAssigned,
    TicketChanged,
    TicketOpened,
    TicketReleased,
    TicketSnoozed,
    TicketStatusChanged,
    TicketWoke,
)
from routing.models import Agent, Group, Ticket, TicketCounter
from routing.queries import answering
from routing.queries.custom_fields import fields_of_ticket
from routing.queries.persons import config_of
from routing.queries.sessions import session_marks
from routing.queries.work import whole

WOKEN_AT_ONCE = 500
# Kinds of actors that are asked for no fields.
FILL_IN_NOTHING = frozenset({SYSTEM.kind, RULE})


def open_ticket(
    *,
    conversation: Conversation,
    waiting_since: datetime | None = None,
    given: Mapping[str, object] | None = None,
    follows: Ticket | None = None,
) -> Ticket:
    """Give the conversation's open ticket, opened when there is none; however many ask, one is opened.

    `given` are fields that a new one has from the start, as the model takes them: whoever gives them checked them.
    `follows` is the closed ticket beside which an answer came; triggers do not answer that another is opened for it.
    """
    found = conversation.tickets.filter(is_open=True).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return _open(conversation, waiting_since, given or {}, follows)
    except IntegrityError:
        return conversation.tickets.get(is_open=True)


def _open(
    conversation: Conversation, waiting_since: datetime | None, given: Mapping[str, object], follows: Ticket | None
) -> Ticket:
    values: dict[str, object] = {
        "subject": subject_of(_first_words(conversation)),
        "group": Group.objects.filter(brand=conversation.brand_id, is_default=True).order_by("pk").first(),
        **given,
    }
    ticket = Ticket.objects.create(
        brand_id=conversation.brand_id,
        conversation=conversation,
        number=_next_number(conversation.brand_id),
        channel_class=class_of(conversation.channel.kind),
        waiting_since=waiting_since,
        last_activity_at=waiting_since or timezone.now(),
        **session_marks(conversation.pk),
        **values,
    )
    fact = TicketOpened(ticket=ticket.public_id, number=ticket.number, follows=follows.number if follows else 0)
    with on_behalf_of(SIDE) if follows else nullcontext():
        record(ticket, fact, SYSTEM)
        sla.begin(ticket, at=ticket.last_activity_at, is_awaited=waiting_since is not None)
        if agent := _who_goes_on(ticket):
            return give(ticket, agent, by=SYSTEM)
        waiting.follow(ticket, at=ticket.last_activity_at, is_asked_for=follows is None)
    return ticket


def _who_goes_on(ticket: Ticket) -> Agent | None:
    """Give who has the ticket that the one before was merged into, unless they are not there for what comes back."""
    before = ticket.conversation.tickets.exclude(pk=ticket.pk).order_by("-pk").select_related("merged_into__assignee")
    last = before.first()
    into = last.merged_into if last else None
    if into is None or not into.is_open or into.assignee is None:
        return None
    agent, config = into.assignee, config_of(ticket.brand_id)
    if config.loses_opened_again(ticket.channel_class, agent.counts_as(ticket.channel_class)):
        return None
    return agent if answering(ticket.brand_id).filter(pk=agent.pk).exists() else None


def _first_words(conversation: Conversation) -> str:
    """Give what the customer wrote first since the work before this ended; else what they wrote last."""
    written = conversation.messages.filter(author_kind="contact").order_by("seq")
    ended_at = conversation.tickets.order_by("-pk").values_list("status_set_at", flat=True).first()
    first = written.filter(created_at__gt=ended_at).first() if ended_at else written.first()
    found = first or written.last()
    return plain_text(found.content) if found else ""


def _next_number(brand_id: int) -> int:
    """Take the brand's next number; its row stays locked until commit, so none is taken twice."""
    TicketCounter.objects.get_or_create(brand_id=brand_id)
    TicketCounter.objects.filter(brand_id=brand_id).update(last_number=F("last_number") + 1)
    return TicketCounter.objects.values_list("last_number", flat=True).get(brand_id=brand_id)


@transaction.atomic
def take_ticket(*, ticket: Ticket, agent: Agent, by: Actor) -> Ticket:
    """Give an unassigned ticket to the agent who asks.

    Raises AlreadyTaken with the winner, TicketIsClosed, InvalidChange for one who does not answer for the brand.
    """
    if not answering(ticket.brand_id).filter(pk=agent.pk).exists():
        raise InvalidChange(field="assignee")
    ticket = locked_open(ticket)
    if ticket.assignee_id == agent.pk:
        return ticket
    if ticket.assignee:
        raise AlreadyTaken(str(ticket.assignee))
    return give(ticket, agent, by=by)


def give(ticket: Ticket, agent: Agent, *, by: Actor) -> Ticket:
    """Make the agent the ticket's assignee. The caller holds its row.

    The agent's row is locked too: automatic assignment counts what they have under the same lock.
    """
    Agent.objects.select_for_update().filter(pk=agent.pk).values_list("pk").get()
    hand_to(ticket, agent, now=timezone.now())
    ticket.save(update_fields=["assignee", "takes_room_until"])
    waiting.remember_waits([ticket])
    waiting.take_out(ticket)
    record(ticket, TicketAssigned(ticket=ticket.public_id, agent=agent.user.public_id), by)
    return ticket


@transaction.atomic
def assign_ticket(*, ticket: Ticket, agent: Agent, by: Actor) -> Ticket:
    """Give an open ticket to any agent who answers for the brand. Raises TicketIsClosed, InvalidChange."""
    if not answering(ticket.brand_id).filter(pk=agent.pk).exists():
        raise InvalidChange(field="assignee")
    ticket = locked_open(ticket)
    if ticket.assignee_id == agent.pk:
        return ticket
    previous = ticket.assignee_id
    give(ticket, agent, by=by)
    if previous is not None:
        made_room(ticket.brand_id, previous)
    return ticket


@transaction.atomic
def release_ticket(*, ticket: Ticket, by: Actor) -> Ticket:
    """Put a ticket back among the unassigned. Raises TicketIsClosed."""
    ticket = locked_open(ticket)
    if ticket.assignee_id is not None:
        put_back(ticket, by=by)
    return ticket


def put_back(ticket: Ticket, *, by: Actor, is_undone: bool = False, is_asked_for: bool = False) -> None:
    """Take the ticket from its assignee, so that it waits again. The caller holds its row.

    `is_undone`: nobody should have had it, so that it waits as if nobody had. `is_asked_for`: it was opened just now.
    """
    had_by, ticket.assignee = ticket.assignee_id, None
    ticket.was_put_back = ticket.was_put_back or not is_undone
    ticket.save(update_fields=["assignee", "was_put_back"])
    record(ticket, TicketReleased(ticket=ticket.public_id), by)
    waiting.follow(ticket, is_asked_for=is_asked_for)
    made_room(ticket.brand_id, had_by)


@transaction.atomic
def set_status(*, ticket: Ticket, status: str, by: Actor, is_held_back: bool = True) -> Ticket:
    """Move a ticket to another status; solved work may be opened again, closed work may not.

    Work that is opened again stands as its customer's session does now, and waits again where its assignee answers for
    the brand no more.
    Raises TicketIsClosed, InvalidChange: also when the conversation has another open ticket by now, and when a field of
    its form that is required to solve is empty. The system and rules fill in no forms and are not held back by that;
    nor is whoever ends work that goes on elsewhere, without `is_held_back`.
    """
    if status not in Ticket.Status.values or status == Ticket.Status.NEW:
        raise InvalidChange(field="status", limit=", ".join(Ticket.Status.values[1:]))
    ticket = locked(ticket)
    if ticket.status == Ticket.Status.CLOSED:
        raise TicketIsClosed
    if ticket.status == status:
        return ticket
    is_open = status in Ticket.OPEN_STATUSES
    if (
        is_open
        and Ticket.objects.filter(conversation=ticket.conversation_id, is_open=True).exclude(pk=ticket.pk).exists()
    ):
        raise InvalidChange(field="status")
    if ticket.is_open and not is_open and is_held_back and by.kind not in FILL_IN_NOTHING:
        _refuse_missing(ticket)
    is_opened_again = is_open and not ticket.is_open
    # Sessions of solved work come and go unmarked.
    marks = {**session_marks(ticket.conversation_id), "takes_room_until": None} if is_opened_again else {}
    for name, mark in marks.items():
        setattr(ticket, name, mark)
    previous, ticket.status, ticket.is_open = ticket.status, status, is_open
    ticket.status_set_at = timezone.now()
    ticket.solved_at = None if is_open else (ticket.solved_at or ticket.status_set_at)
    # What is solved is not waited for any more.
    ticket.snoozed_until = ticket.snoozed_until if is_open else None
    ticket.save(update_fields=["status", "is_open", "solved_at", "status_set_at", "snoozed_until", *marks])
    record(ticket, TicketStatusChanged(ticket=ticket.public_id, status=status, previous=previous), by)
    if is_opened_again and _is_of_who_left(ticket):
        put_back(ticket, by=SYSTEM, is_asked_for=True)
        return ticket
    waiting.follow(ticket, is_asked_for=is_opened_again)
    # Whoever had it has room for more, or less.
    made_room(ticket.brand_id, ticket.assignee_id)
    return ticket


def _is_of_who_left(ticket: Ticket) -> bool:
    """Say whether its assignee answers for the brand no more: solved work stays with whoever solved it."""
    return ticket.assignee_id is not None and not answering(ticket.brand_id).filter(pk=ticket.assignee_id).exists()


def _refuse_missing(ticket: Ticket) -> None:
    if empty := missing(ticket.field_values, [field.rule for field in fields_of_ticket(ticket)]):
        names = ", ".join(rule.label for rule in empty)
        raise InvalidChange(_("Fill in before solving: %(names)s") % {"names": names}, field=f"field:{empty[0].key}")


@transaction.atomic
def change_ticket(
    *,
    ticket: Ticket,
    by: Actor,
    subject: str | None = None,
    priority: int | None = None,
    group: Group | None = None,
    no_group: bool = False,
    tags: list[str] | None = None,
    add_tag: str = "",
    remove_tag: str = "",
) -> Ticket:
    """Change what is given; the rest stays. Raises TicketIsClosed, InvalidChange naming the field and the limit.

    `no_group` takes the ticket out of its group. What stays as it was is no fact.
    `tags` sets all of them; `add_tag` and `remove_tag` change one, whatever others change at the same time.
    """
    ticket = locked_open(ticket)
    changed: dict[str, object] = {}
    if subject is not None:
        if len(subject) > SUBJECT_CHARS:
            raise InvalidChange(field="subject", limit=SUBJECT_CHARS)
        changed["subject"] = subject.strip()
    if priority is not None:
        if priority not in Ticket.Priority.values:
            raise InvalidChange(field="priority")
        changed["priority"] = priority
    if no_group:
        changed["group"] = None
    elif group is not None:
        if group.brand_id != ticket.brand_id:
            raise InvalidChange(field="group")
        changed["group"] = group
    if add_tag or remove_tag:
        tags = [tag for tag in ticket.tags if tag != remove_tag] + [add_tag]
    if tags is not None:
        tags = clean_tags(tags)
        if any(len(tag) > MAX_TAG_CHARS for tag in tags):
            text = _("A tag has at most %(n)s characters.") % {"n": MAX_TAG_CHARS}
            raise InvalidChange(text, field="tags", limit=MAX_TAG_CHARS)
        if len(tags) > MAX_TAGS:
            raise InvalidChange(_("At most %(n)s tags.") % {"n": MAX_TAGS}, field="tags", limit=MAX_TAGS)
        changed["tags"] = tags
    changed = {field: value for field, value in changed.items() if getattr(ticket, field) != value}
    if not changed:
        return ticket
    for field, value in changed.items():
        setattr(ticket, field, value)
    ticket.save(update_fields=[*changed])
    record(ticket, TicketChanged(ticket=ticket.public_id, fields=sorted(changed)), by)
    waiting.follow(ticket)
    return ticket


@transaction.atomic
def snooze_ticket(*, ticket: Ticket, until: datetime, by: Actor) -> Ticket:
    """Take an open ticket out of the active views until a moment within a year, or until its customer writes.

    Raises TicketIsClosed, InvalidChange.
    """
    now = timezone.now()
    if not is_choosable(until, now):
        raise InvalidChange(_("Choose a time from now to a year from now."), field="until", limit=MOST.days)
    ticket = locked_open(ticket)
    ticket.snoozed_until, ticket.snoozed_at = until, now
    ticket.save(update_fields=["snoozed_until", "snoozed_at"])
    record(ticket, TicketSnoozed(ticket=ticket.public_id, until=until.astimezone(UTC).isoformat()), by)
    waiting.follow(ticket)
    made_room(ticket.brand_id, ticket.assignee_id)
    return ticket


@transaction.atomic
def wake_ticket(*, ticket: Ticket, by: Actor, reason: str, at: datetime | None = None) -> bool:
    """Bring a snoozed ticket back; say whether it was snoozed. `reason`: agent, customer, time.

    Words that the customer wrote at `at`, before it was snoozed (the log is read later), bring nothing back: they were
    there to see. One whose time has come stands as if something had just happened in it.
    """
    ticket = locked(ticket)
    if ticket.snoozed_until is None or (at and ticket.snoozed_at and ticket.snoozed_at >= at):
        return False
    if reason == "time":
        if ticket.snoozed_until > timezone.now():
            return False
        ticket.last_activity_at = timezone.now()
    ticket.snoozed_until = None
    ticket.save(update_fields=["snoozed_until", "last_activity_at"])
    record(ticket, TicketWoke(ticket=ticket.public_id, reason=reason), by)
    if not put_back_from_absent(ticket):
        waiting.follow(ticket)
    return True


def wake_due(*, limit: int = WOKEN_AT_ONCE) -> int:
    """Bring back the tickets whose time has come, earliest first, each in its own transaction; say how many."""
    due = Ticket.objects.filter(snoozed_until__lte=timezone.now()).order_by("snoozed_until")[:limit]
    return sum(wake_ticket(ticket=ticket, by=SYSTEM, reason="time") for ticket in list(due))


def put_back_from_absent(ticket: Ticket, *, is_asked_for: bool = False) -> bool:
    """Take work that was opened again from an agent who is not there for it, as the brand configured; say whether.

    `is_asked_for`: it was solved, so that triggers answer its being opened first.
    """
    config = config_of(ticket.brand_id)
    ticket = locked(ticket)
    if not (ticket.assignee and ticket.is_open):
        return False
    is_absent = config.loses_opened_again(ticket.channel_class, ticket.assignee.counts_as(ticket.channel_class))
    if is_absent:
        put_back(ticket, by=SYSTEM, is_asked_for=is_asked_for)
    return is_absent


def locked(ticket: Ticket) -> Ticket:
    """Lock the ticket's row until commit, then read it with its conversation, contact, assignee, group and form.

    In two statements: PostgreSQL reads the locked row anew after a wait, but not the rows joined to it.
    """
    Ticket.objects.select_for_update().filter(pk=ticket.pk).values_list("pk").get()
    return whole(Ticket.objects.filter(pk=ticket.pk)).get()


def locked_if_free(key: int) -> Ticket | None:
    """Lock and read a ticket as `locked` does; None, at once, where somebody else holds its row, or it is gone."""
    skip = connection.features.has_select_for_update_skip_locked
    free = Ticket.objects.select_for_update(skip_locked=skip).filter(pk=key).values_list("pk").first()
    return whole(Ticket.objects.filter(pk=key)).get() if free else None


def locked_open(ticket: Ticket) -> Ticket:
    """Lock an open ticket's row until commit, and read it. Raises TicketIsClosed."""
    found = locked(ticket)
    if not found.is_open:
        raise TicketIsClosed
    return found


def record(ticket: Ticket, fact: Fact, by: Actor) -> None:
    """Append a fact about the ticket, and tell the screens that show it."""
    append(fact, brand_id=ticket.brand_id, conversation=ticket.conversation, by=by)
    live.announce_conversation(ticket.conversation, to_contact=False, part="ticket")
