"""Customers, to look at; agents edit them in the workspace."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.console import CountlessPaginator, OwnInline, ReadOnly
from conversations.models import Contact, Identity


class IdentityInline(OwnInline, admin.TabularInline[Identity, Contact]):
    model = Identity
    verbose_name_plural = _("Where they write from")
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

    intro = _("Everyone who wrote to you, newest first. Agents edit customers in the workspace.")
    empty = _("Nobody wrote yet. Put the widget on your website, or write to yourself on the demo shop.")
    list_display = ("__str__", "email", "phone", "is_verified", "brand")
    list_select_related = ("brand",)
    fields = ("brand", "name", "email", "phone", "locale", "external_id", "is_verified", "properties")
    paginator = CountlessPaginator
    ordering = ("-pk",)
    inlines = (IdentityInline,)
