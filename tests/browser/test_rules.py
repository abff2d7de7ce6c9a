"""Triggers in a real browser: steps made and moved by keyboard, a refusal at its step, a dry run, and what was done."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from conversations.events import SYSTEM
from routing.actions.firing import run_triggers
from routing.actions.tickets import change_ticket
from routing.models import Ticket, Trigger
from tests.browser.aside import aside
from tests.browser.steps import findings, settle
from tests.browser.test_console import sign_in

Open = Callable[..., Page]


def step(page: Page, at: int) -> Locator:
    return page.locator("[data-steps] .step-row").nth(at)


def add_step(page: Page, do: str) -> Locator:
    page.locator("[data-steps] [data-add]").press("Enter")
    added = page.locator("[data-steps] .step-row").last
    expect(added.locator("[data-do]")).to_be_focused()
    added.locator("[data-do]").select_option(do)
    return added


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_trigger_from_making_to_what_it_did(shop: str, open_page: Open, locale: str) -> None:
    is_korean = locale == "ko-KR"
    page = open_page(locale=locale, viewport={"width": 375, "height": 740})
    complaints = sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/trigger/add/")
    page.fill("#id_name", "환불은 정산으로")
    page.check("input[name=events][value='ticket.changed']")
    page.locator("[data-block=all] [data-add]").click()
    row = page.locator("[data-block=all] .cond-row")
    row.locator("[data-field]").select_option("ticket.tags")
    row.locator("[data-value] input").fill("refund")
    add_step(page, "write_note")
    add_step(page, "set_priority").locator("[data-value] select").select_option("urgent")
    add_step(page, "add_tags").locator("[data-value] input").fill("money, Vip customer")
    step(page, 2).locator("[data-up]").press("Enter")
    expect(step(page, 1).locator("[data-up]")).to_be_focused()
    expect(step(page, 1).locator("[data-do]")).to_have_value("add_tags")
    expect(page.locator("#announcer")).to_have_text("이제 단계 2이에요" if is_korean else "Now step 2")
    assert findings(page) == []
    page.click("button[name=_save]")
    expect(step(page, 0).locator("[data-error]")).to_have_text(
        "1자에서 4000자까지 적어 주세요." if is_korean else "Write 1 to 4000 characters."
    )
    expect(step(page, 0).locator("[data-text]")).to_have_attribute("aria-invalid", "true")
    expect(step(page, 1).locator("[data-value] input")).to_have_value("money, vip-customer")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    step(page, 0).locator("[data-remove]").press("Enter")
    expect(step(page, 0).locator("[data-do]")).to_be_focused()
    complaints.clear()
    page.click("button[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("환불은 정산으로")
    rule = Trigger.objects.get()
    assert [each["do"] for each in rule.steps] == ["add_tags", "set_priority"]
    assert findings(page) == []

    ticket = Ticket.objects.filter(is_open=True).order_by("pk")[0]
    page.goto(f"{shop}/admin/routing/trigger/{rule.pk}/change/")
    page.get_by_role("link", name=re.compile("시험하고|Try it, and")).click()
    page.fill("#try-number", str(ticket.number))
    page.press("#try-number", "Enter")
    expect(page.locator("#trial")).to_contain_text("조건이 맞지 않아요" if is_korean else "The conditions do not hold")
    assert findings(page) == []

    def work() -> None:
        change_ticket(ticket=ticket, add_tag="refund", by=SYSTEM)

    aside(work)
    settle()
    aside(run_triggers)
    ticket.refresh_from_db()
    assert ticket.priority == 4
    page.reload()
    expect(page.locator(".fired > li")).to_have_count(1)
    expect(page.locator(".fired > li")).to_contain_text("완료" if is_korean else "Done")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert complaints == []
