"""Whether customers are on the site. Rows know, so that every process does.

A socket that closes says so at once, one that a killed process had says nothing: then the brand's limit of silence
holds. Another open socket of the same browser takes it back by its next ping, within 25 s.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from conversations.models import Identity, Session

# One who asks by HTTP says it every few seconds; one write in this time tells as much.
ASKED_EVERY = timedelta(seconds=20)


def came(identity: Identity) -> None:
    """Keep that a socket of this one is open; `identity` is as it was just read."""
    if identity.left_at is not None:
        Identity.objects.filter(pk=identity.pk).update(left_at=None)


def left(identity: Identity) -> None:
    """Keep that a socket of this one closed, where that matters to a session."""
    _live(identity).update(left_at=timezone.now())


def asked(identity: Identity) -> None:
    """Keep that this one asks by HTTP: gone from now on unless they ask again."""
    now = timezone.now()
    _live(identity).filter(Q(left_at=None) | Q(left_at__lt=now - ASKED_EVERY)).update(left_at=now)


def _live(identity: Identity) -> QuerySet[Identity]:
    active = Session.objects.filter(conversation__contact=OuterRef("contact"), state=Session.State.ACTIVE)
    return Identity.objects.filter(Exists(active), pk=identity.pk)
