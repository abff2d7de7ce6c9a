"""The fields of a schedule's form: its week, its holidays, and the country whose public holidays are brought in.

A row of several inputs is sent under repeated names, one list an input; the n-th of each list belong together.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.dates import WEEKDAYS
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.errors import ConversationsError
from routing.actions.schedules import HolidayEntry, check_holidays, check_week
from routing.decide.hours import Opening, SpecialDays
from routing.decide.public_holidays import countries
from routing.decide.setting_words import clock
from routing.models import Holiday

CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?")
PARTS = ("pk", "name", "first", "last", "from", "to", "yearly", "open")
# More rows than this are cut off before they are looked at; the actions refuse less than that.
MAX_ROWS = 1000

# One line of a day as it was written: weekday, from, to.
Line = tuple[int, str, str]


def checked(check: Callable[[Any], None], value: Any) -> None:
    """Say in the form what an action would refuse."""
    try:
        check(value)
    except ConversationsError as error:
        raise ValidationError(str(error.text)) from error


def minute_of(text: str) -> int:
    """Give a clock's time as a minute of the day; 24:00 is midnight, which is 0. Raises ValidationError."""
    found = CLOCK.fullmatch(text.strip())
    if text.strip() == "24:00":
        return 0
    if not found:
        raise ValidationError(gettext("%(text)s is no time. Write it as 09:00.") % {"text": text[:20] or "–"})
    return int(found[1]) * 60 + int(found[2])


class WeekInput(forms.Widget):
    """A row a day, with its openings; the console's script adds, copies and takes away."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Line]:
        found: list[Line] = []
        for day in WEEKDAYS:
            pairs = zip(data.getlist(f"{name}_{day}_from"), data.getlist(f"{name}_{day}_to"), strict=False)
            found += [(day, starts, ends) for starts, ends in pairs if starts or ends]
        return found[:MAX_ROWS]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        lines: list[Line] = value or []
        days = [
            {"number": day, "name": label, "lines": [line[1:] for line in lines if line[0] == day]}
            for day, label in WEEKDAYS.items()
        ]
        return render_to_string("admin/_week.html", {"name": name, "days": days})


class WeekField(forms.Field):
    """The weekly hours, as openings."""

    widget = WeekInput

    def __init__(self) -> None:
        text = _(
            "An end before its start is of the next day; an end equal to its start is 24 hours. 00:00 is midnight."
        )
        super().__init__(label=_("weekly hours"), required=False, help_text=text)

    def prepare_value(self, value: Any) -> list[Line]:
        rows: Iterable[Any] = value or []
        return [(row.weekday, clock(row.starts), clock(row.ends)) if isinstance(row, Opening) else row for row in rows]

    def to_python(self, value: Any) -> tuple[Opening, ...]:
        found = []
        for day, starts, ends in value or ():
            try:
                found.append(Opening(day, minute_of(starts), minute_of(ends)))
            except ValidationError as error:
                raise ValidationError(f"{WEEKDAYS[day]}: {error.message}") from error
        return tuple(sorted(found))

    def validate(self, value: Any) -> None:
        checked(check_week, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != tuple(sorted(initial or ()))
        except ValidationError:
            return True


@dataclass
class Written:
    """What was written on holidays: rows that are new or changed, and the keys of those taken away."""

    rows: list[dict[str, str]] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)


class HolidaysInput(forms.Widget):
    """The holidays there are, to change or take away, and rows for new ones. `there` is set by the form."""

    there: Sequence[Holiday] = ()
    today: date = date.min

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Written:
        columns = [data.getlist(f"{name}_{part}")[:MAX_ROWS] for part in PARTS]
        rows = [dict(zip(PARTS, row, strict=True)) for row in zip(*columns, strict=False)]
        removed = [int(pk) for pk in data.getlist(f"{name}_removed")[:MAX_ROWS] if pk.isdecimal() and len(pk) < 19]
        return Written([row for row in rows if row["pk"] or row["name"] or row["first"]], removed)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        written = value if isinstance(value, Written) else Written()
        edited = {row["pk"] for row in written.rows}
        lines = [
            {
                "holiday": each,
                "from": "" if each.from_minute is None else clock(each.from_minute),
                "to": "" if each.to_minute is None else clock(each.to_minute),
                "is_edited": str(each.pk) in edited,
                "is_removed": each.pk in written.removed,
            }
            for each in self.there
        ]
        over = [line for line in lines if self._is_over(line["holiday"])]
        context = {
            "name": name,
            "coming": [line for line in lines if line not in over],
            "over": over[::-1],
            "rows": written.rows,
        }
        return render_to_string("admin/_holidays.html", context)

    def _is_over(self, holiday: Any) -> bool:
        return not holiday.repeats_yearly and holiday.last_date < self.today


class HolidaysField(forms.Field):
    """Holidays that are new or changed, and those to take away: a pair of entries and keys."""

    widget = HolidaysInput

    def __init__(self) -> None:
        text = _("Days unlike their week: closed, closed for some hours, or open all the same.")
        super().__init__(label=_("holidays"), required=False, help_text=text)

    def to_python(self, value: Any) -> tuple[list[HolidayEntry], list[int]]:
        written = value if isinstance(value, Written) else Written()
        return [self._entry(row) for row in written.rows], written.removed

    def validate(self, value: Any) -> None:
        checked(check_holidays, value[0])

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data.rows or data.removed)

    def _entry(self, row: dict[str, str]) -> HolidayEntry:
        try:
            first = date.fromisoformat(row["first"])
            last = date.fromisoformat(row["last"] or row["first"])
        except ValueError as error:
            text = gettext("%(name)s: give the day as in 2027-05-05.") % {"name": row["name"][:100] or "–"}
            raise ValidationError(text) from error
        try:
            starts, ends = (minute_of(row[part]) if row[part] else None for part in ("from", "to"))
        except ValidationError as error:
            raise ValidationError(f"{row['name'][:100]}: {error.message}") from error
        days = SpecialDays(first, last, starts, ends, row["yearly"] == "1", row["open"] == "1")
        pk = int(row["pk"]) if row["pk"].isdecimal() and len(row["pk"]) < 19 else None
        return HolidayEntry(row["name"].strip(), days, pk)


class CountryInput(forms.TextInput):
    """Offers countries as one types; the console's script names them in the reader's language."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = [(code, f"{label} ({code})") for code, label in countries().items()]
        given = {**(attrs or {}), "list": "countries", "autocomplete": "off", "class": "m-input", "data-country": ""}
        return render_to_string(
            "admin/_countries.html", {"field": super().render(name, value, given, renderer), "options": options}
        )


class CountryField(forms.CharField):
    """A country by its code, its English name, or both as they are offered: "South Korea (KR)"."""

    widget = CountryInput

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").strip()
        code = re.search(r"\(([A-Za-z]{2})\)$|^([A-Za-z]{2})$", text)
        if code:
            return (code[1] or code[2]).upper()
        return next((each for each, label in countries().items() if label.lower() == text.lower()), text)
