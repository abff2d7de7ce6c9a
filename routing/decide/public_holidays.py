"""The public holidays of a country, as the `holidays` library knows them.

The library is brought in when it is asked: it takes 11 MB, and most processes never ask.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache


@cache
def countries() -> dict[str, str]:
    """Give the countries there are holidays of: two-letter code to English name, in the order of names."""
    from holidays.registry import COUNTRIES

    found = {names[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", names[0]) for names in COUNTRIES.values()}
    return dict(sorted(found.items(), key=lambda each: each[1]))


@cache
def subdivisions(country: str) -> tuple[str, ...]:
    """Give the codes of a country's parts that have holidays of their own."""
    from holidays import country_holidays

    return tuple(country_holidays(country).subdivisions)


def public_holidays(country: str, subdivision: str, years: Sequence[int], language: str) -> list[tuple[date, str]]:
    """Give the days and their names, in order: of the whole country, and of a part of it where one is named.

    The names are in the language asked for, else in English, else in the country's own.
    """
    from holidays import country_holidays

    spoken = country_holidays(country).supported_languages
    chosen = next((each for asked in (language, "en") for each in spoken if each.split("_")[0] == asked), None)
    found = country_holidays(country, subdiv=subdivision or None, years=years, language=chosen)
    return sorted((day, name) for day, name in found.items() if day.year in years)
