"""Business hours and holidays."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.callers import Caller
from conversations.business.document import KEY, answer, operation, path_id
from conversations.business.nouns import Noun
from conversations.business.views import BusinessView, Input, one_of
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area
from routing.actions import schedules
from routing.actions.schedules import HolidayEntry
from routing.api.named import brand_field
from routing.api.shapes import Output
from routing.decide.hours import Opening, SpecialDays
from routing.decide.setting_words import clock
from routing.models import Holiday, Schedule

TAG = "Schedules"
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _time(**given: Any) -> serializers.RegexField:
    text = "24 hours, as 09:00. An end at or before its start is of the next day."
    return serializers.RegexField(CLOCK, help_text=text, **given)


class OpeningShape(Input):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="Monday is 0.")
    starts = _time()
    ends = _time()


class HolidayShape(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    first_date = serializers.DateField()
    last_date = serializers.DateField()
    starts = _time(required=False, allow_null=True)
    ends = _time(required=False, allow_null=True)
    repeats_yearly = serializers.BooleanField(required=False)
    is_open = serializers.BooleanField(required=False, help_text="Open on these days instead of closed.")


class ScheduleShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    is_default = serializers.BooleanField()
    week = OpeningShape(many=True)
    holidays = HolidayShape(many=True)


class ScheduleBody(Input):
    name = serializers.CharField(max_length=100)
    time_zone = serializers.CharField(max_length=64, help_text="For example Asia/Seoul.")
    is_default = serializers.BooleanField(required=False, help_text="The brand's hours.")
    week = OpeningShape(many=True, required=False, help_text="All of it, at most 70 openings.")
    holidays = HolidayShape(many=True, required=False, help_text="All of them, at most 500.")
    brand = brand_field()


class ImportBody(Input):
    country = serializers.CharField(max_length=2, help_text="As KR.")
    subdivision = serializers.CharField(required=False, allow_blank=True, max_length=20)
    years = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=9999), max_length=5)


def _minute(text: str | None) -> int | None:
    return int(text[:2]) * 60 + int(text[3:]) if text else None


def _days(row: Holiday) -> SpecialDays:
    return SpecialDays(row.first_date, row.last_date, row.from_minute, row.to_minute, row.repeats_yearly, row.is_open)


def _entry(given: dict[str, Any]) -> HolidayEntry:
    days = SpecialDays(
        given["first_date"],
        given["last_date"],
        _minute(given.get("starts")),
        _minute(given.get("ends")),
        given.get("repeats_yearly", False),
        given.get("is_open", False),
    )
    return HolidayEntry(given["name"], days)


class ScheduleNoun(Noun[Schedule]):
    """When a brand is open."""

    name, many, one, tag, area = "schedule", "schedules", "a schedule", TAG, Area.SETTINGS
    permission = Permission.CONFIGURE_ROUTING
    shape, body = ScheduleShape, ScheduleBody

    def rows(self, caller: Caller) -> QuerySet[Schedule]:
        found = Schedule.objects.filter(brand__in=caller.viewer.brand_ids)
        return found.select_related("brand").prefetch_related("intervals", "holidays")

    def told(self, row: Schedule) -> dict[str, Any]:
        week = sorted(row.intervals.all(), key=lambda each: (each.weekday, each.starts_minute))
        return {
            "id": row.public_id,
            "name": row.name,
            "time_zone": row.time_zone,
            "is_default": row.is_default,
            "week": [
                {"weekday": each.weekday, "starts": clock(each.starts_minute), "ends": clock(each.ends_minute)}
                for each in week
            ],
            "holidays": [
                {
                    "name": each.name,
                    "first_date": each.first_date.isoformat(),
                    "last_date": each.last_date.isoformat(),
                    "starts": None if each.from_minute is None else clock(each.from_minute),
                    "ends": None if each.to_minute is None else clock(each.to_minute),
                    "repeats_yearly": each.repeats_yearly,
                    "is_open": each.is_open,
                }
                for each in sorted(row.holidays.all(), key=lambda each: (each.first_date, each.pk))
            ],
        }

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Schedule:
        return self.change(caller, Schedule(brand=brand), given)

    def change(self, caller: Caller, row: Schedule, given: dict[str, Any]) -> Schedule:
        for name in ("name", "time_zone", "is_default"):
            setattr(row, name, given.get(name, getattr(row, name)))
        intervals = row.intervals.all() if row.pk else ()
        week = [Opening(each.weekday, each.starts_minute, each.ends_minute) for each in intervals]
        if "week" in given:
            # Both are there: the shape asks for them.
            week = [
                Opening(each["weekday"], _minute(each["starts"]) or 0, _minute(each["ends"]) or 0)
                for each in given["week"]
            ]
        new, removed = self._holidays(row, given)
        saved = schedules.save_schedule(
            schedule=row, week=week, fields=sorted(given), holidays=new, removed=removed, by=caller.actor
        )
        return self.rows(caller).get(pk=saved.pk)

    def _holidays(self, row: Schedule, given: dict[str, Any]) -> tuple[list[HolidayEntry], list[int]]:
        """Give those that are new, and the keys of those that go; one that stays as it is keeps its calendar."""
        if "holidays" not in given:
            return [], []
        wanted = [_entry(each) for each in given["holidays"]]
        there = {(each.name, _days(each)): each.pk for each in row.holidays.all()} if row.pk else {}
        kept = {(each.name, each.days) for each in wanted}
        new = [each for each in wanted if (each.name, each.days) not in there]
        return new, [pk for key, pk in there.items() if key not in kept]

    def delete(self, caller: Caller, row: Schedule) -> None:
        schedules.delete_schedule(schedule=row, by=caller.actor)


class HolidaysView(BusinessView):
    """A country's calendar."""

    area = Area.SETTINGS

    @operation(
        "importHolidays",
        "Import public holidays",
        TAG,
        {200: answer("ImportAnswer", added=serializers.IntegerField(min_value=0))},
        body=ImportBody,
        parameters=(path_id("public_id", "a schedule"), KEY),
        refuses=(404,),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Add a country's public holidays of up to five years that are not there yet."""
        schedule = one_of(ScheduleNoun().rows(self.caller), public_id)
        self.require(schedule.brand_id, Permission.CONFIGURE_ROUTING)
        given = self.given(ImportBody)
        added = schedules.import_public_holidays(
            schedule=schedule,
            country=given["country"],
            subdivision=given.get("subdivision", ""),
            years=given["years"],
            by=self.caller.actor,
        )
        return Response({"added": added})
