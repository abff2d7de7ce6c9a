"""The page of waiting and silence: what customers are told while nobody answers, and when work ends by itself."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from conversations.console import BrandRows, actor_of
from conversations.models import Brand
from conversations.permissions import Permission
from routing.actions.sessions import MAX_MINUTES, STATUSES, checked_chain, save_session_settings
from routing.admin.macros import TagsField
from routing.decide.placeholders import SHOWN
from routing.decide.sessions import MAX_REMINDERS, Reminder
from routing.errors import InvalidChange
from routing.models import SessionSettings
from routing.models.sessions import TEXT_CHARS

PARTS = ("minutes", "text_en", "text_ko", "status", "tags", "ends_session")
TITLES = (_("First reminder"), _("Second reminder"), _("Third reminder"))


def _part_fields() -> dict[str, forms.Field]:
    """Give the fields of one reminder."""
    area = {"rows": 3}
    placeholders = format_lazy(
        _("Placeholders: {names}. With a word for when one is empty: {example}."),
        names=", ".join(f"{{{{{name}}}}}" for name in SHOWN),
        example="{{customer.name|there}}",
    )
    return {
        "minutes": forms.IntegerField(
            label=_("minutes of silence"),
            required=False,
            min_value=1,
            max_value=MAX_MINUTES,
            help_text=_("Since the last message, or since the reminder before. Empty: there is no such reminder."),
        ),
        "text_en": forms.CharField(
            label=_("text (English)"),
            required=False,
            max_length=TEXT_CHARS,
            widget=forms.Textarea(area),
            help_text=placeholders,
        ),
        "text_ko": forms.CharField(
            label=_("text (Korean)"),
            required=False,
            max_length=TEXT_CHARS,
            widget=forms.Textarea(area),
            help_text=_("Where one language is empty, everybody reads the other."),
        ),
        "status": forms.ChoiceField(
            label=_("status"),
            required=False,
            choices=[("", _("stays as it is")), *((each.value, each.label) for each in STATUSES)],
            help_text=_("What the ticket becomes. Only the last reminder may solve it."),
        ),
        "tags": TagsField(label=_("adds tags"), required=False, help_text=_("Separated by commas.")),
        "ends_session": forms.BooleanField(
            label=_("end the session"), required=False, help_text=_("Only with the last reminder.")
        ),
    }


def name_of(place: int, part: str) -> str:
    """Name the form's field of one part of a reminder."""
    return f"reminder_{place}_{part}"


class SilenceForm(forms.ModelForm[SessionSettings]):
    """Settings with up to three reminders, each in fields of its own; checked by the action that saves them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        instance = kwargs.get("instance")
        chain = instance.chain if instance else ()
        told = {name_of(place, part): getattr(each, part) for place, each in enumerate(chain) for part in PARTS}
        super().__init__(*args, **{**kwargs, "initial": {**told, **(kwargs.get("initial") or {})}})
        for place in range(MAX_REMINDERS):
            self.fields |= {name_of(place, part): field for part, field in _part_fields().items()}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        parts = [{part: given.get(name_of(place, part)) for part in PARTS} for place in range(MAX_REMINDERS)]
        written = [place for place in range(MAX_REMINDERS) if any(parts[place].values())]
        for place in range(len(written)):
            if written[place] != place:
                self.add_error(name_of(place, "minutes"), _("Fill in this reminder before the next one."))
                return given
            if parts[place]["minutes"] is None and name_of(place, "minutes") not in self.errors:
                self.add_error(name_of(place, "minutes"), _("Give 1 to %(n)s minutes.") % {"n": MAX_MINUTES})
        if self.errors:
            return given
        schedule, brand = given.get("closed_schedule"), given.get("brand") or self.instance.brand
        if schedule and schedule.brand != brand:
            self.add_error("closed_schedule", _("Choose a schedule of this brand."))
        try:
            self.instance.chain = checked_chain([Reminder(**_clean(parts[place])) for place in written], brand.pk)
        except InvalidChange as error:
            _reminders, at, part = error.field.split(".")
            self.add_error(name_of(int(at), part), str(error.text))
        return given


def _clean(parts: dict[str, Any]) -> dict[str, Any]:
    return parts | {"tags": parts["tags"] or [], "ends_session": bool(parts["ends_session"])}


@admin.register(SessionSettings)
class SilencePage(BrandRows[SessionSettings]):
    """What customers are told while nobody answers."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _("What customers are told while they wait or write outside business hours, and what a long silence does.")
    empty = _("Nobody is told anything yet, and solved work is closed after 4 days. Add the brand's settings.")
    form = SilenceForm
    may_delete = False
    list_display = ("brand", "tells_position", "tells_minutes", "close_solved_after_days")
    list_select_related = ("brand",)
    helps = {
        "closed_text_en": _("Sent once a session, when a customer writes while the schedule above is closed."),
        "closed_text_ko": _("Where one language is empty, everybody reads the other. Both empty: nothing is sent."),
        "closed_schedule": _("The hours that count here. Empty: those of your default schedule."),
        "tells_opening": _("Adds a sentence with day and time, in the customer's language and time zone."),
        "waiting_text_en": _("One line above the field to write in, until an agent has the ticket."),
        "waiting_text_ko": _("For example: 잠시만 기다려 주세요."),
        "tells_position": _("For example: You are number 3 in line. Behind a hundred others, only that."),
        "tells_minutes": _(
            "The middle of the last twenty waits of a day, rounded up. Nothing while fewer than three are known."
        ),
        "reminds_who_waits": _("Off: nobody is reminded while the last word was theirs. Snoozed work never reminds."),
        "reopen_solved_for_hours": _(
            "A customer who writes later gets a new ticket. Empty: until it is closed. 0: always a new one."
        ),
        "close_solved_after_days": _("Closed work is never opened again. Empty: it is never closed."),
    }

    def get_fieldsets(self, request: HttpRequest, obj: SessionSettings | None = None) -> Any:
        chain = [
            (title, {"fields": tuple(name_of(place, part) for part in PARTS)}) for place, title in enumerate(TITLES)
        ]
        return (
            (None, {"fields": ("brand",)}),
            (
                _("Outside business hours"),
                {"fields": ("closed_schedule", "closed_text_en", "closed_text_ko", "tells_opening")},
            ),
            (
                _("While they wait"),
                {
                    "fields": ("waiting_text_en", "waiting_text_ko", "tells_position", "tells_minutes"),
                    "description": _("Gone as soon as an agent has the ticket: then they read who is here."),
                },
            ),
            *chain,
            (_("Reminders"), {"fields": ("reminds_who_waits",)}),
            (_("Solved work"), {"fields": ("reopen_solved_for_hours", "close_solved_after_days")}),
        )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Make the form of the model's own fields; it adds those of the reminders itself."""
        kwargs["fields"] = [
            field.name
            for field in SessionSettings._meta.fields
            if field.name not in {"id", "reminders", *self.get_readonly_fields(request, obj)}
        ]
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: SessionSettings | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the form at once where there is one brand, and so one row at most."""
        brands = self.brands(request)
        if len(brands) != 1 or request.method == "POST":
            return super().changelist_view(request, extra_context)
        row = SessionSettings.objects.filter(brand=brands[0]).first()
        if row is None:
            address = reverse("admin:routing_sessionsettings_add")
            return self.changeform_view(request, None, address, extra_context)
        address = reverse("admin:routing_sessionsettings_change", args=[row.pk])
        return self.changeform_view(request, str(row.pk), address, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let one be added while a brand has none; other pages, which only list this one, are not made to ask."""
        at = request.resolver_match.url_name if request.resolver_match else ""
        is_here = (at or "").startswith("routing_sessionsettings")
        return super().has_add_permission(request) and (not is_here or self._free(request).exists())

    def _free(self, request: HttpRequest) -> Any:
        return Brand.objects.filter(pk__in=self.brands(request), session_settings=None)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "brand":
            kwargs["queryset"] = self._free(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: SessionSettings, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            own = {field.name for field in SessionSettings._meta.fields}
            changed = dict.fromkeys(name if name in own else "reminders" for name in form.changed_data)
            save_session_settings(settings=obj, fields=[*changed] if change else (), by=actor_of(request))
