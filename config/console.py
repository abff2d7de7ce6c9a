"""The configuration console at /admin/: its door, its groups of pages, and the way in for somebody new."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import LogoutView, PasswordResetConfirmView, redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext_lazy as _

from config.console_home import home_of
from config.console_search import words_of
from conversations.console import console_viewer
from conversations.models import User
from routing.actions.agents import preferences_of
from routing.models import Agent

# Pictures of logos may stand anywhere; the messenger in the preview is a page of our own.
POLICY = (
    "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
GROUPS = (
    (_("Channels"), (("widget.widgetsettings", "globe"), ("conversations.channel", "chat"))),
    (
        _("Routing"),
        (
            ("routing.routingconfig", "sliders"),
            ("routing.queue", "inbox"),
            ("routing.skilltype", "star"),
            ("routing.skill", "star-f"),
            ("routing.skillrule", "filter"),
            ("routing.capacityrule", "bars"),
            ("routing.customstatus", "pulse"),
            ("routing.schedule", "clock"),
            ("routing.slapolicy", "check2"),
            ("routing.sessionsettings", "moon"),
            ("routing.view", "list"),
            ("routing.macro", "zap"),
            ("routing.trigger", "flow"),
            ("routing.automation", "refresh"),
            ("routing.survey", "smile"),
            ("routing.customfield", "list"),
            ("routing.ticketform", "chat"),
            ("conversations.responder", "target"),
        ),
    ),
    (
        _("People"),
        (
            ("conversations.user", "users"),
            ("conversations.customrole", "shield"),
            ("routing.group", "layers"),
            ("routing.statusspell", "history"),
            ("conversations.contact", "user"),
            ("conversations.block", "ban"),
        ),
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


class Join(PasswordResetConfirmView):
    """A one-time sign-in link: its reader sets a password and is in. Shown without any session or cookie needed."""

    template_name = "admin/join.html"
    post_reset_login = True

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def get_success_url(self) -> str:
        return "/workspace/"


class Console(AdminSite):
    """Django's admin in our looks, for the admins of a brand and whoever sets up their team's work."""

    site_header = "Madang"
    site_title = "Madang"
    index_title = _("Home")
    index_template = "admin/home.html"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in to whom a page is open in at least one brand; each page asks again for its own permission."""
        return console_viewer(request).may_configure

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [path("join/<uidb64>/<token>/", Join.as_view(), name="join"), *super().get_urls()]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def with_policy(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            response = guarded(request, *args, **kwargs)
            response["Content-Security-Policy"] = POLICY
            return response

        return with_policy

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the one sign-in page; tell to whom nothing here is open whom to ask."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", reverse("admin:index")))
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return render(request, "403.html", {"is_console": True}, status=403)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return LogoutView.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("conversations:password"))

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("admin:index"))

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Go home: how the code is cut into apps is nothing an admin needs to know."""
        return HttpResponseRedirect(reverse("admin:index"))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        pages = {
            f"{app['app_label']}.{model['object_name'].lower()}": model
            for app in context["available_apps"]
            for model in app["models"]
        }
        context["console_groups"] = [
            (
                name,
                [
                    {**pages[label], "icon": icon, "words": words_of(self._registry[pages[label]["model"]])}
                    for label, icon in labels
                    if label in pages
                ],
            )
            for name, labels in GROUPS
        ]
        context["theme"] = _theme_of(request)
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what is left to set up, the channels, what needs attention, and what changed last."""
        return super().index(request, home_of(request) | (extra_context or {}))


def _theme_of(request: HttpRequest) -> str:
    if not isinstance(request.user, User):
        return "auto"
    agent = Agent.objects.filter(user=request.user).first()
    return preferences_of(agent)["theme"] if agent else "auto"
