"""Why a ticket waits and why its agent has it, as the dialog says it; and passing it on."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import queries as core
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel
from conversations.workspace.lines import rows_of
from routing.actions import assignment, offers, waiting
from routing.actions.tickets import assign_ticket, change_ticket, set_status, take_ticket
from routing.models import Agent, CapacityRule, Group, Offer, Queue, Skill, SkillRule, SkillType, Ticket
from routing.queries.explaining import why_agent
from tests.factories import make_brand, make_user, signed_in
from tests.routing.cast import configure, holders, make_agent, wait_in_line

HTMX = {"HX-Request": "true", "HX-Target": "sheet-body"}


@pytest.fixture
def alice(brand: Brand) -> Agent:
    return make_agent("alice", brand)


@pytest.fixture
def page(alice: Agent) -> Client:
    return signed_in(alice.user)


def why(page: Client, ticket: Ticket) -> str:
    return page.get(f"/workspace/parts/why/{ticket.conversation.public_id}/", headers=HTMX).content.decode()


def pass_on(page: Client, ticket: Ticket, **given: str) -> Any:
    return page.post(f"/workspace/pass-on/{ticket.conversation.public_id}/", given, headers=HTMX)


def lines(ticket: Ticket) -> list[str]:
    page = core.thread(ticket.conversation, internal=True)
    return [str(row.line.text) for row in rows_of(ticket.conversation, page) if row.line]


def test_waiting_is_explained_with_everybody_and_the_place_in_line(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand)
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=1)
    make_agent("bob", brand, status="away")
    one, two, three = wait_in_line(channel, "one", "two", "three")
    assignment.assign(brand.pk)
    shown = why(page, three)
    assert "Why is this waiting?" in shown and "1 stands before it in line." in shown
    for words in ("Alice", "has no room", "Bob", "not available for this", "Waits in no queue, for its group"):
        assert words in shown, words
    assert "Nobody who could take it is free now." in why(page, two)
    mine = why(page, one)
    assert "Why me?" in mine and "got it" in mine and "You came first among those who could take it." in mine


def test_nothing_is_automatic_until_somebody_configures_it(page: Client, channel: Channel) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    assert "Nothing is assigned automatically here." in why(page, ticket)
    set_status(ticket=ticket, status="pending", by=SYSTEM)
    assert "It does not wait for an agent: Pending." in why(page, ticket)


def test_offer_is_told_and_accepting_it_is_no_choice_of_ones_own(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    asked = why(page, ticket)
    assert "It is offered to Alice and waits for an answer." in asked
    assert "is asked now" in asked and "has no room" not in asked
    offers.expire_offers(Offer.objects.get().expires_at)
    assert "<b>Alice</b> did not answer in time" in why(page, ticket)
    assert "it is given out in a moment" in why(page, ticket)
    assignment.assign(brand.pk)
    offers.accept_offer(ticket=ticket, agent=alice, by=Actor.of_user(alice.user))
    assert "You came first among those who could take it." in why(page, ticket)
    other = Client()
    other.force_login(make_agent("bob", brand, status="away").user)
    assert "They came first among those who could take it." in why(other, ticket)


def test_what_nobody_can_take_says_so(page: Client, brand: Brand, channel: Channel, alice: Agent) -> None:
    configure(brand, skills_timeout_messaging=60)
    empty, away = Group.objects.create(brand=brand, name="Empty"), Group.objects.create(brand=brand, name="Away")
    make_agent("bob", brand, away, status="offline")
    queue = Queue.objects.create(brand=brand, name="All")
    queue.primary_groups.add(empty)

    def placed() -> str:
        waiting.ask_requeue(brand.pk)
        waiting.requeue(brand.pk)
        return why(page, ticket)

    (ticket,) = wait_in_line(channel, "carol")
    assert "there is nobody in its groups who answers here" in why(page, ticket)
    queue.primary_groups.set([away])
    assert "Nobody who could take it is free now." in placed()
    tents = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Product"), name="Tents")
    SkillRule.objects.create(brand=brand, name="All").requires.add(tents)
    shown = placed()
    assert "nobody of its groups has the skills it requires" in shown and "given up" not in shown
    waiting.relax(brand.pk, timezone.now() + timedelta(seconds=61))
    assert "required at first, and given up" in why(page, ticket)


def test_offers_that_go_round_are_told_once(page: Client, brand: Brand, channel: Channel, alice: Agent) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    (ticket,) = wait_in_line(channel, "carol")
    for _ in range(4):
        assignment.assign(brand.pk)
        offers.expire_offers(Offer.objects.get(state="pending").expires_at)
    shown = why(page, ticket)
    assert shown.count("Offered to <b>Alice</b>") == shown.count("<b>Alice</b> did not answer in time") == 1
    assert shown.count("4 times since") == 2
    # What came before the offers has not fallen out of the list, and the newest stands first.
    assert shown.index("did not answer in time") < shown.index("Offered to") < shown.index("Waits in no queue")


def test_work_that_a_person_gave_names_who(page: Client, brand: Brand, channel: Channel, alice: Agent) -> None:
    configure(brand)
    bob = make_agent("bob", brand, status="offline")
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    assign_ticket(ticket=ticket, agent=bob, by=Actor.of_user(alice.user))
    shown = why(page, ticket)
    assert "Why Bob?" in shown and "<b>Alice</b> gave this to <b>Bob</b>." in shown and "got it" not in shown
    assign_ticket(ticket=ticket, agent=alice, by=Actor.of_user(alice.user))
    assert "<b>Alice</b> took this." in why(page, ticket)


def test_why_costs_the_same_at_two_and_at_twenty(page: Client, brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    (ticket,) = wait_in_line(channel, "carol")
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=0)

    def cost() -> list[int]:
        found = []
        for address in ("parts/why", "pass-on"):
            with CaptureQueriesContext(connection) as counted:
                page.get(f"/workspace/{address}/{ticket.conversation.public_id}/", headers=HTMX)
            found.append(len(counted))
        return found

    make_agent("bob", brand, Group.objects.create(brand=brand, name="First"))
    Queue.objects.create(brand=brand, name="First")
    cost()
    few = cost()
    for n in range(20):
        group = Group.objects.create(brand=brand, name=f"Group {n}")
        make_agent(f"agent{n}", brand, group)
        Queue.objects.create(brand=brand, name=f"Queue {n}")
    wait_in_line(channel, *(f"c{n}" for n in range(10)))
    assert cost() == few


def test_passing_on_with_a_note_is_told_once_and_can_be_taken_back(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    group, queue = Group.objects.create(brand=brand, name="Refunds"), Queue.objects.create(brand=brand, name="Later")
    Queue.objects.update(conditions={"all": [{"field": "ticket.subject", "operator": "is", "value": "?"}], "any": []})
    bob = make_agent("bob", brand)
    (ticket,) = wait_in_line(channel, "carol")
    take_ticket(ticket=ticket, agent=alice, by=Actor.of_user(alice.user))
    told = pass_on(page, ticket, to=f"agent:{bob.user.public_id}", note="They called twice")
    assert (told.status_code, holders([ticket])) == (204, ["Bob"])
    assert lines(ticket)[-1] == "<b>Alice</b> passed this on to <b>Bob</b>"
    assert ticket.conversation.messages.get(audience="internal").content["text"] == "They called twice"
    taken_back(page, told)
    assert holders([ticket]) == ["Alice"]
    told = pass_on(page, ticket, to=f"group:{group.public_id}")
    assert lines(ticket)[-1] == "<b>Alice</b> passed this on to <b>Refunds</b>"
    assert (holders([ticket]), Ticket.objects.get().group) == ([""], group)
    taken_back(page, told)
    assert (holders([ticket]), Ticket.objects.get().group) == (["Alice"], None)
    told = pass_on(page, ticket, to=f"queue:{queue.pk}")
    assert Ticket.objects.get().sent_to == queue
    taken_back(page, told)
    assert (holders([ticket]), Ticket.objects.get().sent_to) == (["Alice"], None)


def taken_back(page: Client, told: Any) -> None:
    words = json.loads(told.headers["HX-Trigger"])["told"]
    assert page.post(words["undo"], {**words["values"], "undo": "yes"}).status_code == 204


def test_what_somebody_else_took_meanwhile_stays_theirs(
    page: Client, brand: Brand, channel: Channel, alice: Agent
) -> None:
    group, bob = Group.objects.create(brand=brand, name="Refunds"), make_agent("bob", brand)
    (ticket,) = wait_in_line(channel, "carol")
    take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    told = pass_on(page, ticket, to=f"group:{group.public_id}")
    take_ticket(ticket=ticket, agent=bob, by=Actor.of_user(bob.user))
    words = json.loads(told.headers["HX-Trigger"])["told"]
    late = page.post(words["undo"], {**words["values"], "undo": "yes"})
    assert late.status_code == 409 and "Bob already took this." in late.content.decode()
    assert (holders([ticket]), Ticket.objects.get().group) == (["Bob"], group)


def test_escalating_goes_where_the_group_says(page: Client, brand: Brand, channel: Channel) -> None:
    above = Group.objects.create(brand=brand, name="Seniors")
    group = Group.objects.create(brand=brand, name="Juniors", escalates_to=above)
    (ticket,) = wait_in_line(channel, "carol")
    assert "escalate" not in pass_on(page, ticket, to="escalate").content.decode()
    change_ticket(ticket=ticket, group=group, by=SYSTEM)
    form = page.get(f"/workspace/pass-on/{ticket.conversation.public_id}/", headers=HTMX).content.decode()
    assert "Escalate to Seniors" in form
    assert pass_on(page, ticket, to="escalate").status_code == 204
    assert Ticket.objects.get().group == above
    assert lines(ticket)[-1] == "<b>Alice</b> escalated this to <b>Seniors</b>"


@pytest.mark.parametrize("to", ["", "agent:nobody", "group:none", "queue:99999", "queue:x", "agent", "moon:1"])
def test_nobody_is_refused_beside_the_field(page: Client, channel: Channel, to: str) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    answer = pass_on(page, ticket, to=to, note="Kept words")
    assert answer.status_code == 422
    assert "Choose an agent, a group or a queue." in answer.content.decode() and "Kept words" in answer.content.decode()
    assert not ticket.conversation.messages.filter(audience="internal").exists()


def test_those_of_another_brand_are_nobody(page: Client, channel: Channel) -> None:
    other = make_brand("other")
    group, queue = Group.objects.create(brand=other, name="G"), Queue.objects.create(brand=other, name="Q")
    charlie = make_agent("charlie", other)
    (ticket,) = wait_in_line(channel, "carol")
    for to in (f"group:{group.public_id}", f"queue:{queue.pk}", f"agent:{charlie.user.public_id}"):
        assert pass_on(page, ticket, to=to).status_code == 422


def test_too_long_a_note_names_its_limit(page: Client, brand: Brand, channel: Channel) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    bob = make_agent("bob", brand)
    answer = pass_on(page, ticket, to=f"agent:{bob.user.public_id}", note="x" * 2001)
    assert answer.status_code == 422 and "(2000)" in answer.content.decode()
    assert holders([ticket]) == [""]


def test_targets_are_found_by_name(page: Client, brand: Brand, channel: Channel) -> None:
    make_user("nobody-yet", brand)
    make_agent("bobby", brand, status="transfers_only")
    make_agent("zed", brand, status="offline")
    (ticket,) = wait_in_line(channel, "carol")
    address = f"/workspace/pass-on/{ticket.conversation.public_id}/"
    rows = page.get(address, {"q": "bob"}, headers=HTMX | {"HX-Target": "pass-on-rows"}).content.decode()
    assert "Bobby" in rows and "Transfers only · 0 of 5" in rows and "Zed" not in rows and "<form" not in rows
    none = page.get(address, {"q": "<moon>"}, headers=HTMX | {"HX-Target": "pass-on-rows"}).content.decode()
    assert "Nobody and nothing is called “&lt;moon&gt;”." in none


def test_offers_of_a_thread_are_one_line_until_somebody_has_it(brand: Brand, channel: Channel, alice: Agent) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    make_agent("bob", brand)
    (ticket,) = wait_in_line(channel, "carol")
    for _ in range(3):
        assignment.assign(brand.pk)
        offers.expire_offers(Offer.objects.get(state="pending").expires_at)
    said = [line for line in lines(ticket) if "ffered" in line or "answer" in line]
    assert len(said) == 1 and said[0].endswith("did not answer in time")


def test_what_did_not_hold_under_the_locks_is_known_to_the_next_explanation(
    brand: Brand, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_agent("alice", brand), make_agent("bob", brand)
    first, second = wait_in_line(channel, "dan", "erin")
    lock = assignment._lock_tickets

    def without_the_first(keys: Iterable[int]) -> dict[int, Ticket]:
        return {key: ticket for key, ticket in lock(keys).items() if key != first.pk}

    monkeypatch.setattr(assignment, "_lock_tickets", without_the_first)
    configure(brand)
    assignment._round(brand.pk)
    (chosen,) = {*holders([second])}
    told = why_agent(second)
    assert told is not None and chosen
    assert [each.agent for each in told.candidates if each.reason is None] == [told.decision.agent]
