"""What a brand does about silence and waiting, whom it concerns now, and how long others waited."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from conversations.models import Session
from routing.decide.hours import Hours
from routing.decide.sessions import SAMPLED, SAMPLES, TOO_LATE
from routing.models import FirstWait, Lane, ReminderStep, SessionSettings, Ticket
from routing.queries.schedules import hours_of, hours_of_brand

BATCH = 200


def session_settings(brand_id: int) -> SessionSettings:
    """Give what a brand set; where it set nothing, a row that is not stored and has the defaults."""
    found = SessionSettings.objects.select_related("closed_schedule").filter(brand=brand_id).first()
    return found or SessionSettings(brand_id=brand_id)


def open_hours(settings: SessionSettings) -> Hours:
    """Give when a brand is there for its customers: the schedule it chose, or its usual one. At most three queries."""
    return hours_of(settings.closed_schedule) if settings.closed_schedule else hours_of_brand(settings.brand_id)


def session_marks(conversation_pk: int) -> dict[str, bool]:
    """Give what a ticket that becomes open says of the last session of its conversation; who never had one is not
    there. One query."""
    of_it = Session.objects.filter(conversation=conversation_pk)
    state = of_it.order_by("-pk").values_list("state", flat=True).first()
    return {"is_active": state == Session.State.ACTIVE, "session_ended": state == Session.State.ENDED}


def silent_tickets(settings: SessionSettings, now: datetime) -> Iterator[Ticket]:
    """Yield tickets whose customers are due a reminder, as far as rows tell: at most 200 a place."""
    for place, reminder in enumerate(settings.chain):
        due = (now - reminder.wait - TOO_LATE, now - reminder.wait)
        steps = ReminderStep.objects.filter(ticket=OuterRef("pk"), since=OuterRef("last_activity_at"))
        found = _remindable(settings).exclude(Exists(steps.filter(place=place)))
        if place:
            found = found.filter(Exists(steps.filter(place=place - 1, done_at__gt=due[0], done_at__lte=due[1])))
        else:
            found = found.filter(last_activity_at__gt=due[0], last_activity_at__lte=due[1])
        yield from found.order_by("last_activity_at", "pk")[:BATCH]


def _remindable(settings: SessionSettings) -> QuerySet[Ticket]:
    found = Ticket.objects.filter(
        brand=settings.brand_id, is_open=True, snoozed_until=None, session_ended=False, channel_class="messaging"
    )
    return found if settings.reminds_who_waits else found.filter(waiting_since=None)


def last_waits(lane: Lane, now: datetime) -> list[float]:
    """Give how many seconds the last twenty of a lane waited who got an agent within a day. One query."""
    found = FirstWait.objects.filter(lane=lane, ended_at__gt=now - SAMPLED, ended_at__gte=F("began_at"))
    spans = found.order_by("-ended_at").values_list("began_at", "ended_at")[:SAMPLES]
    return [(ended_at - began_at).total_seconds() for began_at, ended_at in spans]
