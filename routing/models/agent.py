"""People who answer, and the groups they work in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import DatabaseId, PublicIdField


class Agent(models.Model):
    """A person who answers. Sign-in and brands stand in the core's User and Membership."""

    class Status(models.TextChoices):
        ONLINE = "online", _("Online")
        AWAY = "away", _("Away")
        TRANSFERS_ONLY = "transfers_only", _("Transfers only")
        OFFLINE = "offline", _("Offline")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent", verbose_name=_("person")
    )
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.OFFLINE, help_text=_("One for all channels.")
    )
    # How this agent likes the workspace: keys and defaults in routing.actions.agents.PREFERENCES.
    preferences = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        return str(self.user)


class Group(models.Model):
    """Agents who share work of one brand."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=100, help_text=_("For example 'Exchanges'."))
    is_default = models.BooleanField(_("gets new tickets"), default=False)
    members = models.ManyToManyField(Agent, related_name="groups", blank=True, verbose_name=_("members"))

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="group_name_once_per_brand"),
            models.UniqueConstraint(fields=["brand"], condition=Q(is_default=True), name="group_default_once"),
        ]

    def __str__(self) -> str:
        return self.name
