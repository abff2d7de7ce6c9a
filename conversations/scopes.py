"""What a brand's own systems may reach through the business API: areas, each to read or to change."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Area(models.TextChoices):
    """A part of the business API. The values are stored: they stay as they are."""

    TICKETS = "tickets", _("Tickets")
    CONVERSATIONS = "conversations", _("Conversations and messages")
    CONTACTS = "contacts", _("Customers and blocks")
    AGENTS = "agents", _("Agents and their statuses")
    ROUTING = "routing", _("Routing: queues, groups, skills, capacity")
    SETTINGS = "settings", _("Settings: schedules, service levels, rules, fields, views, macros")
    REPORTS = "reports", _("Reports")


READ, WRITE = "read", "write"


def scope(area: Area, *, writes: bool) -> str:
    """Give the name of a scope: "tickets:write"."""
    return f"{area.value}:{WRITE if writes else READ}"


ALL = [scope(area, writes=writes) for area in Area for writes in (False, True)]


def allows(scopes: Collection[str], area: Area, *, writes: bool) -> bool:
    """Say whether scopes let a call in. Who may change may also read."""
    return scope(area, writes=True) in scopes or (not writes and scope(area, writes=False) in scopes)


def choices() -> list[tuple[str | Promise, list[tuple[str, Any]]]]:
    """Give the scopes as a form groups them."""
    return [
        (area.label, [(scope(area, writes=False), _("read")), (scope(area, writes=True), _("read and change"))])
        for area in Area
    ]
