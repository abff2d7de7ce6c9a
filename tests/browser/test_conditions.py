"""The editor of conditions in a real browser: in the console on the page of shared views, and in the workspace."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from conversations.models import Conversation
from routing.models import Group, View
from tests.browser.aside import aside
from tests.browser.steps import findings
from tests.browser.steps import sign_in as sign_in_agent
from tests.browser.test_console import sign_in

Open = Callable[..., Page]


def block(page: Page, name: str) -> Locator:
    return page.locator(f"[data-block={name}]")


def row(page: Page, name: str, at: int) -> Locator:
    return block(page, name).locator(".cond-row").nth(at)


def stored(name: str) -> list[tuple[str, str, object]]:
    view = View.objects.get(name=name)
    return [
        (each["field"], each["operator"], each.get("value"))
        for each in (*view.conditions["all"], *view.conditions["any"])
    ]


def test_conditions_are_made_changed_and_taken_away(shop: str, open_page: Open) -> None:
    page = open_page()
    complaints = sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/view/add/")
    page.fill("#id_name", "Urgent refunds")
    block(page, "all").get_by_role("button", name="Add a condition").click()
    first = row(page, "all", 0)
    expect(first.locator("[data-field]")).to_be_focused()
    # What is chosen from looks like it.
    arrow = first.locator("[data-field]").evaluate("box => getComputedStyle(box).backgroundImage")
    assert arrow.startswith("url(")
    first.locator("[data-field]").select_option(label="Priority")
    first.locator("[data-operator]").select_option(label="is any of")
    for label in ("High", "Urgent"):
        first.locator("[data-value] select").select_option(label=label)
        first.get_by_role("button", name="Add it to the list").click()
    expect(first.locator(".m-chip")).to_have_text(["High", "Urgent"])
    first.get_by_role("button", name="Remove High").click()
    expect(first.locator("[data-value] select")).to_be_focused()
    block(page, "all").get_by_role("button", name="Add a condition").click()
    second = row(page, "all", 1)
    second.locator("[data-field]").select_option(label="Tags")
    second.get_by_label("Tag").fill("Late Refund")
    second.get_by_label("Tag").press("Enter")
    second.get_by_label("Tag").fill("vip")
    block(page, "any").get_by_role("button", name="Add a condition").click()
    third = row(page, "any", 0)
    third.locator("[data-field]").select_option(label="Customer's property")
    third.get_by_label("Name of the property").fill("plan")
    third.get_by_label("Value").fill("Pro")
    for text in ("Session ended", "Ticket opened", "Group"):
        block(page, "any").get_by_role("button", name="Add a condition").click()
        block(page, "any").locator(".cond-row").last.locator("[data-field]").select_option(label=text)
    row(page, "any", 1).get_by_label("Value").select_option("no")
    row(page, "any", 2).get_by_label("Value").fill("30")
    row(page, "any", 3).locator("[data-operator]").select_option(label="is not set")
    assert findings(page) == []
    complaints.clear()
    page.click("button[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("added: Urgent refunds")
    assert stored("Urgent refunds") == [
        ("ticket.priority", "any_of", ["urgent"]),
        ("ticket.tags", "include_any", ["late-refund", "vip"]),
        ("contact.properties.plan", "is", "Pro"),
        ("ticket.session_ended", "is", False),
        ("ticket.created_at", "older_than_minutes", 30),
        ("ticket.group", "is_not_set", None),
    ]
    listed = page.get_by_role("row", name="Urgent refunds")
    expect(listed).to_contain_text(
        "Priority is any of Urgent and Tags include late-refund, vip and (Customer's property"
    )
    page.get_by_role("link", name="Urgent refunds").click()
    expect(row(page, "all", 1).locator(".m-chip")).to_have_text(["late-refund", "vip"])
    expect(row(page, "any", 0).get_by_label("Name of the property")).to_have_value("plan")
    row(page, "all", 1).get_by_role("button", name="Remove this condition").click()
    expect(row(page, "all", 0).locator("[data-field]")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Condition removed")
    page.click("button[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("saved: Urgent refunds")
    assert len(stored("Urgent refunds")) == 5
    assert complaints == []


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_refusal_stands_at_its_row_and_nothing_typed_is_lost(shop: str, open_page: Open, locale: str) -> None:
    is_korean = locale == "ko-KR"
    page = open_page(locale=locale, viewport={"width": 375, "height": 740})
    sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/view/add/")
    page.fill("#id_name", "환불")
    for path, operator, value in (
        ("ticket.subject", "contains", "환불"),
        ("contact.email", "is", ""),
        ("ticket.created_at", "older_than_minutes", "1.5"),
    ):
        block(page, "all").locator("[data-add]").click()
        last = block(page, "all").locator(".cond-row").last
        last.locator("[data-field]").select_option(path)
        last.locator("[data-operator]").select_option(operator)
        last.locator("[data-value] input").fill(value)
    page.locator("form#view_form").evaluate("form => form.noValidate = true")
    page.click("button[name=_save]")
    expect(page.locator(".errorlist").first).to_have_text(
        "조건 2개를 고쳐야 해요." if is_korean else "2 conditions have to be changed."
    )
    expect(row(page, "all", 0).locator("[data-value] input")).to_have_value("환불")
    expect(row(page, "all", 0).locator("[data-error]")).to_be_hidden()
    wrong = row(page, "all", 1).locator("[data-value] input")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(row(page, "all", 1).locator("[data-error]")).to_have_text(
        "1자에서 200자까지 적어 주세요." if is_korean else "Give 1 to 200 characters."
    )
    described = wrong.get_attribute("aria-describedby")
    assert described == row(page, "all", 1).locator("[data-error]").get_attribute("id")
    expect(row(page, "all", 2).locator("[data-value] input")).to_have_value("1.5")
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    wrong.fill("a@b.test")
    expect(row(page, "all", 1).locator("[data-error]")).to_be_hidden()
    row(page, "all", 2).locator("[data-value] input").fill("15")
    page.click("button[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("환불")
    assert stored("환불")[1:] == [("contact.email", "is", "a@b.test"), ("ticket.created_at", "older_than_minutes", 15)]


def test_what_is_gone_is_said_and_kept_until_changed(shop: str, open_page: Open) -> None:
    def lose() -> None:
        group = Group.objects.get()
        rows = [
            {"field": "ticket.group", "operator": "is", "value": "0" * 24},
            {"field": "ticket.fields.gone", "operator": "is", "value": "x"},
        ]
        View.objects.create(brand=group.brand, name="Lost", conditions={"all": rows})

    aside(lose)
    page = open_page()
    sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/view/")
    expect(page.get_by_role("row", name="Lost")).to_contain_text(
        "Group is (deleted) and something that is not there any more (ticket.fields.gone)"
    )
    page.get_by_role("link", name="Lost").click()
    expect(row(page, "all", 0).locator("[data-value] option:checked")).to_have_text("(not there any more)")
    expect(row(page, "all", 1).locator("[data-field] option:checked")).to_have_text(
        "ticket.fields.gone (not there any more)"
    )
    page.fill("#id_name", "Found")
    page.click("button[name=_save]")
    expect(row(page, "all", 0).locator("[data-error]")).to_have_text(
        "This choice is not there any more. Choose another."
    )
    expect(row(page, "all", 1).locator("[data-error]")).to_have_text("Choose a field that there is.")
    assert View.objects.get().name == "Lost"


def test_views_change_places(shop: str, open_page: Open) -> None:
    def make() -> None:
        brand = Group.objects.get().brand
        for position, name in enumerate(("One", "Two", "Three"), start=1):
            View.objects.create(brand=brand, name=name, position=position)

    aside(make)
    page = open_page()
    complaints = sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/view/")
    page.get_by_role("button", name="Move up: Three").click()
    expect(page.locator("#result_list tbody tr th")).to_have_text(["One", "Three", "Two"])
    page.get_by_role("button", name="Move down: One").press("Enter")
    expect(page.locator("#result_list tbody tr th")).to_have_text(["Three", "One", "Two"])
    assert findings(page) == []
    assert complaints == []


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_agent_makes_renames_and_deletes_a_view_of_their_own(shop: str, open_page: Open, locale: str) -> None:
    is_korean = locale == "ko-KR"
    page = open_page(locale=locale)
    sign_in_agent(page, shop)
    page.click("#new-view")
    dialog = page.locator("#view-form")
    expect(dialog.locator("#id_name")).to_be_focused()
    dialog.locator("#id_name").fill("환불")
    block(page, "all").locator("[data-add]").click()
    row(page, "all", 0).locator("[data-field]").select_option("contact.name")
    assert findings(page) == []
    dialog.locator("button.primary").click()
    expect(row(page, "all", 0).locator("[data-error]")).to_have_text(
        "1자에서 200자까지 적어 주세요." if is_korean else "Give 1 to 200 characters."
    )
    expect(dialog.locator("#id_name")).to_have_value("환불")
    assert findings(page) == []
    name = Conversation.objects.filter(tickets__is_open=True).order_by("pk")[0].contact.name
    row(page, "all", 0).locator("[data-value] input").fill(name)
    dialog.locator("button.primary").click()
    page.wait_for_url(re.compile("/workspace/inbox/[0-9a-f]{24}/"))
    expect(page.locator("#list h1")).to_have_text("환불")
    expect(page.locator("#rows [data-row]")).to_have_count(1)
    link = page.locator("#views a", has_text="환불")
    expect(link).to_have_attribute("aria-current", "page")
    expect(link.locator(".n")).to_have_text("1")
    page.locator("#rows [data-row]").click()
    expect(page.locator("#conversation #messages")).to_be_visible()
    assert findings(page) == []
    page.click("#edit-view")
    dialog.locator("#id_name").fill("교환")
    dialog.locator("button.primary").click()
    expect(page.locator("#list h1")).to_have_text("교환")
    page.click("#edit-view")
    dialog.get_by_role("button", name="삭제" if is_korean else "Delete").click()
    page.locator("#ask-yes").click()
    page.wait_for_url("**/workspace/inbox/mine/")
    expect(page.locator("#views a", has_text="교환")).to_have_count(0)
    assert not View.objects.exists()
