"""Beginning conversations, and being in them."""

from typing import Any

from django.db import IntegrityError, transaction

from conversations import live
from conversations.actions import switchboard
from conversations.decide import MAX_METADATA_BYTES, metadata_problem
from conversations.errors import InvalidContent
from conversations.events import Actor, ConversationStarted, append
from conversations.models import Contact, Conversation, Identity, Participant, User

MAX_CLIENT_ID = 64


def default_conversation(*, identity: Identity, reason: str) -> Conversation:
    """Give the contact's default conversation, made when missing; however many ask at once, one is made."""
    found = Conversation.objects.filter(default_for=identity.contact_id).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return _start(identity, reason=reason, metadata={}, is_default=True)
    except IntegrityError:
        return Conversation.objects.get(default_for=identity.contact_id)


def start_conversation(
    *, identity: Identity, client_id: str = "", metadata: dict[str, Any] | None = None, reason: str = "start"
) -> Conversation:
    """Begin one more conversation of a contact; a retry with the same `client_id` (64 characters) gives the same one.

    Raises InvalidContent for a longer client id, and for metadata over 4 KB or not flat.
    """
    if len(client_id) > MAX_CLIENT_ID:
        raise InvalidContent(field="client_id", limit=MAX_CLIENT_ID)
    if problem := metadata_problem(metadata or {}):
        raise InvalidContent(problem, field="metadata", limit=MAX_METADATA_BYTES)
    if found := _begun_with(identity, client_id):
        return found
    given: dict[str, Any] = {"reason": reason, "metadata": metadata or {}, "client_id": client_id}
    has_default = Conversation.objects.filter(default_for=identity.contact_id).exists()
    try:
        with transaction.atomic():
            return _start(identity, is_default=not has_default, **given)
    except IntegrityError:
        # Another call with this client id was quicker, or another beginning became the default one.
        return _begun_with(identity, client_id) or _start(identity, is_default=False, **given)


def _begun_with(identity: Identity, client_id: str) -> Conversation | None:
    if not client_id:
        return None
    return Conversation.objects.filter(contact=identity.contact_id, client_id=client_id).first()


def _start(
    identity: Identity, *, reason: str, metadata: dict[str, Any], is_default: bool, client_id: str = ""
) -> Conversation:
    contact = identity.contact
    conversation = Conversation.objects.create(
        brand_id=contact.brand_id,
        contact=contact,
        default_for=contact if is_default else None,
        channel_id=identity.channel_id,
        client_id=client_id,
        metadata=metadata,
        holder=switchboard.default_of(contact.brand_id),
    )
    Participant.objects.create(conversation=conversation, contact=contact)
    append(
        ConversationStarted(contact=contact.public_id, channel=identity.channel.public_id, reason=reason),
        brand_id=contact.brand_id,
        conversation=conversation,
        by=Actor.of_contact(contact),
    )
    live.announce_conversation(conversation)
    return conversation


@transaction.atomic
def follow_on(*, conversation: Conversation, identity: Identity) -> Conversation:
    """Give the conversation in which a contact goes on after the session of this one ended, begun by the first to ask.

    It is the contact's default one from now on where this one was.
    """
    Conversation.objects.select_for_update().filter(pk=conversation.pk).values_list("pk").get()
    ended = Conversation.objects.select_related("followed_by").get(pk=conversation.pk)
    if ended.followed_by:
        return ended.followed_by
    is_default = ended.default_for_id is not None
    if is_default:
        Conversation.objects.filter(pk=ended.pk).update(default_for=None)
    begun = _start(identity, reason="session_ended", metadata={}, is_default=is_default)
    Conversation.objects.filter(pk=ended.pk).update(followed_by=begun)
    return begun


def ensure_participant(
    *, conversation: Conversation, contact: Contact | None = None, user: User | None = None
) -> Participant:
    """Give the participant row of a contact or a person, made when missing."""
    participant, _ = Participant.objects.get_or_create(conversation=conversation, contact=contact, user=user)
    return participant
