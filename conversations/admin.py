"""The core's pages of the console."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group as PermissionGroup
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations import relay
from conversations.actions.configuration import record_configuration
from conversations.actions.keys import create_api_key, create_signing_key, delete_key
from conversations.console import BrandRows, CountlessPaginator, OwnInline, actor_of, admin_brands
from conversations.events import FACTS
from conversations.models import (
    ApiKey,
    Brand,
    Channel,
    Contact,
    DeadFact,
    Event,
    Identity,
    Membership,
    Responder,
    SigningKey,
    User,
)

# Roles stand in memberships; Django's own permission groups would be a second source.
admin.site.unregister(PermissionGroup)


@admin.register(Brand)
class BrandPage(BrandRows[Brand]):
    """A business as its customers know it."""

    brand_path = "pk"
    may_delete = False
    list_display = ("name", "slug", "locale", "time_zone")
    fields = ("name", "slug", "locale", "time_zone", "visitor_may_end_session", "inactive_after_minutes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def brands_of(self, row: Brand) -> list[int]:
        return [row.pk]


@admin.register(Channel)
class ChannelPage(BrandRows[Channel]):
    """The ways in and out, and whether they work."""

    may_add = False
    may_delete = False
    list_display = ("name", "kind", "state", "brand")
    list_filter = ("state", "kind")
    list_select_related = ("brand",)
    fields = ("name", "brand", "kind", "key", "state")
    readonly_fields = ("brand", "kind", "key")


class MembershipInline(OwnInline, admin.TabularInline[Membership, User]):
    model = Membership
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).filter(brand_id__in=admin_brands(request))


@admin.register(User)
class PersonPage(BrandRows[User], UserAdmin[User]):
    """People who sign in, and what they are in each brand."""

    brand_path = "memberships__brand_id"
    may_delete = False
    form = UserChangeForm  # type: ignore[assignment]  # its stub leaves the user model open
    add_form = AdminUserCreationForm
    ordering = ("name",)
    list_display = ("name", "email", "is_active")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("name", "email")
    filter_horizontal = ()
    inlines = (MembershipInline,)
    fieldsets = ((None, {"fields": ("name", "email", "password", "locale", "is_active")}),)
    add_fieldsets = ((None, {"fields": ("name", "email", "password1", "password2")}),)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody change a person with more power than theirs: superusers, and admins of brands not their own."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or getattr(request.user, "is_superuser", False):
            return True
        elsewhere = obj.memberships.exclude(brand_id__in=admin_brands(request)).exists()
        return not obj.is_superuser and not elsewhere

    def brands_of(self, row: User) -> list[int]:
        return list(row.memberships.values_list("brand_id", flat=True))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change or any(formset.has_changed() for formset in formsets):
            brand_ids = self.brands_of(form.instance)
            record_configuration(row=form.instance, brand_ids=brand_ids, change="roles", by=actor_of(request))


class KeyPage(BrandRows[Any]):
    """A key, whose secret is shown once, when it is made."""

    may_change = False
    list_select_related = ("brand",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("brand", "name") if obj is None else ("brand", "name", *self.readonly_fields)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_key(key=obj, by=actor_of(request))

    def show_once(self, request: HttpRequest, obj: Any, made: Any, secret: str, public: str) -> None:
        obj.pk = made.pk
        text = _("Copy this now, it is never shown again. Key id: %(id)s  Secret: %(secret)s")
        messages.warning(request, text % {"id": public, "secret": secret})


@admin.register(ApiKey)
class ApiKeyPage(KeyPage):
    """Keys with which your own systems call the API."""

    list_display = ("name", "key_id", "brand", "created_at", "last_used_at")
    readonly_fields = ("key_id", "created_at", "last_used_at")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm[Any], change: bool) -> None:
        key, secret = create_api_key(brand=obj.brand, name=obj.name, by=actor_of(request))
        self.show_once(request, obj, key, secret, key.key_id)


@admin.register(SigningKey)
class SigningKeyPage(KeyPage):
    """Keys with which your website vouches for its signed-in visitors."""

    list_display = ("name", "kid", "brand", "created_at")
    readonly_fields = ("kid", "created_at")

    def save_model(self, request: HttpRequest, obj: SigningKey, form: ModelForm[Any], change: bool) -> None:
        key, secret = create_signing_key(brand=obj.brand, name=obj.name, by=actor_of(request))
        self.show_once(request, obj, key, secret, key.kid)


@admin.register(Responder)
class ResponderPage(BrandRows[Responder]):
    """Who can hold a conversation, and who answers first."""

    may_delete = False
    list_display = ("name", "kind", "is_default", "brand")
    list_select_related = ("brand",)
    fields = ("brand", "name", "kind", "is_default", "next")


class ReadOnly(BrandRows[Any]):
    """What happened: looked at, never edited."""

    may_add = may_change = may_delete = False


class IdentityInline(OwnInline, admin.TabularInline[Identity, Contact]):
    model = Identity
    fields = ("channel", "address", "last_seen_at")
    readonly_fields = fields
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Contact)
class ContactPage(ReadOnly):
    """Customers; agents edit them in the workspace."""

    list_display = ("__str__", "email", "phone", "is_verified", "brand")
    list_select_related = ("brand",)
    fields = ("brand", "name", "email", "phone", "locale", "external_id", "is_verified", "properties")
    paginator = CountlessPaginator
    ordering = ("-pk",)
    inlines = (IdentityInline,)


class KindOfFact(admin.SimpleListFilter):
    """Choices from the code: asking the log for its distinct types would read all of it."""

    title = _("kind")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in sorted(FACTS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class WhoDidIt(admin.SimpleListFilter):
    """Kinds of actors, as `conversations.events.Actor` names them."""

    title = _("who")
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("contact", _("Customer")),
            ("agent", _("Agent")),
            ("bot", _("AI agent")),
            ("system", _("System")),
            ("api", _("API")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


@admin.register(Event)
class EventPage(ReadOnly):
    """The event log: everything that happened, newest first."""

    list_display = ("type", "actor_kind", "actor_id", "conversation_id", "created_at")
    list_filter = (KindOfFact, WhoDidIt)
    fields = ("type", "position", "actor_kind", "actor_id", "conversation_id", "payload", "created_at")
    ordering = ("-pk",)
    sortable_by = ()
    list_per_page = 50
    paginator = CountlessPaginator


@admin.register(DeadFact)
class DeadFactPage(ReadOnly):
    """Facts that one reader could not take in; run them again once the cause is gone."""

    brand_path = "event__brand_id"
    list_display = ("reader", "event", "error", "created_at", "resolved_at")
    list_filter = ("reader",)
    list_select_related = ("event",)
    actions = ("run_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("-pk")

    @admin.action(description=_("Run again"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[DeadFact]) -> None:
        for dead in queryset.filter(resolved_at=None).select_related("event"):
            try:
                relay.run_again(dead)
            except Exception as error:
                # Whatever a reaction raises is what the admin asked to see; the fact stays set aside.
                messages.error(request, f"{dead.reader}: {error!r}")
            else:
                messages.success(request, _("%(reader)s has taken it in.") % {"reader": dead.reader})
