"""Storing a new row by a statement that is put together once for each model.

For rows that are made many times a second: the ORM compiles each INSERT anew, which costs more than its execution.
"""

from functools import lru_cache
from typing import Any

from django.db import connections, models, router


@lru_cache(maxsize=64)
def _statement(model: type[models.Model], using: str) -> tuple[str, tuple["models.Field[Any, Any]", ...]]:
    quote = connections[using].ops.quote_name
    fields = tuple(field for field in model._meta.local_concrete_fields if not field.primary_key)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING {key}", fields


def insert(row: models.Model) -> None:
    """Store a new row and give it its key, as `save(force_insert=True)` would; no signal is sent.

    For models without parents whose key the database makes. Raises IntegrityError as the ORM does.
    """
    using = router.db_for_write(type(row))
    connection = connections[using]
    statement, fields = _statement(type(row), using)
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, using
