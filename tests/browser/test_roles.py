"""Roles as the people who have them meet them in the browser."""

from playwright.sync_api import expect

from conversations.actions.roles import save_role
from conversations.events import SYSTEM
from conversations.models import Brand, Conversation, CustomRole, Membership, Message
from conversations.permissions import AGENT, Sees
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, sign_in


def test_light_agent_reads_and_writes_notes(shop: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, shop, "viewer@demo.test")
    conversation = Conversation.objects.get(contact__name="Maya Okafor")
    page.goto(f"{shop}/workspace/inbox/open/{conversation.public_id}/")
    expect(page.locator("#composer [role=tab]")).to_have_count(1)
    expect(page.get_by_role("tab", name="Note")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#act-take, #act-solve, #act-end, #ct-more")).to_have_count(0)
    page.locator("#messages").click()
    page.keyboard.press("r")
    page.locator("#reply").fill("Seen by the warehouse")
    page.locator("#send").click()
    expect(page.locator("#messages")).to_contain_text("Seen by the warehouse")
    written = Message.objects.latest("pk")
    assert (written.audience, written.content["text"]) == (Message.Audience.INTERNAL, "Seen by the warehouse")
    assert findings(page) == []


def test_restricted_agent_finds_own_work_only(shop: str, open_page: Open) -> None:
    def restrict() -> None:
        brand = Brand.objects.get(slug="demo")
        role = CustomRole(brand=brand, name="Own work", sees=Sees.ASSIGNED)
        save_role(role=role, permissions=[each.value for each in AGENT], fields=(), by=SYSTEM)
        Membership.objects.filter(user__email="agent@demo.test").update(custom_role=role, role=role.base)

    aside(restrict)
    page = open_page()
    sign_in(page, shop)
    mine = page.locator("[data-row]").count()
    assert mine > 0
    page.goto(f"{shop}/workspace/inbox/unassigned/")
    expect(page.locator("#rows")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(0)
    hidden = Conversation.objects.filter(tickets__assignee=None, tickets__is_open=True).latest("pk")
    answer = page.goto(f"{shop}/workspace/inbox/open/{hidden.public_id}/")
    assert answer is not None and answer.status == 404


def test_admin_makes_a_role_in_the_console(shop: str, open_page: Open) -> None:
    page = open_page()
    sign_in(page, shop, "admin@demo.test")
    page.goto(f"{shop}/admin/conversations/customrole/add/")
    page.get_by_label("Name").fill("Returns desk")
    page.get_by_label("Those of their groups, and their own").check()
    expect(page.get_by_label("Answer customers, and end sessions")).to_be_checked()
    page.get_by_label("Merge customers").uncheck()
    assert findings(page) == []
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("body")).to_contain_text("added: Returns desk")
    role = CustomRole.objects.get()
    assert role.sees == Sees.GROUPS and "contacts.merge" not in role.permissions
