"""Small things every workspace template needs."""

import re
import zlib
from datetime import datetime
from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr, urlize
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from conversations.content import plain_text
from conversations.content.points import words_of
from conversations.models import Message
from conversations.outward import is_answered_by_email, waits_for_email
from conversations.uploads import file_size
from conversations.workspace.names import called

register = template.Library()
register.filter(called)
register.filter(file_size)
register.filter(is_answered_by_email)
register.filter(waits_for_email)
HUES = 8
APPLE = ("Macintosh", "iPhone", "iPad")


@register.simple_tag
def icon(name: str) -> SafeString:
    """Give an icon of the sprite; it says nothing to a screen reader."""
    return format_html(
        '<svg class="m-i" aria-hidden="true"><use href="{}#i-{}"/></svg>', static("workspace/icons.svg"), name
    )


@register.simple_tag
def dots() -> SafeString:
    """Give the three dots of someone typing; the words beside them say it."""
    return mark_safe('<span class="m-typing" aria-hidden="true"><i></i><i></i><i></i></span>')


@register.simple_tag(takes_context=True)
def mod(context: template.Context, key: str) -> str:
    """Give a shortcut with the key that commands: "⌘K" on Apple's systems, "Ctrl K" elsewhere."""
    agent = context["request"].headers.get("User-Agent", "")
    return f"⌘{key}" if any(name in agent for name in APPLE) else f"Ctrl {key}"


@register.filter
def chosen(content: dict[str, Any]) -> str:
    """Give the word of the point that a customer chose, of the content of a rating that was answered."""
    score: int = content["answer"]["score"]
    return words_of(content["scale"], content.get("words", ()))[score - 1]


@register.filter
def initial(name: object) -> str:
    """Give what an avatar shows: the first letter, or of a Korean name the first syllable of the given name."""
    text = str(name).strip() or "?"
    is_korean_name = 2 <= len(text) <= 4 and all("가" <= char <= "힣" for char in text)
    return text[1] if is_korean_name and len(text) > 2 else text[0].upper()


@register.filter
def hue(name: object) -> int:
    """Give one of eight avatar colours, always the same for a name."""
    return zlib.crc32(str(name).encode()) % HUES


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


@register.filter
def worded(message: Message) -> SafeString:
    """Give a message's plain text as HTML: links, line breaks, and the people a note mentions."""
    text = str(message.content.get("text", ""))
    names = [f"@{person.name}" for person in message.mentions.all()]
    parts = re.split(f"({'|'.join(map(re.escape, names))})", text) if names else [text]
    # What stands at odd places is a name: re.split gives the parts it split at.
    return format_html_join("", "{}", ((_part(part, at % 2 == 1),) for at, part in enumerate(parts)))


@register.filter
def said(message: Message) -> str:
    """Give what a message says in one line: its words, or those of what it shows."""
    return plain_text(message.content)


def _part(text: str, is_name: bool) -> SafeString:
    if is_name:
        return format_html('<span class="m-mention">{}</span>', text)
    return linebreaksbr(urlize(text))
