"""The core's pages of the console, one file per noun."""

from django.contrib import admin
from django.contrib.auth.models import Group as PermissionGroup

from conversations.admin import brands, contacts, keys, log

__all__ = ["brands", "contacts", "keys", "log"]

# Roles stand in memberships; Django's own permission groups would be a second source.
admin.site.unregister(PermissionGroup)
