"""Keys of the brand's own systems: a secret is shown once, on the page that answers its making."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations import scopes
from conversations.actions.keys import create_api_key, create_signing_key, delete_key
from conversations.console import BrandRows, Once, actor_of
from conversations.models import ApiKey, SigningKey


class KeyPage(BrandRows[Any]):
    """A key, whose secret is shown once, when it is made."""

    may_change = False
    list_select_related = ("brand",)
    once_title: ClassVar[str | Promise]
    once_text: ClassVar[str | Promise]
    howto: ClassVar[str] = ""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("brand", "name") if obj is None else ("brand", "name", *self.readonly_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_key(key=obj, by=actor_of(request))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show the secret in this very answer: it is kept in no cookie, session or log."""
        public, secret = obj.shown_once
        once = Once(
            title=self.once_title,
            text=self.once_text,
            lines=((_("Key id"), public), (_("Secret"), secret)),
            back=reverse(f"admin:conversations_{self.opts.model_name}_changelist"),
            howto=self.howto,
        )
        return once.page(request, self.admin_site)


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """A key and what it may reach, as grouped boxes; a new one begins with all."""

    scopes = forms.MultipleChoiceField(
        label=_("may reach"),
        choices=scopes.choices(),
        widget=forms.CheckboxSelectMultiple,
        initial=scopes.ALL,
        help_text=_("Tick only what the system needs: what a key may not reach, nobody can do with it who finds it."),
    )


@admin.register(ApiKey)
class ApiKeyPage(KeyPage):
    """Keys with which your own systems call the API."""

    intro = _("One key for each system of yours that calls Madang, so that you can take one away without the others.")
    empty = _("No API key yet. Add one when a system of yours is to call Madang.")
    gone = _("The system that uses this key is refused from this moment on. Nothing else changes.")
    once_title = _("Your new API key")
    once_text = _("Copy both now. The secret is never shown again; if it is lost, make a new key.")
    form = ApiKeyForm
    list_display = ("name", "key_id", "brand", "reaches", "created_at", "last_used_at")
    readonly_fields = ("key_id", "reaches", "created_at", "last_used_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else ("brand", "name", "scopes")

    @admin.display(description=_("may reach"))
    def reaches(self, key: ApiKey) -> str:
        return gettext("everything") if set(scopes.ALL) <= set(key.scopes) else ", ".join(key.scopes)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm[Any], change: bool) -> None:
        key, secret = create_api_key(
            brand=obj.brand, name=obj.name, by=actor_of(request), scopes=form.cleaned_data["scopes"]
        )
        obj.pk, obj.shown_once = key.pk, (key.key_id, secret)  # type: ignore[attr-defined]  # for response_add alone


@admin.register(SigningKey)
class SigningKeyPage(KeyPage):
    """Keys with which your website vouches for its signed-in visitors."""

    intro = _("With a signing key your website tells Madang who a signed-in visitor is, so that nobody can pretend.")
    empty = _("No signing key yet. Add one when your website has sign-ins of its own.")
    gone = _("Visitors whom your website signs with this key are no longer let in as themselves, from this moment on.")
    once_title = _("Your new signing key")
    once_text = _("Copy both now, to the server of your website only. The secret is never shown again.")
    howto = "admin/_signing.html"
    list_display = ("name", "kid", "brand", "created_at")
    readonly_fields = ("kid", "created_at")

    def save_model(self, request: HttpRequest, obj: SigningKey, form: ModelForm[Any], change: bool) -> None:
        key, secret = create_signing_key(brand=obj.brand, name=obj.name, by=actor_of(request))
        obj.pk, obj.shown_once = key.pk, (key.kid, secret)  # type: ignore[attr-defined]  # for response_add alone
