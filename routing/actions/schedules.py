"""Business hours and holidays."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.changes import change_in_words
from conversations.events import Actor
from conversations.zones import time_zones
from routing.actions.sla import ask_reapply
from routing.decide.hours import DAY, Opening, SpecialDays, first_overlap
from routing.decide.public_holidays import countries, public_holidays, subdivisions
from routing.decide.setting_words import clock, week_words
from routing.errors import InvalidChange
from routing.models import Holiday, Interval, Schedule, SlaPolicy

MAX_SCHEDULES, MAX_OPENINGS, MAX_HOLIDAYS = 100, 70, 500
MAX_NAME_CHARS, MAX_DAYS = 100, 366
FIRST_YEAR, LAST_YEAR, MAX_IMPORT_YEARS = 2000, 2100, 5


@dataclass(frozen=True)
class HolidayEntry:
    """A holiday as somebody wrote it; `pk` is of the one it changes, and nothing for a new one."""

    name: str
    days: SpecialDays
    pk: int | None = None


@transaction.atomic
def save_schedule(
    *,
    schedule: Schedule,
    week: Sequence[Opening],
    fields: Sequence[str],
    by: Actor,
    holidays: Sequence[HolidayEntry] = (),
    removed: Collection[int] = (),
) -> Schedule:
    """Save a schedule with its whole week, the holidays that are new or changed, and without those removed.

    At most one of a brand is its default. A schedule stays with the brand it was made for. Raises InvalidChange.
    """
    is_new = schedule.pk is None
    check_week(week)
    check_holidays(holidays)
    if schedule.time_zone not in time_zones():
        raise InvalidChange(_("There is no time zone of this name. Choose one from the list."), field="time_zone")
    hold_brand(schedule.brand_id)
    others = Schedule.objects.filter(brand=schedule.brand_id).exclude(pk=schedule.pk)
    if is_new and others.count() >= MAX_SCHEDULES:
        text = _("A brand has at most %(limit)s schedules.") % {"limit": MAX_SCHEDULES}
        raise InvalidChange(text, field="brand", limit=MAX_SCHEDULES)
    if not is_new and not Schedule.objects.filter(pk=schedule.pk, brand=schedule.brand_id).exists():
        raise InvalidChange(field="brand")
    if others.filter(name=schedule.name).exists():
        raise InvalidChange(_("Another schedule of this brand has this name."), field="name")
    if schedule.is_default:
        others.filter(is_default=True).update(is_default=False)
    before = openings_of(schedule)
    schedule.save()
    _keep_week(schedule, week)
    _keep_holidays(schedule, holidays, removed)
    told = [] if is_new else change_in_words("week", before, sorted(set(week)), week_words)
    change = "created" if is_new else ", ".join(fields)
    record_configuration(row=schedule, brand_ids=[schedule.brand_id], change=change, by=by, told=told)
    _tell_promises(schedule)
    return schedule


@transaction.atomic
def delete_schedule(*, schedule: Schedule, by: Actor) -> None:
    """Remove a schedule; what counted its hours counts around the clock, the text outside hours by the default one."""
    record_configuration(row=schedule, brand_ids=[schedule.brand_id], change="deleted", by=by)
    _tell_promises(schedule)
    schedule.delete()


def _tell_promises(schedule: Schedule) -> None:
    """Have what counts the hours of a schedule computed anew."""
    if schedule.pk and SlaPolicy.objects.filter(schedule=schedule).exists():
        ask_reapply(schedule.brand_id)


@transaction.atomic
def import_public_holidays(
    *, schedule: Schedule, country: str, years: Sequence[int], by: Actor, subdivision: str = ""
) -> int:
    """Add a country's public holidays of some years that are not there yet; say how many came in.

    Done again, it adds nothing. Names are in the brand's language where the calendar has it. Raises InvalidChange.
    """
    check_import(country, subdivision, years)
    Schedule.objects.select_for_update().filter(pk=schedule.pk).values_list("pk").get()
    found = public_holidays(country, subdivision, years, schedule.brand.locale)
    known = set(Holiday.objects.filter(schedule=schedule, source=country).values_list("first_date", flat=True))
    new = [(day, name) for day, name in found if day not in known]
    _check_room(schedule, len(new))
    Holiday.objects.bulk_create(
        Holiday(schedule=schedule, name=name[:MAX_NAME_CHARS], first_date=day, last_date=day, source=country)
        for day, name in new
    )
    if new:
        record_configuration(row=schedule, brand_ids=[schedule.brand_id], change="holidays", by=by)
        _tell_promises(schedule)
    return len(new)


def check_week(week: Sequence[Opening]) -> None:
    """Raise InvalidChange, in words that name the day, for a week that cannot be."""
    if len(week) > MAX_OPENINGS:
        text = _("A week has at most %(limit)s openings.") % {"limit": MAX_OPENINGS}
        raise InvalidChange(text, field="week", limit=MAX_OPENINGS)
    for opening in week:
        is_day = 0 <= opening.weekday < 7
        if not (is_day and 0 <= opening.starts < DAY and 0 <= opening.ends < DAY):
            text = _("Give a day from Monday to Sunday and times from 00:00 to 23:59.")
            raise InvalidChange(text, field="week", limit="0-6, 0-1439")
    if overlap := first_overlap(week):
        first, second = (_in_words(opening) for opening in overlap)
        text = _("%(first)s and %(second)s overlap. Make them one, or end the first before the second begins.")
        raise InvalidChange(text % {"first": first, "second": second}, field="week")


def check_holidays(holidays: Sequence[HolidayEntry]) -> None:
    """Raise InvalidChange, in words that name the holiday, for one that cannot be."""
    for number, entry in enumerate(holidays, 1):
        problem = _problem_of(entry)
        if problem:
            name = entry.name[:MAX_NAME_CHARS] or _("Holiday %(number)s") % {"number": number}
            raise InvalidChange(f"{name}: {problem}", field="holidays")


def check_import(country: str, subdivision: str, years: Sequence[int]) -> None:
    """Raise InvalidChange for a country, a part of it or years that there are no holidays of."""
    if country not in countries():
        text = _("There is no calendar of this country. Choose one from the list.")
        raise InvalidChange(text, field="country", limit=2)
    if subdivision and subdivision not in subdivisions(country):
        known = ", ".join(subdivisions(country)) or "–"
        text = _("There is no region of this code. This country has: %(known)s")
        raise InvalidChange(text % {"known": known}, field="subdivision", limit=known)
    if not 1 <= len(years) <= MAX_IMPORT_YEARS or not all(FIRST_YEAR <= year <= LAST_YEAR for year in years):
        limits = {"limit": MAX_IMPORT_YEARS, "first": FIRST_YEAR, "last": LAST_YEAR}
        text = _("Give 1 to %(limit)s years from %(first)s to %(last)s.") % limits
        raise InvalidChange(text, field="years", limit=MAX_IMPORT_YEARS)


def _problem_of(entry: HolidayEntry) -> str:
    days = entry.days
    if not entry.name.strip() or "\0" in entry.name:
        return _("give it a name.")
    if len(entry.name) > MAX_NAME_CHARS:
        return _("a name has at most %(limit)s characters.") % {"limit": MAX_NAME_CHARS}
    if days.last < days.first:
        return _("the last day is before the first.")
    if days.first.year < FIRST_YEAR or days.last.year > LAST_YEAR:
        return _("give days from %(first)s to %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
    if (days.last - days.first).days >= MAX_DAYS:
        return _("it has at most %(limit)s days.") % {"limit": MAX_DAYS}
    if (days.starts is None) is not (days.ends is None):
        return _("give both times, or none for the whole day.")
    if not all(minute is None or 0 <= minute < DAY for minute in (days.starts, days.ends)):
        return _("give times from 00:00 to 23:59.")
    return ""


def _in_words(opening: Opening) -> str:
    return f"{WEEKDAYS[opening.weekday]} {clock(opening.starts)}–{clock(opening.ends)}"


def openings_of(schedule: Schedule) -> list[Opening]:
    """Give the week that is stored of a schedule. One query."""
    rows = Interval.objects.filter(schedule=schedule) if schedule.pk else ()
    return sorted(Opening(row.weekday, row.starts_minute, row.ends_minute) for row in rows)


def _keep_week(schedule: Schedule, week: Sequence[Opening]) -> None:
    rows = Interval.objects.filter(schedule=schedule)
    there = {Opening(row.weekday, row.starts_minute, row.ends_minute): row.pk for row in rows}
    wanted = set(week)
    rows.filter(pk__in=[pk for opening, pk in there.items() if opening not in wanted]).delete()
    Interval.objects.bulk_create(
        Interval(schedule=schedule, weekday=each.weekday, starts_minute=each.starts, ends_minute=each.ends)
        for each in sorted(wanted - set(there))
    )


def _keep_holidays(schedule: Schedule, entries: Sequence[HolidayEntry], removed: Collection[int]) -> None:
    own = Holiday.objects.filter(schedule=schedule)
    own.filter(pk__in=removed).delete()
    _check_room(schedule, sum(entry.pk is None for entry in entries))
    for entry in entries:
        days = entry.days
        values = {
            "name": entry.name.strip(),
            "first_date": days.first,
            "last_date": days.last,
            "from_minute": days.starts,
            "to_minute": days.ends,
            "repeats_yearly": days.is_yearly,
            "is_open": days.is_open,
        }
        if entry.pk is None:
            Holiday.objects.create(schedule=schedule, **values)
            continue
        # On another day it is not the calendar's holiday any more, which a later import brings back.
        own.filter(pk=entry.pk).exclude(first_date=days.first).update(source="")
        if not own.filter(pk=entry.pk).update(**values):
            text = _("%(name)s was removed by somebody else in the meantime.") % {"name": entry.name}
            raise InvalidChange(text, field="holidays")


def _check_room(schedule: Schedule, more: int) -> None:
    if more and Holiday.objects.filter(schedule=schedule).count() + more > MAX_HOLIDAYS:
        text = _("A schedule has at most %(limit)s holidays. Remove those that are long over.") % {
            "limit": MAX_HOLIDAYS
        }
        raise InvalidChange(text, field="holidays", limit=MAX_HOLIDAYS)
