"""What conditions are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Words = str | Promise
Value = str | int | float | bool | list[str] | None


class Kind(StrEnum):
    """What a field holds; it decides which operators there are."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    TAGS = "tags"
    FLAG = "flag"
    MOMENT = "moment"
    SCHEDULE = "schedule"


class Operator(TextChoices):
    """What is asked of a field; the label is what stands between field and value in the editor."""

    IS = "is", pgettext_lazy("operator", "is")
    IS_NOT = "is_not", pgettext_lazy("operator", "is not")
    CONTAINS = "contains", pgettext_lazy("operator", "contains")
    DOES_NOT_CONTAIN = "does_not_contain", pgettext_lazy("operator", "does not contain")
    STARTS_WITH = "starts_with", pgettext_lazy("operator", "starts with")
    MATCHES = "matches", pgettext_lazy("operator", "matches the pattern")
    IS_SET = "is_set", pgettext_lazy("operator", "is set")
    IS_NOT_SET = "is_not_set", pgettext_lazy("operator", "is not set")
    ANY_OF = "any_of", pgettext_lazy("operator", "is any of")
    NONE_OF = "none_of", pgettext_lazy("operator", "is none of")
    LESS_THAN = "less_than", pgettext_lazy("operator", "is less than")
    GREATER_THAN = "greater_than", pgettext_lazy("operator", "is greater than")
    AT_LEAST = "at_least", pgettext_lazy("operator", "is at least")
    AT_MOST = "at_most", pgettext_lazy("operator", "is at most")
    INCLUDE_ANY = "include_any", pgettext_lazy("operator", "include any of")
    INCLUDE_ALL = "include_all", pgettext_lazy("operator", "include all of")
    INCLUDE_NONE = "include_none", pgettext_lazy("operator", "include none of")
    OLDER_THAN = "older_than_minutes", pgettext_lazy("operator", "longer ago than (minutes)")
    NEWER_THAN = "newer_than_minutes", pgettext_lazy("operator", "within the last (minutes)")
    WITHIN = "within", pgettext_lazy("operator", "within")
    OUTSIDE = "outside", pgettext_lazy("operator", "outside of")


Op = Operator
VALUELESS = frozenset({Op.IS_SET, Op.IS_NOT_SET})
OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (
        *(Op.IS, Op.IS_NOT, Op.CONTAINS, Op.DOES_NOT_CONTAIN, Op.STARTS_WITH, Op.MATCHES),
        *(Op.IS_SET, Op.IS_NOT_SET),
    ),
    Kind.CHOICE: (Op.IS, Op.IS_NOT, Op.ANY_OF, Op.NONE_OF),
    Kind.NUMBER: (Op.IS, Op.LESS_THAN, Op.GREATER_THAN, Op.AT_LEAST, Op.AT_MOST),
    Kind.TAGS: (Op.INCLUDE_ANY, Op.INCLUDE_ALL, Op.INCLUDE_NONE),
    Kind.FLAG: (Op.IS,),
    Kind.MOMENT: (Op.OLDER_THAN, Op.NEWER_THAN),
    Kind.SCHEDULE: (Op.WITHIN, Op.OUTSIDE),
}


@dataclass(frozen=True)
class Field:
    """Something that can be asked of a ticket: `path` is stored and never changes, `label` is for people.

    `choices` are (value, label); None where they are a brand's own and not looked up yet, and `source` says which rows
    they are. A keyed field (`is_keyed`) holds a flat mapping: its rows name a key of it after the path. A field that is
    one key of another's mapping names that one in `within`, and has the key after it in its own path. `may_be_empty`
    adds "is set" and "is not set" to a choice. `only` narrows the operators of the kind. `is_timed`: what is true of it
    changes with the clock, or by what happens outside of the ticket; moments and schedules always do. `is_language`: it
    holds the code of a language.
    """

    path: str
    label: Words
    kind: Kind
    choices: tuple[tuple[str, Words], ...] | None = ()
    source: str = ""
    is_keyed: bool = False
    may_be_empty: bool = False
    only: tuple[Operator, ...] = ()
    within: str = ""
    is_timed: bool = False
    is_language: bool = False

    @property
    def base(self) -> str:
        """The path under which its value, or the mapping with its value, is told."""
        return self.within or self.path

    @property
    def operators(self) -> tuple[Operator, ...]:
        more = (Op.IS_SET, Op.IS_NOT_SET) if self.may_be_empty and self.kind is Kind.CHOICE else ()
        return self.only or (*OPERATORS[self.kind], *more)


class Fault(StrEnum):
    """What is wrong with a stored row. A row whose choice is gone still says what it says; the others never hold."""

    FIELD = "field"
    OPERATOR = "operator"
    VALUE = "value"
    CHOICE = "choice"


@dataclass(frozen=True)
class Row:
    """One condition. `path` is the field's, with the key after it where the field is keyed; `field` None: gone."""

    path: str
    operator: str
    value: Value
    field: Field | None = None
    fault: Fault | None = None

    @property
    def key(self) -> str:
        """The key in a mapping that is asked for, or nothing."""
        is_one_key = self.field is not None and (self.field.is_keyed or self.field.within)
        return self.path[len(self.field.base) + 1 :] if self.field and is_one_key else ""

    @property
    def stored(self) -> dict[str, Value]:
        kept: dict[str, Value] = {"field": self.path, "operator": self.operator}
        return kept if self.operator in VALUELESS else {**kept, "value": self.value}


@dataclass(frozen=True)
class Conditions:
    """All of `all`, and at least one of `any` where it is not empty."""

    all: tuple[Row, ...] = ()
    any: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return (*self.all, *self.any)

    @property
    def is_timed(self) -> bool:
        """Whether they can hold now and not in a minute though nobody touched the ticket."""
        timed = {Kind.MOMENT, Kind.SCHEDULE}
        return any(row.field is not None and (row.field.is_timed or row.field.kind in timed) for row in self.rows)

    @property
    def stored(self) -> dict[str, list[dict[str, Value]]]:
        """The JSON to keep."""
        return {"all": [row.stored for row in self.all], "any": [row.stored for row in self.any]}


@dataclass(frozen=True)
class Facts:
    """What is true of one ticket: field path to value, and the moment that ages are counted to.

    Texts are str, choices str or None, moments aware datetimes or None, tags lists, keyed fields mappings, and
    `schedule.hours` a mapping of a schedule's id to whether it is open now. What is missing is not set.
    """

    values: Mapping[str, object]
    now: datetime

    def of(self, row: Row) -> object:
        """Give what a row asks about, None where there is nothing."""
        if row.field is None:
            return None
        value = self.values.get(row.field.base)
        if not row.key:
            return value
        return value.get(row.key) if isinstance(value, Mapping) else None


def field_at(path: str, fields: Mapping[str, Field]) -> Field | None:
    """Give the field a stored path names; of a keyed one, any key of it."""
    if found := fields.get(path):
        return None if found.is_keyed else found
    return next((each for each in fields.values() if each.is_keyed and path.startswith(f"{each.path}.")), None)
