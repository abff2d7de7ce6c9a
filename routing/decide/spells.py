"""How long somebody was what on a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

# The standard status, and the name of a brand's own or "".
What = tuple[str, str]


@dataclass(frozen=True)
class Span:
    """From one moment to another somebody was this."""

    what: What
    begins: datetime
    ends: datetime


def days_of(last: date, before: int) -> Iterator[date]:
    """Yield a day and the `before` days before it, newest first."""
    return (last - timedelta(days=number) for number in range(before + 1))


def time_in_each(spans: Iterable[Span], day: date, zone: tzinfo) -> Sequence[tuple[What, timedelta]]:
    """Give how long somebody was what on a day of this zone, in the order in which they first were it.

    A day has 23 or 25 hours where the clocks change; what did not last is left out.
    """
    # Compared and subtracted in UTC: within one zone Python reckons by what the clock on the wall says.
    begins, ends = (datetime.combine(each, time.min, zone).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    found: dict[What, timedelta] = {}
    for span in spans:
        lasted = min(span.ends.astimezone(UTC), ends) - max(span.begins.astimezone(UTC), begins)
        if lasted > timedelta():
            found[span.what] = found.get(span.what, timedelta()) + lasted
    return list(found.items())
