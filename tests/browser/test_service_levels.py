"""A service level is made in the console, and an agent sees it count down, break, and be kept; in both languages."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from conversations.events import SYSTEM
from routing.actions import sla
from routing.actions.tickets import assign_ticket
from routing.models import Agent, MetricEvent, Promise, SlaPolicy, SlaTarget, Ticket
from tests.browser.aside import aside
from tests.browser.steps import Open, findings, newcomer, settle
from tests.browser.steps import sign_in as sign_in_agent
from tests.browser.test_console import sign_in

WORDS = {
    "en-US": {
        "cell": "First reply, Normal",
        "left": "30m",
        "over": "5m over",
        "risk": "SLA at risk",
        "bad": "is no time",
        "soon": "Soon due: ",
        "late": "Overdue: ",
    },
    "ko-KR": {
        "cell": "첫 답변, 보통",
        "left": "30분",
        "over": "5분 초과",
        "risk": "SLA 임박",
        "bad": "시간이 아니에요",
        "soon": "곧 기한이에요: ",
        "late": "기한이 지났어요: ",
    },
}


def check(page: Page) -> None:
    """Nothing that axe finds grave, and nothing beyond the side of a phone."""
    assert findings(page) == []
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert findings(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_service_level_is_made_and_what_is_refused_stays(shop: str, open_page: Open, locale: str) -> None:
    words = WORDS[locale]
    page = open_page(locale=locale)
    complaints = sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/slapolicy/")
    expect(page.locator(".m-empty")).to_be_visible()
    page.locator(".m-empty a").click()
    page.fill("#id_name", "Premium")
    cell = page.get_by_role("textbox", name=words["cell"])
    cell.fill("soon")
    cell.press("Enter")
    expect(page.locator("#targets .errorlist")).to_contain_text(words["bad"])
    expect(cell).to_have_value("soon")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(cell).to_have_accessible_description(re.compile(words["bad"]))
    expect(page.locator(".tg [aria-invalid]")).to_have_count(1)
    assert complaints == []
    check(page)
    cell.fill("30m")
    page.locator("button[name=_save]").click()
    expect(page.locator("#result_list")).to_contain_text("Premium")
    assert findings(page) == []
    assert SlaTarget.objects.get().minutes == 30


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_whoever_has_it_is_told_before_and_when_it_is_over(shop: str, open_page: Open, locale: str) -> None:
    words = WORDS[locale]

    def promised() -> None:
        policy = SlaPolicy.objects.create(brand_id=Ticket.objects.earliest("pk").brand_id, name="Premium")
        SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=60)

    aside(promised)
    conversation = newcomer("Mina", "Where is my tent?")
    page = open_page(locale=locale)
    page.clock.install()
    sign_in_agent(page, shop)
    page.goto(f"{shop}/workspace/inbox/unassigned/")
    expect(page.locator("#news")).to_be_attached()

    def given() -> None:
        ticket = Ticket.objects.get(conversation=conversation)
        assign_ticket(ticket=ticket, agent=Agent.objects.get(user__email="agent@demo.test"), by=SYSTEM)

    aside(given)
    page.clock.run_for(2000)
    expect(page.locator("#news [data-promise]")).to_be_attached()
    page.clock.fast_forward(50 * 60_000)
    expect(page.locator("#toasts")).to_contain_text(words["soon"])
    assert findings(page) == []
    page.clock.fast_forward(12 * 60_000)
    expect(page.locator("#toasts")).to_contain_text(words["late"])
    page.locator("#toasts button").last.click()
    expect(page.locator("#conversation")).to_have_attribute("data-conversation", conversation.public_id)


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_agent_sees_the_time_that_is_left_until_it_is_over(shop: str, open_page: Open, locale: str) -> None:
    words = WORDS[locale]

    def promised() -> None:
        policy = SlaPolicy.objects.create(brand_id=Ticket.objects.earliest("pk").brand_id, name="Premium")
        SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=31)

    aside(promised)
    conversation = newcomer("Mina", "Where is my tent?")
    page = open_page(locale=locale)
    page.clock.install()
    sign_in_agent(page, shop)
    page.goto(f"{shop}/workspace/inbox/unassigned/{conversation.public_id}/")
    chip = page.locator(f"[data-row='{conversation.public_id}'] .m-sla")
    expect(chip.locator("[data-left]")).to_have_text(words["left"])
    expect(page.locator("#thread-head .m-sla.pill [data-left]")).to_have_text(words["left"])
    expect(page.locator("#ticket-panel [data-section=promises] [data-left]")).to_have_text(words["left"])
    check(page)

    # The page counts by itself: amber, then red, without asking the server.
    page.clock.fast_forward(25 * 60_000)
    expect(chip).to_have_class(re.compile("warn"))
    page.clock.fast_forward(11 * 60_000)
    expect(chip).to_have_class(re.compile("breach"))
    expect(chip.locator("[data-left]")).to_have_text(words["over"])
    assert findings(page) == []

    def broken() -> None:
        Promise.objects.filter(metric="first_reply").update(due_at=timezone.now() - timedelta(minutes=5))
        MetricEvent.objects.filter(kind="activate").update(at=timezone.now() - timedelta(minutes=36))
        sla.mark_breaches(timezone.now())

    aside(broken)
    settle()
    page.goto(f"{shop}/workspace/inbox/risk/")
    expect(page.locator("#view-risk")).to_contain_text(words["risk"])
    expect(page.locator("#view-risk .n.hot")).to_have_text("1")
    expect(page.locator(f"[data-row='{conversation.public_id}'] .m-sla.breach")).to_be_visible()
    assert Ticket.objects.get(conversation=conversation).sla_state == "broken"
