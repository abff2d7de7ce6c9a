"""The switchboard: who holds a conversation, who is asked to, and how control passes. At most one holds it."""

from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations import live
from conversations.actions.sessions import touch_session
from conversations.errors import InvalidTarget
from conversations.events import SYSTEM, Actor, ControlOffered, ControlPassed, append
from conversations.models import Conversation, Responder


@lru_cache(maxsize=4096)
def _kind(responder_pk: int) -> str:
    return Responder.objects.values_list("kind", flat=True).get(pk=responder_pk)


def kind_of(responder_pk: int | None) -> str:
    """Give agents, bot, custom, or nothing for nobody. Cached for good: `save_responder` refuses another kind."""
    return _kind(responder_pk) if responder_pk is not None else ""


def default_of(brand_id: int) -> Responder | None:
    """Give who answers first in a brand: whoever is set to, or else the agents' side."""
    found = Responder.objects.filter(Q(is_default=True) | Q(kind=Responder.Kind.AGENTS), brand=brand_id)
    return found.order_by("-is_default", "pk").first()


def assign_default(*, conversation: Conversation) -> str:
    """Give a conversation that nobody holds to who answers first; return their kind, or nothing."""
    default = default_of(conversation.brand_id)
    if default is None:
        return ""
    _hand_over(conversation, default, metadata={}, by=SYSTEM)
    return default.kind


def take_for_agents(*, conversation: Conversation, by: Actor) -> str:
    """Have the agents' side hold the conversation, because one of them spoke. Raises InvalidTarget without one."""
    target = Responder.objects.filter(brand=conversation.brand_id, kind=Responder.Kind.AGENTS).order_by("pk").first()
    if target is None:
        raise InvalidTarget
    _hand_over(conversation, target, metadata={}, by=by)
    return target.kind


@transaction.atomic
def pass_control(*, conversation: Conversation, to: str, by: Actor, metadata: dict[str, Any] | None = None) -> None:
    """Make the responder of this name (or "next" of the holder) the holder; an offer ends.

    Raises InvalidTarget. When control comes to the agents the live session is active, and silence is counted from then.
    """
    locked = _locked(conversation)
    target = _target(locked, to)
    _hand_off(locked, target, metadata=metadata or {}, by=by)


@transaction.atomic
def offer_control(*, conversation: Conversation, to: str, by: Actor, metadata: dict[str, Any] | None = None) -> None:
    """Ask a responder to take over; the holder stays. Raises InvalidTarget, also for the holder itself."""
    locked = _locked(conversation)
    target = _target(locked, to)
    if target.pk == locked.holder_id:
        raise InvalidTarget
    Conversation.objects.filter(pk=locked.pk).update(pending_holder=target)
    append(
        ControlOffered(offered_to=target.name, metadata=metadata or {}),
        brand_id=locked.brand_id,
        conversation=locked,
        by=by,
    )
    live.announce_conversation(locked, to_contact=False)


@transaction.atomic
def accept_control(*, conversation: Conversation, by: Actor, metadata: dict[str, Any] | None = None) -> None:
    """Make whoever was offered control the holder, as `pass_control` does. Raises InvalidTarget where nobody was."""
    locked = _locked(conversation)
    if locked.pending_holder is None:
        raise InvalidTarget
    _hand_off(locked, locked.pending_holder, metadata=metadata or {}, by=by)


@transaction.atomic
def release_control(*, conversation: Conversation, by: Actor, metadata: dict[str, Any] | None = None) -> None:
    """Have nobody hold the conversation; the contact's next word gives it to the default responder."""
    _hand_over(_locked(conversation), None, metadata=metadata or {}, by=by)


def _locked(conversation: Conversation) -> Conversation:
    # In two statements: PostgreSQL reads the locked row anew after a wait, but not the rows joined to it.
    Conversation.objects.select_for_update().filter(pk=conversation.pk).values_list("pk").get()
    return Conversation.objects.select_related("holder", "pending_holder").get(pk=conversation.pk)


def _target(conversation: Conversation, to: str) -> Responder:
    if to == "next":
        following = conversation.holder.next if conversation.holder else None
    else:
        following = Responder.objects.filter(brand=conversation.brand_id, name=to).first()
    if following is None:
        raise InvalidTarget
    return following


def _hand_off(conversation: Conversation, target: Responder, *, metadata: dict[str, Any], by: Actor) -> None:
    """Hand over what somebody else held until now. The caller holds the row, read with its holder."""
    comes_to_agents = target.kind == Responder.Kind.AGENTS and kind_of(conversation.holder_id) != target.kind
    if comes_to_agents and conversation.session_id is not None:
        touch_session(conversation, conversation.session_id, now=timezone.now(), by=by)
    _hand_over(conversation, target, metadata=metadata, by=by)


def _hand_over(conversation: Conversation, target: Responder | None, *, metadata: dict[str, Any], by: Actor) -> None:
    previous = Responder.objects.filter(held=conversation).first()
    Conversation.objects.filter(pk=conversation.pk).update(holder=target, pending_holder=None)
    append(
        ControlPassed(
            holder=target.name if target else "",
            holder_kind=target.kind if target else "",
            previous=previous.name if previous else "",
            metadata=metadata,
        ),
        brand_id=conversation.brand_id,
        conversation=conversation,
        by=by,
    )
    live.announce_conversation(conversation, to_contact=False)
