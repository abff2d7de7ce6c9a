"""Sign-ins of the business's own people, and the brands each may see."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import PublicIdField
from conversations.models.role import CustomRole
from conversations.permissions import Role


class UserManager(BaseUserManager["User"]):
    """Make users by email address, which is stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person of the business, who signs in by email."""

    public_id = PublicIdField()
    email = models.EmailField(_("email"), unique=True, help_text=_("The address this person signs in with."))
    name = models.CharField(_("name"), max_length=128, help_text=_("Shown to customers beside each reply."))
    locale = models.CharField(_("language"), max_length=8, blank=True, help_text=_("Empty: the browser's language."))
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch off to stop sign-in; history stays.")
    )
    is_staff = models.BooleanField(_("may open the console"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # The last sign of life of a page or an app of theirs, and of hands on it. Written at most every few seconds.
    seen_at = models.DateTimeField(null=True, editable=False)
    active_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.email


class Membership(models.Model):
    """A person's place in one brand; without one, nothing of that brand is visible to them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person"))
    brand = models.ForeignKey("conversations.Brand", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(
        _("role"),
        max_length=16,
        choices=Role.choices,
        default=Role.AGENT,
        help_text=_("Admins configure, supervisors lead, agents answer, light agents read and write notes."),
    )
    # Whose permissions hold instead of the role's own; `role` is then the one it is nearest to.
    custom_role = models.ForeignKey(
        CustomRole, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name=_("role")
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "brand"], name="membership_once_per_brand")]

    def __str__(self) -> str:
        return f"{self.user}: {self.role_name}"

    @property
    def role_name(self) -> str:
        """Give what the role is called: a custom one by its own name."""
        return str(self.custom_role) if self.custom_role else self.get_role_display()
