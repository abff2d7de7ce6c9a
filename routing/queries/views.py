"""The lists that people made: whose a viewer sees, and how many tickets are in each."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.errors import NotFound
from conversations.models import Brand
from conversations.queries import Viewer, only_seen
from routing.decide.conditions import Conditions, read
from routing.decide.conditions import Operator as Op
from routing.decide.fields import FIELDS
from routing.models import Ticket, View
from routing.queries.compiled import compiled

# How many views of one kind stand in the column at most; a viewer of many brands has those of the first ones.
MAX_LISTED = 100
# A brand may have millions of tickets that are over: of these the newest are looked at for a count.
LOOKED_AT = 10_000


def views_of(viewer: Viewer) -> Sequence[View]:
    """Give the views a viewer sees, in their order: their own, and the shared ones of their brands. One query."""
    found = View.objects.filter(Q(owner=None) | Q(owner__user=viewer.user), brand_id__in=viewer.brand_ids)
    return list(found.select_related("brand", "owner").order_by("brand__name", "position", "pk")[:MAX_LISTED])


def view_for_viewer(viewer: Viewer, public_id: str) -> View:
    """Give a view the viewer sees. Raises NotFound."""
    found = View.objects.filter(Q(owner=None) | Q(owner__user=viewer.user), brand_id__in=viewer.brand_ids)
    view = found.select_related("brand", "owner").filter(public_id=public_id).first()
    if view is None:
        raise NotFound
    return view


def own_view_for_viewer(viewer: Viewer, public_id: str) -> View:
    """Give a view that is the viewer's own, to change it. Raises NotFound."""
    view = view_for_viewer(viewer, public_id)
    if view.owner_id is None:
        raise NotFound
    return view


def tickets_in(viewer: Viewer, view: View) -> QuerySet[Ticket]:
    """Give the tickets of a view's brand that the viewer sees and for which its conditions hold."""
    conditions = read(view.conditions, FIELDS)
    found = only_seen(Ticket.objects.filter(brand_id=view.brand_id), viewer, conversation="conversation")
    if _asks_for_open_ones(conditions):
        # Said in the words of the indexes too.
        found = found.filter(is_open=True)
    return found.filter(compiled(conditions, timezone.now()))


def _asks_for_open_ones(conditions: Conditions) -> bool:
    for row in conditions.all:
        if row.path == "ticket.status" and row.operator in {Op.IS, Op.ANY_OF} and not row.fault:
            asked = row.value if isinstance(row.value, list) else [row.value]
            if set(asked) <= {*Ticket.OPEN_STATUSES}:
                return True
    return False


def saved_counts(viewer: Viewer, views: Sequence[View], limit: int) -> list[int]:
    """Count the tickets in each view, up to the limit: open ones, and of the brand's newest LOOKED_AT those over.

    Two queries, however many views; however long the brand's history, it looks at no more than that.
    """
    if not views:
        return []
    last = Ticket.objects.filter(brand=OuterRef("pk")).order_by("-number").values("number")[:1]
    brands = Brand.objects.filter(pk__in={view.brand_id for view in views})
    newest = dict(brands.values_list("pk", Coalesce(Subquery(last), 0)))
    counts: list[str] = []
    params: list[Any] = []
    for view in views:
        parts: list[str] = []
        for part in counted_in(viewer, view, newest[view.brand_id]):
            try:
                sql, given = part.order_by().values("pk")[:limit].query.sql_with_params()
            except EmptyResultSet:
                continue  # Nothing can be in it, so that the database is not asked.
            parts.append(f"(SELECT count(*) FROM ({sql}) AS listed)")
            params += given
        counts.append(" + ".join(parts) or "0")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(counts)}", params)
        return [min(count, limit) for count in cursor.fetchone()]


def counted_in(viewer: Viewer, view: View, newest: int) -> list[QuerySet[Ticket]]:
    """Give what a view's count looks at: its open tickets, and those over whose numbers are near the brand's newest."""
    found = tickets_in(viewer, view)
    return [found.filter(is_open=True), found.filter(is_open=False, number__gt=newest - LOOKED_AT)]
