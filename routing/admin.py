"""Routing's pages of the console."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from conversations.console import BrandRows, admin_brands
from routing.models import Agent, Group


@admin.register(Group)
class GroupPage(BrandRows[Group]):
    """Agents who share work of one brand."""

    list_display = ("name", "brand", "is_default")
    list_select_related = ("brand",)
    fields = ("brand", "name", "is_default", "members")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        own = Agent.objects.filter(user__memberships__brand_id__in=admin_brands(request))
        kwargs["queryset"] = own.select_related("user").distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)
