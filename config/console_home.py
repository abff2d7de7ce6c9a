"""The console's first page: what is left to set up, the channels, what needs attention, and what changed last."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.console_steps import steps_of
from conversations.console import console_brands, console_viewer
from conversations.models import Brand, Channel, DeadFact, Event, User
from conversations.permissions import Permission
from conversations.trail import change_words, subject_words
from routing.models import Agent
from routing.told import mendable, place_of

CHANNELS_SHOWN, CHANGES_SHOWN, CONCERNS_SHOWN, COUNT_LIMIT = 12, 6, 12, 100


def home_of(request: HttpRequest) -> dict[str, Any]:
    """Give what the first page shows of the brands whose pages one may open, and nothing of pages one may not.

    A fixed number of queries, and at most some 50 more for each brand whose routing one sets up.
    """
    all_of, teams = console_brands(request), console_brands(request, Permission.CONFIGURE_ROUTING)
    brands = list(Brand.objects.filter(pk__in=console_viewer(request).brand_ids).order_by("pk"))
    brand = next((each for each in brands if each.pk in teams), None)
    steps = steps_of(brand, request) if brand else []
    channels = list(Channel.objects.filter(brand_id__in=all_of).order_by("pk")[:CHANNELS_SHOWN])
    health = _health(all_of, teams)
    concerns = mendable(request, sorted(teams))
    names = {each.pk: each.name for each in brands} if len(teams) > 1 else {}
    done = sum(bool(step["done"]) for step in steps)
    return {
        "brand": brand,
        "steps": steps,
        "done": done,
        "share": round(100 * done / len(steps)) if steps else 0,
        "configures": bool(all_of),
        "channels": channels,
        "health": health,
        "attention": sum(row["is_bad"] for row in health),
        "concerns": [
            {"about": each, "url": place_of(each), "brand": names.get(brand_id, "")}
            for brand_id, each in concerns[:CONCERNS_SHOWN]
        ],
        "concern_count": len(concerns),
        "changes": _changes(all_of),
    }


def _health(brand_ids: list[int], teams: list[int]) -> list[dict[str, Any]]:
    """Give real figures only, each bounded by COUNT_LIMIT; `is_bad` asks for somebody to look, `is_idle` is neither
    good nor bad.

    Of the brands one configures, and of people in those whose `teams` one sets up.
    """
    present = Agent.objects.filter(user__memberships__brand_id__in=teams, status=Agent.Status.ONLINE)
    channels, facts, people = (
        reverse(f"admin:conversations_{name}_changelist") for name in ("channel", "deadfact", "user")
    )
    online = present.distinct()[:COUNT_LIMIT].count()
    rows = (
        [{"name": _("Agents online"), "count": online, "url": people, "is_bad": False, "is_idle": not online}]
        if teams
        else []
    )
    if not brand_ids:
        return rows
    broken = Channel.objects.filter(brand_id__in=brand_ids, state=Channel.State.ERROR)[:COUNT_LIMIT].count()
    dead = DeadFact.objects.filter(event__brand_id__in=brand_ids, resolved_at=None)[:COUNT_LIMIT].count()
    late = Event.objects.filter(position=None)[:COUNT_LIMIT].count()
    return [
        {"name": _("Channels that need attention"), "count": broken, "url": channels, "is_bad": broken > 0},
        {"name": _("Work that failed"), "count": dead, "url": facts, "is_bad": dead > 0},
        {"name": _("Work not yet done"), "count": late, "url": "", "is_bad": late >= COUNT_LIMIT},
        *rows,
    ]


def _changes(brand_ids: list[int]) -> list[dict[str, Any]]:
    """Give the last configuration changes with who made them. Two queries."""
    found = Event.objects.filter(brand_id__in=brand_ids, type="configuration.changed").order_by("-pk")[:CHANGES_SHOWN]
    events = list(found)
    names = dict(User.objects.filter(public_id__in={e.actor_id for e in events}).values_list("public_id", "name"))
    return [
        {
            "label": subject_words(event.payload),
            "change": change_words(event.payload),
            "who": names.get(event.actor_id, ""),
            "at": event.created_at,
        }
        for event in events
    ]
