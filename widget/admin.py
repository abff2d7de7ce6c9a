from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conversations.console import BrandRows, actor_of
from widget.actions import save_widget
from widget.models import WidgetSettings


@admin.register(WidgetSettings)
class WidgetAdmin(BrandRows[WidgetSettings]):
    """How the messenger on a website looks, and the line to paste there."""

    brand_path = "channel__brand_id"
    list_display = ("channel", "colour", "language", "position")
    list_select_related = ("channel",)
    readonly_fields = ("snippet",)
    fieldsets = (
        (_("Put it on your website"), {"fields": ("snippet", "allowed_origins")}),
        (_("Looks"), {"fields": ("colour", "logo_url", "position", "mode")}),
        (_("Words"), {"fields": ("language", "greeting_en", "greeting_ko")}),
        (_("What visitors may do"), {"fields": ("may_attach", "sound")}),
        (_("Channel"), {"fields": ("channel",)}),
    )

    @admin.display(description=_("Paste before </body>"))
    def snippet(self, widget: WidgetSettings | None) -> str:
        if widget is None or not widget.channel_id:
            return str(_("Save first; then the line to paste stands here."))
        line = '<script src="{}/w.js?key={}" defer></script>'.format("https://…", widget.channel.key)
        return format_html("<code>{}</code>", line)

    def save_model(self, request: HttpRequest, obj: WidgetSettings, form: Any, change: bool) -> None:
        save_widget(widget=obj, by=actor_of(request))
