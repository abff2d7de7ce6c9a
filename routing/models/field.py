"""A brand's own fields of tickets and customers, and the forms that show them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand, Channel
from conversations.models.ids import DatabaseId, PublicIdField
from routing.decide.field_values import FieldKind, FieldRule


class CustomField(models.Model):
    """One field of a brand's own. Its values are kept by its key, in `field_values` of the ticket or the contact."""

    class Of(models.TextChoices):
        TICKET = "ticket", _("Ticket")
        CONTACT = "contact", _("Customer")

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="custom_fields")
    of = models.CharField(_("belongs to"), max_length=8, choices=Of.choices, default=Of.TICKET)
    key = models.CharField(_("key"), max_length=40)
    label = models.CharField(_("label"), max_length=100)
    kind = models.CharField(_("kind"), max_length=8, choices=FieldKind.choices, default=FieldKind.TEXT)
    options = models.JSONField(_("options"), default=list, blank=True)
    pattern = models.CharField(_("pattern"), max_length=500, blank=True)
    help = models.CharField(_("help"), max_length=200, blank=True)
    # What customers read in their language; where one is empty, what stands above.
    label_en = models.CharField(
        _("label for customers (English)"), max_length=100, blank=True, default="", db_default=""
    )
    label_ko = models.CharField(
        _("label for customers (Korean)"), max_length=100, blank=True, default="", db_default=""
    )
    help_en = models.CharField(_("help for customers (English)"), max_length=200, blank=True, default="", db_default="")
    help_ko = models.CharField(_("help for customers (Korean)"), max_length=200, blank=True, default="", db_default="")
    # As many as there are options, in their order, or none.
    options_en = models.JSONField(_("options for customers (English)"), default=list, blank=True, db_default=[])
    options_ko = models.JSONField(_("options for customers (Korean)"), default=list, blank=True, db_default=[])
    is_required_to_solve = models.BooleanField(_("required to solve"), default=False)
    shown_to_customer = models.BooleanField(_("shown to customers"), default=False)
    is_required_for_customer = models.BooleanField(_("required of customers"), default=False, db_default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("field")
        verbose_name_plural = _("fields")
        constraints = [models.UniqueConstraint(fields=["brand", "of", "key"], name="custom_field_key_once")]
        indexes = [models.Index(fields=["brand", "of", "order", "id"], name="custom_field_order")]

    def __str__(self) -> str:
        return self.label

    def label_in(self, language: str) -> str:
        """What customers of this language read beside it."""
        return getattr(self, f"label_{language}", "") or self.label

    def help_in(self, language: str) -> str:
        """What customers of this language read below it."""
        return getattr(self, f"help_{language}", "") or self.help

    def options_in(self, language: str) -> list[tuple[str, str]]:
        """Each option with what customers of this language read; kept is the option itself."""
        said = getattr(self, f"options_{language}", [])
        return list(zip(self.options, said if len(said) == len(self.options) else self.options, strict=True))

    @property
    def rule(self) -> FieldRule:
        """What it asks of its values."""
        options = tuple(str(each) for each in self.options)
        return FieldRule(self.key, self.label, self.kind, options, self.pattern, self.is_required_to_solve)


class TicketForm(models.Model):
    """Which fields a ticket shows, in which order; where customers may see it, also a page on which they write."""

    public_id = PublicIdField()
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="ticket_forms")
    name = models.CharField(_("name"), max_length=100)
    # Keys of ticket fields, which stay for good; one that is there no more is passed over.
    field_keys = models.JSONField(_("fields"), default=list, blank=True)
    for_agents = models.BooleanField(_("agents may choose it"), default=True)
    for_customers = models.BooleanField(_("on the web"), default=False)
    is_default = models.BooleanField(_("form of new tickets"), default=False)
    # In one language before there were two: its columns stay, for processes of that version.
    title_en = models.CharField(_("title (English)"), max_length=100, blank=True, db_column="title")
    title_ko = models.CharField(_("title (Korean)"), max_length=100, blank=True, default="", db_default="")
    intro_en = models.CharField(_("introduction (English)"), max_length=500, blank=True, db_column="intro")
    intro_ko = models.CharField(_("introduction (Korean)"), max_length=500, blank=True, default="", db_default="")
    takes_files = models.BooleanField(_("customers may send files"), default=True)
    # What comes in by its page; made when the page is first switched on, and never changed.
    channel = models.OneToOneField(
        Channel, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="ticket_form"
    )

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="ticket_form_name_once"),
            models.UniqueConstraint(fields=["brand"], condition=Q(is_default=True), name="ticket_form_default_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def title_in(self, language: str) -> str:
        """The heading of its page: in this language, or in the other one, or else its name."""
        return getattr(self, f"title_{language}", "") or self.title_en or self.title_ko or self.name

    def intro_in(self, language: str) -> str:
        """What stands below the heading, in this language or in the other one."""
        return getattr(self, f"intro_{language}", "") or self.intro_en or self.intro_ko


class FormAnswer(models.Model):
    """A web form was sent once: another try with the same token is the same ticket."""

    form = models.ForeignKey(TicketForm, on_delete=models.CASCADE, related_name="answers")
    token = models.CharField(max_length=64)
    ticket = models.ForeignKey("routing.Ticket", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "token"], name="form_answer_once")]
