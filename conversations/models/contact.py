"""People who write to the brand, and the addresses they write from."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Right
from django.utils.translation import gettext_lazy as _

from conversations.models.brand import Brand, Channel
from conversations.models.ids import PublicIdField


class Contact(models.Model):
    """A person who writes to the brand; on screens, Customer."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="contacts")
    external_id = models.CharField(_("external id"), max_length=1024, blank=True, help_text=_("Your own system's id."))
    is_verified = models.BooleanField(_("verified"), default=False, help_text=_("A signed token vouched for them."))
    name = models.CharField(_("name"), max_length=128, blank=True)
    email = models.EmailField(_("email"), max_length=128, blank=True)
    # The email that a signed token vouched for: nobody else of the brand can be vouched for by it.
    verified_email = models.EmailField(max_length=128, blank=True, default="", db_default="", editable=False)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    locale = models.CharField(_("language"), max_length=64, blank=True)
    properties = models.JSONField(_("properties"), default=dict, blank=True, help_text=_("Flat, at most 4 KB."))
    # Values of the brand's own fields by their keys: what they mean, the app that keeps the fields knows.
    field_values = models.JSONField(default=dict, blank=True, db_default={}, editable=False)
    # What search finds: names and addresses as terms (see conversations.search).
    terms = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "external_id"], condition=~Q(external_id=""), name="contact_external_id_once"
            ),
            models.UniqueConstraint(
                fields=["brand", "verified_email"], condition=~Q(verified_email=""), name="contact_verified_email_once"
            ),
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], name="contact_list"),
            models.Index(F("brand"), Lower("email"), condition=~Q(email=""), name="contact_email"),
            models.Index(Right("public_id", 6), condition=Q(name="", email=""), name="contact_number"),
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.public_id[-6:]


class Identity(models.Model):
    """A contact on one channel: its address there, and what the channel says of it."""

    public_id = PublicIdField()
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="identities")
    # For the widget: 'device:<client id>'. Unique, so a burst of a new visitor's requests makes one identity.
    address = models.CharField(_("address"), max_length=512)
    profile = models.JSONField(_("profile"), default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen"), auto_now_add=True)
    # When their last socket closed, or they last asked by HTTP; null while one is open, and where neither is known.
    left_at = models.DateTimeField(null=True, editable=False)
    # The network address they came from then: what a supervisor may block.
    last_address = models.CharField(max_length=45, blank=True, default="", db_default="", editable=False)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [models.UniqueConstraint(fields=["channel", "address"], name="identity_address_once")]

    def __str__(self) -> str:
        return self.address


class ClientToken(models.Model):
    """What an end-user client shows to be let in. Only the SHA-256 of it is kept."""

    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    # A signed-in token ends with the JWT that began it; an anonymous one does not end.
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(expires_at__isnull=False), name="client_token_ending")
        ]
