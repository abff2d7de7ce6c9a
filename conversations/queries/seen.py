"""The conversations a viewer may see, and the customers they may know of."""

from collections.abc import Collection

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from conversations.models import Contact, Conversation
from conversations.permissions import Sees
from conversations.queries.viewers import Viewer, only_seen


def conversations_seen(viewer: Viewer) -> QuerySet[Conversation]:
    """Give the conversations the viewer may see."""
    return only_seen(Conversation.objects.all(), viewer, conversation="pk")


def contacts_seen(viewer: Viewer) -> QuerySet[Contact]:
    """Give the contacts the viewer may know of: those of their brands, or of the conversations they may see."""
    found = Contact.objects.filter(brand_id__in=viewer.brand_ids)
    if not viewer.is_restricted:
        return found
    # Who wrote nothing yet is in no conversation: only where all is seen are they seen.
    whole = Q(brand_id__in=viewer.brands_seen(Sees.ALL))
    return found.filter(whole | Exists(conversations_seen(viewer).filter(contact=OuterRef("pk"))))


def sees_conversation(viewer: Viewer, public_id: str) -> bool:
    """Say whether the viewer may see a conversation. One query."""
    return conversations_seen(viewer).filter(public_id=public_id).exists()


def seen_among(viewer: Viewer, public_ids: Collection[str]) -> frozenset[str]:
    """Give those of these conversations that the viewer may see. One query."""
    found = conversations_seen(viewer).filter(public_id__in=public_ids)
    return frozenset(found.values_list("public_id", flat=True))


def conversations_of(viewer: Viewer, contact: Contact | OuterRef) -> QuerySet[Conversation]:
    """Give the conversations of a contact that the viewer may see, last written in first."""
    newest = F("last_message_at").desc(nulls_last=True)
    return conversations_seen(viewer).filter(contact=contact).order_by(newest, "-pk")


def recent_of_contact(viewer: Viewer, contact: Contact, limit: int) -> list[Conversation]:
    """Give the conversations of a contact that were written in last and that the viewer may see. One query."""
    return list(conversations_of(viewer, contact)[:limit])
