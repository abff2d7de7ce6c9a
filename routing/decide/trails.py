"""What was asked on the way to a place, kept with it small enough that "why there?" is answered long after. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32

from routing.decide.conditions import Facts, Field, Kind, explain, verdict
from routing.decide.placing import Place, QueueWay, SkillWay

# What is kept of a value: enough to see why a condition did not hold, and little enough to keep with every decision.
KEPT_CHARS = 80
KEPT_ITEMS = 10

Kept = str | int | float | bool | list[str] | None


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
    `values` are what the rows found, by path; those of a trail that was kept without them are not in it.
    """

    entered: int | None = None
    is_sent: bool = False
    skips_queues: bool = False
    queues: Sequence[Asked] = ()
    rules: Sequence[Asked] = ()
    values: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def stored(self) -> dict[str, Any]:
        """The JSON to keep: answers as ones and zeros."""
        return {
            "entered": self.entered,
            "is_sent": self.is_sent,
            "skips_queues": self.skips_queues,
            "queues": [_packed(each) for each in self.queues],
            "rules": [_packed(each) for each in self.rules],
            "values": dict(self.values),
        }


def mark_of(conditions: Mapping[str, Any]) -> int:
    """Give the mark of stored conditions: the same as long as nobody changes them."""
    return crc32(json.dumps(conditions, sort_keys=True).encode())


class Asking:
    """Says of one piece of work which ways it meets, and keeps what each of them asked."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._queues: list[Asked] = []
        self._rules: list[Asked] = []
        self._values: dict[str, Kept] = {}

    def __call__(self, way: QueueWay | SkillWay) -> bool:
        rows = explain(way.conditions, self._facts)
        answers = tuple(answer for _row, answer in rows)
        asked = self._queues if isinstance(way, QueueWay) else self._rules
        asked.append(Asked(way.key, way.mark, answers))
        self._values |= {row.path: _kept(self._facts.of(row)) for row, _ in rows if row.field and _stays(row.field)}
        return verdict(way.conditions, answers)

    def trail(self, found: Place, *, is_sent: bool, skips_queues: bool) -> Trail:
        """Give the way to the place that was found with it."""
        return Trail(
            entered=found.queue,
            is_sent=is_sent,
            skips_queues=skips_queues and not is_sent,
            queues=tuple(self._queues),
            rules=tuple(self._rules),
            values=self._values,
        )


def read_trail(stored: Mapping[str, Any]) -> Trail | None:
    """Give a trail that was kept; None where none was."""
    if not stored:
        return None
    queues, rules = (tuple(map(_unpacked, stored[name])) for name in ("queues", "rules"))
    values = stored.get("values", {})
    return Trail(stored["entered"], stored["is_sent"], stored["skips_queues"], queues, rules, values)


def _stays(field: Field) -> bool:
    """Whether a value says something once it is kept, and is not another one with each minute.

    Whether a schedule was open is what its row asks: the answer says it.
    """
    return field.kind is not Kind.SCHEDULE and not (field.kind is Kind.NUMBER and field.is_timed)


def _kept(fact: object) -> Kept:
    match fact:
        case datetime():
            return fact.isoformat(timespec="seconds")
        case str():
            return fact if len(fact) <= KEPT_CHARS else f"{fact[:KEPT_CHARS]}…"
        case bool() | int() | float():
            return fact
        case [*items]:
            return [str(each)[:KEPT_CHARS] for each in items[:KEPT_ITEMS]]
    return None


def _packed(asked: Asked) -> list[int | str]:
    return [asked.key, asked.mark, "".join("1" if each else "0" for each in asked.answers)]


def _unpacked(stored: Sequence[Any]) -> Asked:
    key, mark, answers = stored
    return Asked(key, mark, tuple(each == "1" for each in answers))
