"""What was asked on the way to a place, kept with it small enough that "why there?" is answered long after. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from routing.decide.conditions import Facts, explain
from routing.decide.placing import Place, QueueWay, SkillWay, Ways


@dataclass(frozen=True)
class Asked:
    """A queue or a skill rule that was asked: its key, the mark of its conditions then, and what each row answered."""

    key: int
    mark: int
    answers: tuple[bool, ...]


@dataclass(frozen=True)
class Trail:
    """The skill rules that were asked, and the queues up to the one that was entered.

    `is_sent`: somebody sent the work there, and `skips_queues`: it was put back, so that no queue was asked.
    """

    entered: int | None = None
    is_sent: bool = False
    skips_queues: bool = False
    queues: Sequence[Asked] = ()
    rules: Sequence[Asked] = ()

    @property
    def stored(self) -> dict[str, Any]:
        """The JSON to keep: answers as ones and zeros."""
        return {
            "entered": self.entered,
            "is_sent": self.is_sent,
            "skips_queues": self.skips_queues,
            "queues": [_packed(each) for each in self.queues],
            "rules": [_packed(each) for each in self.rules],
        }


def mark_of(conditions: Mapping[str, Any]) -> int:
    """Give the mark of stored conditions: the same as long as nobody changes them."""
    return crc32(json.dumps(conditions, sort_keys=True).encode())


def trail_of(ways: Ways, facts: Facts, found: Place, *, is_sent: bool, skips_queues: bool) -> Trail:
    """Give what led to a place: that of the same ways and facts, in words that can be kept."""
    asked: list[QueueWay] = []
    for queue in () if is_sent or skips_queues else ways.queues:
        asked.append(queue)
        if queue.key == found.queue:
            break
    return Trail(
        entered=found.queue,
        is_sent=is_sent,
        skips_queues=skips_queues and not is_sent,
        queues=tuple(_asked(each, facts) for each in asked),
        rules=tuple(_asked(each, facts) for each in ways.skills),
    )


def read_trail(stored: Mapping[str, Any]) -> Trail | None:
    """Give a trail that was kept; None where none was."""
    if not stored:
        return None
    queues, rules = (tuple(map(_unpacked, stored[name])) for name in ("queues", "rules"))
    return Trail(stored["entered"], stored["is_sent"], stored["skips_queues"], queues, rules)


def _asked(way: QueueWay | SkillWay, facts: Facts) -> Asked:
    return Asked(way.key, way.mark, tuple(holds for _, holds in explain(way.conditions, facts)))


def _packed(asked: Asked) -> list[int | str]:
    return [asked.key, asked.mark, "".join("1" if each else "0" for each in asked.answers)]


def _unpacked(stored: Sequence[Any]) -> Asked:
    key, mark, answers = stored
    return Asked(key, mark, tuple(each == "1" for each in answers))
