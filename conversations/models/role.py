"""Roles that a brand makes for itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.brand import Brand
from conversations.models.ids import PublicIdField
from conversations.permissions import Permission, Role, Sees, permissions_of


class CustomRole(models.Model):
    """A set of permissions with a name, and whose conversations they are for."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="custom_roles", verbose_name=_("brand"))
    name = models.CharField(_("name"), max_length=60, help_text=_("For example 'Returns desk'."))
    # The standard role its permissions are nearest to; kept by actions.roles.
    base = models.CharField(max_length=16, choices=Role.choices, default=Role.LIGHT, editable=False)
    permissions = models.JSONField(_("permissions"), default=list)
    sees = models.CharField(
        _("sees"),
        max_length=16,
        choices=Sees.choices,
        default=Sees.ALL,
        help_text=_("Everything else stays hidden from them: lists, search, customers, notifications."),
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="custom_role_name_once_per_brand")]

    def __str__(self) -> str:
        return self.name

    @property
    def granted(self) -> frozenset[Permission]:
        return permissions_of(self.base, self.permissions)
