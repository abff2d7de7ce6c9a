"""Business hours as they stand in the tables."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from routing.decide.hours import ALWAYS, Hours, Opening, SpecialDays
from routing.models import Holiday, Interval, Schedule


def hours_of(schedule: Schedule) -> Hours:
    """Give a schedule's hours. Two queries; none for schedules read by `with_hours`."""
    week = tuple(Opening(each.weekday, each.starts_minute, each.ends_minute) for each in schedule.intervals.all())
    special = (
        SpecialDays(
            each.first_date, each.last_date, each.from_minute, each.to_minute, each.repeats_yearly, each.is_open
        )
        for each in schedule.holidays.all()
    )
    return Hours(
        ZoneInfo(schedule.time_zone),
        tuple(sorted(week)),
        tuple(sorted(special, key=lambda days: (days.first, days.last))),
    )


def hours_of_brand(brand_id: int) -> Hours:
    """Give a brand's hours: those of its default schedule, around the clock without one. At most three queries."""
    schedule = with_hours(Schedule.objects.filter(brand=brand_id, is_default=True)).first()
    return hours_of(schedule) if schedule else ALWAYS


def open_at(brand_ids: Iterable[int], moment: datetime) -> dict[int, dict[str, bool]]:
    """Say of each schedule of these brands, by brand and public id, whether it is open. At most three queries."""
    found: dict[int, dict[str, bool]] = {}
    for schedule in with_hours(Schedule.objects.filter(brand__in=set(brand_ids)), moment.date() - timedelta(days=2)):
        found.setdefault(schedule.brand_id, {})[schedule.public_id] = hours_of(schedule).is_open(moment)
    return found


def with_hours(schedules: QuerySet[Schedule], since: date | None = None) -> QuerySet[Schedule]:
    """Have the hours read with the schedules, in two queries for all; `since` leaves out holidays that ended before."""
    holidays = Holiday.objects.order_by("first_date", "pk")
    if since:
        holidays = holidays.filter(Q(last_date__gte=since) | Q(repeats_yearly=True))
    intervals = Interval.objects.order_by("weekday", "starts_minute")
    return schedules.prefetch_related(Prefetch("intervals", intervals), Prefetch("holidays", holidays))
