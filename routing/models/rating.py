"""What customers say of work, and how a brand asks them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.content.points import words_of
from conversations.models import Brand, Message
from routing.models.ticket import Ticket


class Survey(models.Model):
    """How a brand asks for ratings; there is one for each brand that ever set it up."""

    class When(models.TextChoices):
        SESSION_END = "session_end", _("the session ends")
        SOLVED = "solved", _("the ticket is solved")

    class Scale(models.IntegerChoices):
        TWO = 2, _("2 points: bad, good")
        THREE = 3, _("3 points: bad, okay, good")
        FIVE = 5, _("5 points: from very bad to great")

    class Look(models.TextChoices):
        FACES = "faces", _("faces")
        NUMBERS = "numbers", _("numbers")
        WORDS = "words", _("words")

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, related_name="survey", verbose_name=_("brand"))
    is_on = models.BooleanField(_("ask for ratings"), default=False)
    when = models.CharField(_("asked when"), max_length=12, choices=When.choices, default=When.SESSION_END)
    scale = models.PositiveSmallIntegerField(_("scale"), choices=Scale.choices, default=Scale.FIVE)
    look = models.CharField(
        _("points look like"), max_length=7, choices=Look.choices, default=Look.FACES, db_default=Look.FACES
    )
    # Of each point, worst first; empty: ours.
    words_en = models.JSONField(_("words of the points (English)"), default=list, blank=True, db_default=[])
    words_ko = models.JSONField(_("words of the points (Korean)"), default=list, blank=True, db_default=[])
    # In one language before there were two: its columns stay, for processes of that version.
    text_en = models.CharField(_("question (English)"), max_length=200, blank=True, db_column="text")
    text_ko = models.CharField(_("question (Korean)"), max_length=200, blank=True, default="", db_default="")
    reasons_en = models.JSONField(
        _("reasons for a low rating (English)"), default=list, blank=True, db_column="reasons"
    )
    reasons_ko = models.JSONField(_("reasons for a low rating (Korean)"), default=list, blank=True, db_default=[])

    class Meta:
        verbose_name = _("satisfaction survey")
        verbose_name_plural = _("satisfaction surveys")

    def __str__(self) -> str:
        return str(self.brand)


class Rating(models.Model):
    """That a customer was asked how a ticket went, once, and what they said."""

    class Grade(models.TextChoices):
        ASKED = "asked", _("Asked, no answer")
        BAD = "bad", _("Bad")
        OKAY = "okay", _("Okay")
        GOOD = "good", _("Good")

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="rating")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="rating")
    scale = models.PositiveSmallIntegerField()
    score = models.PositiveSmallIntegerField(null=True)
    # What the score says in the brand's own words, as they were when it was asked; empty: in ours.
    word = models.CharField(max_length=40, blank=True, default="", db_default="")
    # What the score means whatever the scale; conditions and lists ask for it.
    grade = models.CharField(max_length=5, choices=Grade.choices, default=Grade.ASKED)
    reasons = models.JSONField(default=list)
    comment = models.CharField(max_length=1000, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.score}/{self.scale}" if self.score else str(self.get_grade_display())

    @property
    def said(self) -> str:
        """What the customer chose, in the word of its point; that they did not answer, where they did not."""
        if not self.score:
            return str(self.get_grade_display())
        return self.word or words_of(self.scale)[self.score - 1]
