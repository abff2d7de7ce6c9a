"""Letting go of what explained decisions, once nobody asks any more. What happened stays in the event log."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from routing.models import FirstWait, Lane, Offer, Round, StatusSpell, Waiting

KEPT = timedelta(days=90)
SPELLS_KEPT = timedelta(days=730)
BATCH = 1000


def drop_old(now: datetime) -> int:
    """Delete rounds with their decisions, and offers, of 90 days ago, lanes without work since, and spells of two years
    ago; give how many rows.

    At most BATCH of each at a time: the next call goes on.
    """
    dropped = _drop_lanes(now)
    for found in (
        Round.objects.filter(made_at__lt=now - KEPT).order_by("made_at"),
        Offer.objects.exclude(state=Offer.State.PENDING).filter(ended_at__lt=now - KEPT).order_by("pk"),
        StatusSpell.objects.filter(ended_at__lt=now - SPELLS_KEPT).order_by("pk"),
    ):
        keys = list(found.values_list("pk", flat=True)[:BATCH])
        dropped += found.model._default_manager.filter(pk__in=keys).delete()[0]
    return dropped


@transaction.atomic
def _drop_lanes(now: datetime) -> int:
    """Delete lanes in which nothing was placed for long; whoever places something in one again locks its row first."""
    skip = connection.features.has_select_for_update_skip_locked
    unused = Lane.objects.filter(
        ~Exists(Waiting.objects.filter(lane=OuterRef("pk"))),
        ~Exists(FirstWait.objects.filter(lane=OuterRef("pk"))),
        used_at__lt=now - KEPT,
    )
    keys = list(unused.select_for_update(skip_locked=skip).order_by("pk").values_list("pk", flat=True)[:BATCH])
    return Lane.objects.filter(pk__in=keys).delete()[0]
