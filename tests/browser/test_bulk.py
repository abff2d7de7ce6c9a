"""Many rows at once, by hand and by key."""

import pytest
from playwright.sync_api import Page, Route, expect

from conversations.models import Brand
from routing.models import CustomField, Ticket
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, newcomer, sign_in


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    for n in range(4):
        newcomer(f"guest{n}", f"question {n}")
    page = open_page()
    sign_in(page, shop)
    page.goto(f"{shop}/workspace/inbox/unassigned/")
    expect(page.locator("[data-row]").nth(3)).to_be_visible()
    return page


def test_range_is_selected_changed_and_taken_back(agent: Page) -> None:
    boxes, before = agent.locator("#rows .pick"), Ticket.objects.filter(priority=4).count()
    boxes.nth(0).check()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(agent.locator("#bulk-count")).to_have_text("3 selected")
    assert findings(agent) == []
    # What happens meanwhile takes nothing out of the selection.
    newcomer("latecomer", "me too")
    expect(agent.locator("#bulk-count")).to_have_text("3 selected")
    agent.select_option("#bulk-do", "priority:4")
    agent.get_by_role("button", name="Do it").click()
    expect(agent.locator("#toasts")).to_contain_text("3 changed.")
    expect(agent.locator("#bulk")).to_be_hidden()
    assert Ticket.objects.filter(priority=4).count() == before + 3
    agent.locator("#list h1").click()
    agent.keyboard.press("z")
    expect(agent.locator("#toasts")).to_contain_text("Taken back.")
    assert Ticket.objects.filter(priority=4).count() == before


def test_keys_select_and_closing_asks_first(agent: Page) -> None:
    agent.locator("[data-row]").first.focus()
    agent.keyboard.press("x")
    expect(agent.locator("#bulk-count")).to_have_text("1 selected")
    agent.keyboard.press("Escape")
    expect(agent.locator("#bulk")).to_be_hidden()
    agent.keyboard.press("x")
    agent.locator("[data-row]").nth(1).focus()
    agent.keyboard.press("Shift+X")
    expect(agent.locator("#bulk-count")).to_have_text("2 selected")
    agent.keyboard.press("b")
    expect(agent.locator("#bulk-do")).to_be_focused()
    agent.select_option("#bulk-do", "status:closed")
    agent.get_by_role("button", name="Do it").click()
    expect(agent.locator("#ask")).to_be_visible()
    assert not Ticket.objects.filter(status="closed").exists()
    agent.locator("#ask-yes").click()
    expect(agent.locator("#toasts")).to_contain_text("2 changed.")
    assert Ticket.objects.filter(status="closed").count() == 2


def test_bar_that_comes_late_comes_once_and_keeps_what_was_chosen(agent: Page) -> None:
    bars: list[str] = []

    def slow(route: Route) -> None:
        bars.append(route.request.url)
        agent.wait_for_timeout(400)
        route.continue_()

    agent.route("**/workspace/parts/bulk/", slow)
    boxes = agent.locator("#rows .pick")
    boxes.nth(0).check()
    boxes.nth(1).check()
    agent.select_option("#bulk-do", "priority:4")
    boxes.nth(2).check()
    expect(agent.locator("#bulk-count")).to_have_text("3 selected")
    agent.wait_for_load_state("networkidle")
    expect(agent.locator("#bulk-do")).to_have_value("priority:4")
    assert len(bars) == 1


def test_double_click_changes_once_and_leaves_undo(agent: Page) -> None:
    posts: list[str] = []

    def slow(route: Route) -> None:
        posts.append(route.request.url)
        agent.wait_for_timeout(400)
        route.continue_()

    agent.route("**/workspace/bulk/", slow)
    before = Ticket.objects.filter(priority=4).count()
    boxes = agent.locator("#rows .pick")
    boxes.nth(0).check()
    boxes.nth(1).check()
    agent.select_option("#bulk-do", "priority:4")
    agent.get_by_role("button", name="Do it").dblclick()
    expect(agent.locator("#toasts")).to_contain_text("2 changed.")
    assert len(posts) == 1
    # What changes nothing leaves what can be undone.
    agent.locator("#rows .pick").nth(0).check()
    agent.select_option("#bulk-do", "priority:4")
    agent.get_by_role("button", name="Do it").click()
    expect(agent.locator("#toasts")).to_contain_text("0 changed, 1 was so already.")
    agent.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(agent.locator("#toasts")).to_contain_text("Taken back.")
    assert len(posts) == 2 and Ticket.objects.filter(priority=4).count() == before


def test_field_of_the_brands_own_is_filled_in(agent: Page) -> None:
    fields: list[CustomField] = []

    def make() -> None:
        brand = Brand.objects.get(slug="demo")
        options = ["Small", "Large"]
        size = CustomField.objects.create(brand=brand, key="bulk_size", label="Size", kind="select", options=options)
        fields.append(size)

    aside(make)
    agent.locator("#rows .pick").first.check()
    agent.select_option("#bulk-do", f"field:{fields[0].public_id}")
    agent.get_by_label("Size", exact=True).select_option("Large")
    assert findings(agent) == []
    agent.get_by_role("button", name="Do it").click()
    expect(agent.locator("#toasts")).to_contain_text("1 changed.")
    assert Ticket.objects.filter(field_values__bulk_size="Large").count() == 1
    agent.locator("#rows .pick").first.check()
    expect(agent.locator("#bulk-value > *")).to_have_count(0)
