"""Rate limits: how often one visitor, or one network address, may ask for a thing within a minute."""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from conversations.errors import TooManyRequests

WINDOW_S = 60


def spend(scope: str, who: str) -> None:
    """Count one call against `settings.RATE_LIMITS[scope]`. Raises TooManyRequests with the seconds to wait."""
    if not settings.API_RATE_LIMITS:
        return
    now = int(time.time())
    key = _key(scope, who, now)
    try:
        used = cache.incr(key)
    except ValueError:
        # The first call of the window; of two at once one adds it, the other counts on.
        used = 1 if cache.add(key, 1, timeout=WINDOW_S + 5) else cache.incr(key)
    if used > settings.RATE_LIMITS[scope]:
        raise TooManyRequests(limit=WINDOW_S - now % WINDOW_S)


def check(scope: str, who: str) -> None:
    """Raise TooManyRequests where the limit is spent already. Counts nothing."""
    now = int(time.time())
    if settings.API_RATE_LIMITS and cache.get(_key(scope, who, now), 0) >= settings.RATE_LIMITS[scope]:
        raise TooManyRequests(limit=WINDOW_S - now % WINDOW_S)


def _key(scope: str, who: str, now: int) -> str:
    return f"limit:{scope}:{who}:{now // WINDOW_S}"


def address_of(request: HttpRequest) -> str:
    """Give the caller's network address, behind `TRUSTED_PROXIES` proxies that append to X-Forwarded-For."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted: int = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))
