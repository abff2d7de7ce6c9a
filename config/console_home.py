"""The console's first page: what is left to set up, the channels, what needs attention, and what changed last."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.console import admin_brands, change_words
from conversations.models import (
    ApiKey,
    Brand,
    Channel,
    Conversation,
    DeadFact,
    Event,
    Identity,
    Membership,
    Message,
    User,
)
from routing.models import Agent, Group, RoutingConfig
from routing.queries.concerns import concerns_of
from routing.told import place_of
from widget.models import WidgetSettings

CHANNELS_SHOWN, CHANGES_SHOWN, CONCERNS_SHOWN, COUNT_LIMIT = 12, 6, 12, 100


def home_of(request: HttpRequest) -> dict[str, Any]:
    """Give what the first page shows of the brands this admin configures. A fixed number of queries."""
    brand_ids = admin_brands(request)
    brand = Brand.objects.filter(pk__in=brand_ids).order_by("pk").first()
    channels = list(Channel.objects.filter(brand_id__in=brand_ids).order_by("pk")[:CHANNELS_SHOWN])
    steps = _steps(brand, request) if brand else []
    following = next((step for step in steps if not step["done"]), None)
    if following:
        following["is_next"] = True
    health = _health(brand_ids)
    concerns = concerns_of(brand.pk) if brand else []
    done = sum(bool(step["done"]) for step in steps)
    return {
        "brand": brand,
        "steps": steps,
        "done": done,
        "share": round(100 * done / len(steps)) if steps else 0,
        "channels": channels,
        "health": health,
        "attention": sum(row["is_bad"] for row in health),
        "concerns": [{"about": each, "url": place_of(each)} for each in concerns[:CONCERNS_SHOWN]],
        "concern_count": len(concerns),
        "changes": _changes(brand_ids),
    }


def _health(brand_ids: list[int]) -> list[dict[str, Any]]:
    """Give real figures only, each bounded by COUNT_LIMIT; `is_bad` asks for somebody to look."""
    broken = Channel.objects.filter(brand_id__in=brand_ids, state=Channel.State.ERROR)[:COUNT_LIMIT].count()
    dead = DeadFact.objects.filter(event__brand_id__in=brand_ids, resolved_at=None)[:COUNT_LIMIT].count()
    late = Event.objects.filter(position=None)[:COUNT_LIMIT].count()
    present = Agent.objects.filter(user__memberships__brand_id__in=brand_ids, status=Agent.Status.ONLINE)
    channels, facts, people = (
        reverse(f"admin:conversations_{name}_changelist") for name in ("channel", "deadfact", "user")
    )
    return [
        {"name": _("Channels that need attention"), "count": broken, "url": channels, "is_bad": broken > 0},
        {"name": _("Work that failed"), "count": dead, "url": facts, "is_bad": dead > 0},
        {"name": _("Work not yet done"), "count": late, "url": "", "is_bad": late >= COUNT_LIMIT},
        {
            "name": _("Agents online"),
            "count": present.distinct()[:COUNT_LIMIT].count(),
            "url": people,
            "is_bad": False,
        },
    ]


def _steps(brand: Brand, request: HttpRequest) -> list[dict[str, Any]]:
    people = Membership.objects.filter(brand=brand)[:1000].count()
    groups = Group.objects.filter(brand=brand)[:1000].count()
    widget = WidgetSettings.objects.filter(channel__brand=brand).select_related("channel").order_by("pk").first()
    is_seen = widget is not None and Identity.objects.filter(channel=widget.channel_id).exists()
    talked = Conversation.objects.filter(brand=brand, last_seq__gt=1).exists()
    answered = talked and Message.objects.filter(conversation__brand=brand, author_user__isnull=False).exists()
    source = request.build_absolute_uri("/w.js")
    snippet = f'<script src="{source}?key={widget.channel.key}" defer></script>' if widget else ""
    counted = ", ".join(
        [
            ngettext("%(n)s person", "%(n)s people", people) % {"n": people},
            ngettext("%(n)s group", "%(n)s groups", groups) % {"n": groups},
        ]
    )
    return [
        {
            "name": _("Name, language and time zone"),
            "text": _("What customers see, and the hours reports use."),
            "state": f"{brand.name}, {brand.time_zone}",
            "done": brand.time_zone != "UTC",
            "url": reverse("admin:conversations_brand_change", args=[brand.pk]),
            "action": _("Set up the brand"),
        },
        {
            "name": _("Agents and groups"),
            "text": _("Add the people who answer, and put them into groups that share work."),
            "state": counted,
            "done": people > 1 and groups > 0,
            "url": reverse("admin:conversations_user_changelist"),
            "action": _("Add people"),
        },
        {
            "name": _("Decide who gets new work"),
            "text": _(
                "Have work assigned automatically: who is chosen, what comes first, and what agents leave behind."
            ),
            "state": "",
            "done": RoutingConfig.objects.filter(brand=brand, enabled=True).exists(),
            "url": reverse("admin:routing_routingconfig_changelist"),
            "action": _("Set up assignment"),
        },
        {
            "name": _("Put the widget on your site"),
            "text": _(
                "Paste this before </body> on every page. The launcher is small; the rest loads when it is opened."
            )
            if widget
            else _("Make a widget first; then you get the line to paste into your website."),
            "state": widget.channel.name if is_seen and widget else _("Not seen yet"),
            "done": is_seen,
            "snippet": snippet,
            "url": reverse("admin:widget_widgetsettings_change", args=[widget.pk])
            if widget
            else reverse("admin:widget_widgetsettings_add"),
            "action": _("Open the widget") if widget else _("Make a widget"),
        },
        {
            "name": _("Send a test conversation"),
            "text": _("Write as a customer on the demo shop or your own site, answer in the workspace."),
            "state": "",
            "done": answered,
            "url": "/workspace/",
            "action": _("Open workspace"),
        },
        {
            "name": _("Connect your own systems"),
            "text": _("Make an API key for each system that calls Madang."),
            "state": "",
            "done": ApiKey.objects.filter(brand=brand).exists(),
            "url": reverse("admin:conversations_apikey_add"),
            "action": _("Make an API key"),
        },
    ]


def _changes(brand_ids: list[int]) -> list[dict[str, Any]]:
    """Give the last configuration changes with who made them. Two queries."""
    found = Event.objects.filter(brand_id__in=brand_ids, type="configuration.changed").order_by("-pk")[:CHANGES_SHOWN]
    events = list(found)
    names = dict(User.objects.filter(public_id__in={e.actor_id for e in events}).values_list("public_id", "name"))
    return [
        {
            "label": event.payload["label"],
            "change": change_words(event.payload),
            "who": names.get(event.actor_id, ""),
            "at": event.created_at,
        }
        for event in events
    ]
