"""The ground of console pages whose rows keep conditions."""

from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from conversations.console import BrandRows
from routing.decide.conditions import Field, read, words
from routing.editor import ConditionsField, take_conditions
from routing.queries.facts import fields_of

Row = TypeVar("Row", bound=Model)
WORDS_SHOWN = 200


class ConditionsForm(forms.ModelForm[Row]):
    """A form with a brand and conditions. A subclass that cleans calls this one's `clean` first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, ConditionsField):
                widget: Any = field.widget
                widget.brand_id = getattr(self.instance, "brand_id", None)

    def clean(self) -> dict[str, Any]:
        super().clean()
        brand = self.cleaned_data.get("brand")
        take_conditions(self, brand.pk if brand else getattr(self.instance, "brand_id", None))
        return self.cleaned_data


class ConditionRows(BrandRows[Row]):
    """A page whose rows keep conditions in `conditions`; its form is a ConditionsForm.

    A subclass may put `conditions_told` into its list, and narrow in `condition_fields` what can be asked.
    """

    form: Any = ConditionsForm

    def condition_fields(self, brand_id: int) -> dict[str, Field]:
        """Give what conditions of this page can ask in a brand."""
        return fields_of(brand_id)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "conditions":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        fields = {brand: self.condition_fields(brand) for brand in self.brands(request)}
        told = db_field.help_text or self.helps.get(db_field.name, "")
        return ConditionsField(fields=fields, label=db_field.verbose_name, help_text=told)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Give the list, each row with its conditions in words; a brand's choices are looked up once."""
        listed = super().get_changelist_instance(request)
        fields = {brand: self.condition_fields(brand) for brand in {row.brand_id for row in listed.result_list}}
        for row in listed.result_list:
            row.told = words(read(row.conditions, fields[row.brand_id]))
        return listed

    @admin.display(description=_("conditions"))
    def conditions_told(self, row: Any) -> str:
        return Truncator(row.told).chars(WORDS_SHOWN)
