"""Rules: what a brand has done to tickets by itself, and what became of it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import PublicIdField
from routing.models.ticket import Ticket


class Rule(models.Model):
    """Steps that are done to a ticket for which conditions hold: at once when something happens, or by the clock."""

    class Kind(models.TextChoices):
        TRIGGER = "trigger", _("Trigger")
        AUTOMATION = "automation", _("Automation")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    # Of routing.decide.occasions; empty for an automation.
    events = models.JSONField(_("when this happens"), default=list, blank=True)
    # As routing.decide.conditions and routing.decide.steps read them.
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    steps = models.JSONField(_("steps"), default=list, blank=True)
    is_once = models.BooleanField(_("once for each ticket"), default=False)
    firings_count = models.PositiveIntegerField(_("times done"), default=0)
    last_fired_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_error_at = models.DateTimeField(null=True)
    # Of the ticket where an automation's last run stopped; 0 where it came to the end.
    looked_to = models.BigIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [models.UniqueConstraint(fields=["brand", "kind", "name"], name="rule_name_once")]
        indexes = [models.Index(fields=["brand", "kind", "order", "id"], name="rule_order")]

    def __str__(self) -> str:
        return self.name


class TriggerManager(models.Manager["Trigger"]):
    def get_queryset(self) -> models.QuerySet["Trigger"]:
        return super().get_queryset().filter(kind=Rule.Kind.TRIGGER)


class AutomationManager(models.Manager["Automation"]):
    def get_queryset(self) -> models.QuerySet["Automation"]:
        return super().get_queryset().filter(kind=Rule.Kind.AUTOMATION)


class Trigger(Rule):
    """A rule that answers what happens."""

    objects = TriggerManager()  # type: ignore[misc]  # its own rows only

    class Meta:
        proxy = True
        verbose_name = _("trigger")
        verbose_name_plural = _("triggers")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = Rule.Kind.TRIGGER


class Automation(Rule):
    """A rule that looks at the clock."""

    objects = AutomationManager()  # type: ignore[misc]  # its own rows only

    class Meta:
        proxy = True
        verbose_name = _("automation")
        verbose_name_plural = _("automations")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = Rule.Kind.AUTOMATION


class Cause(models.Model):
    """A fact for which the triggers of its ticket's brand have not been run yet. Goes when they have."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    # Of the fact in the log.
    position = models.BigIntegerField(unique=True)
    occasions = models.JSONField()
    pass_id = models.CharField(max_length=24)
    chain = models.JSONField(default=list)
    depth = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)


class Firing(models.Model):
    """What one rule did to one ticket, once; kept for 90 days.

    A pass begins with a fact that no rule brought about (`pass_id` is its position) or with an automation, and takes in
    all that follows from it; `chain` names the rules that led here, the first one first, as {"rule", "name"}, of one
    that was stopped the whole circle to itself, and `depth` says over how many facts.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CUT = "cut", _("Stopped: it would go round in circles")

    public_id = PublicIdField()
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="firings")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    # Of the fact it answered; null for an automation.
    position = models.BigIntegerField(null=True)
    occasion = models.CharField(max_length=40, blank=True)
    pass_id = models.CharField(max_length=24)
    chain = models.JSONField(default=list)
    depth = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.DONE)
    # What was done and what was not: routing.decide.steps.told.
    steps = models.JSONField(default=list)
    error = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "position"], condition=Q(position__isnull=False), name="firing_once_for_a_fact"
            )
        ]
        indexes = [
            models.Index(fields=["rule", "-id"], name="firing_history"),
            models.Index(fields=["rule", "ticket", "at"], name="firing_of_rule_on_ticket"),
            models.Index(fields=["ticket", "pass_id"], name="firing_of_pass"),
            models.Index(fields=["at"], name="firing_age"),
            models.Index(fields=["at"], condition=Q(outcome="cut"), name="firing_stopped"),
        ]
