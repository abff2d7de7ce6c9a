"""Macros: those that an agent may use, and their own."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from conversations.errors import NotFound
from conversations.models import Attachment, User
from conversations.queries import Viewer
from routing.errors import InvalidChange
from routing.models import Macro
from routing.models.macro import MOST_FILES


def _usable(viewer: Viewer) -> QuerySet[Macro]:
    found = Macro.objects.filter(Q(owner=None) | Q(owner=viewer.user), brand_id__in=viewer.brand_ids)
    return found.select_related("group", "brand")


def macros_for(viewer: Viewer, brand_id: int) -> Sequence[Macro]:
    """Give the shared macros of a brand and the viewer's own in it, by name. Two queries; saving bounds how many."""
    return list(_usable(viewer).filter(brand=brand_id).prefetch_related("files").order_by("name", "pk"))


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
    """Give the viewer's own macros, by name. Two queries."""
    return list(_usable(viewer).filter(owner=viewer.user).prefetch_related("files").order_by("name", "pk"))


def own_macro(viewer: Viewer, public_id: str) -> Macro:
    """Give one of the viewer's own macros. Raises NotFound."""
    found = _usable(viewer).filter(owner=viewer.user, public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def files_of(macro: Macro) -> list[Attachment]:
    """Give the files of a macro, in the order in which they were attached. One query."""
    return list(Attachment.objects.filter(macro_file__macro=macro.pk).order_by("macro_file__pk")) if macro.pk else []


def files_to_attach(macro: Macro, public_ids: Sequence[str], user: User | None) -> list[Attachment]:
    """Give the files that a macro is to have, in this order: those it has, and what `user` uploaded in its brand.

    Without a user: what the brand's own systems uploaded. Raises InvalidChange (field "files").
    """
    if len(public_ids) > MOST_FILES:
        raise InvalidChange(_("At most %(n)s files.") % {"n": MOST_FILES}, field="files", limit=MOST_FILES)
    free = Q(user=user, macro_file=None)
    theirs = free | Q(macro_file__macro=macro.pk) if macro.pk else free
    found = Attachment.objects.filter(theirs, brand=macro.brand_id, contact=None, public_id__in=public_ids)
    by_id = {file.public_id: file for file in found}
    try:
        return [by_id[public_id] for public_id in dict.fromkeys(public_ids)]
    except KeyError:
        raise InvalidChange(_("A file is not there any more. Upload it again."), field="files") from None
