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
    # Also where they are not online for chats.
    idles_always: bool = False


@dataclass(frozen=True)
class OwnLimits:
    """What a status of a brand's own says of this for whoever has it; None and empty: what their brands say."""

    gone_after_s: float | None = None
    gone_status: str = ""
    idle_after_s: float | None = None
    idle_status: str = ""

    def over(self, limits: Limits) -> Limits:
        """Give a brand's limits as they are for whoever has this status."""
        return Limits(
            gone_after_s=limits.gone_after_s if self.gone_after_s is None else self.gone_after_s,
            gone_status=self.gone_status or limits.gone_status,
            idle_after_s=limits.idle_after_s if self.idle_after_s is None else self.idle_after_s,
            idle_status=self.idle_status or limits.idle_status,
            idles_always=self.idle_after_s is not None,
        )


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

    Nobody comes nearer by it. Being idle is a matter of those only who are online for chats, or whose
    own status has minutes for it.
    """
    each = list(limits)
    gone = [one.gone_status for one in each if _is_over(sign.heard_at, one.gone_after_s, now)]
    if status := _further(sign, gone):
        return Absence(status, Source.DISCONNECT)
    asked = [one for one in each if sign.status == Availability.ONLINE or one.idles_always]
    idle = [one.idle_status for one in asked if _is_over(sign.moved_at, one.idle_after_s, now)]
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
