"""From committed facts to the log's readers: numbering without gaps, then each reader at its own pace.

A fact gets its `position` after its transaction committed, under one row's lock, so no reader can ever pass a number
that shows up later. Anybody may run this, any time, many at once.
"""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from conversations.events import READERS
from conversations.models import DeadFact, Event, FeedState, LogReader

PUBLISH_BATCH = 500
READ_BATCH = 200
MAX_FAILURES = 6
logger = logging.getLogger(__name__)


def publish_pending() -> int:
    """Give each committed fact its position, in the order of writing; return how many were numbered."""
    published = 0
    while Event.objects.filter(position=None).exists():
        with transaction.atomic():
            FeedState.objects.get_or_create(pk=1)
            state = FeedState.objects.select_for_update().get(pk=1)
            pending = list(Event.objects.filter(position=None).order_by("id").only("id")[:PUBLISH_BATCH])
            for event in pending:
                state.position += 1
                event.position = state.position
            Event.objects.bulk_update(pending, ["position"])
            state.save(update_fields=["position"])
        published += len(pending)
    return published


def run_readers() -> None:
    """Have every reader of the log take in what it has not seen."""
    for name in sorted(READERS):
        while _read_batch(name):
            continue


def _read_batch(name: str) -> bool:
    """Take in one batch for one reader; say whether there may be more."""
    now = timezone.now()
    reader, _ = LogReader.objects.get_or_create(name=name)
    if (reader.retry_at and reader.retry_at > now) or not Event.objects.filter(position__gt=reader.position).exists():
        return False
    with transaction.atomic():
        claim = LogReader.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        claimed = claim.filter(name=name).first()
        if claimed is None:
            return False
        events = list(Event.objects.filter(position__gt=claimed.position).order_by("position")[:READ_BATCH])
        for event in events:
            if not _take_in(claimed, event):
                break
        claimed.save(update_fields=["position", "failures", "last_error", "retry_at"])
    return claimed.retry_at is None and len(events) == READ_BATCH


def _take_in(reader: LogReader, event: Event) -> bool:
    """Run the reader's reactions to one fact and move its cursor; say whether it may go on to the next.

    A fact that fails holds this reader, and only it, for 1, 2, 4, 8, 16 seconds; then it is set aside as a DeadFact.
    """
    try:
        with transaction.atomic():
            for reaction in READERS[reader.name].get(event.type, []):
                reaction(event)
    except Exception as error:
        reader.failures += 1
        reader.last_error = repr(error)[:2000]
        if reader.failures < MAX_FAILURES:
            reader.retry_at = timezone.now() + timedelta(seconds=2 ** (reader.failures - 1))
            logger.warning("reader=%s position=%s failures=%s", reader.name, event.position, reader.failures)
            return False
        DeadFact.objects.get_or_create(reader=reader.name, event=event, defaults={"error": reader.last_error})
        logger.exception("reader=%s position=%s set_aside=true", reader.name, event.position)
    assert event.position is not None
    reader.position, reader.failures, reader.last_error, reader.retry_at = event.position, 0, "", None
    return True


def run_again(dead: DeadFact) -> None:
    """Tell the reader of a fact that was set aside once more. Raises what the reaction raises; then nothing changed."""
    with transaction.atomic():
        for reaction in READERS[dead.reader].get(dead.event.type, []):
            reaction(dead.event)
        DeadFact.objects.filter(pk=dead.pk).update(resolved_at=timezone.now())
