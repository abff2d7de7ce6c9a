"""What two agents do with one ticket: passing it on, asking beside it, merging it, and merging its customers."""

import pytest
from playwright.sync_api import Page, expect

from conversations.events import SYSTEM
from conversations.models import Brand, Contact, Conversation, User
from routing.actions.sides import receive_side_message, reply_token
from routing.actions.tickets import change_ticket
from routing.models import Group, SideConversation, Ticket
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, newcomer, open_row, settle, sign_in
from tests.factories import reply

YOONSEO, JIHO = "agent@demo.test", "jiho@demo.test"
PHONE = {"width": 390, "height": 780}


def fits(page: Page, *selectors: str) -> bool:
    """Say whether the page is no wider than its window, and these parts stand inside of it."""
    width = page.evaluate("innerWidth")
    boxes = [page.locator(selector).bounding_box() for selector in selectors]
    return page.evaluate("document.documentElement.scrollWidth") <= width and all(
        box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes
    )


def depot() -> Group:
    made: list[Group] = []
    aside(lambda: made.append(Group.objects.create(brand=Brand.objects.get(slug="demo"), name="Depot")))
    return made[0]


def to_panel(page: Page) -> None:
    """On a phone the panel is a drawer."""
    if not page.locator("#side").is_visible():
        page.locator("#acts-more summary").click()
        page.locator("#more-side").click()
        expect(page.locator("#side")).to_be_visible()


def test_a_ticket_passed_on_leaves_one_page_and_comes_to_the_other(shop: str, open_page: Open) -> None:
    pages = {email: open_page() for email in (YOONSEO, JIHO)}
    for email, page in pages.items():
        sign_in(page, shop, email)
    giver, getter = pages[YOONSEO], pages[JIHO]
    getter.goto(f"{shop}/workspace/inbox/mine/")
    expect(getter.locator("[data-row]", has_text="Maya")).to_have_count(0)
    open_row(giver, "Maya")
    expect(giver.locator("#act-pass-on")).to_be_visible()
    giver.keyboard.press("t")
    giver.fill("#pass-on-search", "Jiho")
    found = giver.locator("#pass-on-rows [type=radio]")
    expect(found).to_have_count(1)
    found.check()
    giver.fill("#pass-on-note", "They called twice")
    giver.locator("#pass-on-go").click()
    expect(giver.locator("[data-row]", has_text="Maya")).to_have_count(0)
    expect(getter.locator("[data-row]", has_text="Maya")).to_have_count(1)
    open_row(getter, "Maya")
    expect(getter.locator("#messages")).to_contain_text("They called twice")
    expect(getter.locator("#thread-head")).to_contain_text("You")
    assert findings(getter) == []
    # Both have it open: what one does the other sees.
    giver.goto(getter.url.replace("/mine/", "/open/"))
    expect(giver.locator("#thread-head")).to_contain_text("Jiho Park")
    getter.locator("#tk-priority").select_option(label="Urgent")
    expect(giver.locator("#tk-priority")).to_have_value(getter.locator("#tk-priority").input_value())


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
def test_somebody_is_asked_by_email_and_the_answer_is_seen(
    shop: str, open_page: Open, viewport: dict[str, int]
) -> None:
    page = open_page(viewport=viewport)
    sign_in(page, shop)
    open_row(page, "Maya")
    to_panel(page)
    page.locator("#side-add").click()
    sheet = page.locator("#sheet")
    expect(sheet.locator("#side-subject")).to_be_visible()
    assert findings(page) == [] and fits(page, "#sheet", "#side-go")
    sheet.locator("#side-to").fill("nobody")
    sheet.locator("#side-text").fill("Are there poles?")
    sheet.locator("#side-go").click()
    expect(sheet.locator("#side-error")).to_contain_text("is not an email address")
    expect(sheet.locator("#side-text")).to_have_value("Are there poles?")
    assert findings(page) == []
    sheet.locator("#side-to").fill("supplier@example.test")
    sheet.locator("#side-go").click()
    expect(sheet).to_be_hidden()
    side = SideConversation.objects.get()
    asked = page.locator(f"#side-{side.public_id}")
    expect(asked).to_be_visible()
    page.goto(f"{shop}/workspace/inbox/open/")
    expect(page.locator("#rows")).to_be_visible()
    page.wait_for_load_state("networkidle")

    given = {"sender": "supplier@example.test", "text": "Seven of them", "external_id": "<1@x>"}
    aside(lambda: receive_side_message(token=reply_token(side), **given))
    settle()
    expect(page.locator("#toasts")).to_contain_text("Answered in a side conversation")
    expect(page.locator("[data-row]", has_text="Maya")).to_contain_text("New answer")
    assert findings(page) == [] and fits(page)
    page.locator("#toasts").get_by_role("button", name="Open").click()
    expect(page).to_have_url(f"{shop}/workspace/inbox/sides/{side.ticket.conversation.public_id}/")
    expect(page.locator("#messages")).to_be_visible()
    to_panel(page)
    expect(asked).to_contain_text("New answer")
    asked.click()
    expect(sheet.locator(".side-log")).to_contain_text("Seven of them")
    assert findings(page) == [] and fits(page, "#sheet", "#side-send")
    sheet.locator("#side-text").fill("Send two")
    sheet.locator("#side-send").click()
    expect(sheet.locator(".side-log")).to_contain_text("Send two")
    page.keyboard.press("Escape")
    expect(asked).not_to_contain_text("New answer")


def test_another_group_is_asked_by_a_ticket_and_answers_with_a_file(shop: str, open_page: Open) -> None:
    depot()
    page = open_page()
    sign_in(page, shop)
    open_row(page, "Maya")
    page.locator("#side-add").click()
    sheet = page.locator("#sheet")
    sheet.get_by_label("Another group, by a ticket of its own").check()
    expect(sheet.locator("#side-to")).to_be_hidden()
    sheet.locator("#side-group").select_option(label="Depot")
    sheet.locator("#side-text").fill("Are there poles?")
    assert findings(page) == []
    sheet.locator("#side-go").click()
    expect(sheet).to_be_hidden()
    settle()
    child = SideConversation.objects.get().child
    assert child
    content = {"type": "file", "mediaUrl": f"{shop}/demo/", "altText": "stock.pdf", "text": "Seven, see the list"}
    aside(lambda: reply(child.conversation, User.objects.get(email=JIHO), content=content))
    settle()
    asked = page.locator("[data-section=sides] .m-mi")
    expect(asked).to_contain_text("New answer")
    asked.click()
    expect(sheet.locator(".side-log")).to_contain_text("Seven, see the list")
    expect(sheet.get_by_role("link", name="stock.pdf")).to_have_attribute("href", f"{shop}/demo/")
    assert findings(page) == []


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
def test_two_tickets_become_one(shop: str, open_page: Open, viewport: dict[str, int]) -> None:
    newcomer("Carol", "The other tent")
    aside(
        lambda: change_ticket(
            ticket=Ticket.objects.get(conversation__contact__name=""), subject="The other tent", by=SYSTEM
        )
    )
    page = open_page(viewport=viewport)
    sign_in(page, shop)
    open_row(page, "Maya")
    page.locator("#acts-more summary").click()
    page.locator("#more-merge").click()
    sheet = page.locator("#sheet")
    expect(sheet.locator("#merge-search")).to_be_visible()
    assert findings(page) == [] and fits(page, "#sheet", "#merge-go")
    page.fill("#merge-search", "other tent")
    expect(sheet.locator("legend")).to_have_text("Found")
    sheet.locator("[type=radio]").check()
    page.fill("#merge-note", "Same order")
    page.locator("#merge-go").click()
    expect(sheet).to_contain_text("They are of two different customers.")
    expect(page.locator("#merge-yes")).to_be_focused()
    assert findings(page) == [] and fits(page, "#sheet", "#merge-yes")
    page.locator("#merge-yes").click()
    expect(sheet).to_be_hidden()
    target = Ticket.objects.get(subject="The other tent")
    expect(page.locator("#messages .m-msg").last).to_contain_text(f"#{target.number}")
    settle()
    assert Ticket.objects.get(conversation__contact__name="Maya Okafor").status == "closed"
    page.goto(f"{shop}/workspace/inbox/open/{target.conversation.public_id}/")
    expect(page.locator("#messages")).to_contain_text("Same order")
    expect(page.locator("#messages")).to_contain_text("was merged into this.")
    assert findings(page) == [] and fits(page)


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
def test_two_customers_become_one_and_two_again(shop: str, open_page: Open, viewport: dict[str, int]) -> None:
    aside(lambda: User.objects.filter(email="admin@demo.test").update(locale="en"))
    again = newcomer("Maya again", "It is me, from my office")
    person = Contact.objects.get(name="Maya Okafor")
    same = {"name": person.name, "email": person.email, "locale": person.locale, "phone": person.phone}
    Contact.objects.filter(pk=again.contact_id).update(**same)
    page = open_page(viewport=viewport)
    sign_in(page, shop, "admin@demo.test")
    conversation = Conversation.objects.get(contact=person)
    page.goto(f"{shop}/workspace/inbox/open/{conversation.public_id}/")
    expect(page.locator("#messages")).to_be_visible()
    to_panel(page)
    page.locator("#side details.menu summary").first.click()
    page.locator("#ct-merge").click()
    sheet = page.locator("#sheet")
    expect(sheet.locator("#merge-search")).to_be_visible()
    assert findings(page) == [] and fits(page, "#sheet", "#merge-go")
    expect(sheet.locator("legend")).to_have_text("Of the same email")
    sheet.locator("[type=radio]").check()
    page.locator("#merge-go").click()
    expect(sheet).to_contain_text("This can be undone for 30 days.")
    assert findings(page) == [] and fits(page, "#sheet", "#merge-yes")
    page.locator("#merge-yes").click()
    expect(sheet).to_be_hidden()
    merges = page.locator("[data-section=merges]")
    expect(merges).to_be_visible()
    assert Contact.objects.filter(email=person.email).count() == 1
    assert findings(page) == [] and fits(page)
    merges.get_by_role("button").first.click()
    page.get_by_role("button", name="Undo the merge").click()
    expect(merges).to_have_count(0)
    settle()
    assert Contact.objects.filter(email=person.email).count() == 2
    assert Conversation.objects.get(pk=again.pk).contact_id == again.contact_id
