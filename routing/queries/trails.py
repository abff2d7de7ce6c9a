"""Why work went where it waits: what its queues and skill rules asked, in the reader's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing.decide.conditions import Field, Row, clause, found, read, verdict
from routing.decide.trails import Asked, Trail, mark_of, read_trail
from routing.models import Queue, SkillRule
from routing.queries.facts import fields_of

SHORT = 8


@dataclass(frozen=True)
class Condition:
    """One condition as a sentence, and whether it held. `is_one_of`: of these at least one has to.

    `found` is what the ticket had then, in words; empty where it had nothing, None where nobody kept it.
    """

    text: str
    holds: bool
    is_one_of: bool
    found: str | None


@dataclass(frozen=True)
class Way:
    """A queue or a rule that was asked; its name is empty once it is deleted.

    `is_changed`: its conditions are others by now, so that those which were asked are not known any more.
    """

    name: str
    holds: bool
    is_changed: bool
    conditions: Sequence[Condition]
    requires: Sequence[str] = ()
    prefers: Sequence[str] = ()


@dataclass(frozen=True)
class Path:
    """The way work took: `entered` is the queue that took it, or None; `passed` are those before it that did not.

    `is_sent` without `entered`: the queue it was sent to takes no work. Rules that asked for skills are `asking`, the
    others `silent`.
    """

    is_sent: bool
    skips_queues: bool
    entered: Way | None
    passed: Sequence[Way]
    asking: Sequence[Way]
    silent: Sequence[Way]

    @property
    def is_short(self) -> bool:
        """Whether all of it can be shown at once, what did not match too."""
        return len(self.passed) + len(self.silent) <= SHORT


def path_of(brand_id: int, stored: Mapping[str, Any]) -> Path | None:
    """Give the way that a kept trail tells of; None where nothing was kept, or nothing asked. At most 13 queries."""
    trail = read_trail(stored)
    if trail is None or not (trail.queues or trail.rules or trail.is_sent or trail.skips_queues):
        return None
    fields = fields_of(brand_id)
    queues, rules = _queues(brand_id, trail), _rules(brand_id, trail)
    ways = [_queue_way(asked, queues.get(asked.key), fields, trail) for asked in trail.queues]
    entered = ways.pop() if trail.entered and ways else None
    if trail.is_sent and trail.entered:
        entered = Way(queues[trail.entered].name if trail.entered in queues else "", True, False, ())
    told = [_rule_way(asked, rules.get(asked.key), fields, trail) for asked in trail.rules]
    return Path(
        is_sent=trail.is_sent,
        skips_queues=trail.skips_queues,
        entered=entered,
        passed=ways,
        asking=[each for each in told if each.holds],
        silent=[each for each in told if not each.holds],
    )


def _queues(brand_id: int, trail: Trail) -> Mapping[int, Queue]:
    keys = {each.key for each in trail.queues} | ({trail.entered} if trail.entered else set())
    return Queue.objects.filter(brand=brand_id).in_bulk(keys)


def _rules(brand_id: int, trail: Trail) -> Mapping[int, SkillRule]:
    found = SkillRule.objects.filter(brand=brand_id).prefetch_related("requires", "prefers")
    return found.in_bulk([each.key for each in trail.rules])


def _queue_way(asked: Asked, queue: Queue | None, fields: Mapping[str, Field], trail: Trail) -> Way:
    holds = asked.key == trail.entered
    if queue is None:
        return Way("", holds, False, ())
    is_changed, conditions = _conditions(asked, queue.conditions, fields, trail)
    return Way(queue.name, holds, is_changed, conditions)


def _rule_way(asked: Asked, rule: SkillRule | None, fields: Mapping[str, Field], trail: Trail) -> Way:
    if rule is None:
        return Way("", False, False, ())
    is_changed, conditions = _conditions(asked, rule.conditions, fields, trail)
    holds = not is_changed and verdict(read(rule.conditions, fields), asked.answers)
    return Way(rule.name, holds, is_changed, conditions, _names(rule.requires.all()), _names(rule.prefers.all()))


def _names(skills: Iterable[object]) -> list[str]:
    return sorted(map(str, skills))


def _conditions(
    asked: Asked, stored: Mapping[str, Any], fields: Mapping[str, Field], trail: Trail
) -> tuple[bool, list[Condition]]:
    """Say whether conditions were changed since they were asked, and, where not, what each answered."""
    conditions = read(stored, fields)
    if mark_of(stored) != asked.mark or len(conditions.rows) != len(asked.answers):
        return True, []
    rows = zip(conditions.rows, asked.answers, strict=True)
    return False, [
        Condition(clause(row), holds, number >= len(conditions.all), _found(row, trail))
        for number, (row, holds) in enumerate(rows)
    ]


def _found(row: Row, trail: Trail) -> str | None:
    return found(row, trail.values[row.path]) if row.path in trail.values else None
