"""Macros: those that an agent may use, and their own."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from conversations.errors import NotFound
from conversations.queries import Viewer
from routing.models import Macro


def _usable(viewer: Viewer) -> QuerySet[Macro]:
    found = Macro.objects.filter(Q(owner=None) | Q(owner=viewer.user), brand_id__in=viewer.brand_ids)
    return found.select_related("group", "brand")


def macros_for(viewer: Viewer, brand_id: int) -> Sequence[Macro]:
    """Give the shared macros of a brand and the viewer's own in it, by name. One query; saving bounds how many."""
    return list(_usable(viewer).filter(brand=brand_id).order_by("name", "pk"))


def usable_macros(viewer: Viewer, brand_ids: Sequence[int]) -> Sequence[Macro]:
    """Give the macros that the viewer may use in any of these brands, by name. One query."""
    return list(_usable(viewer).filter(brand__in=brand_ids).order_by("name", "pk"))


def macro_for_viewer(viewer: Viewer, public_id: str) -> Macro:
    """Give a macro that the viewer may use. Raises NotFound."""
    found = _usable(viewer).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def own_macros(viewer: Viewer) -> Sequence[Macro]:
    """Give the viewer's own macros, by name. One query."""
    return list(_usable(viewer).filter(owner=viewer.user).order_by("name", "pk"))


def own_macro(viewer: Viewer, public_id: str) -> Macro:
    """Give one of the viewer's own macros. Raises NotFound."""
    found = _usable(viewer).filter(owner=viewer.user, public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
