"""Work for people."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.models import Brand, Conversation, Session
from conversations.models.ids import PublicIdField
from routing.decide.classes import ChannelClass
from routing.decide.sla import PromiseState
from routing.models.agent import Agent, Group
from routing.models.field import TicketForm
from routing.models.queue import Queue


class TicketCounter(models.Model):
    """The brand's last ticket number."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="+")
    last_number = models.PositiveIntegerField(default=0)


class Ticket(models.Model):
    """A piece of work for people, opened on a conversation; at most one is open on a conversation."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", pgettext_lazy("ticket status", "Open")
        PENDING = "pending", _("Pending")
        HOLD = "hold", _("On hold")
        SOLVED = "solved", _("Solved")
        CLOSED = "closed", _("Closed")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    OPEN_STATUSES = (Status.NEW, Status.OPEN, Status.PENDING, Status.HOLD)

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="tickets")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tickets")
    number = models.PositiveIntegerField(_("number"))
    subject = models.CharField(_("subject"), max_length=160, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.NEW)
    # Kept beside the status so that indexes can name it; the check below holds the two together.
    is_open = models.BooleanField(default=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    assignee = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets")
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets")
    tags = models.JSONField(_("tags"), default=list, blank=True)
    # Which fields it shows: those of its form, or of the brand's default form, or all. Values by the fields' keys.
    form = models.ForeignKey(TicketForm, on_delete=models.SET_NULL, null=True, blank=True, related_name="tickets")
    field_values = models.JSONField(default=dict, blank=True, db_default={})
    channel_class = models.CharField(
        _("class of channel"),
        max_length=16,
        choices=ChannelClass.choices,
        default=ChannelClass.MESSAGING,
        db_default=ChannelClass.MESSAGING,
    )
    # Where somebody sent it, whatever the conditions of the queues say.
    sent_to = models.ForeignKey(Queue, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Whether somebody had it and it came back: then a brand may have it wait for its group, whatever its queues say.
    was_put_back = models.BooleanField(default=False, db_default=False)
    # Whether its customer is there: the session is neither inactive nor ended.
    is_active = models.BooleanField(default=True, db_default=True)
    session_ended = models.BooleanField(default=False)
    # Until when it takes room of its agent though its customer is not there, since it was silent when they got it.
    takes_room_until = models.DateTimeField(null=True)
    # Since when the customer waits for words of ours; null while we wait for theirs.
    waiting_since = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    solved_at = models.DateTimeField(null=True)
    # When somebody last decided on the status: words written before it reopen nothing, however late they are read.
    status_set_at = models.DateTimeField(null=True)
    # Until when it is out of the active views; and since when: words written before reopen nothing.
    snoozed_until = models.DateTimeField(null=True)
    snoozed_at = models.DateTimeField(null=True)
    # How the promise that is due soonest stands; kept beside the promises by routing.actions.sla, for lists.
    # Null, not empty, where nothing is promised: conditions ask it as they ask an assignee.
    sla_state = models.CharField(_("promise"), max_length=8, choices=PromiseState.choices, null=True)  # noqa: DJ001
    sla_due_at = models.DateTimeField(null=True)
    sla_risk_at = models.DateTimeField(null=True)

    # The ticket that goes on with it; it is closed then.
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="merged")
    # Whether its customer will be asked how it went, where the brand asks.
    asks_rating = models.BooleanField(default=True, db_default=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="ticket_number_once_per_brand"),
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(is_open=True), name="ticket_one_open_per_conversation"
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, status__in=["new", "open", "pending", "hold"])
                | Q(is_open=False, status__in=["solved", "closed"]),
                name="ticket_is_open_matches_status",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until__isnull=True) | Q(is_open=True), name="ticket_snoozed_is_open"
            ),
        ]
        indexes = [
            models.Index(
                fields=["brand", "-last_activity_at", "-id"],
                condition=Q(is_open=True, snoozed_until__isnull=True),
                name="ticket_open",
            ),
            models.Index(
                fields=["brand", "-last_activity_at", "-id"],
                condition=Q(is_open=False) | Q(session_ended=True),
                name="ticket_ended",
            ),
            models.Index(
                fields=["brand", "-last_activity_at", "-id"],
                condition=Q(is_open=True, assignee__isnull=True, snoozed_until__isnull=True),
                name="ticket_unassigned",
            ),
            # The brand in it, so that what is one's own is counted without a look at the rows.
            models.Index(
                fields=["assignee", "-last_activity_at", "-id"],
                include=["brand"],
                condition=Q(is_open=True, snoozed_until__isnull=True),
                name="ticket_of_assignee",
            ),
            # How much each agent has, by class of channels.
            models.Index(
                fields=["assignee", "channel_class"],
                include=["is_active", "session_ended", "takes_room_until"],
                condition=Q(status__in=["new", "open"], assignee__isnull=False),
                name="ticket_load",
            ),
            # The same three views begin with those who wait for us, the longest wait first.
            models.Index(
                fields=["brand", "waiting_since", "id"],
                condition=Q(is_open=True, snoozed_until__isnull=True, waiting_since__isnull=False),
                name="ticket_waiting",
            ),
            models.Index(
                fields=["brand", "waiting_since", "id"],
                condition=Q(
                    is_open=True, assignee__isnull=True, snoozed_until__isnull=True, waiting_since__isnull=False
                ),
                name="ticket_waiting_unassigned",
            ),
            models.Index(
                fields=["assignee", "waiting_since", "id"],
                include=["brand"],
                condition=Q(is_open=True, snoozed_until__isnull=True, waiting_since__isnull=False),
                name="ticket_waiting_of_assignee",
            ),
            models.Index(
                fields=["brand", "-last_activity_at", "-id"],
                condition=Q(snoozed_until__isnull=False),
                name="ticket_snoozed",
            ),
            # What an automation may still change.
            models.Index(fields=["brand", "id"], condition=~Q(status="closed"), name="ticket_not_closed"),
            # What was solved long ago is closed.
            models.Index(fields=["brand", "solved_at"], condition=Q(status="solved"), name="ticket_closing"),
            # Whose time has come, of all brands.
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="ticket_waking"),
            # What is at risk, the soonest first.
            models.Index(
                fields=["brand", "sla_due_at", "id"],
                condition=Q(is_open=True, sla_due_at__isnull=False),
                name="ticket_due",
            ),
            # What nobody has, the soonest promise first.
            models.Index(
                fields=["brand", "sla_due_at", "id"],
                condition=Q(is_open=True, assignee__isnull=True, snoozed_until__isnull=True, sla_due_at__isnull=False),
                name="ticket_due_unassigned",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def session_state(self) -> str:
        """How its customer's session stands: active, inactive or ended."""
        if self.session_ended:
            return Session.State.ENDED
        return Session.State.ACTIVE if self.is_active else Session.State.INACTIVE

    @property
    def session_told(self) -> str:
        """The same in the reader's language."""
        return str(Session.State(self.session_state).label)
