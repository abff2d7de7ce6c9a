"""Routing set up in the console by somebody new to it: groups, skills, a queue, hours; a warning, and its mending."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from conversations.models import Brand
from routing.actions.agents import agent_of
from routing.models import (
    CapacityRule,
    CustomStatus,
    Group,
    Queue,
    RoutingConfig,
    Schedule,
    Skill,
    SkillRule,
    SkillType,
)
from tests.browser.aside import aside
from tests.browser.steps import findings
from tests.browser.test_console import sign_in
from tests.factories import make_user

Open = Callable[..., Page]
SAVE = "button.primary[name=_save]"


def saved(page: Page, words: str) -> None:
    page.click(SAVE)
    expect(page.locator(".messagelist")).to_contain_text(words)
    assert findings(page) == []


def add_group(page: Page, shop: str, name: str, member: str) -> None:
    page.goto(f"{shop}/admin/routing/group/add/")
    page.fill("#id_name", name)
    if member:
        page.locator("#id_members label", has_text=member).click()
    saved(page, f"added: {name}")


def test_somebody_new_sets_routing_up_and_mends_what_is_pointed_out(shop: str, open_page: Open) -> None:
    aside(lambda: agent_of(make_user("kim", Brand.objects.get())))
    page = open_page()
    complaints = sign_in(page, shop)
    page.goto(f"{shop}/admin/")
    page.get_by_role("link", name="Assignment", exact=True).click()
    expect(page.locator("h2", has_text="Offers")).to_be_visible()
    assert findings(page) == []
    complaints.clear()
    saved(page, "added: ")
    assert RoutingConfig.objects.get().enabled

    add_group(page, shop, "Sales", "Kim")
    add_group(page, shop, "Repairs", "")

    page.get_by_role("link", name="Types of skills").click()
    page.get_by_role("link", name="Add").last.click()
    page.fill("#id_name", "Language")
    page.fill("#id_new_skills", "Korean\nEnglish\nJapanese")
    saved(page, "Korean: Nobody who answers holds this skill.")
    page.get_by_role("link", name="Korean", exact=True).click()
    page.locator("#id_add label", has_text="Kim").click()
    page.select_option("#id_add_level", "5")
    saved(page, "Skill saved: Language: Korean")

    page.goto(f"{shop}/admin/routing/queue/add/")
    page.fill("#id_name", "Urgent repairs")
    page.locator("[data-block=all]").get_by_role("button", name="Add a condition").click()
    row = page.locator("[data-block=all] .cond-row").first
    row.locator("[data-field]").select_option(label="Priority")
    row.locator("[data-value] select").select_option(label="Urgent")
    page.locator("#id_primary_groups").get_by_label("Repairs").check()
    assert findings(page) == []
    complaints.clear()
    saved(page, "Urgent repairs: No agent can serve it")
    expect(page.get_by_role("row", name="Urgent repairs")).to_contain_text("nobody who answers is in its groups")
    page.goto(f"{shop}/admin/")
    card = page.get_by_role("region", name=re.compile("routing need"))
    expect(card).to_contain_text("Urgent repairs")
    assert findings(page) == []
    card.get_by_role("link", name="Urgent repairs").click()
    page.locator("#id_primary_groups").get_by_label("Repairs").uncheck()
    page.locator("#id_primary_groups").get_by_label("Sales").check()
    page.click(SAVE)
    expect(page.locator(".messagelist")).to_have_text("Queue saved: Urgent repairs")
    expect(page.get_by_role("row", name="Urgent repairs")).not_to_contain_text("nobody")

    page.goto(f"{shop}/admin/routing/schedule/add/")
    page.fill("#id_name", "Office")
    saved(page, "Schedule added: Office")
    assert Schedule.objects.get(name="Office").intervals.count() == 5
    complaints.clear()


def test_queues_are_moved_by_the_keyboard(shop: str, open_page: Open) -> None:
    def make() -> None:
        for place, name in enumerate(("First", "Second"), 1):
            Queue.objects.create(brand=Brand.objects.get(), name=name, order=place)

    aside(make)
    page = open_page()
    sign_in(page, shop)
    page.goto(f"{shop}/admin/routing/queue/")
    page.get_by_role("button", name="Move up: Second").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th.field-name").first).to_have_text("Second")


def routing_pages() -> list[str]:
    found = ["routing/routingconfig/add/"]
    for model in ("queue", "skilltype", "skillrule", "capacityrule", "customstatus"):
        found += [f"routing/{model}/", f"routing/{model}/add/"]
    for each in (Queue, SkillType, Skill, SkillRule, CapacityRule, CustomStatus):
        found.append(f"routing/{each._meta.model_name}/{each._default_manager.get().pk}/change/")
    return [*found, "routing/skill/", f"routing/group/{Group.objects.get().pk}/change/", "conversations/user/add/"]


@pytest.mark.parametrize(("locale", "theme"), [("ko-KR", "dark"), ("en-US", "light")])
def test_pages_of_routing_are_accessible_and_fit_a_phone(shop: str, open_page: Open, locale: str, theme: str) -> None:
    def make() -> None:
        brand = Brand.objects.get()
        kind = SkillType.objects.create(brand=brand, name="Language")
        Skill.objects.create(type=kind, name="Korean")
        Queue.objects.create(brand=brand, name="Urgent").primary_groups.add(Group.objects.get())
        SkillRule.objects.create(brand=brand, name="Korean words")
        CapacityRule.objects.create(brand=brand, name="Usual", is_default=True)
        CustomStatus.objects.create(brand=brand, name="Training")

    aside(make)
    page = open_page(locale=locale, color_scheme=theme)
    complaints = sign_in(page, shop)
    found: list[str] = []
    for path in routing_pages():
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(f"{shop}/admin/{path}")
        assert answer is not None and answer.status == 200, path
        assert complaints == [], path
        found += [f"{path}: {each}" for each in findings(page)]
        complaints.clear()
        page.set_viewport_size({"width": 375, "height": 740})
        for part in ("document.documentElement", "document.querySelector('main')"):
            assert page.evaluate(f"{part}.scrollWidth") <= 375, path
    assert found == []


def test_status_is_made_in_korean(shop: str, open_page: Open) -> None:
    page = open_page(locale="ko-KR")
    sign_in(page, shop)
    page.goto(f"{shop}/admin/")
    page.get_by_role("link", name="상태", exact=True).click()
    page.get_by_role("link", name="추가").click()
    page.fill("#id_name", "교육 중")
    page.select_option("#id_email", label="온라인")
    saved(page, "추가했어요: 상태 ‘교육 중’")
    assert CustomStatus.objects.get().email == "online"
