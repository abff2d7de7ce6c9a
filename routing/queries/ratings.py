"""What customers said of work."""

from collections.abc import Sequence

from conversations.models import Contact
from conversations.queries import Viewer, only_seen
from routing.models import Rating, Survey

SHOWN = 10


def survey_of(brand_id: int) -> Survey | None:
    """Give how a brand asks for ratings, or None while it does not."""
    return Survey.objects.filter(brand=brand_id, is_on=True).first()


def ratings_of(viewer: Viewer, contact: Contact) -> Sequence[Rating]:
    """Give the newest ratings a customer was asked for, of work the viewer may see, with their tickets. One query."""
    found = Rating.objects.filter(ticket__conversation__contact=contact).select_related("ticket__conversation")
    seen = only_seen(found, viewer, brand="ticket__brand_id", conversation="ticket__conversation")
    return list(seen.order_by("-asked_at")[:SHOWN])
