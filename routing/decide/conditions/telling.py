"""Conditions as a sentence: what a list shows of them."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext, ngettext, pgettext

from routing.decide.conditions.language import VALUELESS, Conditions, Fault, Kind, Row
from routing.decide.conditions.language import Operator as Op

# By operator, how field and value make a clause. Korean says them in another order than the editor's three boxes.
CLAUSES = {
    Op.IS: lambda: pgettext("condition", "%(field)s is %(value)s"),
    Op.IS_NOT: lambda: pgettext("condition", "%(field)s is not %(value)s"),
    Op.CONTAINS: lambda: pgettext("condition", "%(field)s contains %(value)s"),
    Op.DOES_NOT_CONTAIN: lambda: pgettext("condition", "%(field)s does not contain %(value)s"),
    Op.STARTS_WITH: lambda: pgettext("condition", "%(field)s starts with %(value)s"),
    Op.MATCHES: lambda: pgettext("condition", "%(field)s matches %(value)s"),
    Op.IS_SET: lambda: pgettext("condition", "%(field)s is set"),
    Op.IS_NOT_SET: lambda: pgettext("condition", "%(field)s is not set"),
    Op.ANY_OF: lambda: pgettext("condition", "%(field)s is any of %(value)s"),
    Op.NONE_OF: lambda: pgettext("condition", "%(field)s is none of %(value)s"),
    Op.LESS_THAN: lambda: pgettext("condition", "%(field)s is less than %(value)s"),
    Op.GREATER_THAN: lambda: pgettext("condition", "%(field)s is greater than %(value)s"),
    Op.AT_LEAST: lambda: pgettext("condition", "%(field)s is at least %(value)s"),
    Op.AT_MOST: lambda: pgettext("condition", "%(field)s is at most %(value)s"),
    Op.INCLUDE_ANY: lambda: pgettext("condition", "%(field)s include %(value)s"),
    Op.INCLUDE_ALL: lambda: pgettext("condition", "%(field)s include all of %(value)s"),
    Op.INCLUDE_NONE: lambda: pgettext("condition", "%(field)s include none of %(value)s"),
    Op.OLDER_THAN: lambda: pgettext("condition", "%(field)s more than %(value)s ago"),
    Op.NEWER_THAN: lambda: pgettext("condition", "%(field)s within the last %(value)s"),
    Op.WITHIN: lambda: pgettext("condition", "%(field)s within %(value)s"),
    Op.OUTSIDE: lambda: pgettext("condition", "%(field)s outside of %(value)s"),
}


def words(conditions: Conditions) -> str:
    """Give conditions as a sentence in the reader's language: "Priority is Urgent and Tags include refund"."""
    if not conditions.rows:
        return gettext("Always")
    either = _joined(map(clause, conditions.any), pgettext("conditions", " or "))
    if len(conditions.any) > 1 and conditions.all:
        either = f"({either})"
    return _joined([*map(clause, conditions.all), *filter(None, [either])], pgettext("conditions", " and "))


def _joined(parts: Iterable[str], word: str) -> str:
    return word.join(parts)


def clause(row: Row) -> str:
    """Give one condition as a part of a sentence in the reader's language: "Tags include refund"."""
    if row.field is None or row.fault not in {None, Fault.CHOICE}:
        return gettext("something that is not there any more (%(field)s)") % {"field": row.path}
    name = f"{row.field.label} “{row.key}”" if row.key else str(row.field.label)
    return CLAUSES[Op(row.operator)]() % {"field": name, "value": "" if row.operator in VALUELESS else _value(row)}


def _value(row: Row) -> str:
    assert row.field is not None
    match row.field.kind:
        case Kind.CHOICE | Kind.SCHEDULE:
            labels = {value: str(label) for value, label in row.field.choices or ()}
            asked = row.value if isinstance(row.value, list) else [str(row.value)]
            return ", ".join(_label(value, labels) for value in asked)
        case Kind.TAGS:
            return ", ".join(row.value) if isinstance(row.value, list) else ""
        case Kind.FLAG:
            return gettext("yes") if row.value else gettext("no")
        case Kind.MOMENT:
            minutes = row.value if isinstance(row.value, int) else 0
            return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
        case Kind.TEXT:
            return f"“{row.value}”"
        case _:
            return str(row.value)


def _label(value: str, labels: Mapping[str, str]) -> str:
    return labels.get(value) or gettext("(deleted)")
