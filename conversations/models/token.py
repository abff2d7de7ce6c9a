"""What lets programs in on behalf of a person, and the answers kept for calls that come twice."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.ids import PublicIdField


class PersonalToken(models.Model):
    """A token with which an app acts as the person who made it. Only its hash is kept; it is shown once, when made."""

    public_id = PublicIdField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # Of a token that a sign-in gave: it ends with the password it was given for.
    bound_to = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("app token")
        verbose_name_plural = _("app tokens")

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a call with an Idempotency-Key was answered, so that the same call again does nothing new."""

    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    # Of what was asked: the same key with another call is a mistake of the caller's.
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="kept_answer_once")]
