"""Whether conditions hold. Nothing here raises: a row that says nothing any more, or asks of nothing, does not hold."""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import regex

from routing.decide.conditions.language import Conditions, Facts, Fault, Kind, Operator, Row, Value
from routing.decide.conditions.language import Operator as Op

# How long one regular expression may look at one text before it counts as not matching.
PATTERN_SECONDS = 0.05


def holds(conditions: Conditions, facts: Facts) -> bool:
    """Say whether the conditions hold of these facts. Never raises."""
    return all(_row_holds(row, facts) for row in conditions.all) and (
        not conditions.any or any(_row_holds(row, facts) for row in conditions.any)
    )


def explain(conditions: Conditions, facts: Facts) -> list[tuple[Row, bool]]:
    """Say of each row whether it holds, those of `all` first: the answer to "why?"."""
    return [(row, _row_holds(row, facts)) for row in conditions.rows]


def verdict(conditions: Conditions, answers: Sequence[bool]) -> bool:
    """Say whether conditions hold whose rows answered so, in the order of `explain`."""
    every, either = answers[: len(conditions.all)], answers[len(conditions.all) :]
    return all(every) and (not either or any(either))


def normal(text: str) -> str:
    """Give a text as it is compared: composed (Korean comes in two forms), and without regard to case."""
    return unicodedata.normalize("NFC", text).casefold()


def text_of(value: object) -> str:
    """Give a fact as text: numbers and flags of flat mappings as JSON writes them, nothing for what is no text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _row_holds(row: Row, facts: Facts) -> bool:
    if row.field is None or row.fault not in {None, Fault.CHOICE}:
        return False
    fact, asked = facts.of(row), row.value
    match row.field.kind:
        case Kind.TEXT:
            return _text_holds(row.operator, text_of(fact), str(asked))
        case Kind.CHOICE:
            return _choice_holds(row.operator, text_of(fact), asked)
        case Kind.NUMBER:
            return _number_holds(row.operator, fact, asked)
        case Kind.TAGS:
            return _tags_hold(row.operator, fact, asked)
        case Kind.FLAG:
            return bool(fact) is asked
        case Kind.MOMENT:
            return _moment_holds(row.operator, fact, asked, facts.now)
        case Kind.SCHEDULE:
            is_open = fact.get(asked) if isinstance(fact, Mapping) else None
            return is_open is (row.operator == Op.WITHIN)


def _text_holds(operator: str, fact: str, asked: str) -> bool:
    if operator == Op.MATCHES:
        return _matches(unicodedata.normalize("NFC", fact), unicodedata.normalize("NFC", asked))
    said, wanted = normal(fact), normal(asked)
    asks: dict[str, Callable[[], bool]] = {
        Op.IS: lambda: said == wanted,
        Op.IS_NOT: lambda: said != wanted,
        Op.CONTAINS: lambda: wanted in said,
        Op.DOES_NOT_CONTAIN: lambda: wanted not in said,
        Op.STARTS_WITH: lambda: said.startswith(wanted),
        Op.IS_SET: lambda: bool(said),
        Op.IS_NOT_SET: lambda: not said,
    }
    return asks[operator]()


def _matches(text: str, pattern: str) -> bool:
    try:
        return regex.fullmatch(pattern, text, regex.IGNORECASE, timeout=PATTERN_SECONDS) is not None
    except TimeoutError:
        return False


def _choice_holds(operator: str, fact: str, asked: Value) -> bool:
    wanted = set(asked) if isinstance(asked, list) else {asked}
    match operator:
        case Op.IS_SET:
            return bool(fact)
        case Op.IS_NOT_SET:
            return not fact
        case Op.IS | Op.ANY_OF:
            return fact in wanted
        case _:
            return fact not in wanted


def _number_holds(operator: str, fact: object, asked: Value) -> bool:
    if isinstance(fact, bool) or not isinstance(fact, int | float) or not isinstance(asked, int | float):
        return False
    compared = {
        Op.IS: fact == asked,
        Op.LESS_THAN: fact < asked,
        Op.GREATER_THAN: fact > asked,
        Op.AT_LEAST: fact >= asked,
        Op.AT_MOST: fact <= asked,
    }
    return compared[Operator(operator)] and math.isfinite(fact)


def _tags_hold(operator: str, fact: object, asked: Value) -> bool:
    worn = {normal(tag) for tag in fact if isinstance(tag, str)} if isinstance(fact, Sequence) else set()
    wanted = {normal(tag) for tag in asked} if isinstance(asked, list) else set()
    match operator:
        case Op.INCLUDE_ANY:
            return bool(worn & wanted)
        case Op.INCLUDE_ALL:
            return wanted <= worn
        case _:
            return not worn & wanted


def _moment_holds(operator: str, fact: object, asked: Value, now: datetime) -> bool:
    if not isinstance(fact, datetime) or not isinstance(asked, int):
        return False
    border = now - timedelta(minutes=asked)
    return fact < border if operator == Op.OLDER_THAN else fact >= border
