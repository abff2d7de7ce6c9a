"""The places of rows that are read in order: which queue is asked first, which rule, which status."""

from django.db import transaction
from django.db.models import Max

from conversations.actions.configuration import record_configuration
from conversations.events import Actor
from conversations.models import Brand
from routing.actions.waiting import ask_requeue
from routing.models import Automation, CustomField, CustomStatus, Queue, SkillRule, Trigger

Ordered = Queue | SkillRule | CustomStatus | CustomField | Trigger | Automation


def hold_brand(brand_id: int) -> None:
    """Have whoever else configures this brand wait until the caller's transaction ends; facts go on."""
    Brand.objects.select_for_update(no_key=True).filter(pk=brand_id).values_list("pk").get()


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
    at = next((index for index, each in enumerate(rows) if each.pk == row.pk), 0)
    to = at - 1 if is_up else at + 1
    if not 0 <= to < len(rows):
        return False
    rows[at], rows[to] = rows[to], rows[at]
    for place, each in enumerate(rows, start=1):
        if each.order != place:
            model._default_manager.filter(pk=each.pk).update(order=place)
    record_configuration(row=row, brand_ids=[row.brand_id], change="order", by=by)
    if not isinstance(row, Trigger | Automation):
        ask_requeue(row.brand_id)
    return True
