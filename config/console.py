"""The configuration console at /admin/: its door, its groups of pages, and its home."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.console import admin_brands
from conversations.models import ApiKey, Brand, Channel, Conversation, DeadFact, Event, Membership, User
from routing.models import Group

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
GROUPS = (
    (_("Channels"), (("widget.widgetsettings", "globe"), ("conversations.channel", "chat"))),
    (_("Routing"), (("conversations.responder", "target"),)),
    (
        _("People"),
        (("conversations.user", "users"), ("routing.group", "layers"), ("conversations.contact", "user")),
    ),
    (
        _("Data"),
        (
            ("conversations.brand", "home"),
            ("conversations.apikey", "key"),
            ("conversations.signingkey", "lock"),
            ("conversations.event", "history"),
            ("conversations.deadfact", "alert"),
        ),
    ),
)


class Console(AdminSite):
    """Django's admin in our looks, for the admins of a brand."""

    site_header = "Madang"
    site_title = "Madang"
    index_title = _("Home")
    index_template = "admin/home.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in who configures at least one brand."""
        user = request.user
        return bool(user.is_active and (getattr(user, "is_superuser", False) or admin_brands(request)))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def with_policy(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            response = guarded(request, *args, **kwargs)
            response["Content-Security-Policy"] = POLICY
            return response

        return with_policy

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        pages = {
            f"{app['app_label']}.{model['object_name'].lower()}": model
            for app in context["available_apps"]
            for model in app["models"]
        }
        context["console_groups"] = [
            (name, [{**pages[label], "icon": icon} for label, icon in labels if label in pages])
            for name, labels in GROUPS
        ]
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what is left to set up, the channels, what needs attention, and what changed last."""
        brand_ids = admin_brands(request)
        brand = Brand.objects.filter(pk__in=brand_ids).order_by("pk").first()
        channels = list(Channel.objects.filter(brand_id__in=brand_ids).order_by("pk")[:12])
        steps = _steps(brand, channels, request) if brand else []
        dead = DeadFact.objects.filter(event__brand_id__in=brand_ids, resolved_at=None)[:100].count()
        broken = sum(channel.state == Channel.State.ERROR for channel in channels)
        late = Event.objects.filter(position=None)[:100].count()
        health = [
            {
                "name": _("Channels that need attention"),
                "count": broken,
                "url": reverse("admin:conversations_channel_changelist"),
            },
            {"name": _("Facts that failed"), "count": dead, "url": reverse("admin:conversations_deadfact_changelist")},
            {"name": _("Facts not yet read"), "count": late, "url": ""},
        ]
        context = {
            "brand": brand,
            "steps": steps,
            "done": sum(step["done"] for step in steps),
            "channels": channels,
            "health": health,
            "attention": sum(bool(row["count"]) for row in health[:2]),
            "changes": _changes(brand_ids),
        }
        return super().index(request, context | (extra_context or {}))


def _steps(brand: Brand, channels: list[Channel], request: HttpRequest) -> list[dict[str, Any]]:
    people = Membership.objects.filter(brand=brand)[:1000].count()
    groups = Group.objects.filter(brand=brand)[:1000].count()
    web = next((channel for channel in channels if channel.kind == "web"), None)
    talked = Conversation.objects.filter(brand=brand, last_seq__gt=1).exists()
    keyed = ApiKey.objects.filter(brand=brand).exists()
    return [
        {
            "name": _("Name, language and time zone"),
            "text": _("What customers see, and the hours reports use."),
            "state": f"{brand.name}, {brand.time_zone}",
            "done": brand.time_zone != "UTC",
            "url": reverse("admin:conversations_brand_change", args=[brand.pk]),
        },
        {
            "name": _("Agents and groups"),
            "text": _("Add the people who answer, and put them into groups that share work."),
            "state": _("%(people)s people, %(groups)s groups") % {"people": people, "groups": groups},
            "done": people > 1 and groups > 0,
            "url": reverse("admin:conversations_user_changelist"),
        },
        {
            "name": _("Put the widget on your site"),
            "text": _("Paste this before </body> on every page."),
            "state": web.name if web else "",
            "done": web is not None and talked,
            "snippet": f'<script src="{request.build_absolute_uri("/w.js")}?key={web.key}" defer></script>'
            if web
            else "",
            "url": "/demo/",
        },
        {
            "name": _("Send a test conversation"),
            "text": _("Write as a customer, answer in the workspace."),
            "state": "",
            "done": talked,
            "url": "/workspace/",
        },
        {
            "name": _("Connect your own systems"),
            "text": _("Make an API key for each system that calls Madang."),
            "state": "",
            "done": keyed,
            "url": reverse("admin:conversations_apikey_changelist"),
        },
    ]


def _changes(brand_ids: list[int]) -> list[dict[str, Any]]:
    """Give the last configuration changes with who made them. Two queries."""
    found = Event.objects.filter(brand_id__in=brand_ids, type="configuration.changed").order_by("-pk")[:6]
    events = list(found)
    names = dict(User.objects.filter(public_id__in={e.actor_id for e in events}).values_list("public_id", "name"))
    return [
        {
            "label": event.payload["label"],
            "change": event.payload["change"],
            "who": names.get(event.actor_id, ""),
            "at": event.created_at,
        }
        for event in events
    ]
