"""Where work waits, and how a brand assigns it."""

from collections.abc import Callable
from functools import partial

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import DatabaseId, PublicIdField
from routing.decide.assign import Method
from routing.decide.classes import ChannelClass
from routing.models.agent import Group

# The statuses in which an agent loses work, where nobody said otherwise.
GONE = ["offline"]
_gone: Callable[[], list[str]] = partial(list, GONE)


class Queue(models.Model):
    """A queue: work enters the first whose conditions it meets; work that meets none waits for its own group."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="queues")
    name = models.CharField(_("name"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("1 comes first: which queue an agent is fed from when several wait for the same one."),
    )
    # As routing.decide.conditions reads them.
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    primary_groups = models.ManyToManyField(
        Group, related_name="+", blank=True, verbose_name=_("groups"), help_text=_("Who takes this work.")
    )
    secondary_groups = models.ManyToManyField(
        Group,
        related_name="+",
        blank=True,
        verbose_name=_("second groups"),
        help_text=_("They take it while nobody of the first groups can."),
    )

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="queue_name_once")]
        indexes = [models.Index(fields=["brand", "order", "id"], name="queue_order")]

    def __str__(self) -> str:
        return self.name


class QueueShare(models.Model):
    """A part of a queue in percent, with groups of its own: which work falls to it is fixed by the ticket."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="shares")
    percent = models.PositiveSmallIntegerField(_("percent"), validators=[MinValueValidator(1), MaxValueValidator(100)])
    groups = models.ManyToManyField(Group, related_name="+", verbose_name=_("groups"))

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")


class RoutingConfig(models.Model):
    """How a brand assigns work. The names are those of the settings that admins who come from elsewhere know.

    Where a brand has no row, nothing is assigned automatically: work waits until somebody takes it.
    """

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="routing_config")
    enabled = models.BooleanField(
        _("assign automatically"), default=True, help_text=_("Off: work waits until somebody takes it.")
    )
    assignment_method = models.CharField(
        _("who is chosen"), max_length=32, choices=Method.choices, default=Method.HIGHEST_SPARE_CAPACITY
    )
    ticket_sorting_prioritize_sla = models.BooleanField(_("what breaks its promise soonest comes first"), default=True)
    autorouting_tag = models.CharField(
        _("tag that lets email in"),
        max_length=40,
        blank=True,
        help_text=_("Email that is in no queue is assigned only with this tag. Empty: always."),
    )
    auto_accept_messaging_enabled = models.BooleanField(
        _("chats are given without asking"), default=False, help_text=_("Off: an agent is offered a chat, and accepts.")
    )
    reassignment_messaging_enabled = models.BooleanField(_("offer to the next agent when nobody accepts"), default=True)
    reassignment_messaging_timeout = models.PositiveSmallIntegerField(
        _("seconds to accept a chat"), default=30, validators=[MinValueValidator(5), MaxValueValidator(3600)]
    )
    reassignment_talk_timeout = models.PositiveSmallIntegerField(
        _("seconds to accept a call"), default=30, validators=[MinValueValidator(5), MaxValueValidator(3600)]
    )
    messaging_activity_routing_enabled = models.BooleanField(
        _("silent chats count too"),
        default=False,
        help_text=_("Off: a chat whose customer fell silent leaves room for another."),
    )
    skills_enabled = models.BooleanField(_("use skills"), default=True)
    skills_timeout_enabled = models.BooleanField(
        _("give up on skills after a while"), default=True, help_text=_("Then whoever is free takes it.")
    )
    skills_timeout_messaging = models.PositiveIntegerField(
        _("seconds for chats"), default=180, validators=[MaxValueValidator(604_800)]
    )
    skills_timeout_support = models.PositiveIntegerField(
        _("seconds for email"), default=3600, validators=[MaxValueValidator(604_800)]
    )
    skills_timeout_talk = models.PositiveIntegerField(
        _("seconds for calls"), default=60, validators=[MaxValueValidator(604_800)]
    )
    reassignment_reopened_tickets_enabled = models.BooleanField(
        _("work that is opened again goes to who is there"), default=True
    )
    # Each twice from here: for messaging, and calls with it, and for email, which those who come from elsewhere know as
    # support.
    reassignment_reopened_tickets_messaging_enabled = models.BooleanField(
        _("chats and calls too"), default=True, db_default=True
    )
    reassignment_reopened_tickets_messaging_statuses = models.JSONField(
        _("when the agent of a chat is"), default=_gone, db_default=GONE, blank=True
    )
    reassignment_reopened_tickets_support_enabled = models.BooleanField(_("email too"), default=True, db_default=True)
    reassignment_reopened_tickets_support_statuses = models.JSONField(
        _("when the agent of an email is"), default=_gone, db_default=GONE, blank=True
    )
    reassignment_agent_status_change_enabled = models.BooleanField(
        _("work of an agent who leaves goes to who is there"), default=False
    )
    reassignment_agent_status_change_messaging_enabled = models.BooleanField(
        _("chats and calls too"), default=True, db_default=True
    )
    reassignment_agent_status_change_messaging_agent_statuses = models.JSONField(
        _("chats when they become"), default=_gone, db_default=GONE, blank=True
    )
    reassignment_agent_status_change_messaging_ticket_priorities = models.JSONField(
        _("chats of these priorities"), default=list, db_default=[], blank=True
    )
    reassignment_agent_status_change_support_enabled = models.BooleanField(
        _("email too"), default=True, db_default=True
    )
    reassignment_agent_status_change_support_agent_statuses = models.JSONField(
        _("email when they become"), default=_gone, db_default=GONE, blank=True
    )
    reassignment_agent_status_change_support_ticket_priorities = models.JSONField(
        _("email of these priorities"), default=list, db_default=[], blank=True
    )
    reassignment_through_queues_enabled = models.BooleanField(
        _("work that is put back goes through the queues again"), default=True
    )
    focus_mode_enabled = models.BooleanField(
        _("focus"), default=False, help_text=_("Nobody is given a chat during a call, or a call during a chat.")
    )
    transform_to_email_enabled = models.BooleanField(_("chats whose session ended count as email"), default=False)
    fair_start_seconds = models.PositiveSmallIntegerField(
        _("seconds of a fair start"),
        default=60,
        validators=[MaxValueValidator(3600)],
        help_text=_("Who comes to a backlog fills up over this time, so that who comes next gets a share. 0: at once."),
    )
    idle_after_minutes = models.PositiveSmallIntegerField(
        _("minutes until idle"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5), MaxValueValidator(1440)],
        help_text=_("Without mouse or keyboard in the workspace. Empty: never."),
    )
    idle_status = models.CharField(_("then they are"), max_length=16, default="away")
    disconnect_after_seconds = models.PositiveSmallIntegerField(
        _("seconds until disconnected"),
        default=60,
        validators=[MinValueValidator(30), MaxValueValidator(3600)],
        help_text=_("Counted from when the last page of theirs was heard of."),
    )
    disconnect_status = models.CharField(_("then they are"), max_length=16, default="offline")
    auto_idle_enabled = models.BooleanField(
        _("who lets offers run out is set away"),
        default=False,
        db_default=False,
        help_text=_("Off: they are offered work again and again."),
    )
    auto_idle_reassignments = models.PositiveSmallIntegerField(
        _("offers in a row"), default=2, db_default=2, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    auto_idle_status = models.CharField(_("then they are"), max_length=16, default="away", db_default="away")

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignment")

    def __str__(self) -> str:
        return str(self.brand)

    def loses_opened_again(self, channel_class: str, status: str) -> bool:
        """Say whether an agent of this status loses work of this class that is opened again."""
        if not (self.enabled and self.reassignment_reopened_tickets_enabled):
            return False
        if channel_class == ChannelClass.EMAIL:
            statuses = self.reassignment_reopened_tickets_support_statuses
            return self.reassignment_reopened_tickets_support_enabled and status in statuses
        statuses = self.reassignment_reopened_tickets_messaging_statuses
        return self.reassignment_reopened_tickets_messaging_enabled and status in statuses

    def loses_on_leaving(self, channel_class: str, status: str) -> list[int] | None:
        """Give the priorities, all where it names none, of the work of this class that an agent who becomes this loses.

        None where they keep all of it.
        """
        if not (self.enabled and self.reassignment_agent_status_change_enabled):
            return None
        if channel_class == ChannelClass.EMAIL:
            is_on = self.reassignment_agent_status_change_support_enabled
            statuses = self.reassignment_agent_status_change_support_agent_statuses
            priorities: list[int] = self.reassignment_agent_status_change_support_ticket_priorities
        else:
            is_on = self.reassignment_agent_status_change_messaging_enabled
            statuses = self.reassignment_agent_status_change_messaging_agent_statuses
            priorities = self.reassignment_agent_status_change_messaging_ticket_priorities
        return priorities if is_on and status in statuses else None

    def skills_timeout_s(self, channel_class: str) -> int:
        """Give after how many seconds work of this class gives up on the skills it needs."""
        return {
            ChannelClass.MESSAGING.value: self.skills_timeout_messaging,
            ChannelClass.EMAIL.value: self.skills_timeout_support,
            ChannelClass.VOICE.value: self.skills_timeout_talk,
        }[channel_class]
