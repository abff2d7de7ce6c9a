"""Whether what an automation does makes its own conditions false: one that does not would do it again every minute."""

from collections.abc import Sequence
from datetime import UTC, datetime

from routing.decide.conditions import Conditions, Facts, Kind, Row, holds
from routing.decide.conditions import Operator as Op
from routing.decide.conditions.holding import normal
from routing.decide.fields import OWN_FIELDS
from routing.decide.steps import FILLING, NONE, Do, Step

SET = {
    Do.STATUS: "ticket.status",
    Do.PRIORITY: "ticket.priority",
    Do.GROUP: "ticket.group",
    Do.ASSIGNEE: "ticket.assignee",
}
FILLS = {"ticket": Do.FIELD, "contact": Do.CONTACT_FIELD}


def nullifies(conditions: Conditions, steps: Sequence[Step]) -> bool:
    """Say whether the conditions surely do not hold any more once all steps were done."""
    values: dict[str, object] = {SET[Do(s.do)]: None if s.value == NONE else s.value for s in steps if s.do in SET}
    filled = {(s.do, s.value): s.text for s in steps if s.do in FILLING}
    tags = _Tags()
    for step in steps:
        tags.take(step)

    def ends(row: Row) -> bool:
        if row.path == "ticket.tags":
            return tags.end(row)
        known = values
        if row.field is not None and row.field.base in OWN_FIELDS:
            text = filled.get((FILLS[row.field.base.partition(".")[0]], row.key))
            known = {} if text is None else {row.field.base: _stored(row, text)}
        elif row.path not in values:
            return False
        return bool(known) and not holds(Conditions(all=(row,)), Facts(known, datetime.min.replace(tzinfo=UTC)))

    return any(map(ends, conditions.all)) or (bool(conditions.any) and all(map(ends, conditions.any)))


def _stored(row: Row, text: str) -> dict[str, object]:
    """Give the values that a field holds once this text was put in."""
    kind = row.field.kind if row.field else None
    if kind == Kind.FLAG:
        return {row.key: True} if text == "true" else {}
    if kind == Kind.NUMBER:
        try:
            return {row.key: float(text)} if text else {}
        except ValueError:
            return {}
    return {row.key: text} if text else {}


class _Tags:
    """Which tags are surely there, and which surely are not."""

    def __init__(self) -> None:
        self.there: set[str] = set()
        self.gone: set[str] = set()
        self.is_exact = False

    def take(self, step: Step) -> None:
        named = set(map(normal, step.value)) if isinstance(step.value, list) else set()
        if step.do == Do.ADD_TAGS:
            self.there, self.gone = self.there | named, self.gone - named
        elif step.do == Do.REMOVE_TAGS:
            self.there, self.gone = self.there - named, self.gone | named
        elif step.do == Do.SET_TAGS:
            self.there, self.gone, self.is_exact = named, set(), True

    def end(self, row: Row) -> bool:
        asked = set(map(normal, row.value)) if isinstance(row.value, list) else set()
        missing = {tag for tag in asked if tag in self.gone or (self.is_exact and tag not in self.there)}
        if row.operator == Op.INCLUDE_ANY:
            return asked == missing
        return bool(missing) if row.operator == Op.INCLUDE_ALL else bool(asked & self.there)
