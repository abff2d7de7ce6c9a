"""The developers' page in a real browser: accessible, under the policy, on a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Open = Callable[..., Page]


@pytest.mark.parametrize(("locale", "theme", "width"), [("en-US", "light", 1440), ("ko-KR", "dark", 375)])
def test_page_is_accessible_and_fits(live: str, open_page: Open, locale: str, theme: str, width: int) -> None:
    page = open_page(locale=locale, color_scheme=theme, viewport={"width": width, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{live}/api/docs/")
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    found = Axe().run(page).response["violations"]
    grave = [each for each in found if each["impact"] in {"serious", "critical"}]
    assert [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in grave] == []
