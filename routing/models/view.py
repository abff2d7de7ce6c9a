"""Lists of tickets that people make."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import PublicIdField
from routing.models.agent import Agent


class View(models.Model):
    """A list of one brand's tickets, by conditions: everybody's where it has no owner, or else its owner's own."""

    class Order(models.TextChoices):
        WAITING = "waiting", _("Longest wait first")
        ACTIVITY = "activity", _("Newest activity first")
        OPENED = "opened", _("Newest ticket first")
        PRIORITY = "priority", _("Highest priority first")
        PROMISE = "promise", _("Soonest promise first")

    class Column(models.TextChoices):
        NUMBER = "number", _("Number")
        SUBJECT = "subject", _("Subject")
        GROUP = "group", _("Group")
        TAGS = "tags", _("All tags")
        OPENED = "opened", _("When it was opened")
        PRIORITY = "priority", _("Priority, also where it is normal or low")
        PROMISE = "promise", _("What is promised, and by when")
        SESSION = "session", _("Session")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="views")
    owner = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, blank=True, related_name="views")
    name = models.CharField(_("name"), max_length=60, help_text=_("For example 'Urgent refunds'."))
    conditions = models.JSONField(
        _("conditions"), default=dict, blank=True, help_text=_("Which tickets are listed. None: every ticket.")
    )
    order = models.CharField(
        _("order"),
        max_length=16,
        choices=Order.choices,
        default=Order.WAITING,
        help_text=_("Longest wait first: who waits for you stands above whom you wait for."),
    )
    # What each row shows besides what every list shows: of Column, or a ticket field of the brand (queries.columns).
    columns = models.JSONField(_("columns"), default=list, blank=True)
    position = models.PositiveIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], condition=Q(owner=None), name="view_shared_name_once"),
            models.UniqueConstraint(
                fields=["owner", "brand", "name"], condition=Q(owner__isnull=False), name="view_own_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
