"""What a website's messenger looks like and may do."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models import Channel


class WidgetSettings(models.Model):
    """Settings of one web channel."""

    class Position(models.TextChoices):
        RIGHT = "right", _("Bottom right")
        LEFT = "left", _("Bottom left")

    # The language of the page, or else of the browser; any other value names a catalogue (widget.queries.languages).
    AUTO = "auto"

    class Mode(models.TextChoices):
        AUTO = "auto", _("As the visitor's device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="widget")
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#244fb9",
        validators=[RegexValidator("^#[0-9a-fA-F]{6}$", _("Give a colour as # and six hex digits."))],
        help_text=_("Your brand's colour, as #244fb9. Text on it is made readable by itself."),
    )
    logo_url = models.URLField(_("logo"), blank=True, help_text=_("Address of a square picture, shown in the header."))
    position = models.CharField(_("position"), max_length=8, choices=Position.choices, default=Position.RIGHT)
    greeting_en = models.CharField(
        _("greeting (English)"),
        max_length=200,
        default="How can we help?",
        help_text=_("The first line visitors read."),
    )
    greeting_ko = models.CharField(_("greeting (Korean)"), max_length=200, default="무엇을 도와드릴까요?")
    language = models.CharField(
        _("language"), max_length=16, default=AUTO, help_text=_("The language of the messenger's own words.")
    )
    mode = models.CharField(_("light or dark"), max_length=8, choices=Mode.choices, default=Mode.AUTO)
    allowed_origins = models.TextField(
        _("allowed websites"),
        blank=True,
        help_text=_("One per line, as https://www.example.com. Empty: any website may show this widget."),
    )
    may_attach = models.BooleanField(_("visitors may send files"), default=True)
    sound = models.BooleanField(_("sound on a new message"), default=False)

    class Meta:
        verbose_name = _("web widget")
        verbose_name_plural = _("web widgets")

    def __str__(self) -> str:
        return self.channel.name

    @property
    def origins(self) -> list[str]:
        return self.allowed_origins.split()
