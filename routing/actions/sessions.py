"""Silence and the end of work: reminders, what is said outside business hours, and closing what was solved."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.actions.messages import Author, post_message
from conversations.actions.sessions import end_session
from conversations.events import SYSTEM, Actor, append
from conversations.models import AuthorKind, Brand, Conversation, Identity, Message, Session
from conversations.zones import time_zones
from routing.actions import standings, tickets
from routing.decide.classes import ChannelClass, class_of
from routing.decide.hours import Hours
from routing.decide.languages import in_language
from routing.decide.placeholders import SHOWN, filled, unknown_placeholders
from routing.decide.sessions import MAX_REMINDERS, Reminder, due_reminder
from routing.decide.tickets import MAX_TAG_CHARS, MAX_TAGS, clean_tags
from routing.errors import InvalidChange
from routing.events import CustomerReminded
from routing.models import ReminderStep, SessionSettings, Ticket
from routing.models.sessions import TEXT_CHARS
from routing.queries.languages import customers_language
from routing.queries.placeholders import own_placeholders, values_in
from routing.queries.sessions import open_hours, session_settings, silent_tickets

MAX_MINUTES = 60 * 24 * 7
CLOSED_AT_ONCE = 500
# What a reminder may make of a ticket; solved by the last only.
STATUSES = (Ticket.Status.OPEN, Ticket.Status.PENDING, Ticket.Status.HOLD, Ticket.Status.SOLVED)


@transaction.atomic
def save_session_settings(*, settings: SessionSettings, fields: Sequence[str] = (), by: Actor) -> SessionSettings:
    """Save what a brand does about silence and waiting, of which there is one row. Raises InvalidChange.

    `fields` names what changed. Whoever waits is told anew, or nothing any more.
    """
    is_new = settings.pk is None
    hold_brand(settings.brand_id)
    if SessionSettings.objects.filter(brand=settings.brand_id).exclude(pk=settings.pk).exists():
        raise InvalidChange(_("This brand has its settings already: change those."), field="brand")
    if settings.closed_schedule and settings.closed_schedule.brand_id != settings.brand_id:
        raise InvalidChange(_("Choose a schedule of this brand."), field="closed_schedule")
    settings.chain = checked_chain(settings.chain, settings.brand_id)
    try:
        settings.clean_fields(exclude={"brand", "closed_schedule"})
    except ValidationError as error:
        name, said = next(iter(error.message_dict.items()))
        raise InvalidChange(said[0], field=name) from None
    settings.save()
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=settings, brand_ids=[settings.brand_id], change=change, by=by)
    if not settings.tells_standing:
        standings.forget(settings.brand_id)
    return settings


def checked_chain(chain: Sequence[Reminder], brand_id: int) -> list[Reminder]:
    """Give a brand's reminders in order: texts without spaces around, clean tags.

    Raises InvalidChange naming `reminders.<place>.<field>`.
    """
    if len(chain) > MAX_REMINDERS:
        raise InvalidChange(
            _("At most %(n)s reminders.") % {"n": MAX_REMINDERS}, field="reminders", limit=MAX_REMINDERS
        )
    own, last = own_placeholders(brand_id), len(chain) - 1
    return [_checked(reminder, place, own, is_last=place == last) for place, reminder in enumerate(chain)]


def _checked(reminder: Reminder, place: int, own: Collection[str], *, is_last: bool) -> Reminder:
    at = f"reminders.{place}"
    if not 1 <= reminder.minutes <= MAX_MINUTES:
        text = _("Give 1 to %(n)s minutes.") % {"n": MAX_MINUTES}
        raise InvalidChange(text, field=f"{at}.minutes", limit=MAX_MINUTES)
    texts = {name: getattr(reminder, name).replace("\r\n", "\n").strip() for name in ("text_en", "text_ko")}
    for name, text in texts.items():
        if len(text) > TEXT_CHARS or "\x00" in text:
            raise InvalidChange(
                _("At most %(n)s characters.") % {"n": TEXT_CHARS}, field=f"{at}.{name}", limit=TEXT_CHARS
            )
        if unknown := unknown_placeholders(text, own):
            said = _("%(found)s is no placeholder. There are: %(known)s.")
            known = ", ".join(f"{{{{{each}}}}}" for each in SHOWN)
            raise InvalidChange(said % {"found": unknown[0][:40], "known": known}, field=f"{at}.{name}")
    if reminder.status not in {"", *STATUSES}:
        raise InvalidChange(field=f"{at}.status", limit=", ".join(STATUSES))
    if not is_last and (reminder.ends_session or reminder.status == Ticket.Status.SOLVED):
        field = "ends_session" if reminder.ends_session else "status"
        raise InvalidChange(_("Only the last reminder may solve the ticket or end the session."), field=f"{at}.{field}")
    tags = clean_tags(reminder.tags)
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in tags):
        text = _("At most %(n)s tags of %(chars)s characters.") % {"n": MAX_TAGS, "chars": MAX_TAG_CHARS}
        raise InvalidChange(text, field=f"{at}.tags", limit=MAX_TAGS)
    done = Reminder(reminder.minutes, texts["text_en"], texts["text_ko"], reminder.status, tags, reminder.ends_session)
    if not done.does_something:
        raise InvalidChange(_("Write a text, or choose what it does."), field=f"{at}.text_en")
    return done


def remind_silent(now: datetime) -> int:
    """Do the reminders that are due, each in its own transaction; give how many were done."""
    done = 0
    for settings in SessionSettings.objects.exclude(reminders=[]):
        for ticket in list(silent_tickets(settings, now)):
            done += remind(ticket=ticket, settings=settings, now=now)
    return done


@transaction.atomic
def remind(*, ticket: Ticket, settings: SessionSettings, now: datetime) -> bool:
    """Do the next reminder of a ticket's silence if it is due by now; say whether it was.

    Everything is looked at again under the locks: whoever wrote meanwhile is not reminded, and nothing is done twice.
    """
    ticket = tickets.locked(ticket)
    if not ticket.is_open or ticket.snoozed_until or ticket.session_ended:
        return False
    since = ticket.last_activity_at
    steps = ReminderStep.objects.filter(ticket=ticket, since=since)
    place = due_reminder(settings.chain, since, dict(steps.values_list("place", "done_at")), now)
    if place is None:
        return False
    Conversation.objects.select_for_update().filter(pk=ticket.conversation_id).values_list("pk").get()
    conversation = Conversation.objects.select_related("contact", "brand").get(pk=ticket.conversation_id)
    if conversation.session_id is None or _is_answered(conversation, since, settings):
        return False
    ReminderStep.objects.create(ticket=ticket, since=since, place=place, done_at=now)
    _do(
        settings.chain[place],
        place,
        ticket,
        conversation,
        client_id=f"reminder-{ticket.public_id}-{place}-{since.timestamp():.6f}",
    )
    return True


def _is_answered(conversation: Conversation, since: datetime, settings: SessionSettings) -> bool:
    """Say whether the silence is over, also where the log's readers have not seen it, or is one of ours."""
    found = conversation.messages.filter(audience=Message.Audience.PUBLIC).exclude(author_kind=AuthorKind.SYSTEM)
    last = found.order_by("-seq").first()
    if last is None or last.created_at > since:
        return True
    return last.author_kind == AuthorKind.CONTACT and not settings.reminds_who_waits


def _do(reminder: Reminder, place: int, ticket: Ticket, conversation: Conversation, *, client_id: str) -> None:
    if text := in_language(customers_language(conversation), reminder.text_en, reminder.text_ko):
        agent = ticket.assignee.user.name if ticket.assignee else ""
        values = values_in(text, conversation=conversation, ticket=ticket, agent=agent)
        _say(conversation, filled(text, values), client_id=client_id)
    fact = CustomerReminded(ticket=ticket.public_id, place=place)
    append(fact, brand_id=ticket.brand_id, conversation=conversation, by=SYSTEM)
    if tags := [tag for tag in reminder.tags if tag not in ticket.tags]:
        tickets.change_ticket(ticket=ticket, tags=[*ticket.tags, *tags][:MAX_TAGS], by=SYSTEM)
    if reminder.status:
        tickets.set_status(ticket=ticket, status=reminder.status, by=SYSTEM)
    if reminder.ends_session:
        end_session(conversation=conversation, ended_by=Session.EndedBy.RULE, by=SYSTEM)


def _say(conversation: Conversation, text: str, *, client_id: str) -> None:
    content = {"type": "text", "text": text[:4096]}
    post_message(conversation=conversation, author=Author.system(), content=content, client_id=client_id)


def say_closed(*, conversation: Conversation, session: Session, at: datetime) -> bool:
    """Tell a contact who wrote outside business hours so, and when you open; once a session. Say whether they were."""
    settings = session_settings(conversation.brand_id)
    text = in_language(customers_language(conversation), settings.closed_text_en, settings.closed_text_ko)
    if not text or class_of(conversation.channel.kind) != ChannelClass.MESSAGING:
        return False
    hours = open_hours(settings)
    if hours.is_open(at):
        return False
    if settings.tells_opening and (opening := _opening(conversation, hours, at)):
        text = f"{text}\n{opening}"
    _say(conversation, text, client_id=f"closed-{session.public_id}")
    return True


def _opening(conversation: Conversation, hours: Hours, at: datetime) -> str:
    """Give the sentence that says when you open next, in the contact's language and zone, if anybody knows."""
    opens = hours.next_open(at)
    if opens is None:
        return ""
    known = Identity.objects.filter(contact=conversation.contact_id, channel=conversation.channel_id)
    told = next((name for profile in known.values_list("profile", flat=True) if (name := profile.get("time_zone"))), "")
    zone = ZoneInfo(told) if told in time_zones() else hours.zone
    moment = opens.astimezone(zone)
    with override(customers_language(conversation)):
        words = (
            gettext("We open again on %(weekday)s, %(day)s, %(time)s.")
            if told
            else gettext("We open again on %(weekday)s, %(day)s, %(time)s (%(zone)s).")
        )
        weekday, day = date_format(moment, "l"), date_format(moment, "MONTH_DAY_FORMAT")
        return words % {
            "weekday": weekday,
            "day": day,
            "time": date_format(moment, "TIME_FORMAT"),
            "zone": zone.key,
        }


def close_solved(now: datetime) -> int:
    """Close what was solved as many days ago as its brand set, each in its own transaction; give how many."""
    closed = 0
    for brand_id in Brand.objects.values_list("pk", flat=True):
        days = session_settings(brand_id).close_solved_after_days
        if days is None:
            continue
        due = Ticket.objects.filter(
            brand=brand_id, status=Ticket.Status.SOLVED, solved_at__lte=now - timedelta(days=days)
        )
        closed += sum(_close(ticket) for ticket in list(due.order_by("solved_at")[:CLOSED_AT_ONCE]))
    return closed


@transaction.atomic
def _close(ticket: Ticket) -> bool:
    solved_at, ticket = ticket.solved_at, tickets.locked(ticket)
    # Whoever opened it again meanwhile, or solved it anew, did so for a reason.
    if ticket.status != Ticket.Status.SOLVED or ticket.solved_at != solved_at:
        return False
    tickets.set_status(ticket=ticket, status=Ticket.Status.CLOSED, by=SYSTEM)
    return True
