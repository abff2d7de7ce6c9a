"""The outermost owner of everything, its channels, and its keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import PublicIdField, new_public_id
from conversations.scopes import ALL


class Brand(models.Model):
    """A business as its customers know it. Owns channels, contacts and conversations."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=100, help_text=_("What customers see as the sender."))
    slug = models.SlugField(
        _("short name"), unique=True, help_text=_("Letters, digits and hyphens; used in addresses.")
    )
    locale = models.CharField(
        _("language"), max_length=8, default="en", help_text=_("Used where a customer's own language is not known.")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", help_text=_("For example Asia/Seoul."))
    visitor_may_end_session = models.BooleanField(
        _("customers may end a session"), default=True, help_text=_("Shows 'End conversation' in the widget's menu.")
    )
    inactive_after_minutes = models.PositiveIntegerField(
        _("minutes until a session is inactive"),
        default=10,
        help_text=_("Counted from the customer's last message. The conversation itself never ends."),
    )
    gone_after_seconds = models.PositiveSmallIntegerField(
        _("seconds until who left the site is gone"), null=True, blank=True, default=60, db_default=60
    )
    begins_anew_after_end = models.BooleanField(
        _("an ended session ends its conversation too"), default=False, db_default=False
    )
    # Whether any block may hold: visitors of a brand without one cost no question. Set and cleared by actions.blocking.
    has_blocks = models.BooleanField(default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """The thin row of a configured way in and out; its settings hang on it from the app that knows the provider."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ERROR = "error", _("Needs attention")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(_("kind"), max_length=32, help_text=_("The provider, for example 'web'."))
    name = models.CharField(_("name"), max_length=100, help_text=_("How your team calls it."))
    key = models.CharField(
        _("public key"),
        max_length=40,
        unique=True,
        default=new_public_id,
        help_text=_("By which a website or an app names this channel. Not a secret."),
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.ACTIVE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of the brand's own systems. Only a hash of the secret is kept; it is shown once, when made."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="api_keys")
    key_id = models.CharField(_("key id"), max_length=40, unique=True, editable=False)
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Where this key is used, so that you dare delete it.")
    )
    secret_hash = models.CharField(max_length=64, editable=False)
    # Of conversations.scopes. Keys that were there before scopes were have all.
    scopes = models.JSONField(_("may reach"), default=list, db_default=ALL)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.name


class SigningKey(models.Model):
    """Signs the tokens with which a website vouches for its signed-in user. The secret is encrypted at rest."""

    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="signing_keys")
    kid = models.CharField(_("key id"), max_length=40, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100, help_text=_("For example 'Production website'."))
    secret = models.BinaryField(editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")

    def __str__(self) -> str:
        return self.name
