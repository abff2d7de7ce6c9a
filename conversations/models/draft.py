"""What an agent has written and not yet sent."""

from django.conf import settings
from django.db import models

from conversations.models.conversation import Conversation


class Draft(models.Model):
    """One agent's unsent words in one conversation; empty ones are deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    text = models.TextField(max_length=4096)
    is_note = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "conversation"], name="draft_once")]
