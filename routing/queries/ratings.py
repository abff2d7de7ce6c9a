"""What customers said of work."""

from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils import timezone

from conversations.models import Contact
from conversations.queries import Viewer, only_seen
from conversations.tokens import rating_token
from routing.models import Rating, Survey, Ticket

SHOWN = 10


def survey_of(brand_id: int) -> Survey | None:
    """Give how a brand asks for ratings, or None while it does not."""
    return Survey.objects.filter(brand=brand_id, is_on=True).first()


def ratings_of(viewer: Viewer, contact: Contact) -> Sequence[Rating]:
    """Give the newest ratings a customer was asked for, of work the viewer may see, with their tickets. One query."""
    found = Rating.objects.filter(ticket__conversation__contact=contact).select_related("ticket__conversation")
    seen = only_seen(found, viewer, brand="ticket__brand_id", conversation="ticket__conversation")
    return list(seen.order_by("-asked_at")[:SHOWN])


def survey_paths(tickets: Iterable[Ticket]) -> Mapping[int, str]:
    """Give the addresses, on this server, of the pages where customers say how it went, by the tickets' keys.

    Only of what they were asked and can still answer. Whoever has one may answer: they are for customers. One query.
    """
    found = Rating.objects.filter(ticket__in=tickets, expires_at__gt=timezone.now()).select_related("message")
    return {
        rating.ticket_id: reverse("rate", args=[rating_token(rating.message.public_id)])
        for rating in found
        if not rating.message.content["closed"]
    }


def survey_path_of(brand_id: int, number: int) -> str:
    """Give the address for the ticket of this number, empty where there is none. Two queries."""
    return next(iter(survey_paths(Ticket.objects.filter(brand=brand_id, number=number)).values()), "")
