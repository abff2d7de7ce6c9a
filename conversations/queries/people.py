"""Customers and colleagues, by name, and whom a note mentions."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from conversations.errors import NotFound
from conversations.models import Contact, Conversation, Identity, Message, Participant, User
from conversations.outward import COLLEAGUES
from conversations.queries.seen import contacts_seen, conversations_of
from conversations.queries.threads import PAGE
from conversations.queries.viewers import Viewer, only_seen
from conversations.search import has_words

MENTION_ROWS = 100
MENTIONS_KEPT = 500


def contact_for_viewer(viewer: Viewer, public_id: str) -> Contact:
    """Give a contact of the viewer's brands. Raises NotFound."""
    found = contacts_seen(viewer).filter(public_id=public_id)
    contact = found.select_related("brand").prefetch_related("identities__channel").first()
    if contact is None:
        raise NotFound
    return contact


def contacts(viewer: Viewer, *, words: str = "", before: int | None = None) -> Sequence[Contact]:
    """Give customers of the viewer's brands, newest first, that hold all the words; one more than a page. One query.

    Colleagues who asked something by a ticket are contacts too, and no customers.
    """
    colleagues = Identity.objects.filter(contact=OuterRef("pk"), channel__kind=COLLEAGUES)
    found = contacts_seen(viewer).exclude(Exists(colleagues))
    if has_words(words):
        found = found.filter(terms__found=words)
    if before is not None:
        found = found.filter(pk__lt=before)
    last = conversations_of(viewer, OuterRef("pk"))
    found = found.annotate(last_message_at=Subquery(last.values("last_message_at")[:1]))
    return list(found.order_by("-pk")[: PAGE + 1])


def names_of(public_ids: Iterable[str]) -> dict[str, str]:
    """Give the names of the business's people by their public ids. One query."""
    found = User.objects.filter(public_id__in=set(public_ids))
    return {person.public_id: str(person) for person in found}


def colleagues(conversation: Conversation) -> Sequence[User]:
    """Give the people of the conversation's brand, by name."""
    found = User.objects.filter(memberships__brand=conversation.brand_id, is_active=True)
    return list(found.order_by("name"))


def mentioned(conversation: Conversation, text: str) -> Sequence[User]:
    """Give the people a note mentions: "@" and their whole name, at each place the longest name there is."""
    people = [person for person in colleagues(conversation) if person.name]
    longest_first = sorted({person.name for person in people}, key=len, reverse=True)
    if not longest_first:
        return []
    names = set(re.findall(f"@({'|'.join(map(re.escape, longest_first))})", text))
    return [person for person in people if person.name in names]


def _mentions(viewer: Viewer) -> QuerySet[Any]:
    """The viewer's mentions as rows of their own, newest first; far fewer than messages, so they lead the query."""
    found = Message.mentions.through.objects.filter(user=viewer.user)
    seen = only_seen(found, viewer, brand="message__conversation__brand_id", conversation="message__conversation")
    return seen.order_by("-pk")


def conversations_mentioning(viewer: Viewer) -> list[int]:
    """Give the keys of the conversations that the viewer's newest MENTIONS_KEPT mentions stand in. One query."""
    return list(_mentions(viewer).values_list("message__conversation", flat=True)[:MENTIONS_KEPT])


def unread_mentions(viewer: Viewer) -> Sequence[Message]:
    """Give the notes that mention the viewer and that they have not read, newest first, at most 100.

    One query, and one for whom they mention.
    """
    own = Participant.objects.filter(conversation=OuterRef("message__conversation"), user=viewer.user)
    found = _mentions(viewer).filter(message__seq__gt=Coalesce(Subquery(own.values("read_seq")[:1]), 0))
    rows = found.select_related(
        "message__conversation", "message__author_contact", "message__author_user", "message__quoted"
    )
    return [row.message for row in rows.prefetch_related("message__mentions")[:MENTION_ROWS]]
