"""The event log: append-only, typed, one row per fact."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import PublicIdField


class Event(models.Model):
    """One fact. Keys are plain numbers, not foreign keys: a fact outlives what it speaks of.

    `position` is the gapless cursor. It is null until the relay gives it, after commit: a number taken inside the
    writer's transaction could become visible after a higher one, and a reader past that one would miss it.
    """

    public_id = PublicIdField()
    position = models.BigIntegerField(null=True, unique=True)
    type = models.CharField(_("type"), max_length=64)
    brand_id = models.BigIntegerField()
    conversation_id = models.BigIntegerField(null=True)
    actor_kind = models.CharField(_("who"), max_length=16)
    actor_id = models.CharField(max_length=40, blank=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("event log")
        indexes = [
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="event_unpublished"),
            models.Index(fields=["conversation_id", "position"], name="event_of_conversation"),
            models.Index(fields=["brand_id", "position"], name="event_of_brand"),
        ]

    def __str__(self) -> str:
        return self.type


class FeedState(models.Model):
    """The one row that numbers the log. Locked by whoever publishes."""

    position = models.BigIntegerField(default=0)


class LogReader(models.Model):
    """How far one reader of the log has come. Moves in the same transaction as the reader's own effect."""

    name = models.CharField(max_length=64, unique=True)
    position = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)


class DeadFact(models.Model):
    """A fact one reader could not take in after many tries: set aside so that the rest goes on, kept to run again."""

    reader = models.CharField(_("reader"), max_length=64)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    error = models.TextField(_("error"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    resolved_at = models.DateTimeField(_("run again"), null=True)

    class Meta:
        verbose_name = _("fact that failed")
        verbose_name_plural = _("facts that failed")
        constraints = [models.UniqueConstraint(fields=["reader", "event"], name="dead_fact_once")]
