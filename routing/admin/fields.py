"""The page of a brand's own fields."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from routing.actions.fields import FIXED, check_field, delete_field, save_field
from routing.admin.concerns import WarnedRows
from routing.admin.moving import MovableRows
from routing.errors import InvalidChange
from routing.models import CustomField

SAME_ORDER = _("As many as there are options, in the same order. Empty: the options themselves.")


class OptionsField(forms.CharField):
    """The options of a choice, one a line."""

    widget = forms.Textarea(attrs={"rows": 6, "cols": 40})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class CustomFieldForm(forms.ModelForm[CustomField]):
    """A field, checked by the action that saves it."""

    options = OptionsField(
        label=_("options"), required=False, help_text=_("Of a choice: one a line, at most 200, in this order.")
    )

    options_en = OptionsField(label=_("options for customers (English)"), required=False, help_text=SAME_ORDER)
    options_ko = OptionsField(label=_("options for customers (Korean)"), required=False, help_text=SAME_ORDER)

    def _get_validation_exclusions(self) -> set[str]:
        # The action says it at the key, in words of its own.
        return {*super()._get_validation_exclusions(), "brand"}  # type: ignore[misc]  # not in the stubs

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if self.errors:
            return
        try:
            check_field(self.instance)
        except InvalidChange as error:
            self.add_error(error.field if error.field in self.fields else None, str(error.text))


@admin.register(CustomField)
class CustomFieldPage(MovableRows[CustomField], WarnedRows[CustomField]):
    """What a brand keeps of its tickets and customers besides what every brand does."""

    intro = _(
        "What your team wants to know of each ticket or customer, such as an order number. Agents fill fields in beside"
        " the conversation, and queues, views and rules can ask for them."
    )
    empty = _("No field yet. Add what your team asks for most often, for example an order number.")
    gone = _("What stands in it is shown no more, and conditions that ask for it hold no more.")
    form = CustomFieldForm
    list_display = ("label", "of", "kind", "key", "is_required_to_solve", "shown_to_customer", "brand", "places")
    list_select_related = ("brand",)
    list_per_page = 200
    search_fields = ("label", "key")
    fieldsets = (
        (_("Field"), {"fields": ("brand", "of", "kind", "label", "key", "help")}),
        (_("What it takes"), {"fields": ("options", "pattern")}),
        (_("When and for whom"), {"fields": ("is_required_to_solve", "shown_to_customer", "is_required_for_customer")}),
        (
            _("What customers read"),
            {
                "fields": ("label_en", "label_ko", "help_en", "help_ko", "options_en", "options_ko"),
                "description": _("In their language, where a web form shows it. Empty: what stands above."),
            },
        ),
    )
    helps = {
        "of": _("Beside each ticket, or beside each customer. It cannot be changed later."),
        "kind": _("What it holds. It cannot be changed later."),
        "label": _("What stands beside it, for agents and in forms."),
        "key": _("By which the API and conditions name it, for example 'order_number'. It cannot be changed later."),
        "help": _("A line below it: what belongs here. Customers see it too where the field is shown to them."),
        "label_en": _("For example 'Order number'."),
        "label_ko": _("For example: 주문 번호"),
        "help_en": _("A line below it, for customers who read English."),
        "help_ko": _("The same line in Korean."),
        "pattern": _(
            "Of a text of a pattern: a regular expression that all of it must match, for example [A-Z]{2}-\\d+."
        ),
        "is_required_to_solve": _("Agents solve a ticket only once this is filled in; for a checkbox, ticked."),
        "shown_to_customer": _("Web forms that have this field show it."),
        "is_required_for_customer": _("A web form is taken only once this is filled in; for a checkbox, ticked."),
    }

    def get_readonly_fields(self, request: HttpRequest, obj: CustomField | None = None) -> tuple[str, ...]:
        return tuple(name.removesuffix("_id") for name in FIXED) if obj else ()

    def save_model(self, request: HttpRequest, obj: CustomField, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_field(field=obj, fields=form.changed_data if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: CustomField) -> None:
        delete_field(field=obj, by=actor_of(request))
