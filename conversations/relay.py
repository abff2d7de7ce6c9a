"""From committed facts to the log's readers: numbering without gaps, then each reader at its own pace.

A fact gets its `position` after its transaction committed, under one row's lock, so no reader can ever pass a number
that shows up later. Anybody may run this, any time, many at once.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from conversations.batch import one_batch
from conversations.events import READERS
from conversations.models import DeadFact, Event, FeedState, LogReader

PUBLISH_BATCH = 500
READ_BATCH = 200
MAX_FAILURES = 6
# One statement for a batch, which the ORM has no words for; with the ORM's, numbering cost more than writing.
NUMBER_PENDING = """
    UPDATE conversations_event SET position = %s + pending.place
    FROM (
        SELECT id, row_number() OVER (ORDER BY id) AS place FROM conversations_event
        WHERE position IS NULL ORDER BY id LIMIT %s
    ) AS pending
    WHERE conversations_event.id = pending.id
"""
logger = logging.getLogger(__name__)


def publish_pending() -> int:
    """Give each committed fact its position, in the order of writing; return how many were numbered."""
    published = 0
    while True:
        numbered = _publish_batch()
        published += numbered
        if numbered < PUBLISH_BATCH:
            return published


@transaction.atomic
def _publish_batch() -> int:
    state = FeedState.objects.select_for_update().filter(pk=1).first()
    if state is None:
        FeedState.objects.get_or_create(pk=1)
        state = FeedState.objects.select_for_update().get(pk=1)
    with connection.cursor() as cursor:
        cursor.execute(NUMBER_PENDING, [state.position, PUBLISH_BATCH])
        numbered: int = cursor.rowcount
    if numbered:
        FeedState.objects.filter(pk=1).update(position=state.position + numbered)
    return numbered


def run_readers() -> None:
    """Have every reader of the log take in what it has not seen."""
    for name in sorted(READERS):
        while _read_batch(name):
            continue


@transaction.atomic
def _read_batch(name: str) -> bool:
    """Take in one batch for one reader; say whether there may be more."""
    claim = LogReader.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    claimed = claim.filter(name=name).first()
    if claimed is None:  # it is new, or another worker has it
        return LogReader.objects.get_or_create(name=name)[1]
    if claimed.retry_at and claimed.retry_at > timezone.now():
        return False
    events = list(Event.objects.filter(position__gt=claimed.position).order_by("position")[:READ_BATCH])
    if not events:
        return False
    with one_batch():
        if claimed.failures or not _take_in_all(claimed, events):
            for event in events:
                if not _take_in(claimed, event):
                    break
    claimed.save(update_fields=["position", "failures", "last_error", "retry_at"])
    return claimed.retry_at is None and len(events) == READ_BATCH


def _take_in_all(reader: LogReader, events: Sequence[Event]) -> bool:
    """Run the reader's reactions to a batch of facts and move its cursor; where one fails, undo all and say False."""
    reactions = READERS[reader.name]
    try:
        with transaction.atomic():
            for event in events:
                for reaction in reactions.get(event.type, []):
                    reaction(event)
    except Exception:
        return False  # told one by one, whichever failed is found, held and logged
    reader.position = events[-1].position or 0
    return True


def _take_in(reader: LogReader, event: Event) -> bool:
    """Run the reader's reactions to one fact and move its cursor; say whether it may go on to the next.

    A fact that fails holds this reader, and only it, for 1, 2, 4, 8, 16 seconds; then it is set aside as a DeadFact.
    """
    try:
        with transaction.atomic():
            for reaction in READERS[reader.name].get(event.type, []):
                reaction(event)
    except Exception as error:
        # Whatever a reaction raises: it must not keep the log from those that come after it.
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


def oldest_unread(reader: str) -> datetime | None:
    """Give the moment of the oldest fact that a reader has not taken in; None where it has taken in all. Three queries.

    Whoever decides by the clock what a fact could change decides nothing about moments after it.
    """
    read = LogReader.objects.filter(name=reader).values_list("position", flat=True).first() or 0
    numbered = Event.objects.filter(position__gt=read).order_by("position").values_list("created_at", flat=True).first()
    waiting = Event.objects.filter(position=None).order_by("pk").values_list("created_at", flat=True).first()
    return min((moment for moment in (numbered, waiting) if moment), default=None)


def run_again(dead: DeadFact) -> None:
    """Tell the reader of a fact that was set aside once more. Raises what the reaction raises; then nothing changed."""
    with transaction.atomic():
        for reaction in READERS[dead.reader].get(dead.event.type, []):
            reaction(dead.event)
        DeadFact.objects.filter(pk=dead.pk).update(resolved_at=timezone.now())
