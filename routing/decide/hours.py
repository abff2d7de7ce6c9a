"""Business hours as a pure value: whether it is open at a moment, what comes next, and time counted while open.

Hours are told in the schedule's own wall clock. Where a clock is put forward, a wall time that it skips is the moment
of the skip; where it is put back, a wall time that comes twice is the first of the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY = 24 * 60
# How far what comes next is looked for; a schedule that opens later than that is as one that never does.
HORIZON = timedelta(days=5 * 366)
# Any leap year: yearly days are told by month and day, and all 366 of them are in it.
LEAP_YEAR = 2024

# Minutes of one calendar day, [from, to).
Minutes = tuple[int, int]


@dataclass(frozen=True, order=True)
class Opening:
    """Open every week from `starts` on `weekday` (Monday is 0), in minutes of the day, until `ends`.

    `ends` at or before `starts` is of the next day: 0 to 0 is the whole day.
    """

    weekday: int
    starts: int
    ends: int


@dataclass(frozen=True)
class SpecialDays:
    """Days unlike their week, `first` to `last`: closed, or open if `is_open`; all day, or `starts` to `ends` of each.

    `ends` at or before `starts` is of the next day. A yearly one comes back each year from `first` on; 29 February
    comes in leap years only.
    """

    first: date
    last: date
    starts: int | None = None
    ends: int | None = None
    is_yearly: bool = False
    is_open: bool = False

    @property
    def length(self) -> Minutes:
        """Give from and to in minutes of its day; beyond DAY it runs into the next."""
        if self.starts is None or self.ends is None:
            return 0, DAY
        return _length(self.starts, self.ends)


@dataclass(frozen=True)
class Hours:
    """The hours of one schedule. What a special day opens is open, also where another closes it.

    Any aware moment is taken; moments are given as UTC.
    """

    zone: ZoneInfo
    week: tuple[Opening, ...] = ()
    special: tuple[SpecialDays, ...] = ()

    @property
    def never_opens(self) -> bool:
        """Say whether no opening stands in it at all."""
        return not self.week and not any(days.is_open for days in self.special)

    @cached_property
    def always_open(self) -> bool:
        """Say whether it is open around the clock, with no day closed."""
        is_whole = all(pieces == [(0, DAY)] for pieces in self._weekly)
        return is_whole and all(days.is_open for days in self.special)

    def is_open(self, at: datetime) -> bool:
        """Say whether `at` lies within the hours."""
        at = at.astimezone(UTC)
        return any(True for _piece in self._pieces(at, at + timedelta.resolution))

    def next_change(self, at: datetime) -> datetime | None:
        """Give when it next opens or closes after `at`; nothing where that is beyond the horizon."""
        # Arithmetic on moments of one zone is done on its wall clock, which is not what passes: hence UTC, everywhere.
        at = at.astimezone(UTC)
        edge, is_open = at, False
        for start, end in self._pieces(at):
            if start > edge:
                return edge if is_open else start
            edge, is_open = end, True
        return edge if is_open and edge < at + HORIZON - timedelta(days=2) else None

    def next_open(self, at: datetime) -> datetime | None:
        """Give `at` itself while it is open, or else when it next opens; nothing where that is beyond the horizon."""
        at = at.astimezone(UTC)
        return next((max(start, at) for start, _end in self._pieces(at)), None)

    def add(self, at: datetime, business_seconds: float) -> datetime | None:
        """Give when so many seconds of open time after `at` are over; nothing where that is beyond the horizon.

        Raises ValueError for less than 0.
        """
        if business_seconds < 0:
            raise ValueError("Time is counted forward: give 0 seconds or more.")
        at, left = at.astimezone(UTC), timedelta(seconds=business_seconds)
        if self.always_open or not left:
            return at + left
        for start, end in self._pieces(at):
            open_for = end - max(start, at)
            if open_for >= left:
                return end - open_for + left
            left -= open_for
        return None

    def between(self, start: datetime, end: datetime) -> float:
        """Give how many seconds of open time lie from `start` to `end`; 0 where `end` is not later."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        if end <= start:
            return 0.0
        if self.always_open:
            return (end - start).total_seconds()
        total = timedelta()
        for opened, closed in self._pieces(start, end):
            total += min(closed, end) - max(opened, start)
        return total.total_seconds()

    def _pieces(self, at: datetime, until: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
        """Give the open stretches (UTC) that end after `at` and begin before `until`, in order, none across midnight.

        Without `until`: those that begin within the horizon.
        """
        if self.never_opens:
            return
        until = until or at + HORIZON
        # A clock put back across midnight shows yesterday's date once more: one day on either side is looked at too.
        day, last = _date(at, self.zone) - timedelta(days=1), _date(until, self.zone) + timedelta(days=1)
        while day <= last:
            for starts, ends in self._open_on(day):
                start, end = _moment(day, starts, self.zone), _moment(day, ends, self.zone)
                if start >= until:
                    return
                if end > max(at, start):
                    yield start, end
            day += timedelta(days=1)

    def _open_on(self, day: date) -> list[Minutes]:
        """Give the open minutes of one calendar day, in order and apart from each other."""
        pieces = self._weekly[day.weekday()]
        if self.special:
            before = day - timedelta(days=1)
            found = [(days, 0) for days in self._special_on(day)] + [(days, DAY) for days in self._special_on(before)]
            closed = [_within(days.length, shift) for days, shift in found if not days.is_open]
            opened = [_within(days.length, shift) for days, shift in found if days.is_open]
            if closed:
                pieces = _without(pieces, closed)
            if opened:
                pieces = _joined([*pieces, *opened])
        return pieces

    @cached_property
    def _weekly(self) -> list[list[Minutes]]:
        """The open minutes of each weekday, with what runs in from the day before."""
        found: list[list[Minutes]] = [[] for _ in range(7)]
        for opening in self.week:
            length = _length(opening.starts, opening.ends)
            found[opening.weekday].append(_within(length, 0))
            found[(opening.weekday + 1) % 7].append(_within(length, DAY))
        return [_joined(pieces) for pieces in found]

    def _special_on(self, day: date) -> list[SpecialDays]:
        found = [*self._single.get(day, ()), *(days for days in self._ranges if days.first <= day <= days.last)]
        return found + [days for days in self._yearly.get((day.month, day.day), ()) if days.first <= day]

    @cached_property
    def _single(self) -> dict[date, list[SpecialDays]]:
        found: dict[date, list[SpecialDays]] = {}
        for days in self.special:
            if not days.is_yearly and days.first == days.last:
                found.setdefault(days.first, []).append(days)
        return found

    @cached_property
    def _ranges(self) -> list[SpecialDays]:
        return [days for days in self.special if not days.is_yearly and days.first != days.last]

    @cached_property
    def _yearly(self) -> dict[tuple[int, int], list[SpecialDays]]:
        """What comes back each year, by month and day."""
        found: dict[tuple[int, int], list[SpecialDays]] = {}
        for days in self.special:
            if days.is_yearly:
                for key in _keys(days.first, days.last):
                    found.setdefault(key, []).append(days)
        return found


ALWAYS = Hours(ZoneInfo("UTC"), tuple(Opening(weekday, 0, 0) for weekday in range(7)))


def first_overlap(week: Sequence[Opening]) -> tuple[Opening, Opening] | None:
    """Give the first two openings of a week that run into each other, the end of Sunday into Monday included."""
    ordered = sorted(week)
    for index, opening in enumerate(ordered):
        following = ordered[(index + 1) % len(ordered)]
        away = (following.weekday - opening.weekday) * DAY + following.starts - opening.starts
        if index == len(ordered) - 1:
            away += 7 * DAY
        starts, ends = _length(opening.starts, opening.ends)
        if away < ends - starts:
            return opening, following
    return None


def _length(starts: int, ends: int) -> Minutes:
    return starts, ends if ends > starts else ends + DAY


def _within(length: Minutes, shift: int) -> Minutes:
    """Give what of a stretch falls on the day that begins `shift` minutes after its own; may be empty."""
    return max(length[0] - shift, 0), min(length[1] - shift, DAY)


def _joined(pieces: Iterable[Minutes]) -> list[Minutes]:
    """Give stretches in order, those that touch as one, empty ones left out."""
    joined: list[Minutes] = []
    for starts, ends in sorted(pieces):
        if ends <= starts:
            continue
        if joined and starts <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((starts, ends))
    return joined


def _without(pieces: Sequence[Minutes], closed: Iterable[Minutes]) -> list[Minutes]:
    """Give what is left of stretches once others are taken out."""
    left = list(pieces)
    for starts, ends in closed:
        if ends > starts:
            parts = [part for a, b in left for part in ((a, min(b, starts)), (max(a, ends), b))]
            left = [part for part in parts if part[1] > part[0]]
    return left


def _keys(first: date, last: date) -> list[tuple[int, int]]:
    """Give month and day of each day from first to last, as in a leap year, across New Year where need be."""
    start, end = (day.replace(year=LEAP_YEAR).timetuple().tm_yday for day in (first, last))
    more = 365 if last - first >= timedelta(days=365) else (end - start) % 366
    days = (date(LEAP_YEAR, 1, 1) + timedelta(days=(start - 1 + each) % 366) for each in range(more + 1))
    return [(day.month, day.day) for day in days]


def _date(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Give when the clock of a zone shows a wall time, as UTC."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    late = wall.replace(tzinfo=zone).astimezone(UTC)
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if early >= late:
        return late
    # The clock skips this wall time, and the skip lies between the two: it is where the offset becomes another.
    offset = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late
