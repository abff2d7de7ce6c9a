"""Macros under an agent's hands: the menu of the composer, the palette, undo, and making one's own."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from conversations.events import SYSTEM
from conversations.models import Brand
from routing.actions.macros import save_macro
from routing.models import CustomField, Macro, Ticket
from routing.queries.macros import files_of
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, open_row, sign_in
from widget.demo import PASSWORD


def guide(name: str, words: bytes = b"Pitch it flat.") -> FilePayload:
    """Give a file as a person chooses one."""
    return {"name": name, "mimeType": "text/plain", "buffer": words}


@pytest.fixture
def agent(shop: str, open_page: Open) -> Page:
    def work() -> None:
        brand = Brand.objects.get(slug="demo")
        hello = "Hello {{customer.name|there}},\nthank you for writing."
        save_macro(macro=Macro(brand=brand, name="Greeting", shortcut="hello", text=hello), by=SYSTEM)
        save_macro(macro=Macro(brand=brand, name="Make it urgent", priority=4, add_tags=["rush"]), by=SYSTEM)
        save_macro(macro=Macro(brand=brand, name="배송 안내", shortcut="배송", text="오늘 보냈어요."), by=SYSTEM)

    aside(work)
    page = open_page()
    sign_in(page, shop)
    return page


def test_slash_offers_macros_and_puts_text_where_the_cursor_is(agent: Page) -> None:
    open_row(agent, "Maya")
    agent.locator("#reply").press_sequentially("Sure. /gre")
    rows = agent.locator("#macros > *")
    expect(rows).to_have_count(1)
    assert findings(agent) == []
    agent.keyboard.press("Enter")
    expect(agent.locator("#reply")).to_have_value("Sure. Hello Maya Okafor,\nthank you for writing.")
    expect(agent.locator("#macros")).to_be_hidden()
    # A slash inside a word is a slash.
    agent.locator("#reply").fill("")
    agent.locator("#reply").press_sequentially("and/or")
    expect(agent.locator("#macros")).to_be_hidden()
    agent.locator("#reply").fill("")
    agent.locator("#reply").press_sequentially("/")
    expect(rows).to_have_count(3)
    agent.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    agent.keyboard.press("Escape")
    expect(agent.locator("#macros")).to_be_hidden()
    expect(agent.locator("#reply")).to_have_value("/")


def test_korean_is_found_by_its_first_letters_and_by_the_wrong_layout(agent: Page) -> None:
    open_row(agent, "Maya")
    for typed in ("/배송", "/ㅂㅅ", "/qothd"):
        agent.locator("#reply").fill("")
        agent.locator("#reply").press_sequentially(typed)
        expect(agent.locator("#macros > *")).to_have_count(1)
        expect(agent.locator("#macros > *")).to_contain_text("배송 안내")
    # While a syllable is being composed, Enter belongs to the input method.
    agent.evaluate(
        "document.getElementById('reply').dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(agent.locator("#macros")).to_be_visible()
    agent.keyboard.press("Tab")
    expect(agent.locator("#reply")).to_have_value("오늘 보냈어요.")


def test_changes_are_made_at_once_and_taken_back(agent: Page) -> None:
    open_row(agent, "Maya")
    expect(agent.locator("#tk-priority")).to_be_visible()
    before = agent.locator("#tk-priority").input_value()
    agent.keyboard.press("Control+k")
    agent.keyboard.type("make it")
    agent.locator("#palette [data-macro]:visible").click()
    expect(agent.locator("#tk-priority")).to_have_value("4")
    expect(agent.locator("#toasts")).to_contain_text("Used: Make it urgent.")
    agent.locator("#thread-head h2").click()
    agent.keyboard.press("z")
    expect(agent.locator("#tk-priority")).to_have_value(before)
    expect(agent.locator("#toasts")).to_contain_text("Taken back.")
    assert "rush" not in Ticket.objects.get(conversation__contact__name="Maya Okafor").tags


def test_agent_makes_one_of_their_own(agent: Page) -> None:
    open_row(agent, "Maya")
    agent.keyboard.press("Control+k")
    agent.keyboard.type("your macros")
    agent.keyboard.press("Enter")
    agent.fill("#mc-name", "Sorry")
    agent.fill("#mc-text", "We are sorry, {{customer.nam}}.")
    agent.get_by_role("button", name="Add the macro").click()
    expect(agent.locator("#mc-error")).to_contain_text("{{customer.nam}} is no placeholder.")
    assert findings(agent) == []
    agent.fill("#mc-text", "We are sorry, {{customer.name}}.")
    agent.get_by_role("button", name="Add the macro").click()
    expect(agent.locator("#own-macros .row").first).to_contain_text("Sorry")
    agent.locator("#macros-own [aria-label=Close]").click()
    agent.locator("#reply").press_sequentially("/sor")
    expect(agent.locator("#macros > *")).to_have_count(1)
    agent.keyboard.press("Enter")
    expect(agent.locator("#reply")).to_have_value("We are sorry, Maya Okafor.")


def test_own_macro_fills_in_a_field(agent: Page) -> None:
    def fields() -> None:
        brand = Brand.objects.get(slug="demo")
        options = ["Small", "Large"]
        CustomField.objects.create(brand=brand, key="size", label="Tent size", kind="select", options=options)

    aside(fields)
    agent.evaluate("import('/static/workspace/js/macros.js').then((macros) => macros.showOwn())")
    form = agent.locator("#own-macros form.macros-f")
    form.locator("#mc-name").fill("It is large")
    form.locator("summary").click()
    form.get_by_role("button", name="Add a step").click()
    form.locator("[data-do]").select_option("set_field")
    form.locator("[data-value] select").select_option("size")
    form.locator("[data-fill] select").select_option("Large")
    assert findings(agent) == []
    form.locator("button.primary").click()
    expect(agent.locator("#own-macros")).to_contain_text("It is large")
    found: list[object] = []
    aside(lambda: found.append(Macro.objects.get(name="It is large").steps))
    assert found == [[{"do": "set_field", "value": "size", "text": "Large"}]]


def test_own_macro_carries_files_which_go_with_the_answer(agent: Page) -> None:
    open_row(agent, "Maya")
    agent.evaluate("import('/static/workspace/js/macros.js').then((macros) => macros.showOwn())")
    form = agent.locator("#own-macros form.macros-f")
    form.locator("#mc-name").fill("Guides")
    form.locator("input[type=file]").set_input_files([guide("pitch.txt"), guide("wash.txt"), guide("run.exe", b"MZ")])
    chips = form.locator("[data-files] li")
    expect(chips).to_have_count(2)
    expect(form.locator("[data-files] [data-error]")).to_contain_text("run.exe could not be uploaded.")
    expect(chips.first).to_contain_text("pitch.txt")
    expect(chips.first).to_contain_text("14")
    assert findings(agent) == []
    form.locator("button.primary").click()
    expect(agent.locator("#own-macros .row").first).to_contain_text("Guides")
    agent.locator("#macros-own [aria-label=Close]").click()
    agent.locator("#reply").press_sequentially("/gui")
    expect(agent.locator("#macros > *")).to_contain_text("Files: 2")
    agent.keyboard.press("Enter")
    attached = agent.locator("#attached li")
    expect(attached).to_have_count(2)
    assert findings(agent) == []
    attached.filter(has_text="wash.txt").get_by_role("button").click()
    agent.locator("#send").click()
    expect(agent.locator("#messages")).to_contain_text("pitch.txt")
    expect(attached).to_have_count(0)
    expect(agent.locator("#messages")).not_to_contain_text("wash.txt")


def test_console_attaches_and_removes_files_in_korean_on_a_phone(shop: str, open_page: Open) -> None:
    page = open_page(locale="ko-KR", viewport={"width": 390, "height": 844})
    page.goto(f"{shop}/admin/login/?next=/admin/routing/macro/add/")
    page.fill("#id_username", "admin@demo.test")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.fill("#id_name", "안내문")
    page.wait_for_load_state("load")
    page.locator("[data-files] input[type=file]").set_input_files([guide("설치.txt"), guide("세탁.txt")])
    chips = page.locator("[data-files] li")
    expect(chips).to_have_count(2)
    expect(page.locator("#announcer")).to_contain_text("첨부했어요")
    chips.filter(has_text="세탁.txt").get_by_role("button").click()
    expect(chips).to_have_count(1)
    expect(page.locator("[data-files] [data-add]")).to_be_focused()
    assert findings(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist")).to_contain_text("안내문")
    names: list[str] = []
    aside(lambda: names.extend(file.name for file in files_of(Macro.objects.get(name="안내문"))))
    assert names == ["설치.txt"]
