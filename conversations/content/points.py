"""What the points of a rating's scale say, worst first."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

WORDS = {
    2: (_("Bad"), _("Good")),
    3: (_("Bad"), _("Okay"), _("Good")),
    5: (_("Very bad"), _("Bad"), _("Okay"), _("Good"), _("Great")),
}


def words_of(scale: int, own: Sequence[str] = ()) -> Sequence[str]:
    """Give what each point of a scale of 2, 3 or 5 says: the brand's `own` words, or ours in the reader's language."""
    return own or [str(word) for word in WORDS[scale]]
