"""Reading conditions: strictly where somebody writes them, leniently where they are stored."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

import regex
from django.utils.translation import gettext_lazy as _

from conversations.incoming import is_storable
from routing.decide.conditions.language import (
    VALUELESS,
    Conditions,
    Fault,
    Field,
    Kind,
    Operator,
    Row,
    Value,
    Words,
    field_at,
)
from routing.decide.conditions.language import Operator as Op
from routing.decide.tickets import MAX_TAG_CHARS, MAX_TAGS, clean_tags
from routing.errors import InvalidChange

MAX_ROWS = 50
MAX_TEXT = 200
MAX_PATTERN = 500
MAX_CHOICES = 50
MAX_KEY = 100
MAX_NUMBER = 10**12
# A language tag as browsers send it (RFC 5646), its first parts.
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_MINUTES = 10 * 365 * 24 * 60
# A pattern's counted repetitions, multiplied: nested ones would be unrolled until the memory is full.
MAX_REPEATS = 1000
REPEATS = re.compile(r"\{(\d*),?(\d*)\}")


def parse(data: object, fields: Mapping[str, Field]) -> Conditions:
    """Read conditions that somebody wrote. Raises InvalidChange; its field is a path such as `all.2.value`."""
    conditions, refused = parsed(data, fields)
    if refused:
        raise refused[0]
    return conditions


def parsed(data: object, fields: Mapping[str, Field]) -> tuple[Conditions, list[InvalidChange]]:
    """Read conditions that somebody wrote: those that are good, and every refusal of the others."""
    blocks, refused = _blocks(data)
    if refused:
        return Conditions(), [refused]
    good: dict[str, list[Row]] = {"all": [], "any": []}
    wrong: list[InvalidChange] = []
    for block, rows in blocks.items():
        for number, raw in enumerate(rows):
            try:
                row = _row(raw, fields)
                _check_choice(row)
                good[block].append(row)
            except InvalidChange as error:
                wrong.append(InvalidChange(error.text, field=f"{block}.{number}.{error.field}", limit=error.limit))
    return Conditions(tuple(good["all"]), tuple(good["any"])), wrong


def read(data: object, fields: Mapping[str, Field]) -> Conditions:
    """Read stored conditions. Never raises: rows that say nothing any more carry their fault, and do not hold."""
    blocks, refused = _blocks(data)
    if refused:
        return Conditions(all=(Row("", "", None, fault=Fault.VALUE),))
    return Conditions(
        tuple(_kept(raw, fields) for raw in blocks["all"]), tuple(_kept(raw, fields) for raw in blocks["any"])
    )


def _blocks(data: object) -> tuple[dict[str, list[object]], InvalidChange | None]:
    found: dict[str, list[object]] = {"all": [], "any": []}
    if not isinstance(data, Mapping) or not set(data) <= set(found):
        return found, InvalidChange(_("Conditions are an object with the lists 'all' and 'any'."), field="conditions")
    for name in found:
        rows = data.get(name, [])
        if not isinstance(rows, list):
            return found, InvalidChange(_("Conditions are an object with the lists 'all' and 'any'."), field=name)
        found[name] = rows
    if sum(map(len, found.values())) > MAX_ROWS:
        text = _("At most %(n)s conditions.") % {"n": MAX_ROWS}
        return found, InvalidChange(text, field="conditions", limit=MAX_ROWS)
    return found, None


def _row(raw: object, fields: Mapping[str, Field]) -> Row:
    if not isinstance(raw, Mapping) or not set(raw) <= {"field", "operator", "value"}:
        raise InvalidChange(_("A condition is an object with 'field', 'operator' and 'value'."), field="field")
    path, operator, value = raw.get("field"), raw.get("operator"), raw.get("value")
    found = field_at(path, fields) if isinstance(path, str) else None
    if found is None or not isinstance(path, str):
        raise InvalidChange(_("Choose a field that there is."), field="field")
    if found.is_keyed:
        _check_key(path[len(found.path) + 1 :])
    if not isinstance(operator, str) or operator not in found.operators:
        limit = ", ".join(found.operators)
        raise InvalidChange(_("This field cannot be asked this way."), field="operator", limit=limit)
    if operator in VALUELESS:
        return Row(path, operator, None, found)
    read_value = _value(found.kind, Operator(operator), value)
    if found.is_language and operator in {Op.IS, Op.IS_NOT} and not LANGUAGE.fullmatch(str(read_value)):
        raise InvalidChange(_("Write the code of a language, such as ko or en."), field="value")
    return Row(path, operator, read_value, found)


def _check_key(key: str) -> None:
    if not 0 < len(key) <= MAX_KEY or not key.isprintable() or set(key) & set('"\\'):
        text = _("Name the property in 1 to %(n)s characters, without quotation marks.") % {"n": MAX_KEY}
        raise InvalidChange(text, field="field", limit=MAX_KEY)


def _check_choice(row: Row) -> None:
    if _is_lost(row):
        raise InvalidChange(_("This choice is not there any more. Choose another."), field="value")


def _is_lost(row: Row) -> bool:
    if row.field is None or row.field.choices is None or row.field.kind not in {Kind.CHOICE, Kind.SCHEDULE}:
        return False
    known = {value for value, _label in row.field.choices}
    asked = row.value if isinstance(row.value, list) else [row.value]
    return row.operator not in VALUELESS and not known.issuperset(map(str, asked))


def _kept(raw: object, fields: Mapping[str, Field]) -> Row:
    try:
        row = _row(raw, fields)
    except InvalidChange as error:
        said: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
        path = str(said.get("field", ""))
        return Row(path, str(said.get("operator", "")), None, field_at(path, fields), Fault(error.field))
    return replace(row, fault=Fault.CHOICE) if _is_lost(row) else row


def _value(kind: Kind, operator: Operator, value: object) -> Value:
    match kind:
        case Kind.TEXT:
            return read_pattern(value) if operator is Op.MATCHES else _text(value, MAX_TEXT)
        case Kind.CHOICE if operator in {Op.ANY_OF, Op.NONE_OF}:
            return _several(value)
        case Kind.CHOICE | Kind.SCHEDULE:
            return _one(value)
        case Kind.NUMBER:
            return _number(value)
        case Kind.TAGS:
            return _tags(value)
        case Kind.FLAG:
            if not isinstance(value, bool):
                raise InvalidChange(_("Say yes or no."), field="value")
            return value
        case Kind.MOMENT:
            return _minutes(value)


def _text(value: object, most: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= most or not is_storable(text):
        raise InvalidChange(_("Give 1 to %(n)s characters.") % {"n": most}, field="value", limit=most)
    return text


# What the library says is wrong with a regular expression, and how people say it.
FAULTS: dict[str, Words] = {
    "unterminated character set": _("a bracket [ is not closed"),
    "missing )": _("a parenthesis ( is not closed"),
    "unbalanced parenthesis": _("a parenthesis ) was never opened"),
    "nothing to repeat": _("there is nothing before *, + or ? to repeat"),
    "multiple repeat": _("*, + or ? stand one after the other"),
    "bad character range": _("a range, as in a-z, ends before it begins"),
    "bad escape": _("the character after \\ has no meaning"),
}


def read_pattern(value: object) -> str:
    """Give a regular expression that is one, and small. Raises InvalidChange."""
    text = _text(value, MAX_PATTERN)
    counts = REPEATS.findall("".join(text.split()))
    if math.prod(max(int(least or 0), int(most or 0), 1) for least, most in counts) > MAX_REPEATS:
        words = _("This regular expression repeats too often: at most %(n)s times.") % {"n": MAX_REPEATS}
        raise InvalidChange(words, field="value", limit=MAX_REPEATS)
    try:
        regex.compile(text, regex.IGNORECASE)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise InvalidChange(_fault_words(error, text), field="value", limit=MAX_PATTERN) from None
    return text


def _fault_words(error: Exception, text: str) -> Words:
    """Say in plain words what is wrong with a regular expression, and at which character where that is known."""
    said = str(error)
    part = next((part for part in FAULTS if part in said), "")
    why = FAULTS.get(part, _("it is not written as one"))
    position = getattr(error, "pos", None)
    if position is None:
        return _("This is no regular expression: %(why)s.") % {"why": why}
    # What is never closed is told of where it was opened; the library looks at the character after a bad one.
    opened = {"unterminated character set": "[", "missing )": "("}.get(part)
    place = text.rfind(opened) + 1 if opened else position + (not part.startswith("bad"))
    given = {"why": why, "n": min(place, len(text))}
    return _("This is no regular expression: %(why)s (at character %(n)s).") % given


def _one(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not is_storable(value):
        raise InvalidChange(_("Choose one of the list."), field="value")
    return value


def _several(value: object) -> list[str]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_CHOICES:
        text = _("Choose 1 to %(n)s of the list.") % {"n": MAX_CHOICES}
        raise InvalidChange(text, field="value", limit=MAX_CHOICES)
    return list(dict.fromkeys(map(_one, value)))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_NUMBER:
        text = _("Give a number from -%(n)s to %(n)s.") % {"n": MAX_NUMBER}
        raise InvalidChange(text, field="value", limit=MAX_NUMBER)
    return value


def _minutes(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_MINUTES:
        text = _("Give whole minutes, 1 to %(n)s.") % {"n": MAX_MINUTES}
        raise InvalidChange(text, field="value", limit=MAX_MINUTES)
    return value


def _tags(value: object) -> list[str]:
    given = value if isinstance(value, list) and len(value) <= MAX_TAGS else []
    tags = clean_tags([tag for tag in given if isinstance(tag, str) and is_storable(tag)])
    if not tags or len(tags) > len(given):
        raise InvalidChange(_("Give 1 to %(n)s tags.") % {"n": MAX_TAGS}, field="value", limit=MAX_TAGS)
    if any(len(tag) > MAX_TAG_CHARS for tag in tags):
        text = _("A tag has at most %(n)s characters.") % {"n": MAX_TAG_CHARS}
        raise InvalidChange(text, field="value", limit=MAX_TAG_CHARS)
    return tags
