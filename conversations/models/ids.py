"""Public ids: 24 lowercase hex characters, sortable by the second they were made in."""

import secrets
import time
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler


def new_public_id() -> str:
    """Give a fresh id: 8 hex digits of unix seconds, 16 of chance (contract: ids of the platform API, section 4.1)."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


class DatabaseId(models.Func):
    """A fresh id that the database gives: for rows that there were before their table had public ids."""

    arity = 0
    output_field = models.CharField(max_length=24)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return "(lower(hex(randomblob(12))))", []

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        return "substr(replace(gen_random_uuid()::text, '-', ''), 1, 24)", []


class PublicIdField(models.CharField[str, str]):
    """The opaque id an API shows; the integer key stays inside."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.update(max_length=24, unique=True, default=new_public_id, editable=False)
        super().__init__(**kwargs)  # type: ignore[arg-type]
