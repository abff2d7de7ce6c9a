"""How much work fits: maxima for each class of channels, and a weighted total over all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from routing.decide.classes import ChannelClass, class_of_work

# How long a silent chat that owes its customer nothing takes room once it is given: time to look at it.
LOOKED_AT = timedelta(minutes=10)
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Capacity:
    """What one agent may have at once. `total` bounds the sum of work times its class's weight; None does not.

    Automatic assignment never exceeds it; what people give or take by hand may (product reference, 2.2).
    """

    maxima: Mapping[str, int]
    total: int | None = None
    weights: Mapping[str, int] = field(default_factory=dict)

    def weight(self, channel_class: str) -> int:
        return self.weights.get(channel_class, 1)

    def room(self, load: Mapping[str, int], channel_class: str) -> int:
        """Give how many more pieces of this class fit beside `load`, which counts what there is by class."""
        free = self.maxima.get(channel_class, 0) - load.get(channel_class, 0)
        if self.total is not None and (weight := self.weight(channel_class)):
            used = sum(self.weight(each) * load.get(each, 0) for each in ChannelClass.values)
            free = min(free, (self.total - used) // weight)
        return max(0, free)


def room_until(*, is_active: bool, is_awaited: bool, now: datetime) -> datetime | None:
    """Give until when a chat takes room though its customer is not there, given `now`; None where they are there.

    Whoever is given silent chats has work with them: without this, the first who comes to a night's backlog would be
    given all of it, a capacity at a time, and have all of it come back to life (product reference, 4.5). Where the
    customer waits for words, it takes room until they get some; else for LOOKED_AT.
    """
    if is_active:
        return None
    return FOR_EVER if is_awaited else now + LOOKED_AT


def class_in_load(
    channel_class: str,
    *,
    is_active: bool,
    session_ended: bool,
    is_fresh: bool,
    silent_counts: bool,
    ended_is_email: bool,
) -> str:
    """Give the class in which a new or open ticket takes room, or nothing while it takes none.

    A chat takes room while its customer is there, always where `silent_counts`, and while it `is_fresh`: it was silent
    when it was given, and the moment of `room_until` has not come.
    """
    found = class_of_work(channel_class, session_ended=session_ended, ended_is_email=ended_is_email)
    if found != ChannelClass.MESSAGING:
        return found
    return found if is_active or is_fresh or silent_counts else ""
