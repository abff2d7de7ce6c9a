"""The ground of every app's admin pages: whose rows an admin sees, and that each change is recorded."""

from typing import Any, TypeVar, cast

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.core.paginator import Paginator
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.functional import cached_property

from conversations.actions.configuration import delete_configuration, save_configuration
from conversations.events import Actor
from conversations.models import Brand, Membership, Role, User

Row = TypeVar("Row", bound=Model)


def admin_brands(request: HttpRequest) -> list[int]:
    """Give the brands this person configures; all for a superuser. One query a request."""
    if not hasattr(request, "_admin_brands"):
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            found: list[int] = []
        elif user.is_superuser:
            found = list(Brand.objects.values_list("pk", flat=True))
        else:
            found = list(Membership.objects.filter(user=user, role=Role.ADMIN).values_list("brand_id", flat=True))
        request._admin_brands = found  # type: ignore[attr-defined]  # kept for this request only
    return request._admin_brands  # type: ignore[attr-defined, no-any-return]


def actor_of(request: HttpRequest) -> Actor:
    """Give who changes something here."""
    assert isinstance(request.user, User)
    return Actor.of_user(request.user)


class CountlessPaginator(Paginator):  # type: ignore[type-arg]  # its stub's parameter is the page's rows, any here
    """Page without counting a table that only grows: the log ends at what a person may page through."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Model]", self.object_list)
        return len(rows.order_by()[:1000].values_list("pk", flat=True))


class BrandRows(admin.ModelAdmin[Row]):
    """Shows the rows of the brands one configures. A subclass may set `brand_path`, which leads to the brand."""

    brand_path = "brand_id"
    may_add = True
    may_change = True
    may_delete = True
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        return super().get_queryset(request).filter(**{f"{self.brand_path}__in": admin_brands(request)}).distinct()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(admin_brands(request))

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return bool(admin_brands(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and bool(admin_brands(request))

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.may_change and bool(admin_brands(request))

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.may_delete and bool(admin_brands(request))

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", own_rows(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def brands_of(self, row: Row) -> list[int]:
        """Say in which brands' audit trails a change of this row stands."""
        brand_id = getattr(row, "brand_id", None)
        return [brand_id] if brand_id else []

    def save_model(self, request: HttpRequest, obj: Row, form: ModelForm[Any], change: bool) -> None:
        fields = form.changed_data if change else []
        if change and not fields:
            return
        save_configuration(row=obj, brand_ids=self.brands_of(obj), fields=fields, by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        delete_configuration(row=obj, brand_ids=self.brands_of(obj), by=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log alone: the event log is the audit trail."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log alone: the event log is the audit trail."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave Django's own log alone: the event log is the audit trail."""


def own_rows(model: type[Model], request: HttpRequest) -> QuerySet[Any]:
    """Give what a field may choose from: rows of the brands one configures."""
    rows = model._default_manager.all()
    if model is Brand:
        return rows.filter(pk__in=admin_brands(request))
    if any(field.name == "brand" for field in model._meta.fields):
        return rows.filter(brand_id__in=admin_brands(request))
    if model is User:
        return rows.filter(memberships__brand_id__in=admin_brands(request)).distinct()
    return rows


class OwnInline(InlineModelAdmin[Any, Any]):
    """An inline whose choices stay within the brands one configures."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", own_rows(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(admin_brands(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(admin_brands(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(admin_brands(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(admin_brands(request))
