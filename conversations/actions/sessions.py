"""Live stretches of a conversation: begun by the contact, ended by an agent, the contact or inactivity."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.errors import NotAllowed, SessionAlreadyEnded, SessionIsOver
from conversations.events import (
    SYSTEM,
    Actor,
    SessionBecameActive,
    SessionBecameInactive,
    SessionEnded,
    SessionStarted,
    append,
)
from conversations.models import Brand, Conversation, Identity, Session

SWEEP_BATCH = 200
# A device that said no goodbye is taken to be there for this long after it was last heard: it is noted every 5 minutes.
STILL_THERE = timedelta(minutes=6)
# Silence is counted in minutes: in a burst one note in five seconds tells as much, and spares the index of the silent.
TOUCH_EVERY = timedelta(seconds=5)
# Each word of each customer comes through these statements; compiling one anew each time cost more than its execution.
TOUCH = "UPDATE conversations_session SET last_contact_at = %s WHERE id = %s AND state = 'active'"
WAKE = "UPDATE conversations_session SET last_contact_at = %s, state = 'active' WHERE id = %s AND state = 'inactive'"


def touch_session(conversation: Conversation, session_id: int | None, *, now: datetime, by: Actor) -> int:
    """Keep the open session alive as of now, active again after a silence, or begin one; return its key.

    The caller holds the conversation's row.
    """
    if session_id is not None:
        seen = connection.ops.adapt_datetimefield_value(now)
        with connection.cursor() as cursor:
            cursor.execute(TOUCH, [seen, session_id])
            if not cursor.rowcount:
                cursor.execute(WAKE, [seen, session_id])
                if cursor.rowcount:
                    _tell_active(conversation, session_id, by)
        return session_id
    session = Session.objects.create(conversation=conversation, started_at=now, last_contact_at=now)
    Conversation.objects.filter(pk=conversation.pk).update(session=session)
    append(
        SessionStarted(session=session.public_id),
        brand_id=conversation.brand_id,
        conversation=conversation,
        by=by,
    )
    live.announce_conversation(conversation, part="session")
    return session.pk


def _tell_active(conversation: Conversation, session_id: int, by: Actor) -> None:
    public_id = Session.objects.values_list("public_id", flat=True).get(pk=session_id)
    append(SessionBecameActive(session=public_id), brand_id=conversation.brand_id, conversation=conversation, by=by)
    live.announce_conversation(conversation, part="session")


@transaction.atomic
def end_session(*, conversation: Conversation, ended_by: Session.EndedBy, by: Actor) -> Session:
    """End the live session; the conversation and its history stay, the next message begins another.

    Raises SessionAlreadyEnded, and NotAllowed for a contact whose brand does not let them.
    """
    if ended_by == Session.EndedBy.CONTACT and not conversation.brand.visitor_may_end_session:
        raise NotAllowed
    locked = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
    ended = Session.objects.filter(conversation=locked).exclude(state=Session.State.ENDED).first()
    if ended is None:
        raise SessionAlreadyEnded
    ended.state, ended.ended_by, ended.ended_at = Session.State.ENDED, ended_by, timezone.now()
    ended.save(update_fields=["state", "ended_by", "ended_at"])
    Conversation.objects.filter(pk=locked.pk).update(session=None, last_ended_by=ended_by)
    append(
        SessionEnded(session=ended.public_id, ended_by=ended_by),
        brand_id=locked.brand_id,
        conversation=locked,
        by=by,
    )
    live.announce_conversation(locked, part="session")
    return ended


def begins_anew(brand_id: int) -> bool:
    """Say whether a contact of this brand begins another conversation after their session ended."""
    return Brand.objects.filter(pk=brand_id, begins_anew_after_end=True).exists()


@transaction.atomic
def resume_session(*, conversation: Conversation, by: Actor) -> Session:
    """Have an ended session's conversation go on, so that agents may write in it; give its session.

    Raises SessionIsOver once the contact went on in another conversation.
    """
    Conversation.objects.select_for_update().filter(pk=conversation.pk).values_list("pk").get()
    now = Conversation.objects.select_related("session").get(pk=conversation.pk)
    if now.followed_by_id:
        raise SessionIsOver(_("The customer went on in another conversation."))
    key = now.session_id or touch_session(now, None, now=timezone.now(), by=by)
    return Session.objects.get(pk=key)


def turn_sessions_inactive() -> int:
    """Mark active sessions whose contact has been silent or away for the brand's limit; return how many."""
    now = timezone.now()
    due: list[Session] = []
    for brand in Brand.objects.only("inactive_after_minutes", "gone_after_seconds"):
        active = Session.objects.filter(state=Session.State.ACTIVE, conversation__brand=brand)
        limit = now - timedelta(minutes=brand.inactive_after_minutes)
        over = Q(last_contact_at__lt=limit)
        if brand.gone_after_seconds is not None:
            over |= _is_gone(now, timedelta(seconds=brand.gone_after_seconds))
        due.extend(active.filter(over).select_related("conversation").order_by("last_contact_at")[:SWEEP_BATCH])
    return sum(_turn_inactive(session) for session in due)


def _is_gone(now: datetime, grace: timedelta) -> Q:
    """Give the term of sessions whose contact left this channel since their last word, on every device of theirs."""
    own = Identity.objects.filter(contact=OuterRef("conversation__contact"), channel=OuterRef("conversation__channel"))
    gone = own.filter(left_at__lte=now - grace, left_at__gte=OuterRef("last_contact_at"))
    here = own.filter(Q(left_at__gt=now - grace) | Q(left_at=None, last_seen_at__gt=now - STILL_THERE))
    return Q(Exists(gone)) & ~Q(Exists(here))


@transaction.atomic
def _turn_inactive(session: Session) -> bool:
    still = Session.objects.filter(
        pk=session.pk, state=Session.State.ACTIVE, last_contact_at=session.last_contact_at
    ).update(state=Session.State.INACTIVE)
    if still:
        append(
            SessionBecameInactive(session=session.public_id),
            brand_id=session.conversation.brand_id,
            conversation=session.conversation,
            by=SYSTEM,
        )
        live.announce_conversation(session.conversation)
    return bool(still)
