"""Silence and waiting: what is due when, and what waiting customers may honestly be told. Pure decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any

MAX_REMINDERS = 3
# A reminder that is later than this says nothing any more: whatever kept it back, the moment has gone.
TOO_LATE = timedelta(days=1)
SAMPLES, FEWEST_SAMPLES, SAMPLED = 20, 3, timedelta(hours=24)
MOST_PLACES = 100
# Places up to this one are told one by one, those behind it when they changed by STRIDE.
NEAR, STRIDE = 10, 5


@dataclass(frozen=True)
class Reminder:
    """What is done after some minutes of silence; for the second and third, minutes since the one before.

    `status` is what the ticket becomes, or empty; only the last may end the session.
    """

    minutes: int
    text_en: str = ""
    text_ko: str = ""
    status: str = ""
    tags: list[str] = field(default_factory=list)
    ends_session: bool = False

    @property
    def wait(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def does_something(self) -> bool:
        return bool(self.text_en or self.text_ko or self.status or self.tags or self.ends_session)


def reminders_of(stored: Sequence[Mapping[str, Any]]) -> list[Reminder]:
    """Give reminders as they are stored."""
    return [Reminder(**each) for each in stored]


def due_reminder(chain: Sequence[Reminder], since: datetime, done: Mapping[int, datetime], now: datetime) -> int | None:
    """Give the place of the reminder that is due in a silence that began at `since`, or None.

    `done` says which were, and when. The first waits from the silence's begin, each other from the one before it, so
    that what was late does not come all at once; what is a day late does not come at all.
    """
    place = len(done)
    if place >= len(chain) or sorted(done) != list(range(place)):
        return None
    due = (done[place - 1] if place else since) + chain[place].wait
    return place if due <= now < due + TOO_LATE else None


def reopens(solved_at: datetime | None, hours: int | None, at: datetime) -> bool:
    """Say whether words written at `at` open solved work again; without `hours` they always do."""
    return hours is None or solved_at is None or at <= solved_at + timedelta(hours=hours)


def expected_minutes(waits_s: Sequence[float], waited_s: float) -> int | None:
    """Give how long somebody will wait who waited for `waited_s` seconds, from the last waits before them.

    None where fewer than three are known, and once they waited for longer: then nobody knows.
    """
    if len(waits_s) < FEWEST_SAMPLES:
        return None
    left = median(waits_s) - waited_s
    return rounded_up(left / 60) if left > 0 else None


def rounded_up(minutes: float) -> int:
    """Round minutes up to what is honest to say: to 1 up to 5, to 5 up to 30, to 15 up to 2 hours, then to an hour."""
    for limit, step in ((5, 1), (30, 5), (120, 15)):
        if minutes <= limit:
            return max(1, ceil(minutes / step) * step)
    return ceil(minutes / 60) * 60


def is_news(before: tuple[int | None, int | None], after: tuple[int | None, int | None]) -> bool:
    """Say whether (place, minutes) changed enough to be told again."""
    (was, was_minutes), (place, minutes) = before, after
    if minutes != was_minutes or (was is None) != (place is None):
        return True
    if was is None or place is None or was == place:
        return False
    return place <= NEAR or abs(place - was) >= STRIDE
