"""Answers that go out later: scheduled, cancelled, and sent exactly once, whatever dies in between."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.actions.attachments import keep_files_of
from conversations.actions.conversations import MAX_CLIENT_ID
from conversations.actions.messages import Author, post_message
from conversations.content import parse_content
from conversations.errors import ConversationsError, InvalidContent, NotAllowed, NotWaiting
from conversations.events import SYSTEM, Actor, Fact, ReplyCancelled, ReplyFailed, ReplyHeld, ReplyScheduled, append
from conversations.models import AuthorKind, Conversation, Message, ScheduledReply, User
from conversations.moments import MOST, is_choosable
from conversations.permissions import Permission
from conversations.queries import viewer_of

MOST_WAITING = 20
SENT_AT_ONCE = 200
# What still breaks for no reason of its own this long after its time is given up, and said so.
GIVEN_UP_AFTER = timedelta(hours=1)
State = ScheduledReply.State
Otherwise = ScheduledReply.Otherwise
WAITING = (State.PENDING, State.HELD, State.FAILED)
logger = logging.getLogger(__name__)


@transaction.atomic
def schedule_reply(
    *,
    conversation: Conversation,
    author: User,
    content: object,
    send_at: datetime,
    seen_seq: int,
    if_contact_writes: str = Otherwise.CANCEL,
    client_id: str,
) -> ScheduledReply:
    """Have an answer go out at a moment within a year; the same `client_id` again is the same one.

    `seen_seq` is the newest seq its writer had on screen. Raises InvalidContent naming the field and the limit.
    """
    if not is_choosable(send_at, timezone.now()):
        raise InvalidContent(_("Choose a time from now to a year from now."), field="until", limit=MOST.days)
    if if_contact_writes not in Otherwise.values:
        raise InvalidContent(field="if_contact_writes", limit=", ".join(Otherwise.values))
    if not 0 < len(client_id) <= MAX_CLIENT_ID:
        raise InvalidContent(field="client_id", limit=MAX_CLIENT_ID)
    parsed = parse_content(content, by="business")
    waiting = ScheduledReply.objects.filter(conversation=conversation, state__in=WAITING).exclude(client_id=client_id)
    if waiting.count() >= MOST_WAITING:
        raise InvalidContent(_("At most %(n)s replies may wait here.") % {"n": MOST_WAITING}, limit=MOST_WAITING)
    try:
        with transaction.atomic():
            reply = ScheduledReply.objects.create(
                conversation=conversation,
                author=author,
                content=parsed,
                send_at=send_at,
                if_contact_writes=if_contact_writes,
                seen_seq=seen_seq,
                client_id=client_id,
            )
    except IntegrityError:
        return ScheduledReply.objects.get(conversation=conversation, client_id=client_id)
    keep_files_of(parsed)
    moment = send_at.astimezone(UTC).isoformat()
    _record(reply, ReplyScheduled(reply=reply.public_id, send_at=moment), Actor.of_user(author))
    return reply


@transaction.atomic
def cancel_reply(*, reply: ScheduledReply, by: Actor) -> ScheduledReply:
    """Have a waiting answer not go out. Raises NotWaiting."""
    reply = _locked(reply.pk, WAITING)
    fact = ReplyCancelled(reply=reply.public_id, agent=_author_id(reply), reason="agent")
    return _settle(reply, State.CANCELLED, fact, by)


@transaction.atomic
def wait_again(*, reply: ScheduledReply, by: Actor) -> ScheduledReply:
    """Take a cancelling back, while its time is still to come. Raises NotWaiting."""
    reply = _locked(reply.pk, (State.CANCELLED,))
    if reply.send_at <= timezone.now():
        raise NotWaiting
    fact = ReplyScheduled(reply=reply.public_id, send_at=reply.send_at.astimezone(UTC).isoformat())
    return _settle(reply, State.PENDING, fact, by)


@transaction.atomic
def send_now(*, reply: ScheduledReply, by: User) -> Message:
    """Send a waiting answer at once, as the words of whoever wrote it, whatever the customer wrote meanwhile.

    Raises NotWaiting, NotAllowed where they may not answer here any more, and what posting raises.
    """
    reply = _locked(reply.pk, WAITING)
    return _post(reply, _still_answering(reply, reply.author or by))


def send_due(*, limit: int = SENT_AT_ONCE) -> int:
    """Send what is due, the earliest first, each in a transaction of its own; say how many are settled.

    An answer and the mark that it was sent commit together: a process that dies leaves it waiting, one that comes
    second finds it gone.
    """
    due = ScheduledReply.objects.filter(state=State.PENDING, send_at__lte=timezone.now()).order_by("send_at", "pk")
    settled = 0
    for pk in list(due.values_list("pk", flat=True)[:limit]):
        try:
            _send_due(pk)
        except NotWaiting:
            continue
        except ConversationsError as error:
            _fail(pk, str(error.text), error.code)
        except Exception:
            # A database that is away is tried again at the next sweep; the other rows do not wait for this one.
            logger.exception("scheduled_reply=%s", pk)
            _give_up(pk)
            continue
        settled += 1
    return settled


@transaction.atomic
def _send_due(pk: int) -> None:
    reply = _locked(pk, (State.PENDING,))
    # Whoever writes takes this row: from here until commit nobody comes first.
    Conversation.objects.select_for_update().filter(pk=reply.conversation_id).values_list("pk").get()
    if reply.if_contact_writes != Otherwise.SEND and _contact_came_first(reply):
        if reply.if_contact_writes == Otherwise.HOLD:
            _settle(reply, State.HELD, ReplyHeld(reply=reply.public_id, agent=_author_id(reply)), SYSTEM)
        else:
            fact = ReplyCancelled(reply=reply.public_id, agent=_author_id(reply), reason="customer")
            _settle(reply, State.CANCELLED, fact, SYSTEM)
        return
    _post(reply, _still_answering(reply, reply.author))


def _still_answering(reply: ScheduledReply, author: User | None) -> User:
    """Give whose words these are. Raises NotAllowed where they may not answer here any more."""
    if author is None or not viewer_of(author).may(reply.conversation.brand_id, Permission.REPLY):
        raise NotAllowed(_("Whoever wrote it may not answer here any more."))
    return author


def _contact_came_first(reply: ScheduledReply) -> bool:
    found = Message.objects.filter(conversation=reply.conversation_id, seq__gt=reply.seen_seq)
    return found.filter(author_kind=AuthorKind.CONTACT).exists()


def _post(reply: ScheduledReply, author: User) -> Message:
    posted = post_message(
        conversation=reply.conversation,
        author=Author.agent(author),
        content=reply.content,
        client_id=f"later-{reply.public_id}",
        is_parsed=True,
    )
    ScheduledReply.objects.filter(pk=reply.pk).update(state=State.SENT, message=posted.message, reason="")
    _announce(reply.conversation)
    return posted.message


@transaction.atomic
def _fail(pk: int, reason: str, code: str) -> None:
    reply = _locked(pk, (State.PENDING,))
    reply.reason = reason[:200]
    _settle(reply, State.FAILED, ReplyFailed(reply=reply.public_id, agent=_author_id(reply), code=code), SYSTEM)


def _give_up(pk: int) -> None:
    late = ScheduledReply.objects.filter(pk=pk, state=State.PENDING, send_at__lt=timezone.now() - GIVEN_UP_AFTER)
    if late.exists():
        _fail(pk, str(_("It could not be sent.")), "internal")


def _locked(pk: int, states: Sequence[str]) -> ScheduledReply:
    """Lock the row until commit, and read it. Raises NotWaiting where it is in none of these states."""
    row = ScheduledReply.objects.select_for_update().filter(pk=pk).values_list("state", flat=True).first()
    if row not in states:
        raise NotWaiting
    return ScheduledReply.objects.select_related("conversation", "author").get(pk=pk)


def _author_id(reply: ScheduledReply) -> str:
    return reply.author.public_id if reply.author else ""


def _settle(reply: ScheduledReply, state: str, fact: Fact, by: Actor) -> ScheduledReply:
    reply.state = state
    reply.save(update_fields=["state", "reason"])
    _record(reply, fact, by)
    return reply


def _record(reply: ScheduledReply, fact: Fact, by: Actor) -> None:
    append(fact, brand_id=reply.conversation.brand_id, conversation=reply.conversation, by=by)
    _announce(reply.conversation)


def _announce(conversation: Conversation) -> None:
    live.announce_conversation(conversation, to_contact=False, part="later")


def words_of(content: dict[str, Any]) -> str:
    """Give the words of a scheduled answer, to be written on in the composer."""
    return str(content.get("text", ""))
