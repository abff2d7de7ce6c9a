"""Business hours: schedules, their weekly intervals, and the days that are unlike their week."""

from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import PublicIdField
from routing.decide.hours import DAY


class Schedule(models.Model):
    """When a brand is open. One of its schedules is the default; without one it is open around the clock."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="schedules")
    name = models.CharField(_("name"), max_length=100, help_text=_("For example 'Customer service' or 'Night team'."))
    time_zone = models.CharField(_("time zone"), max_length=64)
    is_default = models.BooleanField(_("the brand's hours"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="schedule_name_once_per_brand"),
            models.UniqueConstraint(fields=["brand"], condition=Q(is_default=True), name="schedule_default_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Interval(models.Model):
    """Open every week on one day, from a minute of it until another; an end not after its start is of the next day."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="intervals")
    weekday = models.PositiveSmallIntegerField(choices=list(WEEKDAYS.items()))
    starts_minute = models.PositiveSmallIntegerField()
    ends_minute = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "weekday", "starts_minute"], name="interval_start_once"),
            models.CheckConstraint(
                condition=Q(weekday__lt=7, starts_minute__lt=DAY, ends_minute__lt=DAY), name="interval_within_week"
            ),
        ]


class Holiday(models.Model):
    """Days unlike their week, as `routing.decide.hours.SpecialDays` tells them.

    `source` is the country code of a public holiday that was imported, and empty for one that somebody wrote.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="holidays")
    name = models.CharField(_("name"), max_length=100)
    first_date = models.DateField()
    last_date = models.DateField()
    from_minute = models.PositiveSmallIntegerField(null=True)
    to_minute = models.PositiveSmallIntegerField(null=True)
    repeats_yearly = models.BooleanField(default=False)
    is_open = models.BooleanField(default=False)
    source = models.CharField(max_length=2, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "source", "first_date"], condition=~Q(source=""), name="holiday_imported_once"
            ),
            models.CheckConstraint(condition=Q(last_date__gte=models.F("first_date")), name="holiday_ends_after_start"),
            models.CheckConstraint(
                condition=Q(from_minute=None, to_minute=None)
                | Q(from_minute__isnull=False, from_minute__lt=DAY, to_minute__isnull=False, to_minute__lt=DAY),
                name="holiday_within_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name
