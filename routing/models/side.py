"""Asking somebody else beside a ticket, where its customer sees nothing of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.models import Brand
from conversations.models.ids import PublicIdField
from routing.models.agent import Group
from routing.models.ticket import Ticket


class SideConversation(models.Model):
    """A thread of its own beside a ticket: by email with people outside, or as a ticket of another group (`child`)."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("Email")
        TICKET = "ticket", _("Ticket")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("side conversation", "Open")
        CLOSED = "closed", pgettext_lazy("side conversation", "Closed")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="sides")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    subject = models.CharField(max_length=160)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    # By email: up to 100 addresses.
    participants = models.JSONField(default=list)
    # As a ticket: whom it was given to, and the ticket there.
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, related_name="+")
    child = models.OneToOneField(Ticket, on_delete=models.SET_NULL, null=True, related_name="side_of")
    # Whether an answer came that nobody looked at.
    has_news = models.BooleanField(default=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("side conversation")
        verbose_name_plural = _("side conversations")

    def __str__(self) -> str:
        return self.subject


class SideMessage(models.Model):
    """One entry in a side conversation: of an agent (`user`), or an answer from `sender`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        DONE = "done", _("Sent")

    public_id = PublicIdField()
    side = models.ForeignKey(SideConversation, on_delete=models.CASCADE, related_name="messages")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # Who wrote it: a name, or the address of an email that came in.
    sender = models.CharField(max_length=254)
    is_answer = models.BooleanField(default=False)
    text = models.TextField(max_length=20_000)
    # What came with an answer of a child ticket, where a file did.
    file_name = models.CharField(max_length=255, blank=True, default="", db_default="")
    file_url = models.TextField(max_length=2048, blank=True, default="", db_default="")
    # Email of ours waits for whatever delivers email; everything else is where it belongs at once.
    state = models.CharField(max_length=7, choices=State.choices, default=State.DONE)
    # The message it came by: an email's Message-ID, or the public id of a message in the child's conversation.
    external_id = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["side", "external_id"], condition=~Q(external_id=""), name="side_message_once"
            )
        ]
        indexes = [models.Index(fields=["created_at"], condition=Q(state="waiting"), name="side_message_waiting")]

    def __str__(self) -> str:
        return self.public_id
