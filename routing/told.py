"""How the console tells what is wrong with a brand's routing: its words, and the page where it is mended."""

from django.urls import reverse
from django.utils.translation import gettext

from routing.decide.concerns import Concern


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
