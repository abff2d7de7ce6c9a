"""What is offered to an agent on the screen: accepted, passed, gone to somebody else; and taking the next one."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Role
from routing.actions import assignment, offers
from routing.actions.tickets import take_ticket
from routing.models import Agent, CapacityRule, Offer, Queue, Skill, SkillRule, SkillType, Ticket
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import configure, holders, make_agent, settle, wait_in_line

CARDS = "/workspace/parts/offers/"
NEXT = "/workspace/take-next/"


@pytest.fixture
def brand(db: None) -> Brand:
    brand = make_brand()
    configure(brand, auto_accept_messaging_enabled=False)
    return brand


@pytest.fixture
def alice(brand: Brand) -> Agent:
    return make_agent("alice", brand)


def page_of(agent: Agent) -> Client:
    return signed_in(agent.user)


def address(ticket: Ticket, answer: str) -> str:
    return f"/workspace/offers/{ticket.conversation.public_id}/{answer}/"


def test_card_says_who_waits_where_and_for_how_long_it_is_offered(brand: Brand, channel: Channel, alice: Agent) -> None:
    Queue.objects.create(brand=brand, name="Exchanges")
    skill = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    SkillRule.objects.create(brand=brand, name="All").prefers.add(skill)
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    page = page_of(alice)
    with time_machine.travel(Offer.objects.get().expires_at - timedelta(seconds=12.4), tick=False):
        shown = page.get(CARDS).content.decode()
    for words in ("carol here", "Website · Exchanges", "Korean", 'data-left="12"', ticket.conversation.public_id):
        assert words in shown, words
    assert "data-offer" not in page_of(make_agent("bob", brand)).get(CARDS).content.decode()


def test_accepting_gives_the_address_to_open(brand: Brand, channel: Channel, alice: Agent) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    answer = page_of(alice).post(address(ticket, "accept"))
    assert answer.json() == {"url": f"/workspace/inbox/mine/{ticket.conversation.public_id}/"}
    assert holders([ticket]) == ["Alice"]


def test_passing_lets_it_go_on_to_the_next(brand: Brand, channel: Channel, alice: Agent) -> None:
    bob = make_agent("bob", brand)
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    first = Offer.objects.get().agent
    assert page_of(first).post(address(ticket, "decline")).status_code == 204
    assignment.assign(brand.pk)
    assert Offer.objects.get(state="pending").agent == ({alice, bob} - {first}).pop()


def test_too_late_is_told_who_has_it(brand: Brand, channel: Channel, alice: Agent) -> None:
    bob = make_agent("bob", brand, status="offline")
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    take_ticket(ticket=ticket, agent=bob, by=SYSTEM)
    late = page_of(alice).post(address(ticket, "accept"))
    assert late.status_code == 409 and "Bob already took this." in late.content.decode()
    shown = page_of(alice).get(CARDS, {"had": ticket.conversation.public_id}).content.decode()
    assert "Bob has this now." in shown and "data-left" not in shown
    assert "Bob" not in page_of(alice).get(CARDS).content.decode(), "once it is not asked for any more"


def test_offer_of_somebody_else_is_nobody_elses(brand: Brand, channel: Channel, alice: Agent) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    bob = page_of(make_agent("bob", brand))
    for answer in ("accept", "decline"):
        assert bob.post(address(ticket, answer)).status_code == 409
    assert bob.post(address(ticket, "keep")).status_code == 404
    assert Offer.objects.get().state == "pending"
    assert "data-offer" not in bob.get(CARDS, {"had": ticket.conversation.public_id}).content.decode()


def test_offer_that_ran_out_says_that_it_goes_on(brand: Brand, channel: Channel, alice: Agent) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    offers.expire_offers(Offer.objects.get().expires_at)
    shown = page_of(alice).get(CARDS, {"had": ticket.conversation.public_id}).content.decode()
    assert "This goes to somebody else now." in shown


def test_cards_cost_the_same_for_one_and_for_many(brand: Brand, channel: Channel, alice: Agent) -> None:
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=20)

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert page.get(CARDS, {"had": "x"}).status_code == 200
        return len(counted)

    page = page_of(alice)
    wait_in_line(channel, "first")
    assignment.assign(brand.pk)
    few = cost()
    wait_in_line(channel, *(f"c{n}" for n in range(10)))
    assignment.assign(brand.pk)
    assert Offer.objects.filter(state="pending").count() == 11
    assert cost() == few


def test_next_one_is_opened_and_can_be_put_back(brand: Brand, channel: Channel, alice: Agent) -> None:
    first, second = wait_in_line(channel, "first", "second")
    page = page_of(alice)
    answer = page.post(NEXT).json()
    assert answer["url"] == f"/workspace/inbox/mine/{first.conversation.public_id}/"
    page.post(answer["told"]["undo"], {"undo": "yes"})
    assert holders([first, second]) == ["", ""]


def test_nothing_to_take_is_said_calmly(brand: Brand, alice: Agent) -> None:
    answer = page_of(alice).post(NEXT)
    assert (answer.status_code, answer.json()) == (404, {"text": "Nothing waits that you could take."})


def test_next_one_of_any_brand_of_theirs_and_of_no_other(brand: Brand) -> None:
    other, third = make_brand("other"), make_brand("third")
    dana = make_user("dana", brand, other)
    tickets = wait_in_line(make_channel(other), "of-other"), wait_in_line(make_channel(third), "of-third")
    client = Client()
    client.force_login(dana)
    assert client.post(NEXT).status_code == 200
    assert client.post(NEXT).status_code == 404
    assert holders([*tickets[0], *tickets[1]]) == ["Dana", ""]


def test_button_is_for_those_who_answer(brand: Brand, alice: Agent) -> None:
    rita = Client()
    rita.force_login(make_user("rita", brand, role=Role.LIGHT))
    assert "take-next" in page_of(alice).get("/workspace/parts/list/mine/").content.decode()
    assert "take-next" not in rita.get("/workspace/parts/list/mine/").content.decode()


def test_row_that_waits_names_its_queue(brand: Brand, channel: Channel, alice: Agent) -> None:
    Queue.objects.create(brand=brand, name="Exchanges")
    wait_in_line(channel, "carol")
    page = page_of(alice)

    def cost(view: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as counted:
            shown = page.get(f"/workspace/parts/list/{view}/").content.decode()
        return len(counted), shown

    few, shown = cost("unassigned")
    assert "Exchanges" in shown and "Exchanges" not in cost("open")[1]
    wait_in_line(channel, *(f"c{n}" for n in range(10)))
    Ticket.objects.filter(pk=Ticket.objects.order_by("-pk").values("pk")[:1]).update(status="pending")
    settle()
    assert cost("unassigned")[0] == few


def test_what_is_offered_around_is_said_to_who_wants_the_next(brand: Brand, channel: Channel, alice: Agent) -> None:
    wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    bob = make_agent("bob", brand)
    assert "offered to you" in page_of(alice).post(NEXT).json()["text"]
    assert "offered to your colleagues" in page_of(bob).post(NEXT).json()["text"]
