"""Placeholders in canned text: `{{customer.name}}`, or with a fallback `{{customer.name|there}}`. Nothing is run.

`{{field:<key>}}` is a field of the ticket, `{{contact.field:<key>}}` one of the customer. `wait.place` and
`wait.minutes` are where a ticket stands in line and how long that will take, as far as anybody knows.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from routing.decide.field_values import KEY

PLACEHOLDERS = (
    "customer.name",
    "agent.name",
    "ticket.number",
    "ticket.subject",
    "brand.name",
    "wait.place",
    "wait.minutes",
)
TICKET_FIELD, CONTACT_FIELD = "field:", "contact.field:"
# As screens tell of them.
SHOWN = (*PLACEHOLDERS, f"{TICKET_FIELD}…", f"{CONTACT_FIELD}…")
PLACE = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")
BRACES = re.compile(r"\{\{[^{}]*\}?|\}\}")
OWN = re.compile(rf"(?:contact\.)?field:{KEY.pattern}")


def unknown_placeholders(text: str, own: Collection[str] | None = None) -> Sequence[str]:
    """Give what stands between braces and is no placeholder, as it is written; braces without a partner too.

    `own` are those of the brand's fields; without them any key may be one.
    """

    def is_known(name: str) -> bool:
        return name in PLACEHOLDERS or (name in own if own is not None else bool(OWN.fullmatch(name)))

    unknown = [match[0] for match in PLACE.finditer(text) if not is_known(match[1].strip())]
    return unknown + BRACES.findall(PLACE.sub("", text))


def named_in(text: str) -> set[str]:
    """Give the names between braces."""
    return {match[1].strip() for match in PLACE.finditer(text)}


def filled(text: str, values: Mapping[str, str], *, empty: str = "") -> str:
    """Give the text with each placeholder's value, or its fallback where the value is empty or missing, or `empty`.

    A value stands as it is: braces in it are words of a customer's, and are filled with nothing.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name not in PLACEHOLDERS and not OWN.fullmatch(name):
            return match[0]
        return values.get(name, "").strip() or (match[2] or "").strip() or empty

    return PLACE.sub(value_of, text)
