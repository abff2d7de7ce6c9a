"""What a brand's own fields of tickets and customers may hold. Pure.

Values are kept as JSON by the field's key: text, choice, pattern and date (`2026-11-30`) as text, a number as one, a
ticked box as true. What is empty is not kept: no key is there, also for a box without its tick.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import regex
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.incoming import is_storable
from routing.errors import InvalidChange

MAX_OPTIONS = 200
OPTION_CHARS = 100
TEXT_CHARS = 1000
MAX_NUMBER = 10**12
KEY_CHARS = 40
KEY = re.compile(r"[a-z][a-z0-9_]*")
# How long one pattern may look at one text.
PATTERN_SECONDS = 0.1

FieldValue = str | int | float | bool


class FieldKind(TextChoices):
    """What a field holds. Stored, and fixed once the field is made."""

    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    SELECT = "select", pgettext_lazy("kind of field", "Choice")
    DATE = "date", _("Date")
    CHECKBOX = "checkbox", _("Checkbox")
    REGEX = "regex", _("Text of a pattern")


@dataclass(frozen=True)
class FieldRule:
    """What one field asks of its values; `options` are a choice's, `pattern` a pattern's."""

    key: str
    label: str
    kind: str
    options: tuple[str, ...] = ()
    pattern: str = ""
    is_required: bool = False


def clean(value: object, rule: FieldRule) -> FieldValue | None:
    """Give what is kept of a value, None for an empty one. A form's text is read as what the field holds.

    Raises InvalidChange with the field `field:<key>`, the limit, and words that name the field by its label.
    """
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "" or value is False:
        return None
    if not is_storable(value):
        raise _refusal(rule, _("%(name)s: these characters cannot be kept."))
    match rule.kind:
        case FieldKind.NUMBER:
            return _number(value, rule)
        case FieldKind.SELECT:
            if value not in rule.options:
                raise _refusal(rule, _("%(name)s: choose one of the list."), ", ".join(rule.options)[:200])
            return str(value)
        case FieldKind.DATE:
            return _date(value, rule)
        case FieldKind.CHECKBOX:
            if value is True or value in {"on", "true", "1", "yes"}:
                return True
            if value in {"off", "false", "0", "no"}:
                return None
            raise _refusal(rule, _("%(name)s: say yes or no."))
    return _text(value, rule)


def clean_all(
    given: Mapping[str, object], rules: Iterable[FieldRule]
) -> tuple[dict[str, FieldValue | None], list[InvalidChange]]:
    """Give what is kept of several values by key, and every refusal; a key that no rule has is refused too."""
    known = {rule.key: rule for rule in rules}
    good: dict[str, FieldValue | None] = {}
    refused: list[InvalidChange] = []
    for key, value in given.items():
        try:
            if key not in known:
                raise InvalidChange(_("There is no such field."), field=f"field:{key[:KEY_CHARS]}")
            good[key] = clean(value, known[key])
        except InvalidChange as error:
            refused.append(error)
    return good, refused


def merged(held: Mapping[str, FieldValue], changes: Mapping[str, FieldValue | None]) -> dict[str, FieldValue]:
    """Give the values once these changes are made: None takes one away."""
    return {key: value for key, value in {**held, **changes}.items() if value is not None}


def missing(held: Mapping[str, object], rules: Iterable[FieldRule]) -> list[FieldRule]:
    """Give the required fields that hold nothing, or nothing that they would still take."""
    return [rule for rule in rules if rule.is_required and kept(held.get(rule.key), rule) is None]


def kept(value: object, rule: FieldRule) -> FieldValue | None:
    """Give a stored value where the field would still take it, or None. Never raises."""
    try:
        return clean(value, rule)
    except InvalidChange:
        return None


def _refusal(rule: FieldRule, text: object, limit: int | str | None = None) -> InvalidChange:
    words = str(text) % {"name": rule.label, "n": limit}
    return InvalidChange(words, field=f"field:{rule.key}", limit=limit)


def _number(value: object, rule: FieldRule) -> int | float:
    try:
        number = float(value) if isinstance(value, str | int | float) and value is not True else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not abs(number) <= MAX_NUMBER:
        raise _refusal(rule, _("%(name)s: give a number from -%(n)s to %(n)s."), MAX_NUMBER)
    return int(number) if number.is_integer() else number


def _date(value: object, rule: FieldRule) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise _refusal(rule, _("%(name)s: give a date as 2026-11-30.")) from None


def _text(value: object, rule: FieldRule) -> str:
    if not isinstance(value, str):
        raise _refusal(rule, _("%(name)s: give a text."))
    if len(value) > TEXT_CHARS:
        raise _refusal(rule, _("%(name)s: at most %(n)s characters."), TEXT_CHARS)
    if rule.kind == FieldKind.REGEX and not _fits(value, rule.pattern):
        raise _refusal(rule, _("%(name)s: this does not have the form that is asked for."), rule.pattern)
    return value


def _fits(text: str, pattern: str) -> bool:
    try:
        return regex.fullmatch(pattern, text, timeout=PATTERN_SECONDS) is not None
    except (TimeoutError, regex.error):
        return False
