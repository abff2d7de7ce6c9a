"""People who leave a brand, or answer there no more: their work goes on to others."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from conversations import relay
from conversations.actions.people import keep_sign_of_life, save_person
from conversations.actions.roles import save_role
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, CustomRole, Event, Role, User
from routing.actions import assignment, leaving
from routing.actions.agents import agent_of
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import change_ticket, set_status, take_ticket
from routing.models import Agent, Departure, Group, Offer, RoutingConfig, StatusSpell, Ticket, Withdrawal
from routing.tasks import sweep
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


@pytest.mark.parametrize("config", [None, {}, {"enabled": False}])
@pytest.mark.parametrize("opener", ["customer", "colleague"])
def test_work_they_had_solved_waits_for_the_others_when_it_is_opened_again(
    brand: Brand, channel: Channel, alice: Agent, by: Actor, config: dict[str, Any] | None, opener: str
) -> None:
    if config is not None:
        RoutingConfig.objects.create(brand=brand, **config)
    (ticket,) = hold(alice, channel, "a")
    set_status(ticket=ticket, status="solved", by=by)
    become(alice, brand, "", by)
    if opener == "customer":
        wait_in_line(channel, "a")
    else:
        set_status(ticket=ticket, status="open", by=by)
    again = Ticket.objects.get()
    assert (again.status, again.assignee) == ("open", None) and again.waiting.brand == brand
    assert Event.objects.filter(type="ticket.released").count() == 1


def test_who_is_online_in_another_brand_does_not_get_it_back(brand: Brand, channel: Channel, by: Actor) -> None:
    other = make_brand("other")
    bob = agent_of(make_user("bob", brand, other))
    Agent.objects.filter(pk=bob.pk).update(status="online", is_present=True)
    configure(
        brand, reassignment_reopened_tickets_enabled=True, reassignment_reopened_tickets_messaging_statuses=["offline"]
    )
    here, there = hold(bob, channel, "a"), hold(bob, make_channel(other), "b")
    for ticket in (*here, *there):
        set_status(ticket=ticket, status="solved", by=by)
    become(bob, brand, "", by)
    wait_in_line(channel, "a")
    wait_in_line(there[0].conversation.channel, "b")
    assert holders([*here, *there]) == ["", "Bob"]


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


def test_who_is_removed_again_while_their_work_goes_on_loses_what_they_got_between(
    brand: Brand, channel: Channel, alice: Agent, by: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(alice, channel, "a")
    put_back = leaving._put_back_some
    got: list[Ticket] = []

    def removed_again(held: Any, agent_id: int) -> int:
        done = put_back(held, agent_id)
        if not done and not got:
            person = User.objects.get(pk=alice.user_id)
            save_person(person=person, roles={brand.pk: "agent"}, fields=[], by=by)
            got.extend(hold(alice, channel, "b"))
            save_person(person=person, roles={brand.pk: ""}, fields=[], by=by)
            settle()
        return done

    monkeypatch.setattr(leaving, "_put_back_some", removed_again)
    become(alice, brand, "", by)
    assert holders(got) == ["Alice"] and Departure.objects.count() == 1
    leaving.pass_on_departed()
    assert holders(got) == [""] and not Departure.objects.exists()


def go_offline(alice: Agent) -> None:
    """Have an agent go, and the log read; what is asked of the worker then stands open."""
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    relay.publish_pending()
    relay.run_readers()


LETS_GO = {"reassignment_agent_status_change_enabled": True}
CHANGE = "reassignment_agent_status_change"


def test_work_of_who_goes_offline_is_put_back_in_the_background_in_batches(
    brand: Brand, channel: Channel, alice: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "BATCH", 2)
    configure(brand, **LETS_GO)
    tickets = hold(alice, channel, "a", "b", "c")
    go_offline(alice)
    assert holders(tickets) == ["Alice"] * 3
    assert leaving.pass_on_absent() == 3 and not Withdrawal.objects.exists()
    assert holders(tickets) == [""] * 3


def test_who_is_back_before_that_keeps_it_and_with_nothing_to_put_back_nothing_is_wished(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand, **LETS_GO)
    go_offline(alice)
    assert not Withdrawal.objects.exists()
    tickets = hold(alice, channel, "a")
    set_agent_status(agent=alice, status="online", by=SYSTEM)
    go_offline(alice)
    set_agent_status(agent=alice, status="online", by=SYSTEM)
    assert Withdrawal.objects.count() == 1 and leaving.pass_on_absent() == 0
    assert holders(tickets) == ["Alice"] and not Withdrawal.objects.exists()


def test_sweep_finds_what_a_lost_hint_left(brand: Brand, channel: Channel, alice: Agent) -> None:
    configure(brand, **LETS_GO)
    tickets = hold(alice, channel, "a")
    go_offline(alice)
    make_agent("bob", brand)
    for _ in range(2):
        sweep()
    assert holders(tickets) == ["Bob"]


def test_lost_page_becomes_a_status_and_its_work_somebody_elses(brand: Brand, channel: Channel) -> None:
    """From the last word of a page to a colleague: by the sweeps alone."""
    configure(brand, **LETS_GO, disconnect_after_seconds=60, disconnect_status="offline", idle_after_minutes=None)
    with time_machine.travel("2026-11-30T09:00:00Z", tick=False) as clock:
        alice = make_agent("alice", brand)
        keep_sign_of_life(user_pk=alice.user_id, is_active=True)
        tickets = wait_in_line(channel, "a", "b")
        sweep()
        assert holders(tickets) == ["Alice", "Alice"]
        bob = make_agent("bob", brand)
        for seconds, expected in ((59, "Alice"), (1, "Alice"), (1, "Bob")):
            clock.shift(timedelta(seconds=seconds))
            keep_sign_of_life(user_pk=bob.user_id, is_active=True)
            sweep()
            settle()
            sweep()
            assert holders(tickets) == [expected, expected]
        assert list(StatusSpell.objects.filter(agent=alice).order_by("pk").values_list("status", "source"))[-1] == (
            "offline",
            "disconnect",
        )


LISTED = ["away", "offline"]
KINDS = {"messaging": "web", "email": "email", "voice": "voice"}


@pytest.mark.parametrize("channel_class", KINDS)
@pytest.mark.parametrize("priority", [1, 2, 3, 4])
@pytest.mark.parametrize("status", ["online", "away", "transfers_only", "offline"])
@pytest.mark.parametrize("priorities", [[], [3, 4]])
def test_going_to_a_listed_status_puts_back_what_is_listed(
    brand: Brand, status: str, priority: int, channel_class: str, priorities: list[int]
) -> None:
    for each in ("messaging", "support"):
        given = {f"{CHANGE}_{each}_agent_statuses": LISTED, f"{CHANGE}_{each}_ticket_priorities": priorities}
        configure(brand, **LETS_GO, **given)
    alice = make_agent("alice", brand, status="online" if status != "online" else "transfers_only")
    (ticket,) = hold(alice, Channel.objects.create(brand=brand, kind=KINDS[channel_class], name="Here"), "a")
    change_ticket(ticket=ticket, priority=priority, by=SYSTEM)
    assert Ticket.objects.get().channel_class == channel_class
    set_agent_status(agent=alice, status=status, by=SYSTEM)
    settle()
    goes = status in LISTED and (not priorities or priority in priorities)
    assert holders([ticket]) == ["" if goes else "Alice"]


@pytest.mark.parametrize(
    ("ticket_status", "goes"), [("open", True), ("pending", False), ("hold", False), ("solved", False)]
)
def test_only_work_that_is_new_or_open_is_put_back(
    brand: Brand, channel: Channel, alice: Agent, ticket_status: str, goes: bool
) -> None:
    configure(brand, **LETS_GO)
    (ticket,) = hold(alice, channel, "a")
    set_status(ticket=ticket, status=ticket_status, by=SYSTEM)
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    settle()
    assert holders([ticket]) == ["" if goes else "Alice"]


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
