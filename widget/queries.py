"""What the loader and the messenger need to know of a widget."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conversations.models import Channel
from widget.decide import FALLBACK, readable, text_on
from widget.models import WidgetSettings

CATALOGUES = Path(__file__).parent / "catalogues"
LOADER_WORDS = ("open", "close", "unread", "newMessages", "newTitle")
DARK_SURFACE, LIGHT_SURFACE = "#191a1f", "#ffffff"


@dataclass(frozen=True)
class Theme:
    """Colours of a widget, each readable where it is used."""

    brand: str
    on_brand: str
    text_light: str
    text_dark: str


def widget_of(key: str) -> WidgetSettings | None:
    """Give the active widget of a public key. One query."""
    found = WidgetSettings.objects.select_related("channel__brand")
    return found.filter(channel__key=key, channel__state=Channel.State.ACTIVE).first()


def theme_of(widget: WidgetSettings) -> Theme:
    """Give the colours."""
    colour = widget.colour.lower()
    return Theme(colour, text_on(colour), readable(colour, LIGHT_SURFACE), readable(colour, DARK_SURFACE))


@cache
def languages() -> tuple[str, ...]:
    """Give the languages there is a catalogue for: each file there is one."""
    return tuple(sorted(path.stem for path in CATALOGUES.glob("*.json")))


@cache
def catalogue(language: str) -> dict[str, Any]:
    """Give the messenger's words in a language; a plural is an object of CLDR forms. What is missing is English."""
    words: dict[str, Any] = json.loads((CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    return words if language == FALLBACK else catalogue(FALLBACK) | words


def loader_config(widget: WidgetSettings, base: str) -> dict[str, Any]:
    """Give what the loader is told. `base` is this installation's address."""
    theme = theme_of(widget)
    return {
        "key": widget.channel.key,
        "base": base,
        "side": widget.position,
        "brand": theme.brand,
        "on": theme.on_brand,
        "origins": [*widget.origins, base] if widget.origins else [],
        "language": widget.language,
        "words": {language: [catalogue(language)[word] for word in LOADER_WORDS] for language in languages()},
    }


def messenger_config(widget: WidgetSettings, language: str) -> dict[str, Any]:
    """Give what the messenger page is told."""
    theme = theme_of(widget)
    return {
        "key": widget.channel.key,
        "brand": widget.channel.brand.name,
        "greeting": widget.greeting_ko if language == "ko" else widget.greeting_en,
        "logo": widget.logo_url,
        "language": language,
        "mode": widget.mode,
        "mayAttach": widget.may_attach,
        "sound": widget.sound,
        "colours": [theme.brand, theme.on_brand, theme.text_light, theme.text_dark],
        "words": catalogue(language),
    }
