"""Two admins at one form: whoever saves last is told what the other changed, before it is replaced.

A form that is shown carries a stamp: a short digest of what stood in each field. One that comes back with a stamp of
something else was filled in beside what somebody saved meanwhile.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, is_dataclass
from hashlib import blake2s
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms import ModelForm
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.errors import ConversationsError

NAME = "_stamp"
DIGEST_BYTES = 6


class StampedForm(ModelForm):  # type: ignore[type-arg]  # of whatever the form below it is
    """A form of a row that refuses, once, to replace what somebody else changed since it was shown.

    `refused` is what the action that was to save it refused.
    """

    refused: ConversationsError | None = None

    @property
    def stamp(self) -> SafeString:
        """Give the hidden input that says what the row is now; nothing for a new row."""
        if self.instance.pk is None:
            return SafeString("")
        now = json.dumps(self._digests(), separators=(",", ":"))
        return format_html('<input type="hidden" name="{}" value="{}">', NAME, now)

    def clean(self) -> dict[str, Any] | None:
        """Name the fields that somebody changed meanwhile. Whoever saves once more has seen it, and replaces them."""
        cleaned = super().clean()
        shown = _read(self.data.get(NAME, ""))
        if self.instance.pk is not None and shown:
            now = self._digests()
            theirs = [name for name in now if shown.get(name, now[name]) != now[name]]
            if theirs:
                told = {"fields": ", ".join(str(self[name].label) for name in theirs)}
                self.add_error(None, _CHANGED % told)
        if self.refused:
            self.add_error(self.refused.field if self.refused.field in self.fields else None, str(self.refused.text))
        return cleaned

    def _digests(self) -> dict[str, str]:
        return {name: _digest(self[name].initial) for name in self.fields}


_CHANGED = _(
    "Somebody else saved this while you were at it, and changed: %(fields)s. Nothing of yours is saved yet. "
    "Save again to put yours in its place, or open the page anew to see theirs."
)


class _Encoder(DjangoJSONEncoder):
    """Knows the field's own kinds too: their values are dataclasses."""

    def default(self, o: Any) -> Any:
        return asdict(o) if is_dataclass(o) and not isinstance(o, type) else super().default(o)


def _digest(value: Any) -> str:
    said = json.dumps(_plain(value), cls=_Encoder, sort_keys=True)
    return blake2s(said.encode(), digest_size=DIGEST_BYTES).hexdigest()


def _plain(value: Any) -> Any:
    """Give the key of a row, the sorted keys of many, and everything else as it is."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
        rows = list(value)
        return sorted(row.pk for row in rows) if rows and all(isinstance(row, Model) for row in rows) else rows
    return value


def _read(stamp: str) -> dict[str, str]:
    """Give the digests of a stamp that came in; nothing of one that is none."""
    try:
        found = json.loads(stamp)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
