"""The way work takes follows what is true now: of the configuration, of its session, of its customer, of the clock."""

import ast
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.actions.contacts import update_contact
from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, Event, Session
from routing import tasks
from routing.actions import assignment, waiting
from routing.actions.skills import save_skill_rule
from routing.actions.tickets import change_ticket, release_ticket, take_ticket
from routing.actions.transfers import take_back, transfer_ticket
from routing.models import (
    Agent,
    AgentSkill,
    CapacityRule,
    Group,
    Queue,
    RoutingConfig,
    Skill,
    SkillRule,
    SkillType,
    Ticket,
    View,
    Waiting,
)
from tests.factories import make_visitor, say
from tests.routing.cast import browser_of, configure, holders, make_agent, settle, wait_in_line

ROOT = Path(__file__).parents[2]


@pytest.fixture
def alice(brand: Brand) -> Agent:
    return make_agent("alice", brand)


def asking(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"all": [{"field": field, "operator": operator, "value": value}], "any": []}


def make_queue(brand: Brand, name: str, field: str, operator: str, value: Any) -> Queue:
    return Queue.objects.create(brand=brand, name=name, conditions=asking(field, operator, value))


def waits_in(ticket: Ticket) -> str:
    """Give the name of the queue a ticket waits in, nothing for none."""
    lane = Ticket.objects.select_related("waiting__lane__queue").get(pk=ticket.pk).waiting.lane
    return lane.queue.name if lane.queue else ""


@pytest.mark.parametrize(("through", "expected"), [(True, "All"), (False, "")])
def test_work_that_is_put_back_goes_through_the_queues_only_where_the_brand_says_so(
    brand: Brand, channel: Channel, alice: Agent, through: bool, expected: str
) -> None:
    configure(brand, reassignment_through_queues_enabled=through)
    make_queue(brand, "All", "ticket.subject", "contains", "here")
    (ticket,) = wait_in_line(channel, "carol")
    assert waits_in(ticket) == "All"
    take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    release_ticket(ticket=ticket, by=SYSTEM)
    assert waits_in(ticket) == expected
    change_ticket(ticket=ticket, tags=["more"], by=SYSTEM)
    assert waits_in(ticket) == expected


def test_work_that_is_sent_or_given_back_by_mistake_is_not_put_back(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand, reassignment_through_queues_enabled=False)
    queue = make_queue(brand, "All", "ticket.subject", "contains", "here")
    group = Group.objects.create(brand=brand, name="Refunds")
    (ticket,) = wait_in_line(channel, "carol")
    transfer_ticket(ticket=ticket, by=alice, to_agent=alice)
    take_back(ticket=ticket, by=Actor.of_user(alice.user), given=alice, agent=None, group=None, queue=None)
    assert waits_in(ticket) == "All"
    take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    transfer_ticket(ticket=ticket, by=alice, to_group=group)
    assert waits_in(ticket) == ""
    transfer_ticket(ticket=ticket, by=alice, to_queue=queue)
    assert waits_in(ticket) == "All"


@pytest.mark.parametrize("had", [True, False])
def test_what_was_passed_on_by_mistake_says_that_it_came_back(
    brand: Brand, channel: Channel, alice: Agent, had: bool
) -> None:
    configure(brand)
    group = Group.objects.create(brand=brand, name="Refunds")
    (ticket,) = wait_in_line(channel, "carol")
    if had:
        take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    transfer_ticket(ticket=ticket, by=alice, to_group=group)
    by = Actor.of_user(alice.user)
    take_back(ticket=ticket, by=by, given=None, agent=alice if had else None, group=None, queue=None)
    (fact,) = Event.objects.filter(type="ticket.changed")
    assert (fact.payload["fields"], fact.actor_id) == (["group"], alice.user.public_id)
    assert holders([ticket]) == ["Alice" if had else ""] and Ticket.objects.get().group is None


def test_who_loses_what_was_passed_to_them_by_mistake_has_room_again(
    brand: Brand, channel: Channel, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = make_agent("bob", brand)
    freed: list[int | None] = []
    (ticket,) = wait_in_line(channel, "carol")
    take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    transfer_ticket(ticket=ticket, by=alice, to_agent=bob)
    monkeypatch.setattr("routing.actions.transfers.made_room", lambda _brand, agent: freed.append(agent))
    take_back(ticket=ticket, by=Actor.of_user(alice.user), given=bob, agent=alice, group=None, queue=None)
    assert holders([ticket]) == ["Alice"] and freed == [bob.pk]
    assert not Event.objects.filter(type="ticket.changed").exists()


def test_a_chat_whose_session_ended_waits_and_counts_as_email_where_the_brand_says_so(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand, transform_to_email_enabled=True, auto_accept_messaging_enabled=False)
    CapacityRule.objects.create(brand=brand, name="No chats", is_default=True, max_messaging=0, max_email=5)
    ended, goes_on = wait_in_line(channel, "carol", "dave")
    assignment.assign(brand.pk)
    assert holders([ended, goes_on]) == ["", ""]
    end_session(conversation=ended.conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    settle()
    assignment.assign(brand.pk)
    assert holders([ended, goes_on]) == ["Alice", ""]
    release_ticket(ticket=ended, by=SYSTEM)
    say(make_visitor(channel, browser_of("carol")), "I am back")
    settle()
    assert Ticket.objects.get(pk=ended.pk).waiting.lane.channel_class == "messaging"


def test_every_setting_of_assignment_is_read_where_work_is_assigned() -> None:
    read: set[str] = set()
    for room in ("decide", "actions", "queries"):
        for file in (ROOT / "routing" / room).rglob("*.py"):
            if file.name != "configuration.py":
                for node in ast.walk(ast.parse(file.read_text())):
                    read |= {node.attr} if isinstance(node, ast.Attribute) else set()
                    # Asked of the database.
                    read |= {node.arg} if isinstance(node, ast.keyword) and node.arg else set()
    # A method of the row stands for the fields it reads.
    own = ast.parse((ROOT / "routing/models/queue.py").read_text())
    for method in (node for node in ast.walk(own) if isinstance(node, ast.FunctionDef) and node.name in read):
        read |= {node.attr for node in ast.walk(method) if isinstance(node, ast.Attribute)}
    settings = {field.name for field in RoutingConfig._meta.get_fields() if field.name not in {"id", "brand"}}
    assert settings - read == set()


def test_work_enters_another_queue_when_it_waited_long_enough(brand: Brand, channel: Channel) -> None:
    configure(brand)
    make_queue(brand, "Long", "ticket.created_at", "older_than_minutes", 10)
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        (ticket,) = wait_in_line(channel, "carol")
        tasks.follow_time()
        assert waits_in(ticket) == ""
        clock.shift(timedelta(minutes=11))
        tasks.follow_time()
    assert waits_in(ticket) == "Long"


def test_time_moves_nothing_and_costs_little_where_no_queue_asks_for_it(
    brand: Brand, channel: Channel, django_assert_num_queries: Any
) -> None:
    make_queue(brand, "All", "ticket.subject", "contains", "here")
    wait_in_line(channel, "carol", "dave")
    with django_assert_num_queries(7):
        tasks.follow_time()


def test_what_only_counts_down_is_not_written_each_time(brand: Brand, channel: Channel) -> None:
    soon = {"all": [{"field": "ticket.sla_minutes", "operator": "less_than", "value": 5}]}
    Queue.objects.create(brand=brand, name="Soon", conditions=soon)
    (ticket,) = wait_in_line(channel, "carol")
    now = timezone.now()
    Ticket.objects.update(sla_due_at=now + timedelta(minutes=60))
    waiting.follow_time()
    with time_machine.travel(now + timedelta(minutes=1)), CaptureQueriesContext(connection) as counted:
        assert waiting.follow_time() == 1
    written = [each["sql"] for each in counted if each["sql"].startswith('UPDATE "routing_waiting"')]
    assert len(written) == 1 and "checked_at" in written[0]
    with time_machine.travel(now + timedelta(minutes=56)):
        waiting.follow_time()
    assert Waiting.objects.get(ticket=ticket).lane.queue is not None


def test_following_the_time_costs_the_same_for_two_and_for_twenty(brand: Brand, channel: Channel) -> None:
    configure(brand)
    make_queue(brand, "Long", "ticket.created_at", "older_than_minutes", 10)

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            tasks.follow_time()
        return len(counted)

    wait_in_line(channel, "carol", "dave")
    few = cost()
    wait_in_line(channel, *(f"c{n}" for n in range(18)))
    assert cost() == few


def test_following_the_time_goes_on_where_it_stopped(brand: Brand, channel: Channel) -> None:
    make_queue(brand, "Long", "ticket.created_at", "older_than_minutes", 10)
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False) as clock:
        tickets = wait_in_line(channel, "a", "b", "c", "d", "e")
        clock.shift(timedelta(minutes=11))
        for moved in (2, 4, 5):
            assert waiting.follow_time(limit=2) == 2
            assert [waits_in(ticket) for ticket in tickets] == ["Long"] * moved + [""] * (5 - moved)


def test_who_writes_again_moves_their_waiting_work_at_once(brand: Brand, channel: Channel) -> None:
    make_queue(brand, "Gone quiet", "ticket.session", "any_of", ["inactive"])
    (ticket,) = wait_in_line(channel, "carol")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        turn_sessions_inactive()
        settle()
        assert waits_in(ticket) == "Gone quiet"
        say(make_visitor(channel, browser_of("carol")), "Still here")
        settle()
    assert waits_in(ticket) == ""


def test_what_becomes_known_of_a_customer_moves_their_waiting_work(brand: Brand, channel: Channel) -> None:
    make_queue(brand, "Carols", "contact.name", "is", "Carol")
    (ticket, other) = wait_in_line(channel, "carol", "dave")
    update_contact(contact=ticket.conversation.contact, changes={"name": "Carol"}, by=SYSTEM)
    settle()
    assert (waits_in(ticket), waits_in(other)) == ("Carols", "")


def test_who_knows_best_what_is_required_gets_it_and_a_rule_may_prefer_it_too(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand)
    skill = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    rule = SkillRule(brand=brand, name="Korean")
    save_skill_rule(rule=rule, requires=[skill], prefers=[skill], by=SYSTEM)
    AgentSkill.objects.create(agent=alice, skill=skill, level=1)
    AgentSkill.objects.create(agent=make_agent("bob", brand), skill=skill, level=5)
    tickets = wait_in_line(channel, "carol", "dave")
    assignment.assign(brand.pk)
    assert holders(tickets) == ["Bob", "Bob"]


def test_work_goes_where_its_session_has_it_and_lists_and_thread_say_how_it_stands(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    make_queue(brand, "Gone quiet", "ticket.session", "any_of", ["inactive", "ended"])
    view = View.objects.create(brand=brand, name="Quiet", columns=["session"])
    (ticket,) = wait_in_line(channel, "carol")
    page = Client()
    page.force_login(alice.user)
    head = f"/workspace/parts/ticket/{ticket.conversation.public_id}/"
    listed = f"/workspace/parts/list/{view.public_id}/"
    assert waits_in(ticket) == "" and "active now" in page.get(head).content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        turn_sessions_inactive()
        settle()
    assert waits_in(ticket) == "Gone quiet"
    assert "inactive" in page.get(head).content.decode() and "Inactive" in page.get(listed).content.decode()
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    settle()
    assert "Session ended" in page.get(head).content.decode() and "Ended" in page.get(listed).content.decode()
