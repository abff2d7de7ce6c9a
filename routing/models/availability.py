"""What lets work come to an agent: statuses of a brand's own, rules of capacity, and who was what when."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import DatabaseId, PublicIdField
from routing.decide.capacity import Capacity
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability, Source

MAX_AT_ONCE = 500


class CustomStatus(models.Model):
    """A status of a brand's own: what it means for each class of channels. For example "Training"."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="custom_statuses")
    name = models.CharField(_("name"), max_length=40)
    messaging = models.CharField(
        _("messaging"), max_length=16, choices=Availability.choices, default=Availability.TRANSFERS_ONLY
    )
    email = models.CharField(_("email"), max_length=16, choices=Availability.choices, default=Availability.ONLINE)
    voice = models.CharField(
        _("voice"), max_length=16, choices=Availability.choices, default=Availability.TRANSFERS_ONLY
    )
    # What becomes of whoever has it and is idle or gone; empty: what their brands say.
    idle_after_minutes = models.PositiveSmallIntegerField(
        _("minutes until idle"), null=True, blank=True, validators=[MinValueValidator(5), MaxValueValidator(1440)]
    )
    idle_status = models.CharField(
        _("then they are"), max_length=16, choices=Availability.choices, blank=True, default="", db_default=""
    )
    disconnect_after_seconds = models.PositiveSmallIntegerField(
        _("seconds until disconnected"),
        null=True,
        blank=True,
        validators=[MinValueValidator(30), MaxValueValidator(3600)],
    )
    disconnect_status = models.CharField(
        _("then they are"), max_length=16, choices=Availability.choices, blank=True, default="", db_default=""
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("status")
        verbose_name_plural = _("statuses")
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="custom_status_name_once")]
        indexes = [models.Index(fields=["brand", "order", "id"], name="custom_status_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def by_class(self) -> dict[str, str]:
        return {ChannelClass.MESSAGING: self.messaging, ChannelClass.EMAIL: self.email, ChannelClass.VOICE: self.voice}


class CapacityRule(models.Model):
    """How much work an agent may have at once, for each class of channels and in all."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="capacity_rules")
    name = models.CharField(_("name"), max_length=60)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Holds for everybody who has no rule of their own.")
    )
    max_messaging = models.PositiveSmallIntegerField(
        _("chats at once"), default=5, validators=[MaxValueValidator(MAX_AT_ONCE)]
    )
    max_email = models.PositiveSmallIntegerField(
        _("emails at once"), default=10, validators=[MaxValueValidator(MAX_AT_ONCE)]
    )
    max_voice = models.PositiveSmallIntegerField(_("calls at once"), default=1, validators=[MaxValueValidator(1)])
    max_total = models.PositiveSmallIntegerField(
        _("in all"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10 * MAX_AT_ONCE)],
        help_text=_("Empty: only the maxima above hold. Otherwise each piece of work counts by its weight."),
    )
    weight_messaging = models.PositiveSmallIntegerField(
        _("weight of a chat"), default=1, validators=[MaxValueValidator(100)]
    )
    weight_email = models.PositiveSmallIntegerField(
        _("weight of an email"), default=1, validators=[MaxValueValidator(100)]
    )
    weight_voice = models.PositiveSmallIntegerField(
        _("weight of a call"), default=1, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("capacity rule")
        verbose_name_plural = _("capacity rules")
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="capacity_rule_name_once"),
            models.UniqueConstraint(fields=["brand"], condition=Q(is_default=True), name="capacity_rule_default_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def capacity(self) -> Capacity:
        return Capacity(
            maxima={
                ChannelClass.MESSAGING: self.max_messaging,
                ChannelClass.EMAIL: self.max_email,
                ChannelClass.VOICE: self.max_voice,
            },
            total=self.max_total,
            weights={
                ChannelClass.MESSAGING: self.weight_messaging,
                ChannelClass.EMAIL: self.weight_email,
                ChannelClass.VOICE: self.weight_voice,
            },
        )


class StatusSpell(models.Model):
    """How long an agent was what: the history of their statuses. The one that goes on has no end."""

    agent = models.ForeignKey("routing.Agent", on_delete=models.CASCADE, related_name="spells")
    status = models.CharField(max_length=16, choices=Availability.choices)
    # As it was called then, for a status of a brand's own.
    name = models.CharField(max_length=40, blank=True)
    custom_status = models.ForeignKey(CustomStatus, on_delete=models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=16, choices=Source.choices)
    # Who chose it for them; empty where they did, or nobody.
    by_name = models.CharField(max_length=128, blank=True, db_default="", default="")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("status held")
        verbose_name_plural = _("statuses held")
        constraints = [
            models.UniqueConstraint(fields=["agent"], condition=Q(ended_at=None), name="status_spell_one_goes_on")
        ]
        indexes = [
            models.Index(fields=["agent", "-began_at"], name="status_spell_of_agent"),
            models.Index(fields=["agent", "ended_at"], name="status_spell_ended"),
            models.Index(fields=["-began_at", "-id"], name="status_spell_newest"),
        ]
