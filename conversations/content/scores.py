"""What the scores of a rating say, to whoever gives them and whoever reads them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Of each scale, worst first.
SCORES: dict[int, tuple[str | Promise, ...]] = {
    2: (_("Bad"), _("Good")),
    3: (_("Bad"), _("Okay"), _("Good")),
    5: (_("Very bad"), _("Bad"), _("Okay"), _("Good"), _("Great")),
}
