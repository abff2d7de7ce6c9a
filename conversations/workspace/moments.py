"""Choosing a moment: what is offered, and what a form said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from conversations.errors import InvalidContent
from conversations.incoming import moment_in
from conversations.moments import MOST, presets


def moments() -> Sequence[dict[str, Any]]:
    """Give what is offered now in the agent's zone, each with its words."""
    words = {"today": _("Later today"), "tomorrow": _("Tomorrow"), "monday": _("Monday")}
    return [{"name": name, "label": words[name], "at": at} for name, at in presets(timezone.localtime())]


def chosen_moment(text: str) -> datetime:
    """Give the moment a form says: with an offset, or as a clock in the agent's zone has it. Raises InvalidContent."""
    moment = moment_in(text)
    if moment is not None:
        return moment
    try:
        parsed = parse_datetime(text)
        if parsed is not None and parsed.tzinfo is None:
            return timezone.make_aware(parsed)
    except (ValueError, OverflowError):
        pass
    raise InvalidContent(_("Choose a time from now to a year from now."), field="until", limit=MOST.days)
