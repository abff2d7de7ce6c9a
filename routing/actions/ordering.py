"""The places of rows that are read in order: which queue is asked first, which rule, which status."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import Max, Model
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.events import Actor
from routing.actions.sla import ask_reapply
from routing.actions.waiting import ask_requeue
from routing.errors import InvalidChange
from routing.models import Automation, CustomField, CustomStatus, Queue, SkillRule, SlaPolicy, Trigger

Row = TypeVar("Row", bound=Model)
Ordered = Queue | SkillRule | CustomStatus | CustomField | Trigger | Automation | SlaPolicy


def last_place(model: type[Ordered], brand_id: int) -> int:
    """Give the place after all others of the brand. The caller holds the brand."""
    found: int | None = model._default_manager.filter(brand=brand_id).aggregate(last=Max("order"))["last"]
    return 1 if found is None else found + 1


@transaction.atomic
def move(*, row: Ordered, is_up: bool, by: Actor) -> bool:
    """Have a row change places with the one above or below it; say whether there was one."""
    hold_brand(row.brand_id)
    model = type(row)
    rows: list[Ordered] = list(model._default_manager.filter(brand=row.brand_id).order_by("order", "pk"))
    moved = swapped(rows, row, is_up=is_up)
    if moved:
        _place(moved)
        _tell(row, by)
    return bool(moved)


def swapped(rows: Sequence[Row], row: Row, *, is_up: bool) -> list[Row]:
    """Give all rows with this one in the place of the one above or below it; none where there is no such place."""
    found = list(rows)
    at = next((index for index, each in enumerate(found) if each.pk == row.pk), None)
    if at is None:
        return []
    to = at - 1 if is_up else at + 1
    if not 0 <= to < len(found):
        return []
    found[at], found[to] = found[to], found[at]
    return found


@transaction.atomic
def arrange(*, rows: Sequence[Ordered], by: Actor) -> None:
    """Put all rows of one kind and brand into this order; one fact tells of it, of the first of them.

    Raises InvalidChange naming `ids` where these are not all of them, or one is there twice.
    """
    if not rows:
        raise InvalidChange(field="ids")
    first = rows[0]
    hold_brand(first.brand_id)
    found = type(first)._default_manager.filter(brand=first.brand_id).order_by("order", "pk")
    held: dict[int, Ordered] = {row.pk: row for row in found}
    keys = [row.pk for row in rows]
    if len(set(keys)) < len(keys) or set(keys) != held.keys():
        raise InvalidChange(_("Name each of them once, in their order."), field="ids", limit=len(held))
    if list(held) != keys:
        _place([held[key] for key in keys])
        _tell(held[keys[0]], by)


def _place(rows: Sequence[Ordered]) -> None:
    for place, row in enumerate(rows, start=1):
        if row.order != place:
            type(row)._default_manager.filter(pk=row.pk).update(order=place)


def _tell(row: Ordered, by: Actor) -> None:
    record_configuration(row=row, brand_ids=[row.brand_id], change="order", by=by)
    if isinstance(row, SlaPolicy):
        ask_reapply(row.brand_id)
    elif not isinstance(row, Trigger | Automation):
        ask_requeue(row.brand_id)
