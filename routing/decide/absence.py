"""Who is gone, and who is idle: what becomes of an agent of whom nothing is heard (product reference, section 2.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.decide.statuses import Availability, Source

# From being there for everything to being there for nothing.
ORDER = (Availability.ONLINE, Availability.AWAY, Availability.TRANSFERS_ONLY, Availability.OFFLINE)


@dataclass(frozen=True)
class Limits:
    """After how many seconds without a page somebody is gone, after how many without a hand on it they are idle, and
    what they are then. None: never."""

    gone_after_s: float | None
    gone_status: str
    idle_after_s: float | None
    idle_status: str


@dataclass(frozen=True)
class Sign:
    """What is known of one who is there: the status, for chats where it is a custom one, and the last signs of life."""

    status: str
    is_custom: bool
    heard_at: datetime | None
    moved_at: datetime | None


@dataclass(frozen=True)
class Absence:
    """What they are from now on, and why."""

    status: str
    source: Source


def absence(sign: Sign, limits: Iterable[Limits], now: datetime) -> Absence | None:
    """Say what becomes of somebody by the limits of all their brands: the furthest away that one of them asks for.

    Nobody comes nearer by it. Being idle is a matter of those only who are online for chats.
    """
    each = list(limits)
    gone = [one.gone_status for one in each if _is_over(sign.heard_at, one.gone_after_s, now)]
    if status := _further(sign, gone):
        return Absence(status, Source.DISCONNECT)
    if sign.status != Availability.ONLINE:
        return None
    idle = [one.idle_status for one in each if _is_over(sign.moved_at, one.idle_after_s, now)]
    status = _further(sign, idle)
    return Absence(status, Source.IDLE) if status else None


def _is_over(since: datetime | None, limit_s: float | None, now: datetime) -> bool:
    return since is not None and limit_s is not None and since < now - timedelta(seconds=limit_s)


def _further(sign: Sign, asked: Iterable[str]) -> str:
    """Give the furthest of these where it is further away than what they are; of a custom status always."""
    furthest = max(asked, key=lambda each: ORDER.index(Availability(each)), default="")
    if not furthest:
        return ""
    is_further = ORDER.index(Availability(furthest)) > ORDER.index(Availability(sign.status))
    return furthest if sign.is_custom or is_further else ""
