"""Answers and changes that agents make again and again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.models import Attachment, Brand
from conversations.models.ids import PublicIdField
from routing.models.agent import Group
from routing.models.ticket import Ticket

MOST_FILES = 5


class Macro(models.Model):
    """Canned text, changes of the ticket, or both; shared by a brand, or one agent's own (`owner`)."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("ticket status", "Open")
        PENDING = "pending", _("Pending")
        HOLD = "hold", _("On hold")
        SOLVED = "solved", _("Solved")

    class Assignee(models.TextChoices):
        ME = "me", _("Whoever uses it")
        NOBODY = "nobody", _("Nobody")

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="macros")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="macros"
    )
    name = models.CharField(_("name"), max_length=100)
    shortcut = models.CharField(_("shortcut"), max_length=32, blank=True)
    text = models.TextField(_("text"), max_length=4000, blank=True)
    is_note = models.BooleanField(_("internal note"), default=False)
    status = models.CharField(_("sets the status to"), max_length=8, choices=Status.choices, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("sets the priority to"), choices=Ticket.Priority.choices, null=True, blank=True
    )
    group = models.ForeignKey(
        Group,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("gives it to the group"),
    )
    assignee = models.CharField(_("gives it to"), max_length=8, choices=Assignee.choices, blank=True)
    add_tags = models.JSONField(_("adds tags"), default=list, blank=True)
    remove_tags = models.JSONField(_("removes tags"), default=list, blank=True)
    # What it fills in of a brand's own fields, and the form it gives: as routing.decide.steps reads them.
    steps = models.JSONField(_("fields and form"), default=list, db_default=[], blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "shortcut"],
                condition=Q(owner__isnull=True) & ~Q(shortcut=""),
                name="macro_shortcut_once_shared",
            ),
            models.UniqueConstraint(
                fields=["brand", "owner", "shortcut"],
                condition=Q(owner__isnull=False) & ~Q(shortcut=""),
                name="macro_shortcut_once_own",
            ),
        ]
        indexes = [models.Index(fields=["brand", "owner", "name"], name="macro_list")]

    def __str__(self) -> str:
        return self.name

    @property
    def changes_ticket(self) -> bool:
        """Whether it does anything beside its text."""
        tags = self.add_tags or self.remove_tags
        return bool(self.status or self.priority or self.group_id or self.assignee or tags or self.steps)


class MacroFile(models.Model):
    """A file that goes with a macro's text; the core keeps it as long as this row is there."""

    macro = models.ForeignKey(Macro, on_delete=models.CASCADE, related_name="files")
    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, related_name="macro_file")
