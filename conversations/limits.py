"""Rate limits: how often one visitor, or one network address, may ask for a thing within a minute."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from conversations.errors import TooManyRequests

WINDOW_S = 60
logger = logging.getLogger(__name__)


def spend(scope: str, who: str) -> None:
    """Count one call against `settings.RATE_LIMITS[scope]`. Raises TooManyRequests with the seconds to wait.

    While the cache is away nobody is counted: to serve without limits is better than not to serve.
    """
    if not settings.API_RATE_LIMITS:
        return
    now = int(time.time())
    if _asked(_count, _key(scope, who, now)) > settings.RATE_LIMITS[scope]:
        raise TooManyRequests(limit=WINDOW_S - now % WINDOW_S)


def check(scope: str, who: str) -> None:
    """Raise TooManyRequests where the limit is spent already. Counts nothing."""
    now = int(time.time())
    if settings.API_RATE_LIMITS and _asked(_counted, _key(scope, who, now)) >= settings.RATE_LIMITS[scope]:
        raise TooManyRequests(limit=WINDOW_S - now % WINDOW_S)


def seconds_left() -> int:
    """Give how long the window that is counted now goes on."""
    return WINDOW_S - int(time.time()) % WINDOW_S


def _key(scope: str, who: str, now: int) -> str:
    return f"limit:{scope}:{who}:{now // WINDOW_S}"


class _Cache:
    """Whether the cache answered when it was last asked: of an outage one line of the log is enough."""

    is_away = False


def _asked(ask: Callable[[str], int], key: str) -> int:
    """Ask the cache; without one, nobody is kept out."""
    try:
        used = ask(key)
    except (RedisError, OSError):
        if not _Cache.is_away:
            logger.warning("cache=away limits=off", exc_info=True)
        _Cache.is_away = True
        return 0
    _Cache.is_away = False
    return used


def _counted(key: str) -> int:
    return int(cache.get(key, 0))


def _count(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:
        # The first call of the window; of two at once one adds it, the other counts on.
        return 1 if cache.add(key, 1, timeout=WINDOW_S + 5) else cache.incr(key)


def address_of(request: HttpRequest) -> str:
    """Give the caller's network address."""
    return _address(request.headers.get("X-Forwarded-For", ""), str(request.META.get("REMOTE_ADDR", "")))


def address_of_socket(scope: dict[str, Any]) -> str:
    """Give the network address of a socket's other end."""
    told = [value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return _address(",".join(told), str((scope.get("client") or [""])[0]))


def _address(forwarded: str, peer: str) -> str:
    """Give who calls behind `TRUSTED_PROXIES` proxies that append to X-Forwarded-For."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    trusted: int = settings.TRUSTED_PROXIES
    return hops[-trusted] if trusted and len(hops) >= trusted else peer
