"""People who answer, and the groups they work in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import DatabaseId, PublicIdField
from routing.decide.statuses import Availability, by_class
from routing.models.availability import CapacityRule, CustomStatus


class Agent(models.Model):
    """A person who answers. Sign-in and brands stand in the core's User and Membership."""

    Status = Availability

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="agent", verbose_name=_("person")
    )
    status = models.CharField(
        _("status"), max_length=16, choices=Status.choices, default=Status.OFFLINE, help_text=_("One for all channels.")
    )
    # Refines `status`, which then holds what it means for messaging.
    custom_status = models.ForeignKey(CustomStatus, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Whether anything can come to them: offline in every class of channels is not there.
    is_present = models.BooleanField(default=False, db_default=False, editable=False)
    status_set_at = models.DateTimeField(null=True, editable=False)
    # When they, or somebody for them, last chose it, also the one they had: a sign of life like hands on a page.
    chosen_at = models.DateTimeField(null=True, editable=False)
    # Since when they can be given work: what a fair start counts from.
    came_at = models.DateTimeField(null=True, editable=False)
    # When the last work of each class of channels was given, in seconds since 1970: whose turn it is.
    last_given = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    capacity_rule = models.ForeignKey(
        CapacityRule,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="agents",
        verbose_name=_("capacity rule"),
        help_text=_("How much work they may have at once. Empty: the brand's default rule."),
    )
    # How this agent likes the workspace: keys and defaults in routing.actions.agents.PREFERENCES.
    preferences = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        indexes = [models.Index(fields=["id"], condition=Q(is_present=True), name="agent_is_present")]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def by_class(self) -> dict[str, str]:
        """What their status means for each class of channels."""
        return by_class(self.status, self.custom_status.by_class if self.custom_status else None)

    def counts_as(self, channel_class: str) -> str:
        """Give which of the four statuses they have where work of this class is concerned."""
        return self.custom_status.by_class[channel_class] if self.custom_status else self.status


class Departure(models.Model):
    """A wish: an agent answers for a brand no more, and what they have of its work is to go on to others."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    # When it was wished for last: who fulfils an older one leaves it standing.
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "agent"], name="departure_once")]


class Withdrawal(models.Model):
    """A wish: an agent's status changed, and what they have of a brand's work and are not there for is to go on."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    # When it was wished for last: who fulfils an older one leaves it standing.
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["brand", "agent"], name="withdrawal_once")]


class Group(models.Model):
    """Agents who share work of one brand."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=100, help_text=_("For example 'Exchanges'."))
    is_default = models.BooleanField(_("gets new tickets"), default=False)
    escalates_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("escalates to"),
        help_text=_("Where 'Escalate' sends a ticket of this group."),
    )
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
