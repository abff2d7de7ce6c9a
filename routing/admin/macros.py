"""The page of shared macros: canned text and changes that everyone of a brand may use."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.incoming import MAX_KEY, number_in
from conversations.models import Attachment, Brand, User
from conversations.permissions import Permission
from routing.actions.macros import check_macro, delete_macro, save_macro
from routing.admin.concerns import WarnedRows
from routing.decide.placeholders import SHOWN
from routing.decide.steps import OWN
from routing.decide.tickets import clean_tags
from routing.errors import InvalidChange
from routing.file_editor import FilesField, take_upload
from routing.models import Macro
from routing.queries.macros import files_of, files_to_attach
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
    files = FilesField(  # type: ignore[assignment]  # of the class only: fields are taken out of it
        label=_("files"),
        required=False,
        help_text=_("Up to five. They go into the composer with the text; whoever uses the macro may take them out."),
    )
    # Whose uploads it takes: set for each request.
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        stored = files_of(kwargs["instance"]) if kwargs.get("instance") else []
        initial = {"files": [file.public_id for file in stored], **(kwargs.get("initial") or {})}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self._show(stored)
        widget: Any = self.fields["steps"].widget
        widget.brand_id = getattr(self.instance, "brand_id", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        brand = cleaned.get("brand") or getattr(self.instance, "brand", None)
        take_steps(self, brand.pk if brand else None)
        if brand:
            self._take_files(brand)
        return cleaned

    def _show(self, files: Sequence[Attachment]) -> None:
        widget: Any = self.fields["files"].widget
        widget.files, widget.upload = files, reverse("admin:routing_macro_upload")
        widget.brand_id = getattr(self.instance, "brand_id", None)

    def _take_files(self, brand: Brand) -> None:
        """Have `cleaned_data` hold the files themselves."""
        try:
            asked = Macro(pk=self.instance.pk, brand=brand)
            self.cleaned_data["files"] = files_to_attach(asked, self.cleaned_data["files"], self.user)
        except InvalidChange as error:
            self.add_error("files", str(error.text))
        else:
            self._show(self.cleaned_data["files"])

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if self.errors:
            return
        try:
            check_macro(self.instance, self.cleaned_data["files"])
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
        (_("Text"), {"fields": ("text", "is_note", "files")}),
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

    def get_form(self, request: HttpRequest, obj: Macro | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        return form

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.upload)
        return [path("upload/", view, name="routing_macro_upload"), *super().get_urls()]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Keep a file for a shared macro; answers JSON."""
        chosen = number_in(request.POST.get("brand", ""), MAX_KEY)
        brand = Brand.objects.filter(pk__in=self.brands(request), pk=chosen).first() if chosen is not None else None
        if brand is None or request.method != "POST" or not isinstance(request.user, User):
            raise Http404
        return take_upload(request, brand, request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Macro]:
        return super().get_queryset(request).filter(owner=None)

    def save_model(self, request: HttpRequest, obj: Macro, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        fields = form.changed_data if change else ()
        save_macro(macro=obj, fields=fields, by=actor_of(request), files=form.cleaned_data["files"])

    def delete_model(self, request: HttpRequest, obj: Macro) -> None:
        delete_macro(macro=obj, by=actor_of(request))

    @admin.display(description=_("shortcut"), ordering="shortcut")
    def keys(self, macro: Macro) -> str:
        return format_html('<span class="m-kbd">/{}</span>', macro.shortcut) if macro.shortcut else ""

    @admin.display(description=_("text"))
    def preview(self, macro: Macro) -> str:
        return f"{macro.text[:80]}…" if len(macro.text) > 80 else macro.text
