"""In which of a brand's two languages a customer is spoken to."""

from typing import TypeVar

Said = TypeVar("Said", str, list[str])


def language_of(*wishes: str) -> str:
    """Give the first of these locales that is English or Korean, as en or ko; English where none is."""
    return next((wish[:2].lower() for wish in wishes if wish[:2].lower() in {"en", "ko"}), "en")


def in_language(language: str, english: Said, korean: Said) -> Said:
    """Give what is written in a language, or what there is."""
    return (korean or english) if language == "ko" else (english or korean)
