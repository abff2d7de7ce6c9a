"""The editor of steps: a form field that keeps what a rule does as JSON, as js/console/steps.js edits it.

What is refused comes back as it was typed, with the refusal at its step.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.incoming import json_in
from routing.decide.field_values import TEXT_CHARS
from routing.decide.placeholders import SHOWN
from routing.decide.steps import (
    CHOOSING,
    FILLING,
    MAX_MINUTES,
    MAX_STEPS,
    MAX_TEXT,
    TAGGING,
    WRITING,
    Do,
    Known,
    parse_steps,
)

MAX_CHARS = 200_000


class StepsInput(forms.Widget):
    """Steps in their order, each with what it takes."""

    use_fieldset = True
    known: Mapping[int, Known] = {}
    # What can be done.
    offered: Collection[str] = tuple(Do.values)
    # The brand to begin with, where the form has no choice of one.
    brand_id: int | None = None
    # By path, `2.value`: what was refused there.
    refused: Mapping[str, str] = {}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "value": value or "[]",
            "placeholders": [f"{{{{{each}}}}}" for each in SHOWN if WRITING.intersection(self.offered)],
            "spec": {
                "brand": self.brand_id,
                "brands": {brand: _choices(known) for brand, known in self.known.items()},
                "fields": {brand: _fields(known) for brand, known in self.known.items()},
                "steps": [[each.value, str(each.label)] for each in Do if each in self.offered],
                "filling": sorted(FILLING),
                "choosing": sorted(CHOOSING),
                "tagging": sorted(TAGGING),
                "writing": sorted(WRITING),
                "counting": [Do.SNOOZE.value],
                "limits": {"steps": MAX_STEPS, "text": MAX_TEXT, "entry": TEXT_CHARS, "minutes": MAX_MINUTES},
                "refused": dict(self.refused),
            },
        }
        return SafeString(render_to_string("routing/_steps.html", context))


def _choices(known: Known) -> dict[str, list[list[str]]]:
    """Give what each step that chooses can choose from, by what it does."""
    return {do: [[value, label] for value, label in known.choices(do).items()] for do in sorted(CHOOSING)}


def _fields(known: Known) -> dict[str, dict[str, dict[str, Any]]]:
    """Give what each field that a step can fill in takes, by what the step does and by the field's key."""
    return {
        do: {key: {"kind": rule.kind, "options": list(rule.options)} for key, rule in known.rules(do).items()}
        for do in sorted(FILLING)
    }


class StepsField(forms.Field):
    """Steps of one of these brands, of those that are `offered`.

    Its value is raw until `take_steps` has read it for the form's brand.
    """

    widget = StepsInput

    def __init__(
        self,
        *,
        known: Mapping[int, Known],
        offered: Collection[str] = tuple(Do.values),
        may_be_none: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"required": False, **kwargs})
        self.known, self.offered, self.may_be_none = known, offered, may_be_none
        widget: Any = self.widget
        widget.known, widget.offered = known, offered

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value or [], ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        written = value or "[]"
        if len(written) > MAX_CHARS:
            raise forms.ValidationError(_("These steps are too long: at most %(n)s characters.") % {"n": MAX_CHARS})
        try:
            return json_in(written)
        except ValueError:
            raise forms.ValidationError(_("These steps could not be read.")) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool((initial or []) != self.to_python(data))
        except forms.ValidationError:
            return True


def take_steps(form: forms.BaseForm, brand_id: int | None) -> None:
    """Read the form's `steps` for its brand: what is stored takes their place, and refusals stand at their steps.

    To be called by the form's `clean`. Without a brand, which the form refuses by itself, they stay as they were typed.
    """
    field = form.fields["steps"]
    if brand_id is None or not isinstance(field, StepsField) or "steps" not in form.cleaned_data:
        return
    if field.may_be_none and form.cleaned_data["steps"] == []:
        return
    steps, refused = parse_steps(form.cleaned_data["steps"], field.known.get(brand_id, Known()), field.offered)
    if not refused:
        form.cleaned_data["steps"] = [step.stored for step in steps]
        return
    widget: Any = field.widget
    widget.refused = {error.field: str(error.text) for error in refused}
    rows = [error for error in refused if "." in error.field]
    text = ngettext("One step has to be changed.", "%(n)s steps have to be changed.", len(rows))
    form.add_error("steps", text % {"n": len(rows)} if rows else str(refused[0].text))
