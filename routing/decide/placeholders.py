"""Placeholders in canned text: `{{customer.name}}`, or with a fallback `{{customer.name|there}}`. Nothing is run."""

import re
from collections.abc import Mapping, Sequence

PLACEHOLDERS = ("customer.name", "agent.name", "ticket.number", "ticket.subject", "brand.name")
PLACE = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
BRACES = re.compile(r"\{\{[^{}]*\}?|\}\}")


def unknown_placeholders(text: str) -> Sequence[str]:
    """Give what stands between braces and is no placeholder, as it is written; braces without a partner too."""
    unknown = [match[0] for match in PLACE.finditer(text) if match[1].strip() not in PLACEHOLDERS]
    return unknown + BRACES.findall(PLACE.sub("", text))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Give the text with each placeholder's value, or its fallback where the value is empty or missing.

    A value stands as it is: braces in it are words of a customer's, and are filled with nothing.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in PLACEHOLDERS:
            return match[0]
        return values.get(name, "").strip() or (match[2] or "").strip()

    return PLACE.sub(value_of, text)
