"""The databases of the tests: made once for a whole run, emptied after a test, filled again with what was kept.

`python -m tests.databases` makes, anew, the one that the workers of a run begin with copies of.
"""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

# What migrating writes and no test changes: emptied, it would have to be written anew for each test.
OF_MIGRATING = {"django_content_type", "auth_permission"}

# Set by the suite: the name of the database that this run's workers copy.
PATTERN = os.environ.get("TEST_PATTERN", "")


def make_pattern() -> None:
    """Make the database PATTERN, whatever of it is there, by all migrations."""
    connection.settings_dict["TEST"]["NAME"] = PATTERN
    _forget_file(PATTERN)
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()


def copy_pattern() -> str:
    """Have this process work in a copy of PATTERN; give the name of the database it had before."""
    before = str(settings.DATABASES["default"]["NAME"])
    creation: Any = connection.creation
    name: str = creation._get_test_db_name()
    connection.close()
    if connection.vendor == "sqlite":
        _forget_file(name)
        shutil.copyfile(PATTERN, name)
    else:
        quoted = connection.ops.quote_name
        with creation._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(PATTERN)}")
            # Nothing of it has to outlive a failing machine: no commit waits for the disk.
            cursor.execute(f"ALTER DATABASE {quoted(name)} SET synchronous_commit TO off")
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    return before


def _forget_file(name: str) -> None:
    """Remove what a run that was killed left of a SQLite database, its log too: a new file would be read with it."""
    if connection.vendor == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)


def empty_tables() -> None:
    """Delete all rows that tests made; keys go on counting, as after Django's own flush.

    Django truncates every table, whether or not there is something in it, and writes what migrating writes anew.
    """
    quoted = connection.ops.quote_name
    names = sorted({kind._meta.db_table for kind in _kinds()} - OF_MIGRATING)
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in names)
    # All or nothing; keys to other tables are looked at when it is done.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(asked)
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {quoted(name)}")


def _kinds() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [each for each in found if each._meta.managed and not each._meta.proxy]


@dataclass
class KeptTable:
    """The rows of one table, as the database takes them; moments, which move on, as they are."""

    insert: str
    fields: list[Any]
    rows: list[list[Any]]


class KeptRows:
    """What all tables hold, to be put back where they are empty; its moments are as long ago then as they were."""

    def __init__(self) -> None:
        self.at = timezone.now()
        self.tables = [table for kind in _kinds() if (table := _kept(kind))]

    def put_back(self) -> None:
        """Write the rows into the tables, which are empty. The keys they get are those they had."""
        passed = timezone.now() - self.at

        def moved(field: Any, value: Any) -> Any:
            if not isinstance(value, datetime):
                return value
            return field.get_db_prep_save(value + passed, connection)

        with transaction.atomic(), connection.cursor() as cursor:
            for table in self.tables:
                rows = [[moved(*pair) for pair in zip(table.fields, row, strict=True)] for row in table.rows]
                cursor.executemany(table.insert, rows)


def _kept(kind: type[models.Model]) -> KeptTable | None:
    if kind._meta.db_table in OF_MIGRATING:
        return None
    fields: list[Any] = [field for field in kind._meta.local_concrete_fields if not field.generated]
    found = kind._base_manager.values_list(*(field.attname for field in fields))
    rows = [
        [
            value if isinstance(field, models.DateTimeField) else field.get_db_prep_save(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]
        for row in found
    ]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = connection.ops.quote_name(kind._meta.db_table)
    return KeptTable(f"INSERT INTO {table} ({names}) VALUES ({marks})", fields, rows) if rows else None


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    make_pattern()
