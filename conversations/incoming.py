"""Reading what comes from outside as text: whole numbers, moments and JSON, each within bounds that we can keep."""

import json
import math
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

MAX_SEQ = 2**31 - 1
MAX_KEY = 2**63 - 1


def number_in(text: str, most: int = MAX_SEQ) -> int | None:
    """Give the whole number that ASCII digits say, 0 to `most`, or None."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if number <= most else None


def is_seq(value: object) -> bool:
    """Say whether a value of JSON is a whole number from 0 to 2^31 - 1."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ


def moment_in(text: str) -> datetime | None:
    """Give the moment, with its offset, that ISO 8601 says, or None."""
    try:
        parsed = parse_datetime(text)
        return parsed.astimezone(UTC) if parsed and parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None


def json_in(text: str | bytes) -> Any:
    """Give what JSON says. Raises ValueError, also for numbers that are not finite and for what is nested too deep."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("too large a number")
    return number


def is_storable(value: object) -> bool:
    """Say whether a value of JSON can be stored: PostgreSQL keeps no NUL, UTF-8 no half of a pair, JSON no infinity."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(is_storable(part) for pair in value.items() for part in pair)
    return all(is_storable(part) for part in value) if isinstance(value, list) else True
