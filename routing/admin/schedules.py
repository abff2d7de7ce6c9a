"""The page of schedules: when a brand is open."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.console import NAMED, actor_of
from conversations.errors import ConversationsError
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.zones import ZoneField
from routing.actions.schedules import check_import, delete_schedule, import_public_holidays, save_schedule
from routing.admin.concerns import WarnedRows
from routing.admin.hours_fields import CountryField, HolidaysField, HolidaysInput, WeekField
from routing.decide.hours import Hours, Opening
from routing.decide.setting_words import week_words
from routing.models import Holiday, Schedule, SlaPolicy
from routing.queries.schedules import hours_of, with_hours

MAX_YEARS_AHEAD = 3
IMPORT = ("import_country", "import_region", "import_years")
NO_HOURS = _("This schedule has no hours: it never opens. Add hours to at least one day.")


def year_choices() -> list[tuple[int, str]]:
    """Give the choices of how many years to bring in, each by its years."""
    first = timezone.localdate().year
    named = [", ".join(str(first + each) for each in range(years)) for years in range(1, MAX_YEARS_AHEAD + 1)]
    return list(enumerate(named, 1))


def likely_country() -> str:
    """Give the country that is offered first: the one of the reader's language where that is of one country."""
    return "KR" if get_language() == "ko" else ""


class ScheduleForm(forms.ModelForm[Schedule]):
    """A schedule with its week and holidays; that another one is the default so far is moved here by saving."""

    time_zone = ZoneField(
        label=_("time zone"),
        max_length=64,
        help_text=_("The hours below are in this zone; where clocks change, the hours follow."),
    )
    week = WeekField()
    holidays = HolidaysField()
    import_country = CountryField(
        label=_("country"),
        required=False,
        max_length=100,
        initial=likely_country,
        help_text=_("Type a part of its name and choose."),
    )
    import_region = forms.CharField(
        label=_("region"),
        required=False,
        max_length=16,
        help_text=_("A code, for example CA for California. Empty: what the whole country has."),
        widget=forms.TextInput(attrs={"class": "m-input", "autocomplete": "off"}),
    )
    import_years = forms.TypedChoiceField(
        label=_("years"),
        help_text=_("Come back before they are over; calendars of later years are not yet sure."),
        required=False,
        coerce=int,
        choices=year_choices,
        initial=2,
        widget=forms.Select(attrs={"class": "m-select"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            widget = self.fields["holidays"].widget
            assert isinstance(widget, HolidaysInput)
            # Not by the instance: the list's hours leave out what is long over.
            widget.there = list(Holiday.objects.filter(schedule=self.instance).order_by("first_date", "pk"))
            widget.today = timezone.now().astimezone(ZoneInfo(self.instance.time_zone)).date()
            self.initial["week"] = hours_of(self.instance).week

    def _get_validation_exclusions(self) -> set[str]:
        # Names are compared within the brand also where the brand is only shown.
        return {*super()._get_validation_exclusions(), "is_default"} - {"brand"}  # type: ignore[misc]  # no stub

    @property
    def wants_import(self) -> bool:
        """Say whether it was sent by the button that brings public holidays in."""
        return "_import" in self.data

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.wants_import and not any(name in self.errors for name in IMPORT):
            try:
                check_import(cleaned["import_country"], cleaned["import_region"].upper(), self.years)
            except ConversationsError as error:
                named = {"country": "import_country", "subdivision": "import_region"}
                self.add_error(named.get(error.field, "import_years"), str(error.text))
        return cleaned

    @property
    def years(self) -> list[int]:
        """Give the years to bring in."""
        first = timezone.localdate().year
        return [first + each for each in range(self.cleaned_data["import_years"] or 1)]


@admin.register(Schedule)
class SchedulePage(WarnedRows[Schedule]):
    """When a brand is open: its week, its holidays."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _(
        "When your team is there. Deadlines count these hours, and what customers are told outside them follows."
        " A brand without a schedule is open around the clock."
    )
    empty = _("No schedule yet: you count as open around the clock. Add one with your hours and holidays.")
    gone = _("Its hours and holidays go with it. If it is the brand's hours, the brand is open around the clock then.")
    form = ScheduleForm
    change_form_template = "admin/schedule_form.html"
    list_display = ("name", "brand", "weekly", "now", "time_zone", "is_default")
    list_select_related = ("brand",)
    search_fields = ("name",)
    fields = ("brand", "name", "time_zone", "is_default")
    helps = {"is_default": _("Used wherever no other schedule is named. Each brand has one such schedule.")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        return with_hours(super().get_queryset(request), since=timezone.localdate() - timedelta(days=2))

    def get_readonly_fields(self, request: HttpRequest, obj: Schedule | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        brand = Brand.objects.filter(pk__in=self.brands(request)).order_by("pk").first()
        has_none = brand is not None and not Schedule.objects.filter(brand=brand, is_default=True).exists()
        office = [Opening(day, 9 * 60, 18 * 60) for day in range(5)]
        zone = brand.time_zone if brand else "UTC"
        given = super().get_changeform_initial_data(request)
        return {"time_zone": zone, "is_default": has_none, "week": office, **given}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        schedule: Schedule | None = context.get("original")
        if schedule is not None:
            context["state"] = state_of(hours_of(schedule), timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Schedule, form: Any, change: bool) -> None:
        given, by = form.cleaned_data, actor_of(request)
        fields = [name for name in form.changed_data if name not in IMPORT]
        if fields or not change:
            entries, removed = given["holidays"]
            save_schedule(
                schedule=obj,
                week=given["week"],
                holidays=entries,
                removed=removed,
                fields=fields if change else (),
                by=by,
            )
        if form.wants_import:
            country, region = given["import_country"], given["import_region"].upper()
            came = import_public_holidays(schedule=obj, country=country, subdivision=region, years=form.years, by=by)
            text = ngettext("%(n)s public holiday was added.", "%(n)s public holidays were added.", came) % {"n": came}
            messages.success(request, text if came else gettext("These public holidays are all here already."))

    def used_by(self, row: Schedule) -> list[str]:
        policies = SlaPolicy.objects.filter(schedule=row).order_by("name")[:NAMED]
        always = gettext("It is the brand's hours: after that the brand is open around the clock.")
        return [
            *([always] if row.is_default else []),
            *(gettext("Service level %(name)s counts its hours.") % {"name": each} for each in policies),
        ]

    def delete_model(self, request: HttpRequest, obj: Schedule) -> None:
        delete_schedule(schedule=obj, by=actor_of(request))

    def response_add(self, request: HttpRequest, obj: Schedule, post_url_continue: str | None = None) -> HttpResponse:
        return (
            self._stay(request, obj)
            if "_import" in request.POST
            else super().response_add(request, obj, post_url_continue)
        )

    def response_change(self, request: HttpRequest, obj: Schedule) -> HttpResponse:
        return self._stay(request, obj) if "_import" in request.POST else super().response_change(request, obj)

    def _stay(self, request: HttpRequest, schedule: Schedule) -> HttpResponse:
        self.warn(request, self.keys_of(schedule))
        return HttpResponseRedirect(reverse("admin:routing_schedule_change", args=[schedule.pk]) + "#holidays")

    @admin.display(description=_("weekly hours"))
    def weekly(self, schedule: Schedule) -> str:
        return week_words(hours_of(schedule).week)

    @admin.display(description=_("now"))
    def now(self, schedule: Schedule) -> str:
        state = state_of(hours_of(schedule), timezone.now())
        if state["is_bad"]:
            return format_html('<span class="m-chip warn">{}</span>', gettext("No hours: it never opens"))
        dot = '<span class="m-status"><span class="m-dot" data-p="{}"></span>{}</span>'
        return format_html(dot, "online" if state["is_open"] else "offline", state["words"])


def state_of(hours: Hours, at: datetime) -> dict[str, Any]:
    """Say whether a schedule is open, and when that changes, in words; `is_bad` where it never opens."""
    is_open, change = hours.is_open(at), hours.next_change(at)
    when = moment_words(change.astimezone(hours.zone), at.astimezone(hours.zone)) if change else ""
    if is_open:
        words = gettext("Open now, until %(when)s") % {"when": when} if when else gettext("Open now, around the clock")
    else:
        words = gettext("Closed now, opens %(when)s") % {"when": when} if when else str(NO_HOURS)
    return {"is_open": is_open, "words": words, "is_bad": not is_open and not when}


def moment_words(at: datetime, now: datetime) -> str:
    """Give a moment in its own zone as a person says it: the time today, with the day within a year, else in full."""
    clock_time = date_format(at, "TIME_FORMAT")
    if at.date() == now.date():
        return clock_time
    day = date_format(at, "MONTH_DAY_FORMAT" if at.year == now.year else "DATE_FORMAT")
    words = {"weekday": date_format(at, "l"), "day": day, "time": clock_time}
    return gettext("%(weekday)s, %(day)s, %(time)s") % words
