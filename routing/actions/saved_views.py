"""Lists of tickets that people make: shared ones, and one's own."""

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import hold_brand, record_configuration
from conversations.events import Actor
from routing.actions.ordering import swapped
from routing.decide.conditions import parse
from routing.errors import InvalidChange
from routing.models import Agent, View
from routing.queries.columns import columns_of
from routing.queries.compiled import view_fields

MAX_SHARED = 50
MAX_OWN = 20
NAME_CHARS = 60
MAX_COLUMNS = 20
# How many columns a refusal names.
MAX_TOLD = 30


@transaction.atomic
def save_view(*, view: View, fields: Sequence[str] = (), by: Actor) -> View:
    """Save a view, made new where it has no key; `fields` names what changed. Raises InvalidChange.

    A brand has at most MAX_SHARED shared views, a person MAX_OWN of their own in each brand: all are counted at once.
    A shared view's change stands in the audit trail; one's own is nobody else's business.
    """
    is_new = view.pk is None
    check_view(view)
    beside = View.objects.filter(brand=view.brand_id, owner=view.owner_id)
    # One at a time in a brand, so that no two pass the limit together or take the same place.
    hold_brand(view.brand_id)
    if is_new:
        most = MAX_OWN if view.owner_id else MAX_SHARED
        if beside.count() >= most:
            raise InvalidChange(_("There are %(n)s views already. Delete one first.") % {"n": most}, limit=most)
        view.position = (beside.aggregate(last=Max("position"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise InvalidChange(_("There is a view of this name already."), field="name") from None
    if view.owner_id is None:
        change = "created" if is_new else ", ".join(fields)
        record_configuration(row=view, brand_ids=[view.brand_id], change=change, by=by)
    return view


def check_view(view: View) -> None:
    """Raise InvalidChange where a view is none that can be kept; put its conditions into their normal form."""
    view.name = view.name.strip()
    if not 0 < len(view.name) <= NAME_CHARS or not view.name.isprintable():
        raise InvalidChange(
            _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}, field="name", limit=NAME_CHARS
        )
    if view.order not in View.Order.values:
        raise InvalidChange(field="order", limit=", ".join(View.Order.values))
    known = [name for name, _label in columns_of(view.brand_id)]
    # A field that it showed and that is there no more goes without a word.
    kept = View.objects.filter(pk=view.pk).values_list("columns", flat=True).first() or []
    if not isinstance(view.columns, list) or not {str(each) for each in view.columns} <= {*known, *kept}:
        raise InvalidChange(field="columns", limit=", ".join(known[:MAX_TOLD]))
    view.columns = [column for column in known if column in view.columns]
    if len(view.columns) > MAX_COLUMNS:
        raise InvalidChange(
            _("A row shows at most %(n)s columns.") % {"n": MAX_COLUMNS}, field="columns", limit=MAX_COLUMNS
        )
    view.conditions = parse(view.conditions, view_fields(view.brand_id)).stored


@transaction.atomic
def make_own_view(*, owner: Agent, brand_id: int, values: Mapping[str, object], by: Actor) -> View:
    """Make a view of somebody's own from name, conditions, order and columns. Raises InvalidChange."""
    return save_view(view=View(owner=owner, brand_id=brand_id, **values), by=by)


@transaction.atomic
def change_own_view(*, view: View, values: Mapping[str, object], by: Actor) -> View:
    """Change some of name, conditions, order and columns of somebody's own view. Raises InvalidChange."""
    for name, value in values.items():
        setattr(view, name, value)
    return save_view(view=view, fields=sorted(values), by=by)


@transaction.atomic
def delete_view(*, view: View, by: Actor) -> None:
    """Delete a view; the tickets in it stay."""
    if view.owner_id is None:
        record_configuration(row=view, brand_ids=[view.brand_id], change="deleted", by=by)
    view.delete()


@transaction.atomic
def move_view(*, view: View, is_up: bool, by: Actor) -> bool:
    """Have a shared view change places with the one above or below it; say whether there was one."""
    hold_brand(view.brand_id)
    rows = list(View.objects.filter(brand=view.brand_id, owner=view.owner_id).order_by("position", "pk"))
    moved = swapped(rows, view, is_up=is_up)
    _place(moved)
    if moved:
        record_configuration(row=view, brand_ids=[view.brand_id], change="position", by=by)
    return bool(moved)


@transaction.atomic
def arrange_views(*, rows: Sequence[View], by: Actor) -> None:
    """Put all shared views of a brand into this order. Raises InvalidChange where these are not all, each once."""
    if not rows:
        raise InvalidChange(field="ids")
    brand_id = rows[0].brand_id
    hold_brand(brand_id)
    held = list(View.objects.filter(brand=brand_id, owner=None).order_by("position", "pk"))
    if sorted(row.pk for row in rows) != sorted(row.pk for row in held):
        raise InvalidChange(_("Name each of them once, in their order."), field="ids", limit=len(held))
    if list(rows) != held:
        there = {row.pk: row for row in held}
        _place([there[row.pk] for row in rows])
        record_configuration(row=rows[0], brand_ids=[brand_id], change="position", by=by)


def _place(rows: Sequence[View]) -> None:
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            View.objects.filter(pk=row.pk).update(position=position)
