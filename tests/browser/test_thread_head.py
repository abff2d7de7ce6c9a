"""The head of a thread keeps to its two lines at every width, and what matters most in it is there to be read."""

import pytest
from playwright.sync_api import Page, expect

from conversations.events import SYSTEM
from conversations.models import Contact, Session
from routing.actions.tickets import assign_ticket
from routing.models import Agent, SlaPolicy, SlaTarget, Ticket
from tests.browser.aside import aside
from tests.browser.steps import Open, newcomer, sign_in

WIDTHS = (1440, 1120, 390)
HEIGHTS = "parts => parts.map((part) => part.getBoundingClientRect().height)"


def box_of(page: Page, what: str) -> tuple[float, float, float]:
    """Give the top, the bottom and the width of a part of the head."""
    box = page.locator(f"#thread-head {what}").bounding_box()
    assert box
    return box["y"], box["y"] + box["height"], box["width"]


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_head_keeps_to_its_lines(shop: str, open_page: Open, locale: str) -> None:
    def promised() -> None:
        policy = SlaPolicy.objects.create(brand_id=Ticket.objects.earliest("pk").brand_id, name="Premium")
        SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=90)

    aside(promised)
    conversation = newcomer("Mina", "Which mat size fits the two person tent? 140 or 200?")

    def given() -> None:
        Contact.objects.filter(pk=conversation.contact_id).update(name="Lucía Torres")
        Session.objects.filter(conversation=conversation).update(state="inactive")
        ticket = Ticket.objects.get(conversation=conversation)
        assign_ticket(ticket=ticket, agent=Agent.objects.get(user__email="agent@demo.test"), by=SYSTEM)

    aside(given)
    page = open_page(locale=locale)
    sign_in(page, shop)
    page.goto(f"{shop}/workspace/inbox/open/{conversation.public_id}/")
    expect(page.locator("#thread-head .m-sla")).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        head, title, line, name = (box_of(page, what) for what in (".th-h", "h2", ".sub", "#customer-name"))
        assert head[0] <= title[0] and title[1] <= line[0] + 1 and line[1] <= head[1], width
        assert all(height <= 21 for height in page.locator("#thread-head .sub > *").evaluate_all(HEIGHTS)), width
        assert name[2] >= 65, width
        assert page.locator("#customer-name").evaluate("part => part.scrollWidth <= part.clientWidth"), width
        assert box_of(page, ".m-sla")[1] <= line[1], width
    assert page.locator("#thread-head .m-sla").evaluate("part => getComputedStyle(part, '::before').content") == "none"
