"""The brand, its channels, and who answers first."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import AGENTS_SIDE, create_brand, save_responder
from conversations.console import BrandRows, actor_of
from conversations.models import Brand, Channel, Responder
from conversations.zones import ZoneField

MIN_INACTIVE, MAX_INACTIVE = 1, 7 * 24 * 60
# A second page of the same browser says within 25 s that they are still here; with less, nobody would be.
MIN_GONE, MAX_GONE = 60, 3600


class BrandForm(forms.ModelForm[Brand]):
    """What the brand's settings take: a language and a time zone there are, minutes within their limits."""

    locale = forms.ChoiceField(
        label=_("language"),
        choices=settings.LANGUAGES,
        help_text=_("Used for customers whose own language is not known."),
    )
    time_zone = ZoneField(
        label=_("time zone"),
        help_text=_("Type a city and choose, for example Asia/Seoul. Reports and hours follow it."),
    )
    inactive_after_minutes = forms.IntegerField(
        label=_("minutes until a session is inactive"),
        initial=10,
        help_text=_(
            "Counted from the customer's last message, 1 to 10080 (7 days). Nothing ends by it: the session is shown as"
            " inactive, and the customer's next message wakes it."
        ),
        validators=[
            MinValueValidator(MIN_INACTIVE, _("Give at least %(limit_value)s minute.")),
            MaxValueValidator(MAX_INACTIVE, _("Give at most %(limit_value)s minutes (7 days).")),
        ],
        widget=forms.NumberInput(attrs={"min": MIN_INACTIVE, "max": MAX_INACTIVE}),
    )
    gone_after_seconds = forms.IntegerField(
        label=_("seconds until who left the site is gone"),
        initial=MIN_GONE,
        required=False,
        help_text=_(
            "Counted from when a customer closed your last page, 60 to 3600. Their session is inactive then, so that"
            " their agent has room for others; their next message wakes it. Empty: only silence counts."
        ),
        validators=[
            MinValueValidator(MIN_GONE, _("Give at least %(limit_value)s seconds.")),
            MaxValueValidator(MAX_GONE, _("Give at most %(limit_value)s seconds.")),
        ],
        widget=forms.NumberInput(attrs={"min": MIN_GONE, "max": MAX_GONE}),
    )


@admin.register(Brand)
class BrandPage(BrandRows[Brand]):
    """A business as its customers know it."""

    intro = _("What customers see of your business, and the language and hours everything else follows.")
    empty = _("There is no brand yet. Add one: it owns everything else.")
    brand_path = "pk"
    may_delete = False
    form = BrandForm
    list_display = ("name", "locale", "time_zone")
    fieldsets = (
        (_("Name"), {"fields": ("name", "slug")}),
        (_("Language and time"), {"fields": ("locale", "time_zone")}),
        (
            _("Conversations"),
            {
                "fields": (
                    "visitor_may_end_session",
                    "inactive_after_minutes",
                    "gone_after_seconds",
                    "begins_anew_after_end",
                )
            },
        ),
    )

    helps = {
        "begins_anew_after_end": _(
            "Off: the customer's next message goes on in the same conversation and opens its ticket again. On: it"
            " begins a new conversation and a new ticket, and agents reply to the ended one only after reopening it."
        ),
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def brands_of(self, row: Brand) -> list[int]:
        return [row.pk]

    def save_model(self, request: HttpRequest, obj: Brand, form: forms.ModelForm[Brand], change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            create_brand(brand=obj, admin=actor_of(request))


@admin.register(Channel)
class ChannelPage(BrandRows[Channel]):
    """The ways in and out, and whether they work."""

    intro = _("Every way customers reach you, and whether it works. Pause one to stop it; its conversations stay.")
    empty = _("No channel yet. Add a web widget first; its channel then stands here.")
    may_add = False
    may_delete = False
    list_display = ("name", "kind", "state", "brand")
    list_filter = ("state", "kind")
    list_select_related = ("brand",)
    fields = ("name", "state", "brand", "kind", "key")
    helps = {"state": _("Paused: nothing comes in here any more, and the widget disappears. Conversations stay.")}
    readonly_fields = ("brand", "kind", "key")


class ResponderForm(forms.ModelForm[Responder]):
    """A responder; that another one answers first so far is no fault, for saving moves that here."""

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]  # not in the stubs


@admin.register(Responder)
class ResponderPage(BrandRows[Responder]):
    """Who can hold a conversation, and who answers first."""

    intro = _("Who can hold a conversation: your agents, an AI agent or a system of yours; and who answers first.")
    called = (_("answering side"), _("who answers"))
    empty = _("Nobody answers yet. Add one of the kind Agents, so that conversations reach your team.")
    may_delete = False
    form = ResponderForm
    list_display = ("named", "kind", "is_default", "brand")
    list_select_related = ("brand",)
    fields = ("brand", "name", "kind", "is_default", "next")
    helps = {
        "kind": _(
            "Agents: the people of your team. AI agent: answers by itself. Custom: a system of yours, by the API."
            " Cannot be changed later."
        ),
        "is_default": _("A new conversation begins with this one. Each brand has one such side."),
        "next": _("Whom a conversation goes to when this one passes it on without saying to whom. Empty: the agents."),
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Responder | None = None) -> tuple[str, ...]:
        return ("brand", "kind") if obj else ()

    def save_model(self, request: HttpRequest, obj: Responder, form: forms.ModelForm[Responder], change: bool) -> None:
        if not change or form.changed_data:
            save_responder(responder=obj, fields=form.changed_data if change else (), by=actor_of(request))

    def title_of(self, row: Responder) -> str:
        return plain_name(row)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "next":
            field.label_from_instance = plain_name
        return field

    @admin.display(description=_("name"), ordering="name")
    def named(self, row: Responder) -> str:
        label = plain_name(row)
        return label if label == row.name else format_html('{} <code class="mono c3">{}</code>', label, row.name)


def plain_name(responder: Responder) -> str:
    """Give what people call it: the team's own side has a name that only systems use."""
    return gettext("Agents") if responder.name == AGENTS_SIDE else responder.name
