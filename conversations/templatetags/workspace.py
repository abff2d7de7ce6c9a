"""Small things every workspace template needs."""

import zlib
from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()
HUES = 8


@register.simple_tag
def icon(name: str) -> SafeString:
    """Give an icon of the sprite; it says nothing to a screen reader."""
    return format_html(
        '<svg class="m-i" aria-hidden="true"><use href="{}#i-{}"/></svg>', static("workspace/icons.svg"), name
    )


@register.filter
def initial(name: object) -> str:
    """Give what an avatar shows: the first letter, or of a Korean name the first syllable of the given name."""
    text = str(name).strip() or "?"
    is_korean_name = 2 <= len(text) <= 4 and all("가" <= char <= "힣" for char in text)
    return text[1] if is_korean_name and len(text) > 2 else text[0].upper()


@register.filter
def hue(name: object) -> int:
    """Give one of eight avatar colours, always the same for a name."""
    return zlib.crc32(str(name).encode()) % HUES + 1


@register.filter
def age(moment: datetime | None) -> str:
    """Give how long ago, short: now, 3m, 2h, 5d."""
    if moment is None:
        return ""
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return gettext("now")
    if minutes < 60:
        return gettext("%(n)sm") % {"n": minutes}
    if minutes < 60 * 24:
        return gettext("%(n)sh") % {"n": minutes // 60}
    return gettext("%(n)sd") % {"n": minutes // (60 * 24)}
