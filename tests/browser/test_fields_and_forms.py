"""A form that customers send in both languages, and what agents do with its fields."""

import pytest
from playwright.sync_api import Page, expect

from conversations.events import SYSTEM
from conversations.models import Brand
from routing.actions.fields import save_field
from routing.actions.forms import save_form
from routing.models import CustomField, Ticket, TicketForm
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, open_row, settle, sign_in


@pytest.fixture
def address(shop: str) -> str:
    """A form on the web with a field for customers and one that only agents see."""
    made: list[str] = []

    def work() -> None:
        brand = Brand.objects.get(slug="demo")
        order = CustomField(brand=brand, key="order", label="Order number", shown_to_customer=True)
        cause = CustomField(
            brand=brand, key="cause", label="Cause", kind="select", options=["Parcel", "Use"], is_required_to_solve=True
        )
        for field in (order, cause, CustomField(brand=brand, of="contact", key="tier", label="Tier")):
            save_field(field=field, by=SYSTEM)
        form = TicketForm(brand=brand, name="Contact us", field_keys=["order", "cause"], for_customers=True)
        made.append(save_form(form=form, by=SYSTEM).public_id)

    aside(work)
    return f"{shop}/forms/{made[0]}/"


def write(page: Page, name: str, subject: str, text: str) -> None:
    page.fill("#in-name", name)
    page.fill("#in-email", f"{name.lower()}@example.test" if name.isascii() else "jiwoo@example.test")
    page.fill("#in-subject", subject)
    page.fill("#in-field-order", "A-1001")
    page.fill("#in-text", text)


def test_form_is_sent_in_both_languages_without_a_script(address: str, open_page: Open) -> None:
    english = open_page(java_script_enabled=False)
    english.goto(address)
    write(english, "Robin", "A bent pole", "The pole is bent.")
    english.get_by_role("button", name="Send").click()
    expect(english.locator("h1")).to_have_text("Thank you")
    korean = open_page(locale="ko-KR", viewport={"width": 360, "height": 740})
    korean.goto(address)
    expect(korean.locator("html")).to_have_attribute("lang", "ko")
    assert findings(korean) == []
    assert korean.evaluate("document.documentElement.scrollWidth <= innerWidth")
    write(korean, "지우", "폴대가 휘었어요", "폴대가 휘었어요.")
    # What the browser would not send, the server says.
    korean.evaluate("document.querySelector('form').noValidate = true")
    korean.fill("#in-email", "nobody")
    korean.get_by_role("button", name="보내기").click()
    expect(korean.locator("#in-email-error")).to_contain_text("이메일을")
    assert findings(korean) == []
    korean.fill("#in-email", "jiwoo@example.test")
    korean.get_by_role("button", name="보내기").click()
    expect(korean.locator("h1")).to_have_text("감사합니다")
    assert findings(korean) == []
    sent = Ticket.objects.filter(channel_class="email").order_by("number")
    assert [ticket.subject for ticket in sent] == ["A bent pole", "폴대가 휘었어요"]
    expect(korean.locator("main")).to_contain_text(f"#{sent[1].number}")


def test_agent_solves_once_the_field_is_filled_in(address: str, shop: str, open_page: Open) -> None:
    visitor = open_page()
    visitor.goto(address)
    write(visitor, "Robin", "A bent pole", "The pole is bent.")
    visitor.get_by_role("button", name="Send").click()
    expect(visitor.locator("h1")).to_have_text("Thank you")
    settle()
    agent = open_page()
    sign_in(agent, shop)
    agent.goto(f"{shop}/workspace/inbox/unassigned/")
    open_row(agent, "Robin")
    expect(agent.locator("#tf-order")).to_have_value("A-1001")
    agent.select_option("#tk-status", "solved")
    expect(agent.locator("#tf-cause-error")).to_contain_text("Fill in before solving: Cause")
    assert findings(agent) == []
    agent.select_option("#tf-cause", "Parcel")
    expect(agent.locator("#toasts")).to_contain_text("Saved.")
    expect(agent.locator("#tf-cause-error")).to_have_count(0)
    expect(agent.locator("#tk-status")).not_to_have_value("solved")
    agent.fill("#cf-tier", "Gold")
    agent.press("#cf-tier", "Tab")
    expect(agent.locator("#toasts")).to_contain_text("Saved.")
    agent.select_option("#tk-status", "solved")
    expect(agent.locator("#toasts")).to_contain_text("Status: Solved.")
    expect(agent.locator("#tk-status")).to_have_value("solved")
    ticket = Ticket.objects.get(subject="A bent pole")
    assert (ticket.status, ticket.field_values) == ("solved", {"order": "A-1001", "cause": "Parcel"})
    assert ticket.conversation.contact.field_values == {"tier": "Gold"}
