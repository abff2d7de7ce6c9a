"""What every answer carries."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from conversations.zones import time_zones

POLICY = (
    "default-src 'self'; img-src 'self' data: blob: https: http:; connect-src 'self' ws: wss:; frame-src 'self';"
    " frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"
)


class ContentSecurityPolicyMiddleware:
    """Sets the strict policy: nothing inline, nothing evaluated. A view that sets its own keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class TimeZoneMiddleware:
    """Shows times in the viewer's zone, which their browser keeps in the cookie `time_zone`; in UTC until it did."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone(request.COOKIES.get("time_zone", ""))):
            return self.get_response(request)


def _zone(name: str) -> ZoneInfo | None:
    """Give the zone of an IANA name, or nothing for a name that is none."""
    return ZoneInfo(name) if name in time_zones() else None
