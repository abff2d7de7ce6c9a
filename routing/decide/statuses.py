"""What a status lets come to an agent: one status for all channels (product reference, section 2.3)."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from routing.decide.classes import ChannelClass


class Availability(TextChoices):
    """The four statuses there always are, and what a custom status stands for in each class of channels."""

    ONLINE = "online", _("Online")
    AWAY = "away", _("Away")
    TRANSFERS_ONLY = "transfers_only", _("Transfers only")
    OFFLINE = "offline", _("Offline")


class Source(TextChoices):
    """What changed a status."""

    MANUAL = "manual", _("Chosen")
    IDLE = "idle", _("Idle")
    DISCONNECT = "disconnect", _("Disconnected")
    API = "api", _("API")
    MISSED = "missed", _("Offers not accepted")
    LEFT = "left", _("No longer on the team")


# By these somebody wants a status; by the others it is set because nobody is there.
CHOSEN = frozenset({Source.MANUAL, Source.API})


def by_class(status: str, custom: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give what a status means for each class of channels; `custom` is a custom status's own, by class.

    Away lets email in and nothing else: the help centre's meaning, not the API page's (product reference, 2.3).
    """
    if custom is not None:
        return {each: custom.get(each, Availability.OFFLINE) for each in ChannelClass.values}
    if status == Availability.AWAY:
        return {
            ChannelClass.MESSAGING: Availability.TRANSFERS_ONLY,
            ChannelClass.EMAIL: Availability.ONLINE,
            ChannelClass.VOICE: Availability.TRANSFERS_ONLY,
        }
    return dict.fromkeys(ChannelClass.values, status)


def is_present(meant: Mapping[str, str]) -> bool:
    """Say whether whoever has a status that means this for each class of channels is there for any of them."""
    return any(value != Availability.OFFLINE for value in meant.values())


def lets_in(meant: Mapping[str, str]) -> str:
    """Say what a status that means this for each class of channels lets come to an agent."""
    work = [each for each in ChannelClass if meant[each] == Availability.ONLINE]
    passed = [each for each in ChannelClass if meant[each] == Availability.TRANSFERS_ONLY]
    if len(work) == len(ChannelClass):
        return gettext("Work of every channel")
    if work:
        return gettext("Only work of: %(classes)s") % {"classes": ", ".join(str(each.label) for each in work)}
    return gettext("Only what colleagues pass on") if passed else gettext("No work")
