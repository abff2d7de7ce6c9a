"""What somebody may do in a brand, and whose conversations they see: the one vocabulary of every role.

A standard role is a fixed set of permissions; a custom role of a brand is a set of its own. What is asked is always a
permission (`viewer.may(brand_id, Permission.REPLY)`), never a role.
"""

from collections.abc import Collection

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The standard roles; that of a custom role is the nearest of the last three."""

    ADMIN = "admin", _("Admin")
    SUPERVISOR = "supervisor", _("Supervisor")
    AGENT = "agent", _("Agent")
    LIGHT = "light", _("Light agent")


class Permission(models.TextChoices):
    """One thing somebody may do. The values are stored: they stay as they are."""

    REPLY = "messages.reply", _("Answer customers, and end sessions")
    NOTE = "notes.write", _("Write notes")
    CHANGE_TICKETS = "tickets.change", _("Take tickets and change their fields")
    ASSIGN_OTHERS = "tickets.assign_others", _("Give tickets to others")
    SOLVE = "tickets.solve", _("Solve and close tickets")
    EDIT_CONTACTS = "contacts.edit", _("Edit customers")
    MERGE_CONTACTS = "contacts.merge", _("Merge customers")
    BLOCK_CONTACTS = "blocks.contact", _("Block customers and emails")
    BLOCK_ADDRESSES = "blocks.address", _("Block network addresses, and see them")
    SHARE_MACROS = "macros.shared", _("Change shared macros")
    SHARE_VIEWS = "views.shared", _("Change shared views")
    SUPERVISE = "supervise", _("Supervise: the team's work and figures")
    CONFIGURE_ROUTING = (
        "routing.configure",
        _("Set up the team's work in the console: groups, queues, hours, and rules, which may write to customers"),
    )
    CONFIGURE = "configure", _("Configure everything in the console")


class Sees(models.TextChoices):
    """Whose conversations somebody sees."""

    ALL = "all", _("All conversations of the brand")
    GROUPS = "groups", _("Those of their groups, and their own")
    ASSIGNED = "assigned", _("Only those that are assigned to them")


LIGHT = frozenset({Permission.NOTE})
AGENT = LIGHT | {
    Permission.REPLY,
    Permission.CHANGE_TICKETS,
    Permission.ASSIGN_OTHERS,
    Permission.SOLVE,
    Permission.EDIT_CONTACTS,
    Permission.MERGE_CONTACTS,
    Permission.BLOCK_CONTACTS,
}
SUPERVISOR = AGENT | {
    Permission.BLOCK_ADDRESSES,
    Permission.SHARE_MACROS,
    Permission.SHARE_VIEWS,
    Permission.SUPERVISE,
    Permission.CONFIGURE_ROUTING,
}
STANDARD: dict[Role, frozenset[Permission]] = {
    Role.LIGHT: LIGHT,
    Role.AGENT: AGENT,
    Role.SUPERVISOR: SUPERVISOR,
    Role.ADMIN: SUPERVISOR | {Permission.CONFIGURE},
}
# Each opens pages of the console; which, the pages say (`conversations.console.BrandRows.permission`).
CONSOLE = frozenset(
    {
        Permission.CONFIGURE,
        Permission.CONFIGURE_ROUTING,
        Permission.SHARE_MACROS,
        Permission.SHARE_VIEWS,
        Permission.BLOCK_ADDRESSES,
        Permission.SUPERVISE,
    }
)
# As a form groups them. Configuring everything is the admin's alone: a brand must know who its admins are.
GRANTABLE: tuple[tuple[str | Promise, tuple[Permission, ...]], ...] = (
    (_("Conversations"), (Permission.REPLY, Permission.NOTE)),
    (_("Tickets"), (Permission.CHANGE_TICKETS, Permission.ASSIGN_OTHERS, Permission.SOLVE)),
    (
        _("Customers"),
        (
            Permission.EDIT_CONTACTS,
            Permission.MERGE_CONTACTS,
            Permission.BLOCK_CONTACTS,
            Permission.BLOCK_ADDRESSES,
        ),
    ),
    (
        _("Team"),
        (Permission.SHARE_MACROS, Permission.SHARE_VIEWS, Permission.CONFIGURE_ROUTING, Permission.SUPERVISE),
    ),
)
GRANTED = frozenset(permission for _title, each in GRANTABLE for permission in each)


def permissions_of(role: str, custom: Collection[str] | None = None) -> frozenset[Permission]:
    """Give what a role may do: a standard one, or a custom one whose own permissions are given.

    A stored name that no longer is a permission grants nothing.
    """
    if custom is None:
        return STANDARD[Role(role)]
    return frozenset(permission for permission in GRANTED if permission.value in custom)


def nearest_role(permissions: Collection[Permission]) -> Role:
    """Give the standard role a set of permissions is nearest to: who may be given tickets is asked of it."""
    if Permission.REPLY not in permissions:
        return Role.LIGHT
    return Role.SUPERVISOR if Permission.SUPERVISE in permissions else Role.AGENT
