"""What a change of the configuration changed: each field before and after, bounded, without secrets.

What has no short form of its own (conditions, steps, a long text) is told in words, in each language, by whoever knows
how to say it (`say`); what no one says, only that it changed.
A model of which `keep_before` is asked has what is stored of a row read before the row is saved over it; `changes_of`
then tells the two apart. The console asks it for every model whose rows are changed there.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Field, ForeignKey, Model, TextField
from django.db.models.signals import pre_save
from django.utils.translation import override

MAX_CHANGES, MAX_CHARS, MAX_NAMES = 20, 200, 50
# Of what is told in words, in each language.
MAX_WORDS = 500
Value = str | int | bool | None
# By the code of a language.
Words = dict[str, str]
# Given a row, how a value of its field is said in the language of the moment.
Sayer = Callable[[Any], Callable[[Any], str]]
# Kept as a hash or not told at all; BinaryFields, which hold what is encrypted, are left out as a kind.
SECRET = frozenset({"password", "secret_hash", "token_hash"})
# Of another library: names of tables, no settings of a brand.
FOREIGN = "auth"


@dataclass(frozen=True)
class FieldChange:
    """One field before and after. A relation is told by name, many of something as names with commas between.

    What is told in words is so by language: `{"en": "Priority is Urgent", "ko": "…"}`.
    """

    field: str
    before: Value | Words
    after: Value | Words


_sayers: dict[tuple[str, str], Sayer] = {}


def say(model: type[Model], name: str, sayer: Sayer) -> None:
    """Have changes of this field be told in words."""
    _sayers[model._meta.label, name] = sayer


def change_in_words(name: str, before: Any, after: Any, words: Callable[[Any], str]) -> list[FieldChange]:
    """Give the change of something as `words` says it in each language; none where there is none."""
    return [] if before == after else [FieldChange(name, _in_words(before, words), _in_words(after, words))]


def _in_words(value: Any, words: Callable[[Any], str]) -> Words:
    said: Words = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            said[code] = cut(words(value), MAX_WORDS)
    return said


def keep_before(model: type[Model]) -> None:
    """Have what is stored of a row of this model be read whenever the row is about to be saved over it."""
    pre_save.connect(_keep, sender=model, dispatch_uid=f"before.{model._meta.label}")


def changes_of(row: Model, names: Collection[str]) -> list[FieldChange]:
    """Give what the last save changed of these fields: at most MAX_CHANGES, each side at most MAX_CHARS.

    Nothing of a new row. Many-to-many relations are read as they are now. One query for each relation that changed.
    """
    before: dict[str, Any] = getattr(row, "_before", {})
    found = []
    for field in _fields(row):
        if field.name in names and field.name in before:
            was, now = before[field.name], _now(row, field)
            sayer = _sayer(row, field)
            if sayer:
                found += change_in_words(field.name, was, now, sayer(row)) if was != now else []
            elif change := _change(field, was, now):
                found.append(change)
    return found[:MAX_CHANGES]


def cut(text: str, most: int = MAX_CHARS) -> str:
    """Give a text of at most so many characters."""
    return f"{text[: most - 1]}…" if len(text) > most else text


def _sayer(row: Model, field: Any) -> Sayer | None:
    return _sayers.get((row._meta.concrete_model._meta.label, field.name))  # type: ignore[union-attr]  # never abstract


def _keep(sender: type[Model], instance: Model, raw: bool = False, **_more: Any) -> None:
    if raw or instance._state.adding:
        return
    fields = _fields(instance)
    plain = [field.attname for field in fields if not field.many_to_many]
    stored = sender._base_manager.filter(pk=instance.pk).values(*plain).first()
    if stored is not None:
        many = {field.name: _names(instance, field) for field in fields if field.many_to_many}
        kept = {**{field.name: stored[field.attname] for field in fields if not field.many_to_many}, **many}
        instance._before = kept  # type: ignore[attr-defined]  # until the row is saved again


def _fields(row: Model) -> list[Any]:
    """Give the fields of which a change is told, many-to-many relations last."""
    plain = [
        field for field in row._meta.concrete_fields if field.editable and (_sayer(row, field) or not _is_hidden(field))
    ]
    return [*plain, *(each for each in row._meta.many_to_many if each.related_model._meta.app_label != FOREIGN)]


def _is_hidden(field: Field[Any, Any]) -> bool:
    return field.primary_key or isinstance(field, TextField | BinaryField) or field.name in SECRET


def _now(row: Model, field: Any) -> Any:
    return _names(row, field) if field.many_to_many else getattr(row, field.attname)


def _names(row: Model, field: Any) -> list[str]:
    return sorted(str(each) for each in getattr(row, field.name).all()[:MAX_NAMES])


def _change(field: Any, before: Any, after: Any) -> FieldChange | None:
    """Give the change of one field; None where there is none, or it holds what has no short form."""
    if before == after or any(isinstance(each, dict) for each in (before, after)):
        return None
    if isinstance(field, ForeignKey):
        related = field.related_model._base_manager.in_bulk([key for key in (before, after) if key])
        before, after = (str(related[key]) if key in related else None for key in (before, after))
    lists = [each for each in (before, after) if isinstance(each, list)]
    if any(not isinstance(each, str | int) for found in lists for each in found):
        return None
    return FieldChange(field.name, _value(before), _value(after))


def _value(value: Any) -> Value:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, list):
        return cut(", ".join(map(str, value)))
    return cut(value.isoformat() if isinstance(value, date) else str(value))
