"""What placeholders stand for, of one conversation and its ticket."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import override

from conversations.models import Contact, Conversation
from routing.decide.placeholders import CONTACT_FIELD, TICKET_FIELD, named_in
from routing.decide.sessions import expected_minutes
from routing.models import CustomField, Ticket, Waiting
from routing.queries.custom_fields import fields_of_brand, filled
from routing.queries.languages import customers_language
from routing.queries.lines import place_of
from routing.queries.sessions import last_waits

PREFIXES = {CustomField.Of.TICKET: TICKET_FIELD, CustomField.Of.CONTACT: CONTACT_FIELD}


def own_placeholders(brand_id: int) -> set[str]:
    """Give the placeholders of a brand's own fields. One query."""
    found = CustomField.objects.filter(brand=brand_id).values_list("of", "key")
    return {f"{PREFIXES[CustomField.Of(of)]}{key}" for of, key in found}


def values_in(text: str, *, conversation: Conversation, ticket: Ticket | None, agent: str) -> dict[str, str]:
    """Give the values of the placeholders that a text names, in the customer's language where they have one.

    Of what nobody knows the value is empty. A query for the fields of each kind, at most three for waiting; none where
    the text asks for neither.
    """
    asked = named_in(text)
    values = {
        "customer.name": conversation.contact.name,
        "agent.name": agent,
        "ticket.number": str(ticket.number) if ticket else "",
        "ticket.subject": ticket.subject if ticket else "",
        "brand.name": conversation.brand.name,
    }
    rows: dict[str, Ticket | Contact | None] = {
        CustomField.Of.TICKET: ticket,
        CustomField.Of.CONTACT: conversation.contact,
    }
    with override(customers_language(conversation)):
        for of, row in rows.items():
            prefix = PREFIXES[CustomField.Of(of)]
            if row is not None and any(name.startswith(prefix) for name in asked):
                fields = filled(fields_of_brand(conversation.brand_id, of), row)
                values |= {f"{prefix}{each.field.key}": str(each.told) for each in fields}
    if ticket and asked & {"wait.place", "wait.minutes"}:
        values |= _waiting(ticket, timezone.now())
    return values


def _waiting(ticket: Ticket, now: datetime) -> dict[str, str]:
    row = Waiting.objects.filter(ticket=ticket).select_related("lane").first()
    if row is None:
        return {}
    place = place_of(row)
    if place is None:
        return {}
    minutes = expected_minutes(last_waits(row.lane, now), (now - row.eligible_at).total_seconds())
    return {"wait.place": str(place), "wait.minutes": str(minutes) if minutes else ""}
