"""Merges of customers that people of the business made, and what would take them back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.models.brand import Brand
from conversations.models.contact import Contact
from conversations.models.ids import PublicIdField


class ContactMerge(models.Model):
    """One contact was found to be another one. Kept for 30 days: as long as it can be taken back."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    surviving = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    # The contact that is gone, by its public id, and its columns.
    discarded_id = models.CharField(max_length=24)
    discarded = models.JSONField()
    # Keys of what it had: conversations, identities, attachments (lists), and its default conversation or null.
    moved = models.JSONField()
    # What the surviving one took over from it: {field: [before, after]}, and under "properties" {key: value}.
    filled = models.JSONField()
    # Whether something of it is gone for good, so that it cannot be taken back.
    has_dropped = models.BooleanField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("merge of customers")
        verbose_name_plural = _("merges of customers")

    def __str__(self) -> str:
        known = self.discarded.get("name") or self.discarded.get("email")
        return str(known or gettext("Visitor %(number)s") % {"number": self.discarded_id[-6:]})
