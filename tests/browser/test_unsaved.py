"""Changes that do not reach the server: the page says so, shows what is stored, and offers to try again."""

import pytest
from playwright.sync_api import Page, expect

from routing.models import Ticket
from tests.browser.steps import AgentWire, Open, open_row, sign_in

NOT_SAVED = "Not saved: no connection."


@pytest.fixture
def opened(shop: str, open_page: Open) -> tuple[Page, AgentWire]:
    """The demo's page of a ticket with normal priority, and its line."""
    Ticket.objects.update(priority=Ticket.Priority.NORMAL)
    page = open_page()
    wire = AgentWire(page)
    sign_in(page, shop)
    open_row(page, "Maya")
    expect(page.locator("#tk-priority")).to_have_value("2")
    return page, wire


def ticket() -> Ticket:
    return Ticket.objects.get(conversation__contact__name="Maya Okafor")


def test_what_cannot_be_sent_says_so_and_shows_what_is_stored(opened: tuple[Page, AgentWire]) -> None:
    page, wire = opened
    toast = page.locator("#toasts .m-toast")
    subject = page.locator("#tk-subject").input_value()
    wire.cut()
    page.locator("#act-solve").click()
    expect(toast).to_contain_text(NOT_SAVED)
    page.select_option("#tk-priority", "1")
    expect(page.locator("#tk-priority")).to_have_value("2")
    page.fill("#tk-subject", "Lost words")
    page.locator("#tk-subject").blur()
    expect(page.locator("#tk-subject")).to_have_value(subject)
    expect(toast).to_have_count(1)
    wire.mend()
    toast.get_by_role("button", name="Try again").click()
    expect(page.locator("#tk-subject")).to_have_value("Lost words")
    expect(page.locator("#thread-head h2")).to_have_text("Lost words")
    assert (ticket().status, ticket().priority, ticket().subject) == ("open", 2, "Lost words")


def test_what_others_changed_meanwhile_shows_once_the_line_is_back(opened: tuple[Page, AgentWire]) -> None:
    page, wire = opened
    wire.cut()
    expect(page.locator("#banner .m-banner")).to_be_visible()
    Ticket.objects.filter(pk=ticket().pk).update(priority=Ticket.Priority.URGENT)
    wire.mend()
    page.locator("#banner button").click()
    expect(page.locator("#tk-priority")).to_have_value("4")


def test_server_that_fails_is_told_too(opened: tuple[Page, AgentWire]) -> None:
    page, _ = opened
    page.route("**/fields/", lambda route: route.fulfill(status=502, body="bad gateway"))
    page.select_option("#tk-priority", "1")
    expect(page.locator("#toasts .m-toast")).to_contain_text("That did not work. Try again.")
    expect(page.locator("#tk-priority")).to_have_value("2")
