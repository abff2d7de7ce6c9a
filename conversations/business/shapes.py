"""How the core's nouns look to the business's own systems and apps."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations.api.serializers import Author, StoredContent
from conversations.models import Block, Contact, Conversation, Identity, Message, Session
from conversations.shapes import author_id, timestamp

Output = serializers.Serializer[Any]
NULL_TIME = {"type": ["string", "null"], "format": "date-time"}


@extend_schema_field({"type": "object", "additionalProperties": True})
class Flat(serializers.JSONField):
    """A flat object of the business's own."""


class ContactInBrief(Output):
    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)


class ContactShape(Output):
    id = serializers.CharField()
    external_id = serializers.CharField(allow_blank=True, help_text="Your own system's id.")
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    locale = serializers.CharField(allow_blank=True)
    is_verified = serializers.BooleanField(help_text="Whether a signed token vouched for them.")
    properties = Flat()
    values = Flat(help_text="What stands in the brand's own fields of customers, by their keys.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class IdentityShape(Output):
    id = serializers.CharField(help_text="What a block of the kind identity names.")
    channel = serializers.CharField(help_text="The kind of channel, for example web.")
    channel_name = serializers.CharField(allow_blank=True)
    network_address = serializers.CharField(
        allow_null=True, allow_blank=True, help_text="Where they came from last; null for who may not see such."
    )
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class ConversationShape(Output):
    id = serializers.CharField()
    contact = ContactInBrief()
    channel = serializers.CharField(help_text="The kind of channel, for example web.")
    display_name = serializers.CharField(allow_blank=True)
    last_seq = serializers.IntegerField(min_value=0)
    last_message_at = serializers.DateTimeField(allow_null=True)
    preview = serializers.CharField(allow_blank=True)
    session = serializers.ChoiceField([Session.State.ACTIVE.value, Session.State.INACTIVE.value, "none"])
    held_by = serializers.CharField(allow_blank=True, help_text="The responder that holds it; empty: none.")
    metadata = Flat()
    created_at = serializers.DateTimeField()


class MessageShape(Output):
    id = serializers.CharField()
    conversation = serializers.CharField()
    seq = serializers.IntegerField(min_value=1, help_text="Gives the order, notes among replies.")
    audience = serializers.ChoiceField(Message.Audience.choices, help_text="internal: a note, for your team only.")
    author = Author()
    content = StoredContent()
    metadata = Flat()
    client_id = serializers.CharField(allow_blank=True)
    quoted = serializers.CharField(allow_null=True)
    mentions = ContactInBrief(many=True, help_text="Of a note: whom of your team it names.")
    created_at = serializers.DateTimeField()


class BlockShape(Output):
    id = serializers.CharField()
    kind = serializers.ChoiceField(Block.Kind.choices)
    value = serializers.CharField()
    contact = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)


def contact_told(contact: Contact) -> dict[str, Any]:
    """Show a contact with all that the business knows."""
    return {
        "id": contact.public_id,
        "external_id": contact.external_id,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "locale": contact.locale,
        "is_verified": contact.is_verified,
        "properties": contact.properties,
        "values": contact.field_values,
        "created_at": timestamp(contact.created_at),
        "updated_at": timestamp(contact.updated_at),
    }


def identity_told(identity: Identity, *, with_address: bool) -> dict[str, Any]:
    """Show an identity, read with its channel; its network address only to who may block such."""
    return {
        "id": identity.public_id,
        "channel": identity.channel.kind,
        "channel_name": identity.channel.name,
        "network_address": identity.last_address if with_address else None,
        "created_at": timestamp(identity.created_at),
        "last_seen_at": timestamp(identity.last_seen_at),
    }


def conversation_told(conversation: Conversation) -> dict[str, Any]:
    """Show a conversation, read with its contact, channel, holder and session."""
    return {
        "id": conversation.public_id,
        "contact": {"id": conversation.contact.public_id, "name": conversation.contact.name},
        "channel": conversation.channel.kind,
        "display_name": conversation.display_name,
        "last_seq": conversation.last_seq,
        "last_message_at": timestamp(conversation.last_message_at),
        "preview": conversation.last_preview,
        "session": conversation.session.state if conversation.session else "none",
        "held_by": conversation.holder.name if conversation.holder else "",
        "metadata": conversation.metadata,
        "created_at": timestamp(conversation.created_at),
    }


def message_told(message: Message, conversation: Conversation) -> dict[str, Any]:
    """Show a message or a note."""
    return {
        "id": message.public_id,
        "conversation": conversation.public_id,
        "seq": message.seq,
        "audience": message.audience,
        "author": {"type": message.author_kind, "id": author_id(message), "name": message.author_name},
        "content": message.content,
        "metadata": message.metadata,
        "client_id": message.client_id,
        "mentions": [{"id": each.public_id, "name": each.name} for each in message.mentions.all()],
        "quoted": message.quoted.public_id if message.quoted else None,
        "created_at": timestamp(message.created_at),
    }


def block_told(block: Block) -> dict[str, Any]:
    """Show a block."""
    return {
        "id": block.public_id,
        "kind": block.kind,
        "value": block.value,
        "contact": block.contact.public_id if block.contact else None,
        "reason": block.reason,
        "created_at": timestamp(block.created_at),
        "expires_at": timestamp(block.expires_at),
    }
