"""The live screen in a browser: it follows what happens, by the keyboard, on a desk and on a phone."""

from playwright.sync_api import Page, expect

from conversations.events import SYSTEM
from conversations.models import User
from routing.actions.agents import agent_of
from routing.actions.statuses import set_agent_status
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, newcomer, sign_in


def at_live(open_page: Open, shop: str, **wishes: str) -> Page:
    page = open_page(**wishes)
    sign_in(page, shop, "admin@demo.test")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/workspace/live/")
    expect(page.locator("#live-waiting")).to_be_visible()
    return page


def test_floor_follows_what_happens_and_sets_a_colleagues_status(open_page: Open, shop: str) -> None:
    page = at_live(open_page, shop)
    assert findings(page) == []
    waiting = int(page.locator("#live-waiting").inner_text())
    newcomer("Nari", "Is anybody there?")
    expect(page.locator("#live-waiting")).to_have_text(str(waiting + 1))
    agent = agent_of(User.objects.get(email="agent@demo.test"))
    row = page.locator(f"#desk-{agent.user.public_id}")
    aside(lambda: set_agent_status(agent=agent, status="away", by=SYSTEM))
    expect(row).to_contain_text("Away")
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#set-colleague")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("radio", name="Transfers only").check()
    page.keyboard.press("Enter")
    expect(row).to_contain_text("Transfers only")
    page.locator("#toasts").get_by_role("button").click()
    expect(row).to_contain_text("Away")


def test_floor_fits_a_phone_in_korean(open_page: Open, shop: str) -> None:
    page = at_live(open_page, shop, locale="ko-KR")
    page.set_viewport_size({"width": 375, "height": 720})
    expect(page.locator("h1")).to_have_text("실시간")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('#main').scrollWidth <= innerWidth")
    assert findings(page) == []
