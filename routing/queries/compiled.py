"""Conditions as SQL, for lists that the database has to find and count. Says what `decide.conditions.holds` says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, FloatField, Func, Lookup, Q, TextField, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from conversations.models import Session
from routing.decide.conditions import Conditions, Facts, Fault, Field, Kind, Row, holds
from routing.decide.conditions import Operator as Op
from routing.decide.conditions.holding import normal
from routing.decide.conditions.reading import MAX_MINUTES
from routing.decide.fields import OWN_FIELDS, PRIORITIES
from routing.queries.facts import fields_of

# By field: the column, as a lookup from the ticket. A field without one cannot be asked by a list.
COLUMNS: dict[str, str] = {
    "ticket.status": "status",
    "ticket.priority": "priority",
    "ticket.group": "group__public_id",
    "ticket.assignee": "assignee__user__public_id",
    "ticket.channel_class": "channel_class",
    "ticket.tags": "tags",
    "ticket.subject": "subject",
    "ticket.created_at": "created_at",
    "ticket.updated_at": "last_activity_at",
    "ticket.waiting_since": "waiting_since",
    "ticket.status_set_at": "status_set_at",
    "ticket.solved_at": "solved_at",
    "ticket.session": "session_ended",
    "ticket.session_ended": "session_ended",
    "ticket.sla_state": "sla_state",
    "ticket.sla_minutes": "sla_due_at",
    "ticket.rating": "rating__grade",
    "contact.name": "conversation__contact__name",
    "contact.email": "conversation__contact__email",
    "contact.phone": "conversation__contact__phone",
    "contact.language": "conversation__contact__locale",
    "contact.is_verified": "conversation__contact__is_verified",
    "contact.external_id": "conversation__contact__external_id",
    "contact.properties": "conversation__contact__properties",
    "conversation.channel_kind": "conversation__channel__kind",
    "conversation.channel": "conversation__channel__public_id",
    "conversation.metadata": "conversation__metadata",
    "conversation.holder": "conversation__holder__kind",
    **{
        path: "field_values" if path.startswith("ticket.") else "conversation__contact__field_values"
        for path in OWN_FIELDS
    },
}
NEVER = Q(pk__in=[])
NOT_ASKED: Mapping[str, bool] = {}
COMPARISONS: Mapping[str, type[Lookup[Any]]] = {
    Op.IS: Exact,
    Op.LESS_THAN: LessThan,
    Op.GREATER_THAN: GreaterThan,
    Op.AT_LEAST: GreaterThanOrEqual,
    Op.AT_MOST: LessThanOrEqual,
}
FOLDED = "madang_folded"


def view_fields(brand_id: int) -> dict[str, Field]:
    """Give what a list can ask in a brand: what has a column, and no patterns, which only Python reads as we do."""
    return {
        path: replace(field, only=tuple(each for each in field.operators if each != Op.MATCHES))
        for path, field in fields_of(brand_id).items()
        if field.base in COLUMNS
    }


def automation_fields(brand_id: int) -> dict[str, Field]:
    """Give what an automation can ask in a brand: what a list can, and what time it is by the brand's schedules."""
    offered = fields_of(brand_id)
    return view_fields(brand_id) | {path: field for path, field in offered.items() if field.kind == Kind.SCHEDULE}


def compiled(conditions: Conditions, now: datetime, hours: Mapping[str, bool] = NOT_ASKED) -> Q:
    """Give the filter of tickets for which the conditions hold; by `hours` each of a brand's schedules is open or not.

    Without `hours` what asks for a schedule holds for no ticket.
    """
    found = Q()
    for row in conditions.all:
        found &= _row(row, now, hours)
    if conditions.any:
        found &= reduce(or_, (_row(row, now, hours) for row in conditions.any))
    return found


def _row(row: Row, now: datetime, hours: Mapping[str, bool]) -> Q:
    if row.field is not None and row.field.kind == Kind.SCHEDULE:
        known = Facts({row.field.path: hours}, now)
        return Q() if holds(Conditions(all=(row,)), known) else NEVER
    if row.field is None or row.fault not in {None, Fault.CHOICE} or row.field.base not in COLUMNS:
        return NEVER
    column, asked = COLUMNS[row.field.base], row.value
    if row.field.base in OWN_FIELDS:
        return _own(row, column)
    match row.field.kind:
        case Kind.TEXT:
            text = JsonText(F(column), Value(row.key)) if row.field.is_keyed else F(column)
            return _text(row.operator, Folded(text), Folded(Value(str(asked))))
        case Kind.CHOICE if row.field.path == "ticket.session":
            return _session(row.operator, asked if isinstance(asked, list) else [asked])
        case Kind.CHOICE:
            return _choice(row.operator, column, asked if isinstance(asked, list) else [asked])
        case Kind.TAGS:
            return _tags(row.operator, column, asked if isinstance(asked, list) else [])
        case Kind.FLAG:
            return Q(**{column: asked})
        case Kind.MOMENT if isinstance(asked, int):
            border = now - timedelta(minutes=asked)
            return Q(**{f"{column}__lt" if row.operator == Op.OLDER_THAN else f"{column}__gte": border})
        case Kind.NUMBER if isinstance(asked, int | float):
            # The one number there is: minutes from now.
            until = now + timedelta(minutes=max(-MAX_MINUTES, min(asked, MAX_MINUTES)))
            return Q(**{f"{column}__lt" if row.operator == Op.LESS_THAN else f"{column}__gte": until})
        case _:
            return NEVER


def _session(operator: str, asked: Sequence[object]) -> Q:
    """Ask for the states of a session, which two columns tell."""
    states = {
        Session.State.ACTIVE.value: Q(session_ended=False, is_active=True),
        Session.State.INACTIVE.value: Q(session_ended=False, is_active=False),
        Session.State.ENDED.value: Q(session_ended=True),
    }
    any_of = reduce(or_, [states[str(each)] for each in asked if str(each) in states], NEVER)
    return any_of if operator in {Op.IS, Op.ANY_OF} else ~any_of


def _own(row: Row, column: str) -> Q:
    """Ask one of a brand's own fields: its value is under its key in a column of JSON."""
    text, asked = JsonText(F(column), Value(row.key)), row.value
    match row.field.kind if row.field else None:
        case Kind.TEXT:
            return _text(row.operator, Folded(text), Folded(Value(str(asked))))
        case Kind.FLAG:
            is_ticked = Q(Exact(text, Value("true")))
            return is_ticked if asked else ~is_ticked
        case Kind.NUMBER if isinstance(asked, int | float):
            number = JsonNumber(F(column), Value(row.key))
            return Q(COMPARISONS[Op(row.operator)](number, Value(float(asked))))
        case Kind.CHOICE if row.operator in {Op.IS_SET, Op.IS_NOT_SET}:
            is_empty = Q(Exact(text, Value("")))
            return is_empty if row.operator == Op.IS_NOT_SET else ~is_empty
        case Kind.CHOICE:
            chosen = [Q(Exact(text, Value(str(each)))) for each in (asked if isinstance(asked, list) else [asked])]
            any_of = reduce(or_, chosen, NEVER)
            return any_of if row.operator in {Op.IS, Op.ANY_OF} else ~any_of
    return NEVER


def _text(operator: str, text: "Folded", wanted: "Folded") -> Q:
    is_empty = Q(Exact(text, Value("")))
    asks: Mapping[str, Callable[[], Q]] = {
        Op.IS: lambda: Q(Exact(text, wanted)),
        Op.IS_NOT: lambda: ~Q(Exact(text, wanted)),
        Op.CONTAINS: lambda: Q(GreaterThan(StrIndex(text, wanted), 0)),
        Op.DOES_NOT_CONTAIN: lambda: Q(Exact(StrIndex(text, wanted), 0)),
        Op.STARTS_WITH: lambda: Q(Exact(StrIndex(text, wanted), 1)),
        Op.IS_SET: lambda: ~is_empty,
        Op.IS_NOT_SET: lambda: is_empty,
    }
    return asks[operator]() if operator in asks else NEVER


def _choice(operator: str, column: str, asked: list[Any]) -> Q:
    wanted = [PRIORITIES[each] for each in asked if each in PRIORITIES] if column == "priority" else asked
    match operator:
        case Op.IS_SET:
            return Q(**{f"{column}__isnull": False})
        case Op.IS_NOT_SET:
            return Q(**{f"{column}__isnull": True})
        case Op.IS | Op.ANY_OF:
            return Q(**{f"{column}__in": wanted})
        case _:
            return ~Q(**{f"{column}__in": wanted})


def _tags(operator: str, column: str, asked: list[str]) -> Q:
    worn = [Q(HasTag(F(column), Value(tag))) for tag in asked]
    if operator == Op.INCLUDE_ALL:
        return Q(*worn)
    includes_any = reduce(or_, worn, NEVER)
    return includes_any if operator == Op.INCLUDE_ANY else ~includes_any


class Folded(Func):
    """A text as conditions compare it: composed and without regard to case. See `normal`."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template=f"{FOLDED}(%(expressions)s)", **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="lower(normalize(%(expressions)s))", **context)


class JsonText(Func):
    """The text of one key of a flat JSON object; empty where the key is not there."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        column, key = self.get_source_expressions()
        held, params = compiler.compile(column)
        path = f'$."{key.value}"'
        kind, value = f"json_type({held}, %s)", f"CAST(json_extract({held}, %s) AS TEXT)"
        sql = f"CASE WHEN {kind} IN ('true', 'false') THEN {kind} ELSE coalesce({value}, '') END"
        return sql, [*params, path] * 3

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler, connection, template="coalesce(%(expressions)s, '')", arg_joiner=" ->> ", **context
        )


class JsonNumber(Func):
    """The number under one key of a flat JSON object; nothing where no number is there."""

    output_field = FloatField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        column, key = self.get_source_expressions()
        held, params = compiler.compile(column)
        path = f'$."{key.value}"'
        sql = f"CASE WHEN json_type({held}, %s) IN ('integer', 'real') THEN json_extract({held}, %s) END"
        return sql, [*params, path] * 2

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        column, key = (compiler.compile(each) for each in self.get_source_expressions())
        part = f"{column[0]} -> {key[0]}"
        given = [*column[1], *key[1]]
        sql = f"CASE WHEN jsonb_typeof({part}) = 'number' THEN ({part})::double precision END"
        return sql, given * 2


class HasTag(Func):
    """Whether a list of tags in JSON holds one."""

    output_field = BooleanField()

    def _sql(self, compiler: SQLCompiler, tags: str, name: str, fold: str) -> tuple[str, Any]:
        column, tag = (compiler.compile(each) for each in self.get_source_expressions())
        sql = f"EXISTS (SELECT 1 FROM {tags.format(column[0])} WHERE {fold.format(name)} = {fold.format(tag[0])})"
        return sql, [*column[1], *tag[1]]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self._sql(compiler, "json_each({}) AS worn", "worn.value", FOLDED + "({})")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return self._sql(compiler, "jsonb_array_elements_text({}) AS worn(tag)", "worn.tag", "lower(normalize({}))")


def teach_sqlite(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """Give a new connection to SQLite the function that `Folded` calls."""
    if connection.vendor == "sqlite":
        raw: Any = connection.connection
        raw.create_function(FOLDED, 1, lambda text: None if text is None else normal(text), deterministic=True)
