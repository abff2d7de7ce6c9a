"""The editor of conditions: a form field that any page can have, in the console and in the workspace.

Its script (js/console/conditions.js) keeps the rows as JSON in one hidden field. What is refused comes back as it was
typed, with the refusal at its row.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.incoming import json_in
from routing.decide.conditions import Field, Kind, Operator, parsed
from routing.decide.conditions.language import VALUELESS
from routing.decide.conditions.reading import MAX_MINUTES, MAX_NUMBER, MAX_PATTERN, MAX_ROWS, MAX_TEXT
from routing.decide.fields import GROUPS
from routing.decide.tickets import MAX_TAG_CHARS, MAX_TAGS

MAX_CHARS = 65_000
FieldsByBrand = Mapping[int, Mapping[str, Field]]


class ConditionsInput(forms.Widget):
    """Rows of field, operator and value, in a block of which all hold and one of which any does."""

    use_fieldset = True
    fields: FieldsByBrand = {}
    # The brand to begin with, where the form has no choice of one.
    brand_id: int | None = None
    # By path, `all.2.value`: what was refused there.
    refused: Mapping[str, str] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "value": value or "{}",
            "spec": {
                "brand": self.brand_id,
                "brands": {brand: _spec(fields) for brand, fields in self.fields.items()},
                "operators": {each.value: str(each.label) for each in Operator},
                "valueless": sorted(VALUELESS),
                "limits": {
                    "rows": MAX_ROWS,
                    "text": MAX_TEXT,
                    "pattern": MAX_PATTERN,
                    "number": MAX_NUMBER,
                    "minutes": MAX_MINUTES,
                    "tags": MAX_TAGS,
                    "tag": MAX_TAG_CHARS,
                },
                "refused": dict(self.refused),
            },
        }
        return SafeString(render_to_string("routing/_conditions.html", context))


def _spec(fields: Mapping[str, Field]) -> list[dict[str, Any]]:
    """Give what the script needs to know of a brand's fields, in the order they are offered."""
    return [
        {
            "path": field.path,
            "label": str(field.label),
            "group": str(GROUPS.get(field.path.partition(".")[0], "")),
            "kind": field.kind.value,
            "keyed": field.is_keyed,
            "operators": [operator.value for operator in field.operators],
            "choices": [[value, str(label)] for value, label in field.choices or ()],
        }
        for field in fields.values()
        # Nothing to choose from: a brand without schedules is not offered them.
        if field.choices or field.kind not in {Kind.CHOICE, Kind.SCHEDULE}
    ]


class ConditionsField(forms.Field):
    """Conditions of one of these brands. Its value is raw until `take_conditions` has read it for the form's brand."""

    widget = ConditionsInput

    def __init__(self, *, fields: FieldsByBrand, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.fields_by_brand = fields
        widget: Any = self.widget
        widget.fields = fields

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        written = value or "{}"
        if len(written) > MAX_CHARS:
            raise forms.ValidationError(
                _("These conditions are too long: at most %(n)s characters.") % {"n": MAX_CHARS}
            )
        try:
            return json_in(written)
        except ValueError:
            raise forms.ValidationError(_("These conditions could not be read.")) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            given = self.to_python(data)
        except forms.ValidationError:
            return True
        return bool(_blocks(initial) != _blocks(given))


def _blocks(value: Any) -> Any:
    """Give conditions with both blocks there, so that none and an empty one are the same."""
    return {"all": [], "any": [], **value} if isinstance(value, dict) else value


def take_conditions(form: forms.BaseForm, brand_id: int | None) -> None:
    """Read the form's conditions for its brand: what is stored takes their place, and refusals stand at their rows.

    To be called by the form's `clean`. Without a brand, which the form refuses by itself, they stay as they were typed.
    """
    if brand_id is None:
        return
    for name, field in form.fields.items():
        if not isinstance(field, ConditionsField) or name not in form.cleaned_data:
            continue
        conditions, refused = parsed(form.cleaned_data[name], field.fields_by_brand.get(brand_id, {}))
        if not refused:
            form.cleaned_data[name] = conditions.stored
            continue
        widget: Any = field.widget
        widget.refused = {error.field: str(error.text) for error in refused}
        rows = [error for error in refused if "." in error.field]
        text = ngettext("One condition has to be changed.", "%(n)s conditions have to be changed.", len(rows))
        form.add_error(name, text % {"n": len(rows)} if rows else str(refused[0].text))
