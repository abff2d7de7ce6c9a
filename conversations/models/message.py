"""Messages and the files in them."""

from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.brand import Brand
from conversations.models.contact import Contact, Identity
from conversations.models.conversation import Conversation, Session
from conversations.models.ids import PublicIdField


class AuthorKind(models.TextChoices):
    """Whose words a message holds."""

    CONTACT = "contact", _("Customer")
    AGENT = "agent", _("Agent")
    BOT = "bot", _("AI agent")
    SYSTEM = "system", _("System")


class Message(models.Model):
    """One entry in a conversation; `seq` gives its order and has no gaps.

    `content` is what `conversations.content.parse_content` returns: validated once, on the way in.
    """

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everyone")
        INTERNAL = "internal", _("Agents only")

    public_id = PublicIdField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    # The seq of the public message before it, 0 for the first: by it a client, to whom notes never come, finds a loss.
    previous_seq = models.PositiveIntegerField(default=0)
    session = models.ForeignKey(Session, on_delete=models.SET_NULL, null=True, related_name="messages", db_index=False)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    author_kind = models.CharField(max_length=8, choices=AuthorKind.choices)
    author_contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    author_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(max_length=128, blank=True)
    identity = models.ForeignKey(Identity, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    content = models.JSONField()
    # What search finds, as terms (see conversations.search); empty on content without words.
    terms = models.TextField(blank=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True)
    # The sender's own id for it: a retry with the same one is the same message.
    client_id = models.CharField(max_length=64, blank=True)
    quoted = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # Also the index of every read of a thread.
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_seq_once"),
            models.UniqueConstraint(
                fields=["conversation", "client_id"], condition=~Q(client_id=""), name="message_client_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Attachment(models.Model):
    """A file someone uploaded: sniffed, renamed, kept under a key nobody can guess."""

    class KeptFor(models.TextChoices):
        """Who may send a file that stays without having been sent."""

        UPLOADER = "uploader"
        BRAND = "brand"

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="attachments")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # The secret part of its address, which is what lets a reader in (platform contract: no credentials).
    key = models.CharField(max_length=43, unique=True)
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Whether a message ever named it; what was uploaded and never sent goes after a month.
    is_sent = models.BooleanField(default=False, db_default=False)
    # An app above holds it, as a macro does; empty: nobody.
    kept_for = models.CharField(max_length=8, choices=KeptFor.choices, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=Q(is_sent=False), name="attachment_unsent")]

    @property
    def path(self) -> str:
        """The path of its address on this installation; the key in it is what lets a reader in."""
        return f"/files/{self.public_id}/{self.key}/{quote(self.name)}"
