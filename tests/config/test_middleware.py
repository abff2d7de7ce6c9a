from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.middleware import TimeZoneMiddleware


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("Asia/Seoul", "Asia/Seoul"),
        ("America/New_York", "America/New_York"),
        ("", "UTC"),
        ("Nowhere/Atall", "UTC"),
        ("../../etc/passwd", "UTC"),
        ("x" * 5000, "UTC"),
    ],
)
def test_times_are_shown_in_the_viewers_zone(cookie: str, shown: str) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(timezone.get_current_timezone_name())
        return HttpResponse()

    request: Any = HttpRequest()
    request.COOKIES = {"time_zone": cookie}
    TimeZoneMiddleware(view)(request)
    assert seen == [shown]
    assert timezone.get_current_timezone_name() == "UTC"
