"""How the console tells what is wrong with a brand's routing: to whom, its words, and where it is mended."""

from collections.abc import Collection

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from conversations.console import BrandRows, console_viewer
from routing.decide.concerns import Concern
from routing.queries.concerns import concerns_of


def mendable(request: HttpRequest, brand_ids: Collection[int]) -> list[tuple[int, Concern]]:
    """Give what is wrong in these brands on pages that the one who asks may open, each with its brand."""
    viewer = console_viewer(request)
    asked = {
        str(model._meta.model_name): page.permission
        for model, page in admin.site._registry.items()
        if isinstance(page, BrandRows)
    }
    return [
        (brand_id, each)
        for brand_id in brand_ids
        for each in concerns_of(brand_id)
        if viewer.may(brand_id, asked[each.kind])
    ]


def place_of(concern: Concern) -> str:
    """Give the address of the page where a concern is mended."""
    if concern.kind == "routingconfig" and concern.key is None:
        return reverse("admin:routing_routingconfig_add")
    if concern.key is None:
        return reverse(f"admin:routing_{concern.kind}_changelist")
    return reverse(f"admin:routing_{concern.kind}_change", args=[concern.key])


def words_of(concern: Concern) -> str:
    """Give what is wrong, with the name of the row it is wrong with."""
    if not concern.name:
        return str(concern.text)
    return gettext("%(name)s: %(text)s") % {"name": concern.name, "text": concern.text}
