"""Who is gone or idle, decided without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.decide.absence import Limits, OwnLimits, Sign, absence

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
USUAL = Limits(60, "offline", 300, "away")


def sign(status: str = "online", heard_s: float | None = 0, moved_s: float | None = 0, *, custom: bool = False) -> Sign:
    heard, moved = (None if ago is None else NOW - timedelta(seconds=ago) for ago in (heard_s, moved_s))
    return Sign(status, custom, heard, moved)


@pytest.mark.parametrize(
    ("given", "limits", "becomes"),
    [
        (sign(heard_s=60), [USUAL], None),
        (sign(heard_s=60.001), [USUAL], ("offline", "disconnect")),
        (sign(moved_s=300), [USUAL], None),
        (sign(moved_s=300.001), [USUAL], ("away", "idle")),
        (sign(heard_s=None, moved_s=None), [USUAL], None),
        # Both at once: whoever is gone is no more idle.
        (sign(heard_s=900, moved_s=900), [USUAL], ("offline", "disconnect")),
        # Idle is who is online for chats; gone is everybody.
        (sign("away", moved_s=900), [USUAL], None),
        (sign("away", heard_s=900), [USUAL], ("offline", "disconnect")),
        (sign("offline", heard_s=900, custom=True), [USUAL], ("offline", "disconnect")),
        # Nobody comes nearer by being gone.
        (sign("transfers_only", heard_s=900), [Limits(60, "away", None, "away")], None),
        # Of several brands the one that asks for most, whichever is first: no going to and fro.
        (sign(heard_s=90), [USUAL, Limits(60, "away", None, "away")], ("offline", "disconnect")),
        (sign(heard_s=90), [Limits(60, "away", None, "away"), USUAL], ("offline", "disconnect")),
        (
            sign(heard_s=90),
            [Limits(120, "offline", None, "away"), Limits(60, "away", None, "away")],
            ("away", "disconnect"),
        ),
        (sign(moved_s=9000), [Limits(60, "offline", None, "away")], None),
    ],
)
def test_what_becomes_of_somebody_of_whom_nothing_is_heard(
    given: Sign, limits: list[Limits], becomes: tuple[str, str] | None
) -> None:
    found = absence(given, limits, NOW)
    assert (found and (found.status, found.source)) == becomes


@pytest.mark.parametrize(
    ("given", "own", "becomes"),
    [
        (sign(heard_s=90, custom=True), OwnLimits(gone_after_s=120), None),
        (sign(heard_s=121, custom=True), OwnLimits(gone_after_s=120), ("offline", "disconnect")),
        (sign(heard_s=61, custom=True), OwnLimits(gone_status="away"), ("away", "disconnect")),
        (sign(moved_s=301, custom=True), OwnLimits(idle_status="offline"), ("offline", "idle")),
        (sign(moved_s=301, custom=True), OwnLimits(idle_after_s=600), None),
        # Its own minutes hold also where it takes no chats; a brand's do not.
        (sign("transfers_only", moved_s=601, custom=True), OwnLimits(idle_after_s=600), ("away", "idle")),
        (sign("transfers_only", moved_s=601, custom=True), OwnLimits(idle_status="offline"), None),
    ],
)
def test_a_status_of_a_brands_own_says_it_otherwise(
    given: Sign, own: OwnLimits, becomes: tuple[str, str] | None
) -> None:
    found = absence(given, [own.over(USUAL)], NOW)
    assert (found and (found.status, found.source)) == becomes
