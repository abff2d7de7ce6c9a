"""People who leave a brand, or answer there no more: their work goes on to others."""

import pytest

from conversations.actions.people import save_person
from conversations.actions.roles import save_role
from conversations.events import Actor
from conversations.models import Brand, Channel, CustomRole, Event, Role, User
from routing.actions import assignment, leaving
from routing.actions.agents import agent_of
from routing.actions.tickets import set_status, take_ticket
from routing.models import Agent, Departure, Group, Offer, Ticket
from tests.factories import make_brand, make_channel, make_user
from tests.routing.cast import configure, holders, make_agent, settle, wait_in_line


@pytest.fixture
def by(brand: Brand) -> Actor:
    return Actor.of_user(make_user("ada", brand, role=Role.ADMIN))


@pytest.fixture
def alice(brand: Brand) -> Agent:
    return make_agent("alice", brand)


def become(agent: Agent, brand: Brand, role: str, by: Actor, **changed: object) -> None:
    person = User.objects.get(pk=agent.user_id)
    for name, value in changed.items():
        setattr(person, name, value)
    save_person(person=person, roles={brand.pk: role}, fields=[*changed], by=by)
    settle()
    leaving.pass_on_departed()


def hold(agent: Agent, channel: Channel, *names: str) -> list[Ticket]:
    tickets = wait_in_line(channel, *names)
    for ticket in tickets:
        take_ticket(ticket=ticket, agent=agent, by=Actor.of_user(agent.user))
    return tickets


def test_work_of_who_is_removed_waits_in_its_group_for_the_others(
    brand: Brand, channel: Channel, alice: Agent, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    group = Group.objects.create(brand=brand, name="Exchanges", is_default=True)
    tickets = hold(alice, channel, "a", "b", "c")
    done, later = hold(alice, channel, "d", "e")
    set_status(ticket=done, status="solved", by=by)
    set_status(ticket=later, status="pending", by=by)
    become(alice, brand, "", by)
    assert holders([*tickets, done, later]) == ["", "", "", "Alice", ""]
    assert set(Ticket.objects.values_list("group", flat=True)) == {group.pk}
    assert [Ticket.objects.get(pk=each.pk).waiting is not None for each in tickets] == [True] * 3
    assert not hasattr(Ticket.objects.get(pk=later.pk), "waiting")
    assert not Departure.objects.exists()
    configure(brand)
    make_agent("bob", brand, group)
    assignment.assign(brand.pk)
    assert holders(tickets) == ["Bob"] * 3
    alice.refresh_from_db()
    assert (alice.status, alice.is_present) == ("offline", False)


@pytest.mark.parametrize(
    ("role", "active", "holder"), [("light", True, ""), ("agent", False, ""), ("supervisor", True, "Alice")]
)
def test_who_answers_no_more_loses_it_and_who_still_does_keeps_it(
    brand: Brand, channel: Channel, alice: Agent, by: Actor, role: str, active: bool, holder: str
) -> None:
    tickets = hold(alice, channel, "a")
    become(alice, brand, role, by, is_active=active)
    assert holders(tickets) == [holder]
    facts = [event.payload for event in Event.objects.filter(type="membership.changed").order_by("pk")]
    assert facts == [{"person": alice.user.public_id, "role": role if active else ""}]


def test_what_is_offered_to_who_leaves_goes_to_the_next(
    brand: Brand, channel: Channel, alice: Agent, by: Actor
) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    wait_in_line(channel, "a")
    assignment.assign(brand.pk)
    assert Offer.objects.get().agent == alice
    bob = make_agent("bob", brand)
    become(alice, brand, "", by)
    assignment.assign(brand.pk)
    assert list(Offer.objects.order_by("pk").values_list("agent", "state")) == [
        (alice.pk, "withdrawn"),
        (bob.pk, "pending"),
    ]


def test_who_leaves_one_brand_keeps_the_work_and_the_status_of_the_other(
    brand: Brand, channel: Channel, by: Actor
) -> None:
    other = make_brand("other")
    bob = agent_of(make_user("bob", brand, other))
    Agent.objects.filter(pk=bob.pk).update(status="online", is_present=True)
    here, there = hold(bob, channel, "a"), hold(bob, make_channel(other), "b")
    become(bob, brand, "", by)
    assert holders([*here, *there]) == ["", "Bob"]
    assert Agent.objects.get(pk=bob.pk).status == "online"


def test_who_is_back_before_their_work_went_on_keeps_it(
    brand: Brand, channel: Channel, alice: Agent, by: Actor
) -> None:
    tickets = hold(alice, channel, "a")
    save_person(person=alice.user, roles={brand.pk: ""}, fields=[], by=by)
    settle()
    save_person(person=alice.user, roles={brand.pk: "agent"}, fields=[], by=by)
    assert Departure.objects.count() == 1 and leaving.pass_on_departed() == 0
    assert holders(tickets) == ["Alice"] and not Departure.objects.exists()


def test_role_of_a_brands_own_that_may_answer_no_more_counts_too(
    brand: Brand, channel: Channel, alice: Agent, by: Actor
) -> None:
    role = CustomRole(brand=brand, name="Helper", sees="all")
    save_role(role=role, permissions=["messages.reply"], fields=[], by=by)
    become(alice, brand, role.public_id, by)
    tickets = hold(alice, channel, "a")
    save_role(role=role, permissions=["contacts.edit"], fields=["permissions"], by=by)
    settle()
    leaving.pass_on_departed()
    assert holders(tickets) == [""]


def test_who_becomes_one_who_answers_is_given_work_at_once(
    brand: Brand, alice: Agent, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    become(alice, brand, "light", by)
    asked: list[int] = []
    monkeypatch.setattr(leaving, "ask_to_assign", asked.append)
    become(alice, brand, "agent", by)
    assert asked == [brand.pk]
