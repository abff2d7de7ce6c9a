"""Settings that must not reach the internet: each is an error that says what to set."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

MIN_SECRET_CHARS = 32


@register()
def production_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Refuse an unsafe production form; the embedded form on one machine is left alone."""
    if not settings.PRODUCTION:
        return []
    found: list[CheckMessage] = []

    def refuse(number: int, text: str, hint: str) -> None:
        found.append(Error(text, hint=hint, id=f"madang.E{number:03}"))

    if settings.DEBUG:
        refuse(1, "DEBUG is on in production.", "Unset DEBUG, or set DEBUG=off.")
    secret_key = _secret_key()
    if not secret_key:
        refuse(2, "SECRET_KEY is not set.", "Set SECRET_KEY to 50 random characters, the same for all processes.")
    elif len(secret_key) < MIN_SECRET_CHARS:
        refuse(3, "SECRET_KEY is short.", f"Set SECRET_KEY to at least {MIN_SECRET_CHARS} random characters.")
    if not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS:
        refuse(4, "ALLOWED_HOSTS does not say who we are.", "Set ALLOWED_HOSTS=help.example.com (comma separated).")
    if not settings.DATABASE_URL:
        refuse(5, "No DATABASE_URL in production.", "Set DATABASE_URL=postgres://user:password@host:5432/madang.")
    if not settings.REDIS_URL:
        refuse(6, "No REDIS_URL in production.", "Set REDIS_URL=redis://host:6379/0.")
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        refuse(7, "The static files are not collected.", "Run: python manage.py collectstatic --noinput")
    return found


def _secret_key() -> str:
    """Give the key, or nothing: Django raises where an empty one is read."""
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:
        return ""
