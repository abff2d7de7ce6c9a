"""The moments an agent may choose for something to come back or go out. Pure; days are those of the given zone."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

MORNING = time(9)
LATER_TODAY = timedelta(hours=3)
MOST = timedelta(days=366)
MONDAY = 0


def presets(now: datetime) -> Sequence[tuple[str, datetime]]:
    """Give (name, moment) of what is offered at `now`, an aware moment in the agent's zone, in order of time.

    `today` is in three hours, on the full five minutes, while that is still today; `tomorrow` and `monday` are at nine.
    Monday is the next one that is not tomorrow.
    """
    later = now + LATER_TODAY
    later = later.replace(second=0, microsecond=0) - timedelta(minutes=later.minute % 5)
    tomorrow = _morning(now, 1)
    ahead = (MONDAY - now.weekday()) % 7 or 7
    found = [("today", later)] if later.date() == now.date() else []
    found.append(("tomorrow", tomorrow))
    return [*found, ("monday", _morning(now, ahead if ahead > 1 else 8))]


def _morning(now: datetime, days: int) -> datetime:
    return datetime.combine(now.date() + timedelta(days=days), MORNING, tzinfo=now.tzinfo)


def is_choosable(moment: datetime, now: datetime) -> bool:
    """Say whether something may wait until then: after now, within a year."""
    return now < moment <= now + MOST
