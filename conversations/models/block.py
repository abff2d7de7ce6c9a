"""Who may not write to a brand for now."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models.brand import Brand
from conversations.models.contact import Contact
from conversations.models.ids import PublicIdField


class Block(models.Model):
    """Whoever it names may read their conversations and write nothing, until it ends or is lifted.

    `value` says whom, as `conversations.actions.blocking` normalises it: the public id of a contact or an identity, an
    email in lower case, or a network in its shortest form (a single address is the network of one: 203.0.113.7/32).
    `contact` is the customer it was made for: who they are by other channels and after a merge is blocked with them,
    but for an address, which many may share.
    """

    class Kind(models.TextChoices):
        CONTACT = "contact", _("Customer")
        ADDRESS = "address", _("Network address")
        IDENTITY = "identity", _("Identity")
        EMAIL = "email", _("Email")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="blocks", verbose_name=_("brand"))
    kind = models.CharField(_("what is blocked"), max_length=16, choices=Kind.choices)
    value = models.CharField(_("which"), max_length=128)
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="blocks", verbose_name=_("customer")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("For your team only."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made on"), auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True, help_text=_("Empty: for good."))
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "kind", "value"], condition=models.Q(lifted_at=None), name="block_once"
            )
        ]
        indexes = [
            models.Index(fields=["brand", "-id"], condition=models.Q(lifted_at=None), name="block_list"),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.ADDRESS:
            return self.value.removesuffix("/32").removesuffix("/128")
        return str(self.contact or self.value) if self.kind != self.Kind.EMAIL else self.value
