"""What a brand does about silence, waiting and the end of work, and what was done of it."""

from collections.abc import Sequence
from dataclasses import asdict

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from routing.decide.sessions import Reminder, reminders_of
from routing.models.schedule import Schedule
from routing.models.ticket import Ticket
from routing.models.waiting import Lane

MAX_HOURS, MAX_DAYS, TEXT_CHARS = 24 * 365, 365, 1000


class SessionSettings(models.Model):
    """What customers are told while nobody answers, and when silence and time end work. One row a brand, or none."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="session_settings")
    closed_text_en = models.TextField(_("outside business hours (English)"), blank=True, max_length=TEXT_CHARS)
    closed_text_ko = models.TextField(_("outside business hours (Korean)"), blank=True, max_length=TEXT_CHARS)
    closed_schedule = models.ForeignKey(
        Schedule, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("schedule")
    )
    tells_opening = models.BooleanField(_("say when you open next"), default=True)
    waiting_text_en = models.CharField(_("while they wait (English)"), blank=True, max_length=200)
    waiting_text_ko = models.CharField(_("while they wait (Korean)"), blank=True, max_length=200)
    tells_position = models.BooleanField(_("show the place in line"), default=False)
    tells_minutes = models.BooleanField(_("show the expected wait"), default=False)
    # Reminders as `routing.decide.sessions.Reminder` has them, at most three.
    reminders = models.JSONField(_("reminders"), default=list, blank=True)
    reminds_who_waits = models.BooleanField(_("also where you owe the answer"), default=False)
    reopen_solved_for_hours = models.PositiveSmallIntegerField(
        _("hours in which solved work is opened again"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_HOURS)],
    )
    close_solved_after_days = models.PositiveSmallIntegerField(
        _("days until solved work is closed"),
        null=True,
        blank=True,
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)],
    )

    class Meta:
        verbose_name = _("waiting and silence")
        verbose_name_plural = _("waiting and silence")

    def __str__(self) -> str:
        return str(self.brand)

    @property
    def chain(self) -> Sequence[Reminder]:
        """The reminders in their order."""
        return reminders_of(self.reminders)

    @chain.setter
    def chain(self, chain: Sequence[Reminder]) -> None:
        self.reminders = [asdict(reminder) for reminder in chain]

    @property
    def tells_standing(self) -> bool:
        """Whether customers are told anything while they wait."""
        return bool(self.tells_position or self.tells_minutes or self.waiting_text_en or self.waiting_text_ko)


class ReminderStep(models.Model):
    """A reminder that was done in a silence, which began at `since`: none is done twice in one silence."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    place = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "since", "place"], name="reminder_step_once"),
        ]
        indexes = [models.Index(fields=["place", "done_at"], name="reminder_step_following")]


class FirstWait(models.Model):
    """How long a ticket waited in its lane before an agent had it for the first time. Kept for a day."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="+")
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["lane", "-ended_at"], name="first_wait_of_lane"),
            models.Index(fields=["ended_at"], name="first_wait_age"),
        ]
