"""What a brand promises its customers, and how each ticket keeps it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import PublicIdField
from routing.decide.sla import Metric, PromiseState, TickKind
from routing.models.schedule import Schedule
from routing.models.ticket import Ticket

# A year: what is promised for later is no promise.
MAX_TARGET_MINUTES = 366 * 24 * 60


class SlaPolicy(models.Model):
    """What is promised for some tickets: the first policy of the brand whose conditions a ticket meets holds."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="sla_policies")
    name = models.CharField(_("name"), max_length=100, help_text=_("For example 'Premium customers'."))
    is_active = models.BooleanField(_("active"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    # As routing.decide.conditions reads them.
    conditions = models.JSONField(
        _("conditions"), default=dict, blank=True, help_text=_("Which tickets it is for. None: every ticket.")
    )
    # What "business hours" of its targets are; around the clock without one.
    schedule = models.ForeignKey(
        Schedule,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sla_policies",
        verbose_name=_("schedule"),
    )

    counts_ai_agents = models.BooleanField(_("an AI agent's answer counts"), default=False, db_default=False)

    class Meta:
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="sla_policy_name_once")]
        indexes = [models.Index(fields=["brand", "order", "id"], name="sla_policy_order")]

    def __str__(self) -> str:
        return self.name


class SlaTarget(models.Model):
    """Within how many minutes one metric of tickets of one priority is to be fulfilled."""

    policy = models.ForeignKey(SlaPolicy, on_delete=models.CASCADE, related_name="targets", db_index=False)
    metric = models.CharField(max_length=16, choices=Metric.choices)
    priority = models.PositiveSmallIntegerField(choices=Ticket.Priority.choices)
    minutes = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MAX_TARGET_MINUTES)])
    # Counted in the hours of the policy's schedule; or else around the clock.
    is_business = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "metric", "priority"], name="sla_target_once")]


class MetricEvent(models.Model):
    """One tick of a metric's clock, append-only: the truth of which promises are computed."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="metric_events", db_index=False)
    metric = models.CharField(max_length=16, choices=Metric.choices)
    instance = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=TickKind.choices)
    at = models.DateTimeField()
    # Of apply_sla: the target, or none for a promise that is taken back.
    policy = models.ForeignKey(SlaPolicy, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.PositiveIntegerField(null=True)
    is_business = models.BooleanField(default=False)
    # Of update_status: the seconds spent so far, around the clock and in business hours.
    calendar_s = models.PositiveBigIntegerField(null=True)
    business_s = models.PositiveBigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "metric", "instance", "id"], name="metric_event_of_clock")]


class Promise(models.Model):
    """How one instance of a metric stands: computed from its metric events, by `routing.actions.sla.rebuild` anew.

    Without `target_minutes` nothing is promised and the clock runs all the same, so that a policy may promise later.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="promises", db_index=False)
    metric = models.CharField(max_length=16, choices=Metric.choices)
    instance = models.PositiveIntegerField()
    policy = models.ForeignKey(SlaPolicy, on_delete=models.SET_NULL, null=True, related_name="+")
    target_minutes = models.PositiveIntegerField(null=True)
    is_business = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=PromiseState.choices)
    started_at = models.DateTimeField()
    # When it breaks, or broke; null while it is paused.
    due_at = models.DateTimeField(null=True)
    risk_at = models.DateTimeField(null=True)
    left_s = models.PositiveBigIntegerField(null=True)
    # Null while it is owed, broken or not.
    ended_at = models.DateTimeField(null=True)
    # The last instance of its metric; every other one is over.
    is_latest = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric", "instance"], name="promise_once"),
            models.UniqueConstraint(fields=["ticket", "metric"], condition=Q(is_latest=True), name="promise_latest"),
            models.CheckConstraint(
                condition=Q(is_latest=True) | Q(ended_at__isnull=False), name="promise_one_is_owed_at_a_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state="running", due_at__isnull=False),
                name="promise_due",
            ),
        ]


class Reapply(models.Model):
    """A wish: what a brand promises changed, so that its open tickets are to be looked at again.

    `done_to` is the key of the ticket up to which that is done.
    """

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    done_to = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
