"""The page of a brand's own statuses: what each means for every class of channels."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.permissions import Permission
from routing.actions.configuration import ABSENT, delete_status, save_status
from routing.admin.moving import MovableRows
from routing.models import CustomStatus


class StatusForm(forms.ModelForm[CustomStatus]):
    """A status whose name is compared within its brand also where the brand is only shown."""

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "name"}  # type: ignore[misc]  # not in the stubs

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        brand = cleaned.get("brand") or getattr(self.instance, "brand", None)
        same = CustomStatus.objects.filter(brand=brand, name=cleaned.get("name")).exclude(pk=self.instance.pk)
        if brand and same.exists():
            self.add_error("name", _("There is a status of this name already."))
        return cleaned


@admin.register(CustomStatus)
class StatusPage(MovableRows[CustomStatus]):
    """Statuses of a brand's own."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _(
        "Statuses of your own beside Online, Away, Transfers only and Offline, for example Training: each says what may"
        " come to an agent by chat, email and phone. Agents choose them in the workspace, in this order."
    )
    empty = _("No status of your own yet. Online, Away, Transfers only and Offline are always there.")
    gone = _("Who has it now is what it means for chats then. The history of statuses keeps its name.")
    form = StatusForm
    list_display = ("name", "messaging", "email", "voice", "brand", "places")
    list_select_related = ("brand",)
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("brand", "name", "messaging", "email", "voice")}),
        (
            _("When nobody is there"),
            {
                "fields": ("idle_after_minutes", "idle_status", "disconnect_after_seconds", "disconnect_status"),
                "description": _("For whoever has this status. Empty: as the brand has it under Assignment."),
            },
        ),
    )
    helps = {
        "name": _("What agents read, at most 40 characters."),
        "messaging": _("Online lets chats in; transfers only, what somebody passes on; offline, nothing."),
        "email": _("Online lets email in; transfers only, what somebody passes on; offline, nothing."),
        "voice": _("Online lets calls in; transfers only, what somebody passes on; offline, nothing."),
        "idle_after_minutes": _("Without mouse or keyboard in the workspace, from 5 to 1440."),
        "idle_status": _("One of the four; empty: what the brand says for everybody."),
        "disconnect_status": _("One of the four; empty: what the brand says for everybody."),
        "disconnect_after_seconds": _("Counted from when the last page of theirs was heard of, from 30 to 3600."),
    }

    def get_readonly_fields(self, request: HttpRequest, obj: CustomStatus | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_choice_field(db_field, request, **kwargs)
        if db_field.name in {"idle_status", "disconnect_status"}:
            field.choices = [("", _("As the brand has it")), *((each.value, each.label) for each in ABSENT)]
            return field
        # Away is a word for all classes of channels together; for one of them it says nothing of its own.
        field.choices = [(value, label) for value, label in field.choices if value != "away"]
        return field

    def save_model(self, request: HttpRequest, obj: CustomStatus, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_status(status=obj, fields=form.changed_data if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: CustomStatus) -> None:
        delete_status(status=obj, by=actor_of(request))
