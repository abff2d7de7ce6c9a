"""Answers that go out later."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.conversation import Conversation
from conversations.models.ids import PublicIdField
from conversations.models.message import Message


class ScheduledReply(models.Model):
    """One agent's answer that waits for its time. The row is the truth; whoever sweeps first sends it, once."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for its time")
        HELD = "held", _("Held: the customer wrote first")
        SENT = "sent", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Not sent")

    class Otherwise(models.TextChoices):
        """What becomes of it when the customer writes before its time."""

        CANCEL = "cancel", _("Cancel it")
        HOLD = "hold", _("Hold it and ask me")
        SEND = "send", _("Send it all the same")

    public_id = PublicIdField()
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="scheduled_replies", db_index=False
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # As `conversations.content.parse_content` returns it.
    content = models.JSONField()
    send_at = models.DateTimeField()
    if_contact_writes = models.CharField(max_length=8, choices=Otherwise.choices, default=Otherwise.CANCEL)
    # The newest seq when it was written: what the customer wrote after it came first.
    seen_seq = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=200, blank=True)
    # The page's own id for it: pressing twice schedules once.
    client_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="scheduled_reply_once"),
        ]
        indexes = [
            models.Index(fields=["send_at", "id"], condition=Q(state="pending"), name="scheduled_reply_due"),
            models.Index(
                fields=["conversation", "send_at", "id"],
                condition=Q(state__in=["pending", "held", "failed"]),
                name="scheduled_reply_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
