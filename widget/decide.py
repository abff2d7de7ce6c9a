"""The widget's pure decisions: colours that can be read, languages there are."""

from collections.abc import Collection

FALLBACK = "en"
WHITE, INK = "#ffffff", "#23211e"
MIN_CONTRAST = 4.5


def _luminance(colour: str) -> float:
    """Give relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on(colour: str) -> str:
    """Give white or ink, whichever reads better on the colour."""
    return WHITE if contrast(colour, WHITE) >= contrast(colour, INK) else INK


def readable(colour: str, background: str) -> str:
    """Give the colour, moved towards black or white until it reads as text on the background (4.5 to 1)."""
    target = 0 if _luminance(background) > 0.5 else 255
    for step in range(21):
        share = step / 20
        mixed = [round(int(colour[i : i + 2], 16) * (1 - share) + target * share) for i in (1, 3, 5)]
        shade = "#{:02x}{:02x}{:02x}".format(*mixed)
        if contrast(shade, background) >= MIN_CONTRAST:
            return shade
    return INK if target == 0 else WHITE


def pick_language(available: Collection[str], setting: str, *wishes: str) -> str:
    """Give the messenger's language: the admin's, or the first wish there is; English where none is.

    A wish is a tag ("fr-CA", for which "fr" will do), or several as a browser lists them ("ko,en;q=0.8").
    """
    for wish in ",".join((setting, *wishes)).replace("_", "-").split(","):
        tag = wish.split(";")[0].strip().lower()
        for candidate in (tag, tag.split("-")[0]):
            for language in available:
                if language.lower() == candidate:
                    return language
    return FALLBACK
