"""The work of whoever is blocked is given to nobody, and given again once they are not."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from conversations.actions.blocking import block, lift
from conversations.events import SYSTEM
from conversations.models import Block, Brand, Channel, Contact
from routing.actions import assignment, waiting
from routing.models import Offer, Ticket, Waiting
from tests.factories import signed_in
from tests.routing.cast import configure, holders, make_agent, settle, wait_in_line

NOON = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def ticket(brand: Brand, channel: Channel) -> Ticket:
    configure(brand, auto_accept_messaging_enabled=False)
    return wait_in_line(channel, "carol")[0]


def carol() -> Contact:
    return Contact.objects.get()


def why(agent: Client, ticket: Ticket) -> str:
    url = f"/workspace/parts/why/{ticket.conversation.public_id}/"
    return agent.get(url, headers={"HX-Request": "true", "HX-Target": "sheet-body"}).content.decode()


def test_an_offer_ends_and_none_is_made_until_the_block_is_lifted(brand: Brand, ticket: Ticket) -> None:
    alice = make_agent("alice", brand)
    assert assignment.assign(brand.pk) == 1
    made = block(brand=brand, kind=Block.Kind.CONTACT, contact=carol(), by=SYSTEM)
    settle()
    assert Offer.objects.get().state == "withdrawn"
    assert assignment.assign(brand.pk) == 0
    assert "Its customer is blocked" in why(signed_in(alice.user), ticket)
    lift(block=made, by=SYSTEM)
    settle()
    assert assignment.assign(brand.pk) == 1


def test_an_email_that_is_blocked_is_whose_it_is(brand: Brand, ticket: Ticket) -> None:
    make_agent("alice", brand)
    Contact.objects.update(email="Carol@Example.com")
    made = block(brand=brand, kind=Block.Kind.EMAIL, value="carol@example.com", by=SYSTEM)
    settle()
    assert assignment.assign(brand.pk) == 0
    lift(block=made, by=SYSTEM)
    settle()
    assert assignment.assign(brand.pk) == 1


def test_a_block_that_ends_by_itself_lets_the_work_go_on(brand: Brand, ticket: Ticket) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        make_agent("alice", brand)
        over = NOON + timedelta(hours=1)
        block(brand=brand, kind=Block.Kind.CONTACT, contact=carol(), expires_at=over, by=SYSTEM)
        settle()
        waiting.follow_time()
        assert Waiting.objects.get().is_held
        clock.shift(timedelta(hours=1))
        assert waiting.follow_time() == 1
        assert assignment.assign(brand.pk) == 1


def test_what_comes_while_somebody_is_blocked_waits_for_a_hand(brand: Brand, ticket: Ticket) -> None:
    configure(brand)
    make_agent("alice", brand)
    block(brand=brand, kind=Block.Kind.CONTACT, contact=carol(), by=SYSTEM)
    settle()
    waiting.ask_requeue(brand.pk)
    waiting.requeue(brand.pk)
    assert assignment.assign(brand.pk) == 0 and holders([ticket]) == [""]
