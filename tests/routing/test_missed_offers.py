"""Who lets offers run out, one after another, is set away."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.events import SYSTEM, Actor
from conversations.models import Brand
from routing.actions import assignment, offers
from routing.actions.statuses import mark_missing, set_agent_status
from routing.models import Agent, Offer, StatusSpell, Ticket
from tests.factories import make_channel
from tests.routing.cast import configure, make_agent, settle, wait_in_line


@pytest.fixture
def ticket(brand: Brand) -> Ticket:
    return wait_in_line(make_channel(brand), "a")[0]


def run_out(brand: Brand) -> None:
    assignment.assign(brand.pk)
    assert Offer.objects.filter(state="pending").count() == 1
    mark_missing(offers.expire_offers(timezone.now() + timedelta(minutes=1)))
    settle()


def test_who_lets_two_in_a_row_run_out_is_away_and_may_come_back(brand: Brand, ticket: Ticket) -> None:
    configure(brand, auto_accept_messaging_enabled=False, auto_idle_enabled=True)
    alice = make_agent("alice", brand)
    run_out(brand)
    assert Agent.objects.get().status == "online"
    run_out(brand)
    assert Agent.objects.get().status == "away"
    assert StatusSpell.objects.get(ended_at=None).source == "missed"
    assignment.assign(brand.pk)
    assert not Offer.objects.filter(state="pending").exists()
    set_agent_status(agent=alice, status="online", by=SYSTEM)
    run_out(brand)
    assert Agent.objects.get().status == "online"


def test_an_answer_in_between_begins_the_count_anew(brand: Brand, ticket: Ticket) -> None:
    configure(brand, auto_accept_messaging_enabled=False, auto_idle_enabled=True)
    alice = make_agent("alice", brand)
    run_out(brand)
    assignment.assign(brand.pk)
    offers.decline_offer(ticket=ticket, agent=alice, by=Actor.of_user(alice.user))
    run_out(brand)
    assert Agent.objects.get().status == "online"


def test_where_the_brand_does_not_say_so_they_are_asked_again(brand: Brand, ticket: Ticket) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    make_agent("alice", brand)
    for _ in range(4):
        run_out(brand)
    assert Agent.objects.get().status == "online"
