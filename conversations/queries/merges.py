"""Whom a customer can be merged with, and which merges can be taken back."""

from collections.abc import Sequence
from datetime import datetime

from conversations.errors import NotFound
from conversations.models import Contact, ContactMerge
from conversations.queries.finding import named
from conversations.queries.seen import contacts_seen
from conversations.queries.viewers import Viewer
from conversations.search import has_words

CHOICES = 20
SHOWN = 10


def merge_choices(viewer: Viewer, contact: Contact, words: str) -> Sequence[Contact]:
    """Give customers of the contact's brand whose name, email or phone holds the words, newest first, at most CHOICES.

    Without words: those of the same email. One query.
    """
    found = contacts_seen(viewer).filter(brand=contact.brand_id).exclude(pk=contact.pk)
    if has_words(words):
        found = found.filter(named(words))
    else:
        found = found.filter(email__iexact=contact.email).exclude(email="")
    return list(found.order_by("-pk")[:CHOICES])


def merges_of(contact: Contact, since: datetime) -> Sequence[ContactMerge]:
    """Give the merges into a contact since then that can be taken back, newest first. One query."""
    found = ContactMerge.objects.filter(surviving=contact, has_dropped=False, created_at__gte=since)
    return list(found.select_related("made_by").order_by("-created_at")[:SHOWN])


def merge_for_viewer(viewer: Viewer, public_id: str) -> ContactMerge:
    """Give a merge into a contact the viewer may know of. Raises NotFound."""
    found = ContactMerge.objects.filter(public_id=public_id, surviving__in=contacts_seen(viewer))
    merge = found.select_related("surviving").first()
    if merge is None:
        raise NotFound
    return merge
