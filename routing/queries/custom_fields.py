"""A brand's own fields and forms: which a ticket shows, and what stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.errors import NotFound
from conversations.models import Channel, Contact
from routing.decide.field_values import FieldKind, FieldValue, kept
from routing.models import CustomField, Ticket, TicketForm


@dataclass(frozen=True)
class Filled:
    """A field with what stands in it, None for nothing."""

    field: CustomField
    value: FieldValue | None

    @property
    def told(self) -> str | Promise:
        """The value as people read it."""
        if self.value is True:
            return _("Yes")
        if self.field.kind == FieldKind.DATE and self.value:
            return date_format(date.fromisoformat(str(self.value)), "DATE_FORMAT")
        return "" if self.value is None else str(self.value)


def fields_of_brand(brand_id: int, of: str) -> list[CustomField]:
    """Give a brand's fields of tickets or of contacts, in their order. One query."""
    return list(CustomField.objects.filter(brand=brand_id, of=of).order_by("order", "pk"))


def form_of(ticket: Ticket) -> TicketForm | None:
    """Give the form a ticket has: its own, or else the brand's default one. At most one query."""
    return ticket.form or TicketForm.objects.filter(brand=ticket.brand_id, is_default=True).first()


def fields_of_ticket(ticket: Ticket) -> list[CustomField]:
    """Give the fields a ticket shows, in order: those of its form, or all of them without one. At most two queries."""
    return fields_of_form(form_of(ticket), ticket.brand_id)


def fields_of_form(form: TicketForm | None, brand_id: int) -> list[CustomField]:
    """Give the fields of a form in its order; without a form, all of the brand's ticket fields. One query."""
    fields = fields_of_brand(brand_id, CustomField.Of.TICKET)
    if form is None:
        return fields
    known = {field.key: field for field in fields}
    return [known[key] for key in form.field_keys if key in known]


def public_fields_of(form: TicketForm) -> list[CustomField]:
    """Give the fields of a web form that its customers fill in. One query."""
    return [field for field in fields_of_form(form, form.brand_id) if field.shown_to_customer]


def forms_for_agents(brand_id: int) -> Sequence[TicketForm]:
    """Give the forms an agent can give a ticket. One query."""
    return list(TicketForm.objects.filter(brand=brand_id, for_agents=True).order_by("name", "pk"))


def filled(fields: Sequence[CustomField], row: Ticket | Contact) -> list[Filled]:
    """Give fields with what stands in them. No query."""
    return [Filled(field, kept(row.field_values.get(field.key), field.rule)) for field in fields]


def web_form(public_id: str) -> TicketForm:
    """Give the form of a public page that is switched on, with its channel and brand. Raises NotFound. One query."""
    found = TicketForm.objects.select_related("channel__brand", "brand")
    form = found.filter(public_id=public_id, for_customers=True, channel__state=Channel.State.ACTIVE).first()
    if form is None:
        raise NotFound
    return form
