"""What the rows of a view can show: what any ticket has, and its brand's own fields of tickets."""

from collections.abc import Sequence

from django.utils.functional import Promise

from routing.models import CustomField, Ticket, View
from routing.queries.custom_fields import fields_of_brand, filled

# A column of a field is called by the field's key, after this.
FIELD = "field:"


def columns_of(*brand_ids: int) -> list[tuple[str, str | Promise]]:
    """Give the columns a view of one of these brands can have, each with its label, in the order rows show them."""
    fields = CustomField.objects.filter(brand__in=brand_ids, of=CustomField.Of.TICKET).order_by("brand", "order", "pk")
    own = {f"{FIELD}{key}": label for key, label in fields.values_list("key", "label")}
    return [*View.Column.choices, *own.items()]


def with_fields(tickets: Sequence[Ticket], view: View) -> None:
    """Have each ticket carry the fields that a view shows, those that are filled in, as `shown`.

    One query; none where the view shows none. A field that is there no more is passed over.
    """
    keys = [column.removeprefix(FIELD) for column in view.columns if column.startswith(FIELD)]
    if not keys or not tickets:
        return
    known = {field.key: field for field in fields_of_brand(view.brand_id, CustomField.Of.TICKET)}
    fields = [known[key] for key in keys if key in known]
    for ticket in tickets:
        shown = [each for each in filled(fields, ticket) if each.value is not None]
        ticket.shown = shown  # type: ignore[attr-defined]  # for the templates
