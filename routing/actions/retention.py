"""Letting go of what explained decisions, once nobody asks any more. What happened stays in the event log."""

from datetime import datetime, timedelta

from routing.models import Offer, Round, StatusSpell

KEPT = timedelta(days=90)
SPELLS_KEPT = timedelta(days=730)
BATCH = 1000


def drop_old(now: datetime) -> int:
    """Delete rounds with their decisions, and offers, of 90 days ago, and spells of two years ago; give how many rows.

    At most BATCH of each at a time: the next call goes on.
    """
    dropped = 0
    for found in (
        Round.objects.filter(made_at__lt=now - KEPT).order_by("made_at"),
        Offer.objects.exclude(state=Offer.State.PENDING).filter(ended_at__lt=now - KEPT).order_by("pk"),
        StatusSpell.objects.filter(ended_at__lt=now - SPELLS_KEPT).order_by("pk"),
    ):
        keys = list(found.values_list("pk", flat=True)[:BATCH])
        dropped += found.model._default_manager.filter(pk__in=keys).delete()[0]
    return dropped
