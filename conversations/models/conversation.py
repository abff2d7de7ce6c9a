"""The persistent thread, who is in it, who holds it, and its live stretches."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models.brand import Brand, Channel
from conversations.models.contact import Contact
from conversations.models.ids import PublicIdField


class Responder(models.Model):
    """One who can hold a conversation: a bot, the agents' side, or a custom integration.

    The platform API's "switchboard integration".
    """

    class Kind(models.TextChoices):
        AGENTS = "agents", _("Agents")
        BOT = "bot", _("AI agent")
        CUSTOM = "custom", _("Custom integration")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="responders")
    name = models.CharField(_("name"), max_length=128, help_text=_("How integrations address it."))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    is_default = models.BooleanField(_("answers first"), default=False)
    next = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("responder")
        verbose_name_plural = _("responders")
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="responder_name_once"),
            models.UniqueConstraint(fields=["brand"], condition=Q(is_default=True), name="responder_default_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """A persistent thread between contacts and the brand; it outlives sessions, channels and agents."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="conversations")
    # Whom it belongs to; groups come with participants. No contact goes while it has one.
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="conversations")
    # Set on the one conversation a message without a conversation id goes to: the database allows one per contact.
    default_for = models.OneToOneField(
        Contact, on_delete=models.SET_NULL, null=True, related_name="default_conversation"
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="conversations")
    # The starter's own id for it: a retry with the same one is the same conversation.
    client_id = models.CharField(max_length=64, blank=True)
    display_name = models.CharField(_("name"), max_length=100, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    last_seq = models.PositiveIntegerField(default=0)
    # Of the newest message that is no note, and of the one before it: what a message's `previous_seq` is taken from.
    last_public_seq = models.PositiveIntegerField(default=0)
    previous_public_seq = models.PositiveIntegerField(default=0)
    last_message_at = models.DateTimeField(null=True)
    # What the lists show, so that a row needs no join to messages. Public messages set it, notes do not.
    last_preview = models.CharField(max_length=160, blank=True)
    last_author_kind = models.CharField(max_length=16, blank=True)
    # Who of the business spoke last: what a customer's list of conversations shows beside it.
    last_answer_kind = models.CharField(max_length=16, blank=True, default="", db_default="")
    last_answer_name = models.CharField(max_length=128, blank=True, default="", db_default="")
    # Who ended the last session: what stands beside a conversation without one.
    last_ended_by = models.CharField(max_length=16, blank=True, default="", db_default="")

    holder = models.ForeignKey(Responder, on_delete=models.SET_NULL, null=True, related_name="held")
    pending_holder = models.ForeignKey(Responder, on_delete=models.SET_NULL, null=True, related_name="offered")
    session = models.ForeignKey("conversations.Session", on_delete=models.SET_NULL, null=True, related_name="+")
    # The conversation that its contact's words go to, since the session here ended and the brand begins anew then.
    followed_by = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="follows")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "client_id"], condition=~Q(client_id=""), name="conversation_client_id_once"
            )
        ]
        indexes = [
            models.Index(fields=["brand", "-last_message_at", "-id"], name="conversation_recent"),
            models.Index(fields=["contact", "-last_message_at", "-id"], name="conversation_of_contact"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.public_id


class Session(models.Model):
    """A live stretch of a conversation, from first message to its end by agent, contact or inactivity."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")
        ENDED = "ended", _("Ended")

    class EndedBy(models.TextChoices):
        AGENT = "agent", _("Agent")
        CONTACT = "contact", _("Customer")
        RULE = "rule", _("Rule")

    public_id = PublicIdField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="sessions")
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    ended_by = models.CharField(max_length=16, choices=EndedBy.choices, blank=True)
    started_at = models.DateTimeField()
    last_contact_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=~Q(state="ended"), name="session_one_open_per_conversation"
            )
        ]
        indexes = [
            models.Index(fields=["last_contact_at"], condition=Q(state="active"), name="session_turning_inactive")
        ]


class Standing(models.Model):
    """What the contact of a conversation that people answer is told beside its words: how they wait, or who is here."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="standing")
    # Place in line from 1; one past a hundred is 101. Null is not told.
    position = models.PositiveSmallIntegerField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    text = models.CharField(max_length=200, blank=True)
    # Who answers; while it is empty they wait.
    agent_name = models.CharField(max_length=128, blank=True)


class Participant(models.Model):
    """Someone in the conversation and how far they have read; a contact or one of the business's people."""

    public_id = PublicIdField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="participations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    delivered_seq = models.PositiveIntegerField(default=0)
    read_seq = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=False, user__isnull=True) | Q(contact__isnull=True, user__isnull=False),
                name="participant_is_contact_or_user",
            ),
            models.UniqueConstraint(
                fields=["conversation", "contact"], condition=Q(contact__isnull=False), name="participant_contact_once"
            ),
            models.UniqueConstraint(
                fields=["conversation", "user"], condition=Q(user__isnull=False), name="participant_user_once"
            ),
        ]
