"""Words in messages and in what is known of customers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import F, Max, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Right
from django.utils.translation import gettext

from conversations.models import Contact, Message
from conversations.queries.seen import contacts_seen, conversations_of
from conversations.queries.viewers import Viewer, only_seen
from conversations.search import has_words

SEARCH_ROWS = 20
RECENT_ROWS = 2000
# What a visitor without a name is numbered by, or its beginning: the end of the public id.
NUMBER = re.compile(r"[0-9a-f]{4,6}")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class SearchResult:
    """What a search found, newest first; messages carry their conversation and contact."""

    contacts: Sequence[Contact]
    messages: Sequence[Message]


def search(viewer: Viewer, words: str, *, limit: int = SEARCH_ROWS) -> SearchResult:
    """Find contacts and messages of the viewer's brands that hold all the words, or the beginnings of them."""
    if not has_words(words):
        return SearchResult([], [])
    newest = conversations_of(viewer, OuterRef("pk"))
    contacts = (
        contacts_seen(viewer)
        .filter(named(words))
        .annotate(newest_conversation=Subquery(newest.values("public_id")[:1]))
    )
    messages = only_seen(
        Message.objects.filter(terms__found=words),
        viewer,
        brand="conversation__brand_id",
        conversation="conversation",
    ).select_related("conversation__contact", "author_contact", "author_user", "quoted")
    messages = messages.prefetch_related("mentions")
    return SearchResult(_newest(contacts, limit), _newest(messages, limit))


def named(words: str) -> Q:
    """Say whom words find: by name, email or phone, or a visitor without any by the number on the screen.

    "0785b3", its first four characters or more, and "Visitor 0785b3" find the same one.
    """
    *before, last = words.lower().split() or [""]
    screen = (gettext("Visitor %(number)s") % {"number": ""}).strip().lower()
    if not NUMBER.fullmatch(last) or before not in ([], ["visitor"], [screen]):
        return Q(terms__found=words)
    numbered = Contact.objects.filter(name="", email="").annotate(number=Right("public_id", 6))
    # "g" comes after every digit of the number.
    return Q(terms__found=words) | Q(pk__in=numbered.filter(number__gte=last, number__lt=f"{last}g").values("pk"))


def _newest(found: QuerySet[Row], limit: int) -> list[Row]:
    """Give the newest of the rows found: first among those last written, which common words fill, then by the index.

    Left to choose, PostgreSQL walks a million rows for a word nobody wrote, and sorts all that hold a common one.
    """
    recent_from = (found.model._default_manager.aggregate(top=Max("pk"))["top"] or 0) - RECENT_ROWS
    rows = list(found.filter(pk__gt=recent_from).order_by("-pk")[:limit])
    if len(rows) < limit and recent_from > 0:
        # Ordered by an expression, no walk along the keys can serve: the full-text index must.
        older = found.filter(pk__lte=recent_from).order_by((F("pk") + 0).desc())
        rows.extend(older[: limit - len(rows)])
    return rows
