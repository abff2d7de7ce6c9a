"""Triggers that answer a ticket's being opened are run before somebody is given it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing.actions import assignment, firing
from routing.actions.tickets import set_status, take_ticket
from routing.actions.transfers import take_next
from routing.models import Agent, CapacityRule, Cause, Group, Rule, Waiting
from routing.queries.explaining import why_waiting
from tests.factories import make_visitor, say, signed_in
from tests.routing.cast import browser_of, configure, holders, make_agent, settle, wait_in_line
from tests.routing.rule_cast import make_trigger, settle_rules


@pytest.fixture
def billing(brand: Brand) -> Group:
    """Two groups with one agent each; new tickets come to Support."""
    support = Group.objects.create(brand=brand, name="Support", is_default=True)
    billing = Group.objects.create(brand=brand, name="Billing")
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=5)
    configure(brand)
    make_agent("alice", brand, support)
    make_agent("bob", brand, billing)
    return billing


def to(group: Group, brand: Brand, *events: str) -> Rule:
    return make_trigger(brand, f"To {events}", list(events), [], {"do": "set_group", "value": group.public_id})


@pytest.mark.parametrize("event", ["ticket.opened", "conversation.requested"])
def test_the_group_that_a_trigger_sets_gets_it(brand: Brand, channel: Channel, billing: Group, event: str) -> None:
    to(billing, brand, event)
    # In the worker's order: the round is asked for as the ticket is stored, before its fact is even numbered.
    (ticket,) = wait_in_line(channel, "carol")
    assert assignment.assign(brand.pk) == 0
    settle()
    assert assignment.assign(brand.pk) == 0 and Cause.objects.exists()
    firing.run_triggers()
    assert assignment.assign(brand.pk) == 1
    assert holders([ticket]) == ["Bob"]


def test_opened_again_its_triggers_run_first_too(brand: Brand, channel: Channel, billing: Group) -> None:
    configure(
        brand, reassignment_reopened_tickets_enabled=True, reassignment_reopened_tickets_messaging_statuses=["offline"]
    )
    (ticket,) = wait_in_line(channel, "carol")
    gone = make_agent("gone", brand, status="offline")
    take_ticket(ticket=ticket, agent=gone, by=SYSTEM)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle_rules()
    to(billing, brand, "conversation.requested")
    say(make_visitor(channel, browser_of("carol")), "once more")
    settle()
    assert assignment.assign(brand.pk) == 0 and Waiting.objects.exists()
    settle_rules()
    assert assignment.assign(brand.pk) == 1
    assert holders([ticket]) == ["Bob"]


def test_where_no_trigger_hears_it_nothing_waits_for_any(brand: Brand, channel: Channel, billing: Group) -> None:
    to(billing, brand, "ticket.changed")
    rule = to(billing, brand, "ticket.opened")
    Rule.objects.filter(pk=rule.pk).update(is_active=False)
    (ticket,) = wait_in_line(channel, "carol")
    assert assignment.assign(brand.pk) == 1
    assert holders([ticket]) == ["Alice"]


def test_five_seconds_at_most(brand: Brand, channel: Channel, billing: Group) -> None:
    to(billing, brand, "ticket.opened")
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        (ticket,) = wait_in_line(channel, "carol")
        clock.shift(timedelta(seconds=4.9))
        assert assignment.assign(brand.pk) == 0
        clock.shift(timedelta(seconds=0.1))
        assert assignment.assign(brand.pk) == 1
    assert holders([ticket]) == ["Alice"]


def test_hands_wait_for_no_trigger_and_the_wait_is_explained(brand: Brand, channel: Channel, billing: Group) -> None:
    to(billing, brand, "ticket.opened")
    (ticket,) = wait_in_line(channel, "carol")
    alice = Agent.objects.get(user__name="Alice")
    path = f"/workspace/parts/why/{ticket.conversation.public_id}/"
    page = signed_in(alice.user).get(path, headers={"HX-Request": "true"})
    assert "Its triggers run first" in page.content.decode()
    told = why_waiting(ticket, timezone.now())
    assert told is not None and told.rules_first
    assert take_next(agent=alice, brand_id=brand.pk) == ticket
