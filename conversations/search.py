"""Words to terms: what makes part of a Korean word findable on PostgreSQL and SQLite alike.

Neither database's tokenizer splits Hangul, Han or kana usefully, so runs of them are stored as overlapping pairs plus
the last character ("환불요청" becomes "환불 불요 요청 청"); every part of the word is then a phrase or a prefix.
"""

import re
import unicodedata
from typing import Any, cast

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler

CJK = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af"
RUNS = re.compile(rf"([{CJK}]+)|([^\W_{CJK}]+)")
MAX_WORDS = 8
CONSONANTS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
# How many syllables of the code chart begin with the same consonant.
SYLLABLES_EACH = 588
SEARCHED_TABLES = ("conversations_message", "conversations_contact")


def _runs(text: str) -> list[tuple[str, str]]:
    return RUNS.findall(unicodedata.normalize("NFC", text).casefold())


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def terms(text: str) -> str:
    """Give what the index stores of a text: its terms, parted by spaces."""
    return " ".join(part for cjk, word in _runs(text) for part in ([*_pairs(cjk), cjk[-1]] if cjk else [word]))


def initials(text: str) -> str:
    """Give Korean syllables as their first consonants, the way people look for names: "김하늘" gives "ㄱㅎㄴ"."""
    return "".join(_initial(char) for char in unicodedata.normalize("NFC", text))


def _initial(char: str) -> str:
    at = ord(char) - ord("가")
    return CONSONANTS[at // SYLLABLES_EACH] if "가" <= char <= "힣" else char


def _phrases(words: str) -> list[tuple[list[str], bool]]:
    """Give each typed run as (terms that must follow one another, whether the last one may go on)."""
    return [(_pairs(cjk), False) if len(cjk) > 1 else ([cjk or word], True) for cjk, word in _runs(words)[:MAX_WORDS]]


@models.TextField.register_lookup
class Found(models.Lookup[str]):
    """`terms__found="환불 tent"`: rows that hold all the words, by the database's own full-text index."""

    lookup_name = "found"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        lhs, params = self.process_lhs(compiler, connection)
        query = " & ".join(f"({' <-> '.join(part)}{':*' if goes_on else ''})" for part, goes_on in _phrases(self.rhs))
        return f"to_tsvector('simple', {lhs}) @@ to_tsquery('simple', %s)", [*params, query]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        column = cast(Col, self.lhs)
        index = connection.ops.quote_name(f"{column.target.model._meta.db_table}_fts")
        row = f"{connection.ops.quote_name(column.alias)}.{connection.ops.quote_name('id')}"
        query = " AND ".join(f'"{" ".join(part)}"{" *" if goes_on else ""}' for part, goes_on in _phrases(self.rhs))
        return f"{row} IN (SELECT rowid FROM {index} WHERE terms MATCH %s)", [query]


def has_words(words: str) -> bool:
    """Say whether anything in the text can be searched for."""
    return bool(_runs(words))


def install_indexes(using: str) -> None:
    """Make the full-text indexes where they are missing. Runs after each migrate, and may run again and again.

    Not a migration: on SQLite, Django rebuilds a table to alter it, which drops its triggers without a word.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        for table in SEARCHED_TABLES:
            for statement in _statements(table, connection.vendor):
                cursor.execute(statement)
            if connection.vendor == "sqlite" and f"{table}_fts" not in there:
                # Rows of before are in it too: one that is not could be neither found nor deleted.
                cursor.execute(f"INSERT INTO {table}_fts({table}_fts) VALUES ('rebuild')")


def _statements(table: str, vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [f"CREATE INDEX IF NOT EXISTS {table}_fts ON {table} USING gin (to_tsvector('simple', terms))"]
    put = f"INSERT INTO {table}_fts(rowid, terms) VALUES (new.id, new.terms);"
    drop = f"INSERT INTO {table}_fts({table}_fts, rowid, terms) VALUES ('delete', old.id, old.terms);"
    # Table names are the constants above.
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {table}_fts USING fts5"
        f"(terms, content='{table}', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        f"CREATE TRIGGER IF NOT EXISTS {table}_fts_insert AFTER INSERT ON {table} BEGIN {put} END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_fts_delete AFTER DELETE ON {table} BEGIN {drop} END",
        f"CREATE TRIGGER IF NOT EXISTS {table}_fts_update AFTER UPDATE OF terms ON {table} BEGIN {drop} {put} END",
    ]
