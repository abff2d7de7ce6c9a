"""Settings that are tables of their own, in short and in the reader's language."""

from collections.abc import Iterable, Sequence

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext

from routing.decide.hours import Opening
from routing.decide.sla import Metric
from routing.models import Ticket

# A target: its metric, the priority of its tickets, minutes, and whether they count in business hours.
Target = tuple[str, int, int, bool]
# A share: its percent, and the names of its groups.
Share = tuple[int, Sequence[str]]


def time_words(minutes: int) -> str:
    """Give minutes in short: 45m, 4h, 1h 30m."""
    hours, rest = divmod(minutes, 60)
    said = [gettext("%(n)sh") % {"n": hours}] if hours else []
    return " ".join([*said, gettext("%(n)sm") % {"n": rest}] if rest or not said else said)


def clock(minute: int) -> str:
    """Give a minute of the day as a clock shows it: 540 is 09:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def week_words(week: Iterable[Opening]) -> str:
    """Give a week in short, days that are alike in a row as one: "Mon–Fri 09:00–18:00 · Sat 10:00–14:00"."""
    openings = sorted(week)
    days = [", ".join(_opening_words(each) for each in openings if each.weekday == day) for day in range(7)]
    said, first = [], 0
    for day in range(7):
        if day == 6 or days[day + 1] != days[first]:
            if days[first]:
                names = str(WEEKDAYS_ABBR[first]) if first == day else f"{WEEKDAYS_ABBR[first]}–{WEEKDAYS_ABBR[day]}"
                said.append(f"{names} {days[first]}")
            first = day + 1
    return " · ".join(said) or "–"


def _opening_words(opening: Opening) -> str:
    if opening.starts == opening.ends == 0:
        return gettext("24 hours")
    times = f"{clock(opening.starts)}–{clock(opening.ends)}"
    return f"{times} ({gettext('24 hours')})" if opening.starts == opening.ends else times


def targets_words(targets: Iterable[Target]) -> str:
    """Give targets by metric, the most urgent first: "First reply: Urgent 30m, High 1h · Resolution: Normal 48h"."""
    rows = sorted(targets, key=lambda each: -each[1])
    said = []
    for metric in Metric:
        of = [row for row in rows if row[0] == metric]
        times = ", ".join(f"{Ticket.Priority(priority).label} {time_words(minutes)}" for _, priority, minutes, _b in of)
        if of:
            hours = f" ({gettext('in business hours')})" if of[0][3] else ""
            said.append(f"{metric.label}: {times}{hours}")
    return " · ".join(said) or "–"


def shares_words(shares: Iterable[Share]) -> str:
    """Give shares in their order: "60 % Exchanges · 40 % Returns, Support"."""
    return " · ".join(f"{percent} % {', '.join(names)}" for percent, names in shares) or "–"
