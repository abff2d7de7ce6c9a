"""Into what a ticket can be merged."""

from collections.abc import Sequence

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from conversations.incoming import number_in
from conversations.models import Contact
from conversations.queries import Viewer, named, only_seen
from conversations.search import has_words
from routing.models import Ticket

CHOICES = 20


def merge_targets(viewer: Viewer, ticket: Ticket, words: str = "") -> Sequence[Ticket]:
    """Give tickets that can go on with this one, at most CHOICES: those of its own customer first, then the newest.

    `words` are a number, or words of the subject or of the customer's name, email or phone. One query.
    """
    found = _open_to(viewer, ticket)
    number = number_in(words.lstrip("#"))
    if has_words(words):
        about = Q(subject__icontains=words) | Q(conversation__contact__in=Contact.objects.filter(named(words)))
        found = found.filter(about if number is None else about | Q(number=number))
    else:
        found = found.filter(conversation__contact=ticket.conversation.contact_id)
    own = When(conversation__contact=ticket.conversation.contact_id, then=Value(0))
    found = found.annotate(far=Case(own, default=Value(1), output_field=IntegerField()))
    return list(found.order_by("far", "-last_activity_at", "-pk")[:CHOICES])


def merge_target(viewer: Viewer, ticket: Ticket, public_id: str) -> Ticket | None:
    """Give the ticket of this public id, if this one can be merged into it."""
    return _open_to(viewer, ticket).filter(public_id=public_id).first()


def _open_to(viewer: Viewer, ticket: Ticket) -> QuerySet[Ticket]:
    found = Ticket.objects.filter(brand=ticket.brand_id).exclude(pk=ticket.pk).exclude(status=Ticket.Status.CLOSED)
    seen = only_seen(found, viewer, conversation="conversation")
    return seen.select_related("conversation__contact")


def tickets_numbered(viewer: Viewer, words: str) -> Sequence[Ticket]:
    """Give the tickets of this number, "7" or "#7", one a brand of the viewer's. One query, or none."""
    number = number_in(words.lstrip("#"))
    if number is None:
        return []
    found = only_seen(Ticket.objects.filter(number=number), viewer, conversation="conversation")
    return list(found.select_related("conversation__contact").order_by("-pk")[:CHOICES])
