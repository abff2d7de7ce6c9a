"""The widget's page of the console: how a website's messenger looks, and the line to paste there."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf.locale import LANG_INFO
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations.console import BrandRows, actor_of
from conversations.models import Brand, Channel
from widget.actions import create_widget, save_widget
from widget.models import WidgetSettings
from widget.queries import languages

MAX_ORIGINS = 50
CHANNEL_FIELDS = ("brand", "name", "state")


class ColourInput(forms.TextInput):
    """A colour to pick, and its hex digits beside it; the console's script keeps the two the same."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        text = super().render(name, value, {**(attrs or {}), "size": 8, "maxlength": 7}, renderer)
        picker = format_html('<input type="color" data-picker value="{}" aria-label="{}">', value, _("Pick a colour"))
        return format_html('<span class="colour">{}{}</span>', picker, text)


class LogoInput(forms.URLInput):
    """An address, and the picture that is there."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        text = super().render(name, value, {**(attrs or {}), "placeholder": "https://"}, renderer)
        picture = format_html('<img class="logo" data-logo src="{}" alt="" width="40" height="40">', value or "data:,")
        return format_html('<span class="colour">{}{}</span>', text, picture)


def language_choices() -> list[tuple[str, Any]]:
    """Give the languages the messenger speaks: one for each catalogue there is."""
    names = ((code, LANG_INFO.get(code, {}).get("name_local", code)) for code in languages())
    return [(WidgetSettings.AUTO, _("The page's, or else the browser's")), *names]


def origin_of(line: str) -> str | None:
    """Give a line as an origin (scheme, host and port), or nothing where it is none."""
    try:
        parts = urlsplit(line.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username or parts.password)
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    is_host = bool(host) and all(char.isalnum() or char in ".-" for char in host)
    return f"{parts.scheme}://{host}{port}" if parts.scheme in {"https", "http"} and is_host and is_bare else None


LOGO_WRONG = _("Give an address that begins with https://.")
COLOUR_WRONG = _("Write the colour as # and six digits or letters from a to f, for example #244fb9.")


class WidgetForm(forms.ModelForm[WidgetSettings]):
    """The widget with the name and state of its channel, which it makes when new."""

    name = forms.CharField(
        label=_("name"), max_length=100, help_text=_("How your team calls it, for example 'Website' or 'Shop'.")
    )
    brand = forms.ModelChoiceField(
        Brand.objects.none(),
        label=_("brand"),
        help_text=_("Whose conversations come in here. It cannot be changed later."),
    )
    state = forms.ChoiceField(
        label=_("state"),
        choices=[(Channel.State.ACTIVE.value, _("Active")), (Channel.State.PAUSED.value, _("Paused"))],
        help_text=_("Paused: the launcher disappears from your website. Conversations stay."),
    )
    language = forms.ChoiceField(label=_("language"), help_text=_("The language of the messenger's own words."))
    logo_url = forms.URLField(
        label=_("logo"),
        required=False,
        max_length=200,
        assume_scheme="https",
        widget=LogoInput,
        error_messages={"invalid": LOGO_WRONG},
        help_text=_("The https address of a square picture, shown in the header; at most 200 characters."),
    )

    class Meta:
        widgets = {"colour": ColourInput, "allowed_origins": forms.Textarea(attrs={"rows": 3, "cols": 50})}
        error_messages = {"colour": {"invalid": COLOUR_WRONG, "max_length": COLOUR_WRONG}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language: Any = self.fields["language"]
        language.choices = language_choices()
        # A brand is chosen once, a state is changed: the fieldsets show either.
        del self.fields["brand" if self.instance.pk else "state"]
        if self.instance.pk:
            self.initial["name"], self.initial["state"] = self.instance.channel.name, self.instance.channel.state

    def clean_logo_url(self) -> str:
        address = str(self.cleaned_data["logo_url"])
        if address and not address.lower().startswith("https://"):
            raise forms.ValidationError(LOGO_WRONG)
        return address

    def clean_allowed_origins(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["allowed_origins"].splitlines() if line.strip()]
        if len(lines) > MAX_ORIGINS:
            raise forms.ValidationError(_("Give at most %(limit)s websites.") % {"limit": MAX_ORIGINS})
        origins = []
        for number, line in enumerate(lines, 1):
            origin = origin_of(line)
            if origin is None:
                text = _("Line %(number)s, %(line)s: write it as https://www.example.com, with nothing after the name.")
                raise forms.ValidationError(text % {"number": number, "line": line[:100]})
            origins.append(origin)
        return "\n".join(dict.fromkeys(origins))


@admin.register(WidgetSettings)
class WidgetAdmin(BrandRows[WidgetSettings]):
    """How the messenger on a website looks, and the line to paste there."""

    intro = _("The messenger on your website: how it looks, what it says, and the line to paste into your pages.")
    empty = _("No widget yet. Add one: it takes a minute, and then you get the line to paste into your website.")
    brand_path = "channel__brand_id"
    may_delete = False
    form = WidgetForm
    change_form_template = "admin/widget_form.html"
    list_display = ("channel", "brand", "state", "colour_shown", "language_name", "position")
    list_select_related = ("channel__brand",)
    helps = {
        "position": _("In which corner of your page the launcher stands."),
        "greeting_ko": _("The first line that visitors who read Korean see."),
        "mode": _("Whether the messenger is light or dark; as the visitor's device is what most people expect."),
        "may_attach": _("Shows the paper clip. Off: visitors write words only."),
        "sound": _("Plays a short tone when an answer comes while the visitor looks elsewhere."),
    }
    settings_fields = (
        (_("Looks"), {"fields": ("colour", "logo_url", "position", "mode")}),
        (_("Words"), {"fields": ("greeting_en", "greeting_ko", "language")}),
        (_("What visitors may do"), {"fields": ("may_attach", "sound")}),
        (_("Where it may appear"), {"fields": ("allowed_origins",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: WidgetSettings | None = None) -> Any:
        first = ("name", "brand") if obj is None else ("name", "state")
        return ((_("Widget"), {"fields": first}), *self.settings_fields)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "brand" in form.base_fields:
            field: Any = form.base_fields["brand"]
            own = Brand.objects.filter(pk__in=self.brands(request)).order_by("name")
            field.queryset, field.initial = own, own.first()
        return form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        widget: WidgetSettings | None = context.get("original")
        if widget is not None:
            context["snippet"] = (
                f'<script src="{request.build_absolute_uri("/w.js")}?key={widget.channel.key}" defer></script>'
            )
            context["messenger"] = reverse("widget:messenger", args=[widget.channel.key])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: WidgetSettings, form: Any, change: bool) -> None:
        given, by = form.cleaned_data, actor_of(request)
        if not change:
            settings = {name: value for name, value in given.items() if name not in CHANNEL_FIELDS}
            made = create_widget(brand=given["brand"], name=given["name"], by=by, **settings)
            obj.pk, obj.channel = made.pk, made.channel
        elif form.changed_data:
            save_widget(widget=obj, name=given["name"], state=given["state"], fields=form.changed_data, by=by)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the new widget, where the line to paste is."""
        self.message_user(request, _("The widget is made. Paste the line below into your website."))
        return HttpResponseRedirect(reverse("admin:widget_widgetsettings_change", args=[obj.pk]))

    @admin.display(description=_("brand"))
    def brand(self, widget: WidgetSettings) -> str:
        return str(widget.channel.brand)

    @admin.display(description=_("state"))
    def state(self, widget: WidgetSettings) -> str:
        return widget.channel.get_state_display()

    @admin.display(description=_("language"))
    def language_name(self, widget: WidgetSettings) -> str:
        return str(dict(language_choices()).get(widget.language, widget.language))

    @admin.display(description=_("colour"))
    def colour_shown(self, widget: WidgetSettings) -> str:
        dot = '<svg class="swatch" viewBox="0 0 8 8" aria-hidden="true"><circle cx="4" cy="4" r="4" fill="{}"/></svg>{}'
        return format_html(dot, widget.colour, widget.colour)
