"""Why work went where it waits, or waited: the queues and skill rules asked, each condition with its answer."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Contact
from routing.actions import assignment
from routing.actions.tickets import change_ticket
from routing.actions.transfers import transfer_ticket
from routing.actions.waiting import put
from routing.models import Agent, AgentSkill, Queue, Skill, SkillRule, SkillType, Ticket, Waiting
from tests.business.calling import app_of
from tests.business.test_operations import Checked
from tests.factories import signed_in
from tests.routing.cast import configure, make_agent, wait_in_line

HTMX = {"HX-Request": "true", "HX-Target": "sheet-body"}


@pytest.fixture
def alice(brand: Brand) -> Agent:
    return make_agent("alice", brand)


@pytest.fixture
def page(alice: Agent) -> Client:
    return signed_in(alice.user)


def why(page: Client, ticket: Ticket) -> str:
    return page.get(f"/workspace/parts/why/{ticket.conversation.public_id}/", headers=HTMX).content.decode()


def asking(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"all": [{"field": field, "operator": operator, "value": value}], "any": []}


def ways(brand: Brand) -> tuple[Queue, Queue]:
    """Make a queue of refunds, one of carol's words, and a rule that asks for Korean."""
    refunds = Queue.objects.create(
        brand=brand, name="Refunds", order=1, conditions=asking("ticket.tags", "include_any", ["refund"])
    )
    carols = Queue.objects.create(
        brand=brand, name="Carol’s", order=2, conditions=asking("ticket.subject", "contains", "carol")
    )
    skill = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    rule = SkillRule.objects.create(
        brand=brand, name="Speaks Korean", conditions=asking("ticket.subject", "contains", "here")
    )
    rule.requires.add(skill)
    return refunds, carols


def test_why_says_the_queue_and_which_conditions_chose_it_waiting_and_assigned(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand)
    ways(brand)
    (ticket,) = wait_in_line(channel, "carol")
    AgentSkill.objects.create(agent=alice, skill=Skill.objects.get())
    waits = why(page, ticket)
    assignment.assign(brand.pk)
    mine = why(page, ticket)
    assert "Why is this waiting?" in waits and "Why me?" in mine
    for shown in (waits, mine):
        assert '<dd dir="auto">Carol’s</dd>' in shown
        assert "took it, as the first whose conditions it meets" in shown and "passed over" in shown
        assert "Subject contains “carol”" in shown and "Tags include refund" in shown
        assert shown.index("Carol’s</b>") < shown.index("Refunds</b>")
        assert "Speaks Korean" in shown and "Requires: Korean" in shown and "asked for its skills" in shown


def test_what_was_asked_is_not_made_up_once_it_is_changed_or_gone(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand)
    refunds, carols = ways(brand)
    AgentSkill.objects.create(agent=alice, skill=Skill.objects.get())
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    # The facts of today are others; what was asked then stays.
    change_ticket(ticket=ticket, tags=["refund"], subject="?", by=SYSTEM)
    assert "took it, as the first" in why(page, ticket)
    carols.conditions = asking("ticket.subject", "contains", "moon")
    carols.save()
    refunds.delete()
    shown = why(page, ticket)
    assert "Its conditions were changed since." in shown and "moon" not in shown
    assert "(deleted)" in shown and '<dd dir="auto">Carol’s</dd>' in shown


def test_a_rule_that_asks_for_nothing_by_now_says_so(page: Client, brand: Brand, channel: Channel) -> None:
    configure(brand)
    SkillRule.objects.create(brand=brand, name="All")
    (ticket,) = wait_in_line(channel, "carol")
    shown = why(page, ticket)
    assert "applied, and asks for no skills by now" in shown and "asked for its skills" not in shown


def test_what_did_not_match_says_which_condition_and_what_the_ticket_had(
    page: Client, brand: Brand, channel: Channel
) -> None:
    ways(brand)
    rule = SkillRule.objects.create(
        brand=brand,
        name="Urgent Koreans",
        order=2,
        conditions={
            "all": [
                {"field": "ticket.priority", "operator": "is", "value": "urgent"},
                {"field": "contact.language", "operator": "is", "value": "ko"},
                {"field": "contact.is_verified", "operator": "is", "value": True},
                {"field": "ticket.created_at", "operator": "older_than_minutes", "value": 60},
                {"field": "contact.properties.plan", "operator": "is", "value": "gold"},
            ],
            "any": [],
        },
    )
    rule.requires.set(Skill.objects.all())
    (ticket,) = wait_in_line(channel, "dave")
    Contact.objects.update(locale="en", properties={"plan": "p" * 100})
    put(Ticket.objects.get(pk=ticket.pk))
    # What it has today is not asked.
    Ticket.objects.update(tags=["other"])
    Contact.objects.update(locale="fr")
    shown = " ".join(unescape(re.sub(r"<[^>]*>", " ", why(page, ticket))).split())
    assert "Tags include refund : no – it was empty" in shown
    assert "Subject contains “carol” : no – it was “dave" in shown
    assert "Priority is Urgent : no – it was Normal" in shown
    assert "Customer's language is “ko” : no – it was “en”" in shown
    assert "Customer is verified is yes : no – it was no" in shown
    assert re.search(r"Ticket opened more than 60 minutes ago : no – it was [A-Z]\w+ \d+, ", shown)
    assert f"“plan” is “gold” : no – it was “{'p' * 80}…”" in shown
    assert why(page, ticket).count('class="way" open') == 4


def test_trail_of_before_values_were_kept_is_told_without(page: Client, brand: Brand, channel: Channel) -> None:
    ways(brand)
    (ticket,) = wait_in_line(channel, "dave")
    row = Waiting.objects.get(ticket=ticket)
    del row.trail["values"]
    row.save()
    shown = why(page, ticket)
    assert "Tags include refund" in shown and "it was" not in shown.replace("it was kept", "")


def test_work_in_no_queue_and_work_that_was_sent_say_so(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    refunds, _ = ways(brand)
    (ticket,) = wait_in_line(channel, "dave")
    assert "It meets the conditions of no queue" in why(page, ticket)
    transfer_ticket(ticket=ticket, by=alice, to_queue=refunds)
    assert "It was sent to Refunds by hand or by a rule" in why(page, ticket)
    refunds.is_active = False
    refunds.save()
    ticket.refresh_from_db()
    put(ticket)
    assert "The queue it was sent to takes no work now" in why(page, ticket)


def test_paths_cost_the_same_with_two_ways_and_with_twenty(page: Client, brand: Brand, channel: Channel) -> None:
    ways(brand)
    (ticket,) = wait_in_line(channel, "zoe")

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            why(page, ticket)
        return len(counted)

    cost()
    few = cost()
    for n in range(20):
        Queue.objects.create(brand=brand, name=f"Queue {n}", conditions=asking("ticket.subject", "contains", "?"))
        SkillRule.objects.create(brand=brand, name=f"Rule {n}").prefers.set(Skill.objects.all())
    put(Ticket.objects.get())
    assert cost() == few


def test_the_api_tells_the_conditions_that_the_sheet_shows(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand)
    ways(brand)
    (ticket,) = wait_in_line(channel, "carol")
    AgentSkill.objects.create(agent=alice, skill=Skill.objects.get())

    def path() -> Any:
        return Checked(app_of(alice.user).headers["Authorization"]).call("GET", f"/tickets/{ticket.public_id}/why")[
            "why"
        ]["path"]

    waits = path()
    assignment.assign(brand.pk)
    assert waits == path()
    [asked] = waits["entered"]["conditions"]
    assert (waits["entered"]["name"], asked["holds"], asked["is_one_of"]) == ("Carol’s", True, False)
    assert "carol" in asked["text"]
    [refunds] = waits["passed"]
    assert (refunds["name"], [each["holds"] for each in refunds["conditions"]]) == ("Refunds", [False])
    assert [(each["name"], each["requires"]) for each in waits["asking"]] == [("Speaks Korean", ["Korean"])]
    assert (waits["is_sent"], waits["skips_queues"], waits["silent"]) == (False, False, [])
