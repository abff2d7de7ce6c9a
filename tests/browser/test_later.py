"""Send later under an agent's hands, and on the customer's side at its time."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from conversations.actions.scheduled import send_due
from conversations.models import ScheduledReply
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, open_row, sign_in, write_as


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    return page


def schedule(agent: Page, words: str) -> None:
    agent.fill("#reply", words)
    agent.keyboard.press("Control+Shift+L")
    expect(agent.locator("#send-later .m-mi").first).to_be_focused()
    agent.keyboard.press("ArrowUp")
    expect(agent.locator("#send-later .m-mi").last).to_be_focused()
    agent.keyboard.press("Enter")
    expect(agent.locator("#later .later")).to_contain_text(words)
    expect(agent.locator("#reply")).to_have_value("")


def test_it_waits_in_the_thread_and_goes_out_at_its_time(agent: Page) -> None:
    schedule(agent, "Good morning, Maya")
    assert findings(agent) == []
    past = timezone.now() - timedelta(minutes=1)
    aside(lambda: ScheduledReply.objects.update(send_at=past))
    aside(send_due)
    expect(agent.locator("#messages .m-bub").last).to_have_text("Good morning, Maya")
    expect(agent.locator("#later .later")).to_have_count(0)


def test_it_is_taken_back_edited_and_sent_at_once(agent: Page) -> None:
    schedule(agent, "First thought")
    agent.locator("#thread-head h2").click()
    agent.keyboard.press("z")
    expect(agent.locator("#later .later")).to_have_count(0)
    schedule(agent, "Second thought")
    agent.locator("#later").get_by_role("button", name="Edit").click()
    expect(agent.locator("#reply")).to_have_value("Second thought")
    expect(agent.locator("#later .later")).to_have_count(0)
    schedule(agent, "Third thought")
    write_as("Maya Okafor", "Are you there?")
    expect(agent.locator("#later")).to_contain_text("will be cancelled: the customer wrote")
    agent.locator("#later").get_by_role("button", name="Send now").click()
    expect(agent.locator("#messages .m-bub").last).to_have_text("Third thought")
    expect(agent.locator("#later .later")).to_have_count(0)


def test_what_the_line_lost_is_scheduled_once(agent: Page) -> None:
    """The server has it, its answer is lost, and the agent presses again."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    agent.route("**/later/add/", lose, times=1)
    agent.fill("#reply", "Good morning, Maya")
    choose = agent.locator("#send-later .m-mi")
    agent.keyboard.press("Control+Shift+L")
    choose.last.press("Enter")
    expect(agent.locator("#toasts [role=alert]")).to_be_visible()
    expect(agent.locator("#reply")).to_have_value("Good morning, Maya")
    expect(agent.locator("#later .later")).to_have_count(1)
    agent.locator("#reply").focus()
    agent.keyboard.press("Control+Shift+L")
    choose.last.press("Enter")
    expect(agent.locator("#reply")).to_have_value("")
    expect(agent.locator("#later .later")).to_have_count(1)
    assert ScheduledReply.objects.count() == 1
    schedule(agent, "Good morning, Maya")
    expect(agent.locator("#later .later")).to_have_count(2)
