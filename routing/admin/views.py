"""The page of shared views: lists of tickets for the whole team."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.events import Actor
from conversations.permissions import Permission
from routing.actions.saved_views import delete_view, move_view, save_view
from routing.admin.conditions import ConditionRows, ConditionsForm
from routing.admin.moving import MovableRows
from routing.decide.conditions import Field
from routing.models import View
from routing.queries.columns import columns_of
from routing.queries.compiled import view_fields


class ViewForm(ConditionsForm[View]):
    """A shared view."""

    columns = forms.MultipleChoiceField(
        label=_("columns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What each row shows besides the customer, the last words and the wait."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns: Any = self.fields["columns"]
        brand: Any = self.fields.get("brand")
        brand_ids = brand.queryset.values_list("pk", flat=True) if brand else [self.instance.brand_id]
        columns.choices = columns_of(*brand_ids)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        brand, name = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("name")
        same = View.objects.filter(brand=brand, owner=None, name=name).exclude(pk=self.instance.pk)
        if brand and name and same.exists():
            self.add_error("name", _("There is a view of this name already."))
        return cleaned


@admin.register(View)
class ViewPage(ConditionRows[View], MovableRows[View]):
    """Shared views of a brand, in the order in which they stand in the workspace."""

    permission = Permission.SHARE_VIEWS
    intro = _("Lists of tickets that your whole team sees in the workspace, by conditions, in this order.")
    empty = _("No shared view yet. Add one: its tickets are found by conditions, such as a tag or a priority.")
    gone = _("It disappears from everybody's workspace. Its tickets stay.")
    form = ViewForm
    list_display = ("name", "conditions_told", "order", "brand", "places")
    list_select_related = ("brand",)
    ordering = ("brand", "position", "pk")
    fields = ("brand", "name", "conditions", "order", "columns")

    def condition_fields(self, brand_id: int) -> dict[str, Field]:
        return view_fields(brand_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[View]:
        return super().get_queryset(request).filter(owner=None)

    def get_readonly_fields(self, request: HttpRequest, obj: View | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def save_model(self, request: HttpRequest, obj: View, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_view(view=obj, fields=form.changed_data if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: View) -> None:
        delete_view(view=obj, by=actor_of(request))

    def move_row(self, row: View, *, is_up: bool, by: Actor) -> None:
        move_view(view=row, is_up=is_up, by=by)
