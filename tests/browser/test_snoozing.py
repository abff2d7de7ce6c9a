"""Snoozing by keyboard: out of the view, back by undo, back by a word of the customer's."""

import pytest
from playwright.sync_api import Page, expect

from routing.models import Ticket
from tests.browser.steps import Open, findings, open_row, sign_in, write_as


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_one_key_snoozes_and_one_takes_it_back(shop: str, open_page: Open, locale: str) -> None:
    agent = open_page(locale=locale)
    sign_in(agent, shop)
    open_row(agent, "Maya")
    expect(agent.locator("#act-snooze")).to_be_visible()
    row = agent.locator("[data-row]", has_text="Maya")
    agent.locator("#thread-head h2").click()
    agent.keyboard.press("h")
    expect(agent.locator("#snooze .m-mi").first).to_be_focused()
    assert findings(agent) == []
    agent.locator("#snooze-tomorrow").press("Enter")
    expect(row).to_have_count(0)
    expect(agent.locator("#snoozed")).to_be_visible()
    expect(agent.locator("#view-snoozed .n")).to_have_text("1")
    agent.locator("#thread-head h2").click()
    agent.keyboard.press("z")
    expect(row).to_have_count(1)
    assert Ticket.objects.get(conversation__contact__name="Maya Okafor").snoozed_until is None


def test_customer_brings_it_back(shop: str, open_page: Open) -> None:
    agent: Page = open_page()
    sign_in(agent, shop)
    open_row(agent, "Maya")
    agent.locator("#act-snooze").click()
    agent.locator("#snooze-tomorrow").click()
    expect(agent.locator("[data-row]", has_text="Maya")).to_have_count(0)
    agent.keyboard.press("Control+k")
    agent.keyboard.type("Snoozed")
    agent.keyboard.press("Enter")
    expect(agent.locator("#list h1")).to_have_text("Snoozed")
    expect(agent.locator("[data-row]", has_text="Maya")).to_have_count(1)
    write_as("Maya Okafor", "Hello?")
    expect(agent.locator("[data-row]", has_text="Maya")).to_have_count(0)
    agent.locator("#view-mine").click()
    expect(agent.locator("[data-row]", has_text="Maya")).to_have_count(1)
