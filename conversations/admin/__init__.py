"""The core's pages of the console, one file per noun."""

from django.contrib import admin
from django.contrib.auth.models import Group as PermissionGroup

from conversations.admin import blocks, brands, contacts, keys, log, roles

__all__ = ["blocks", "brands", "contacts", "keys", "log", "roles"]

# Roles stand in memberships; Django's own permission groups would be a second source.
admin.site.unregister(PermissionGroup)
