"""The widget's pure decisions: colours that can be read, languages there are."""

LANGUAGES = ("en", "ko")
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


def pick_language(setting: str, *wishes: str) -> str:
    """Give the messenger's language: the admin's, or the first wish there is ("fr-CA" asks for "fr")."""
    for wish in (setting, *wishes):
        language = wish.lower().replace("_", "-").split("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]
