"""The page of shared macros: canned text and changes that everyone of a brand may use."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.permissions import Permission
from routing.actions.macros import check_macro, delete_macro, save_macro
from routing.admin.concerns import WarnedRows
from routing.decide.placeholders import SHOWN
from routing.decide.steps import OWN
from routing.decide.tickets import clean_tags
from routing.errors import InvalidChange
from routing.models import Macro
from routing.queries.rules import known_of
from routing.step_editor import StepsField, take_steps


class TagsField(forms.CharField):
    """Tags in one line, separated by commas."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return clean_tags(str(value or "").split(","))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class MacroForm(forms.ModelForm[Macro]):
    """A macro, checked by the action that saves it."""

    add_tags = TagsField(label=_("adds tags"), required=False, help_text=_("Separated by commas."))
    remove_tags = TagsField(label=_("removes tags"), required=False, help_text=_("Separated by commas."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["steps"].widget
        widget.brand_id = getattr(self.instance, "brand_id", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        brand = cleaned.get("brand") or getattr(self.instance, "brand", None)
        take_steps(self, brand.pk if brand else None)
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if self.errors:
            return
        try:
            check_macro(self.instance)
        except InvalidChange as error:
            self.add_error(error.field if error.field in self.fields else None, str(error.text))


@admin.register(Macro)
class MacroPage(WarnedRows[Macro]):
    """Shared macros of the brands one configures; people's own are theirs alone."""

    permission = Permission.SHARE_MACROS
    intro = _(
        "Answers and changes that your team makes again and again. Agents call them up with / in the composer, or in"
        " the command palette."
    )
    empty = _("No shared macro yet. Add the answer your team gives most often.")
    gone = _("Agents no longer find it. What it did before stays.")
    form = MacroForm
    list_display = ("name", "brand", "keys", "preview", "attention")
    list_select_related = ("brand",)
    search_fields = ("name", "shortcut", "text")
    ordering = ("name",)
    fieldsets = (
        (_("Macro"), {"fields": ("brand", "name", "shortcut")}),
        (_("Text"), {"fields": ("text", "is_note")}),
        (
            _("Changes of the ticket"),
            {"fields": ("status", "priority", "assignee", "group", "add_tags", "remove_tags", "steps")},
        ),
    )
    helps = {
        "name": _("How agents find it. For example 'Where is my order'."),
        "shortcut": _("What agents type after /. Letters, digits, hyphens and underscores; for example 'order'."),
        "text": format_lazy(
            _("Placeholders: {names}. With a word for when one is empty: {example}."),
            names=", ".join(f"{{{{{name}}}}}" for name in SHOWN),
            example="{{customer.name|there}}",
        ),
        "is_note": _("The text goes into a note, which only your team sees."),
        "status": _("Made at once when an agent chooses the macro; it can be taken back. Empty: it stays."),
        "priority": _("Empty: it stays."),
        "assignee": _("Whoever uses the macro takes the ticket, or nobody has it any more. Empty: it stays."),
        "group": _("A group of the same brand. Empty: it stays."),
        "steps": _("Fields of your own, and the form. What the ticket's form does not show is passed over."),
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "steps":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        known = {brand: known_of(brand) for brand in self.brands(request)}
        told = {"label": db_field.verbose_name, "help_text": self.helps["steps"]}
        return StepsField(known=known, offered=OWN, may_be_none=True, **told)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Macro]:
        return super().get_queryset(request).filter(owner=None)

    def save_model(self, request: HttpRequest, obj: Macro, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        save_macro(macro=obj, fields=form.changed_data if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: Macro) -> None:
        delete_macro(macro=obj, by=actor_of(request))

    @admin.display(description=_("shortcut"), ordering="shortcut")
    def keys(self, macro: Macro) -> str:
        return format_html('<span class="m-kbd">/{}</span>', macro.shortcut) if macro.shortcut else ""

    @admin.display(description=_("text"))
    def preview(self, macro: Macro) -> str:
        return f"{macro.text[:80]}…" if len(macro.text) > 80 else macro.text
