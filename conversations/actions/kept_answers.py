"""Calls that come twice: the same Idempotency-Key gets the same answer, and nothing is done again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.errors import KeyReused
from conversations.models import KeptAnswer

KEPT = timedelta(hours=24)
DROPPED_AT_ONCE = 5000
Answer = tuple[int, Any]


def answered_once(*, caller: str, key: str, asked: str, answer: Callable[[], Answer]) -> Answer:
    """Give (status, JSON) of a call, kept for 24 hours; what `answer` refuses is not kept and may be tried again.

    `caller` and `asked` are who calls, and what. Raises KeyReused for another call with the same key.
    """
    try:
        with transaction.atomic():
            if kept := _kept(caller, key, asked):
                return kept
            # Another call with the same key waits here until this one is done.
            row = KeptAnswer.objects.create(caller=caller, key=key, asked=asked)
            row.status, row.body = answer()
            row.save(update_fields=["status", "body"])
            return row.status, row.body
    except IntegrityError:
        if kept := _kept(caller, key, asked):
            return kept
        raise


def kept_after(*, caller: str, key: str, asked: str, answer: Callable[[], Answer]) -> Answer:
    """As `answered_once`, for what is many transactions of its own and harmless to do twice: none is held open for it.

    A retry that comes before the first call has ended does the same again; both get the answer of who ended first.
    """
    if kept := _kept(caller, key, asked):
        return kept
    status, body = answer()
    try:
        with transaction.atomic():
            KeptAnswer.objects.create(caller=caller, key=key, asked=asked, status=status, body=body)
    except IntegrityError:
        return _kept(caller, key, asked) or (status, body)
    return status, body


def _kept(caller: str, key: str, asked: str) -> Answer | None:
    found = KeptAnswer.objects.filter(caller=caller, key=key).first()
    if found is None:
        return None
    if found.asked != asked:
        raise KeyReused(field="Idempotency-Key")
    return found.status, found.body


def drop_old_answers(*, limit: int = DROPPED_AT_ONCE) -> int:
    """Delete answers that are kept long enough; say how many."""
    old = KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT).values_list("pk", flat=True)[:limit]
    return KeptAnswer.objects.filter(pk__in=list(old)).delete()[0]
