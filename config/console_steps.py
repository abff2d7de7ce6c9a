"""The first steps of a brand, on the console's first page: what is set up, and what is left."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.console import console_viewer
from conversations.models import ApiKey, Brand, Conversation, Identity, Membership, Message
from conversations.permissions import Permission
from routing.models import Group, Queue, RoutingConfig, Schedule, SlaTarget
from routing.queries.schedules import hours_of, with_hours
from widget.models import WidgetSettings


def steps_of(brand: Brand, request: HttpRequest) -> list[dict[str, Any]]:
    """Give the steps whose pages the one who asks may open in the brand: name, text, state, done, url, action,
    permission; the first that is not done `is_next`. A fixed number of queries."""
    viewer = console_viewer(request)
    found = [step for step in _all_steps(brand, request) if viewer.may(brand.pk, step["permission"])]
    if following := next((step for step in found if not step["done"]), None):
        following["is_next"] = True
    return found


def _all_steps(brand: Brand, request: HttpRequest) -> list[dict[str, Any]]:
    people = Membership.objects.filter(brand=brand)[:1000].count()
    hours = with_hours(Schedule.objects.filter(brand=brand)).order_by("-is_default", "pk").first()
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
            "permission": Permission.CONFIGURE,
        },
        {
            "name": _("Agents and groups"),
            "text": _("Add the people who answer, and put them into groups that share work."),
            "state": counted,
            "done": people > 1 and groups > 0,
            "url": reverse("admin:conversations_user_changelist"),
            "action": _("Add people"),
            "permission": Permission.CONFIGURE_ROUTING,
        },
        {
            "name": _("Your hours"),
            "text": _("When your team is there. Deadlines count these hours, and customers are told outside them."),
            "state": hours.name if hours else "",
            "done": hours is not None and not hours_of(hours).never_opens,
            "url": reverse("admin:routing_schedule_changelist") if hours else reverse("admin:routing_schedule_add"),
            "action": _("Set your hours"),
            "permission": Permission.CONFIGURE_ROUTING,
        },
        {
            "name": _("A queue"),
            "text": _("Where work waits, by conditions, and which groups take it."),
            "state": "",
            "done": Queue.objects.filter(brand=brand, is_active=True).exists(),
            "url": reverse("admin:routing_queue_add"),
            "action": _("Make a queue"),
            "permission": Permission.CONFIGURE_ROUTING,
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
            "permission": Permission.CONFIGURE_ROUTING,
        },
        {
            "name": _("What you promise"),
            "text": _("A service level: how soon customers are answered. What breaks soonest is given out first."),
            "state": "",
            "done": SlaTarget.objects.filter(policy__brand=brand, policy__is_active=True).exists(),
            "url": reverse("admin:routing_slapolicy_add"),
            "action": _("Make a service level"),
            "permission": Permission.CONFIGURE_ROUTING,
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
            "permission": Permission.CONFIGURE,
        },
        {
            "name": _("Send a test conversation"),
            "text": _("Write as a customer on the demo shop or your own site, answer in the workspace."),
            "state": "",
            "done": answered,
            "url": "/workspace/",
            "action": _("Open workspace"),
            "permission": Permission.REPLY,
        },
        {
            "name": _("Connect your own systems"),
            "text": _("Make an API key for each system that calls Madang."),
            "state": "",
            "done": ApiKey.objects.filter(brand=brand).exists(),
            "url": reverse("admin:conversations_apikey_add"),
            "action": _("Make an API key"),
            "permission": Permission.CONFIGURE,
        },
    ]
