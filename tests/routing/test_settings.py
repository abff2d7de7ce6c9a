"""Each setting of assignment does what it says: one story for each, told with the setting one way and the other.

A story is told on the real database by a clock that stands still between its steps; what is due by the clock is done by
the task that beat runs.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.events import SYSTEM
from conversations.models import Channel, Session, User
from routing import tasks
from routing.actions.offers import accept_offer
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import release_ticket, set_status, take_ticket
from routing.models import (
    Agent,
    CapacityRule,
    Group,
    Offer,
    Queue,
    RoutingConfig,
    Skill,
    SkillRule,
    SkillType,
    SlaPolicy,
    SlaTarget,
    Ticket,
)
from tests.factories import make_brand, make_visitor, say
from tests.routing import cast
from tests.routing.cast import browser_of, configure, make_agent

T0 = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
ROUND = {"auto_accept_messaging_enabled": False}
OPENED, CHANGED = "reassignment_reopened_tickets", "reassignment_agent_status_change"
LEAVING = {f"{CHANGED}_enabled": True}
IDLING = {"idle_after_minutes": 5}
MISSING = {**ROUND, "auto_idle_enabled": True, "auto_idle_reassignments": 2}


class Shop:
    """A brand with room for as many as a story says, and what its stories do."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.brand = clock, make_brand()
        self.channels = {
            kind: Channel.objects.create(brand=self.brand, kind=kind, name=kind) for kind in ("web", "email", "voice")
        }

    def fits(self, **most: int) -> CapacityRule:
        return CapacityRule.objects.create(brand=self.brand, name="All", is_default=True, **most)

    def agents(self, *names: str) -> list[Agent]:
        return [make_agent(name, self.brand) for name in names]

    def wait(self, *names: str, kind: str = "web") -> list[Ticket]:
        tickets = cast.wait_in_line(self.channels[kind], *names)
        self.work()
        return tickets

    def requires_korean(self) -> None:
        language = SkillType.objects.create(brand=self.brand, name="Language")
        rule = SkillRule.objects.create(brand=self.brand, name="All")
        rule.requires.add(Skill.objects.create(type=language, name="Korean"))

    def passes(self, seconds: float, *, signs: tuple[str, ...] = ("seen_at", "active_at")) -> None:
        """Let time go by in steps of a sweep, while agents give these signs of life."""
        for _ in range(round(seconds / 5)):
            self.clock.shift(5)
            User.objects.update(**dict.fromkeys(signs, datetime.now(UTC)))
            self.work()

    def work(self) -> None:
        """Do what the worker and beat do, until nothing follows from it."""
        for _ in range(2):
            cast.settle()
            tasks.sweep()

    def whose(self, *tickets: Ticket) -> list[str]:
        """Give who has each, or is asked for it, or nothing."""
        asked = {
            row.ticket_id: f"{row.agent}?" for row in Offer.objects.filter(state="pending").select_related("agent")
        }
        held = cast.holders(list(tickets))
        return [asked.get(ticket.pk, name) for ticket, name in zip(tickets, held, strict=True)]


Told = Callable[[Shop], Any]
Row = tuple[str, Any, Any, Told, Any, Any, dict[str, Any]]


def a_chat_comes(shop: Shop) -> Any:
    shop.agents("alice")
    return shop.whose(*shop.wait("carol"))


def two_come_to_one_with_more_room(shop: Shop) -> Any:
    shop.fits(max_messaging=2)
    alice, _ = shop.agents("alice", "bob")
    alice.capacity_rule = CapacityRule.objects.create(brand=shop.brand, name="More", max_messaging=9)
    alice.save()
    return shop.whose(*shop.wait("a", "b"))


def one_is_promised_an_answer(shop: Shop) -> Any:
    policy = SlaPolicy.objects.create(
        brand=shop.brand,
        name="Soon",
        conditions={"all": [{"field": "ticket.subject", "operator": "contains", "value": "promised"}], "any": []},
    )
    SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=30)
    tickets = shop.wait("first", "promised")
    shop.fits(max_messaging=1)
    shop.agents("alice")
    shop.work()
    return shop.whose(*tickets)


def email_comes(shop: Shop) -> Any:
    shop.agents("alice")
    return shop.whose(*shop.wait("carol", kind="email"))


def nobody_answers(kind: str) -> Told:
    def told(shop: Shop) -> Any:
        shop.agents("alice", "bob")
        tickets = shop.wait("carol", kind=kind)
        before = shop.whose(*tickets)
        shop.passes(30)
        return before + shop.whose(*tickets)

    return told


def one_falls_silent(shop: Shop) -> Any:
    shop.fits(max_messaging=1)
    shop.agents("alice")
    shop.wait("silent")
    Session.objects.update(last_contact_at=datetime.now(UTC) - timedelta(hours=1))
    turn_sessions_inactive()
    return shop.whose(*shop.wait("next"))


def nobody_knows_it(kind: str, minutes: float) -> Told:
    def told(shop: Shop) -> Any:
        shop.requires_korean()
        shop.agents("alice")
        tickets = shop.wait("carol", kind=kind)
        shop.passes(minutes * 60)
        return [name.strip("?") for name in shop.whose(*tickets)]

    return told


def one_of_each(shop: Shop) -> list[Ticket]:
    """Have an agent hold a chat, an email and a call."""
    tickets = [shop.wait(f"by-{kind}", kind=kind)[0] for kind in ("web", "email", "voice")]
    for offer in Offer.objects.filter(state="pending").select_related("agent", "ticket"):
        accept_offer(ticket=offer.ticket, agent=offer.agent, by=SYSTEM)
    assert shop.whose(*tickets) == ["Alice"] * 3
    return tickets


def they_come_back_while_their_agent_is_away(shop: Shop) -> Any:
    (alice,) = shop.agents("alice")
    tickets = one_of_each(shop)
    for ticket in tickets:
        set_status(ticket=ticket, status="solved", by=SYSTEM)
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    shop.agents("bob")
    shop.passes(5)
    for kind in ("web", "email", "voice"):
        say(make_visitor(shop.channels[kind], browser_of(f"by-{kind}")), "One more thing")
    shop.work()
    return [name.strip("?") for name in shop.whose(*tickets)]


def their_agent_leaves(shop: Shop) -> Any:
    (alice,) = shop.agents("alice")
    tickets = one_of_each(shop)
    shop.agents("bob")
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    shop.work()
    return [name.strip("?") for name in shop.whose(*tickets)]


def one_is_put_back(shop: Shop) -> Any:
    queue = Queue.objects.create(brand=shop.brand, name="Repairs")
    queue.primary_groups.add(Group.objects.create(brand=shop.brand, name="Repairs"))
    (alice,) = shop.agents("alice")
    (ticket,) = shop.wait("carol")
    take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    release_ticket(ticket=ticket, by=SYSTEM)
    shop.work()
    return shop.whose(ticket)


def a_call_comes_during_a_chat(shop: Shop) -> Any:
    shop.agents("alice")
    return shop.whose(*shop.wait("writes"), *shop.wait("calls", kind="voice"))


def a_session_ends_before_somebody_has_it(shop: Shop) -> Any:
    shop.fits(max_messaging=0, max_email=1)
    shop.agents("alice")
    (ticket,) = shop.wait("carol")
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.CONTACT, by=SYSTEM)
    shop.work()
    return shop.whose(ticket)


def one_comes_to_a_backlog(shop: Shop) -> Any:
    shop.fits(max_messaging=3)
    tickets = shop.wait("a", "b", "c")
    shop.agents("alice")
    shop.work()
    at_once = shop.whose(*tickets)
    shop.passes(60)
    return at_once, shop.whose(*tickets)


def status_after(seconds: float, *signs: str) -> Told:
    def told(shop: Shop) -> Any:
        shop.agents("alice")
        shop.passes(seconds, signs=signs)
        return Agent.objects.get().status

    return told


def offers_run_out(shop: Shop) -> Any:
    """Two run out, at half a minute each."""
    shop.agents("alice")
    shop.wait("carol")
    shop.passes(60)
    return Agent.objects.get().status


# Of a chat, an email and a call: all go on to Bob, none does, email alone, or the chat and the call.
ALL, NONE = ["Bob"] * 3, ["Alice"] * 3
EMAIL, LIVE = ["Alice", "Bob", "Alice"], ["Bob", "Alice", "Bob"]

# setting, one way, the other, what happens, the outcome of the one, of the other, what is set besides
SETTINGS: list[Row] = [
    ("enabled", True, False, a_chat_comes, ["Alice"], [""], {}),
    (
        "assignment_method",
        "highest_spare_capacity",
        "round_robin",
        two_come_to_one_with_more_room,
        ["Alice", "Alice"],
        ["Alice", "Bob"],
        {},
    ),
    ("ticket_sorting_prioritize_sla", True, False, one_is_promised_an_answer, ["", "Alice"], ["Alice", ""], {}),
    ("autorouting_tag", "auto", "", email_comes, [""], ["Alice"], {}),
    ("auto_accept_messaging_enabled", True, False, a_chat_comes, ["Alice"], ["Alice?"], {}),
    ("reassignment_messaging_enabled", True, False, nobody_answers("web"), ["Alice?", "Bob?"], ["Alice?"] * 2, ROUND),
    ("reassignment_messaging_timeout", 30, 35, nobody_answers("web"), ["Alice?", "Bob?"], ["Alice?"] * 2, ROUND),
    ("reassignment_talk_timeout", 30, 35, nobody_answers("voice"), ["Alice?", "Bob?"], ["Alice?"] * 2, {}),
    ("messaging_activity_routing_enabled", True, False, one_falls_silent, [""], ["Alice"], {}),
    ("skills_enabled", True, False, nobody_knows_it("web", 0), [""], ["Alice"], {}),
    ("skills_timeout_enabled", True, False, nobody_knows_it("web", 3), ["Alice"], [""], {}),
    ("skills_timeout_messaging", 60, 65, nobody_knows_it("web", 1), ["Alice"], [""], {}),
    ("skills_timeout_support", 60, 65, nobody_knows_it("email", 1), ["Alice"], [""], {}),
    ("skills_timeout_talk", 60, 65, nobody_knows_it("voice", 1), ["Alice"], [""], {}),
    (f"{OPENED}_enabled", True, False, they_come_back_while_their_agent_is_away, ALL, NONE, {}),
    (f"{OPENED}_messaging_enabled", True, False, they_come_back_while_their_agent_is_away, ALL, EMAIL, {}),
    (f"{OPENED}_messaging_statuses", ["offline"], ["away"], they_come_back_while_their_agent_is_away, ALL, EMAIL, {}),
    (f"{OPENED}_support_enabled", True, False, they_come_back_while_their_agent_is_away, ALL, LIVE, {}),
    (f"{OPENED}_support_statuses", ["offline"], ["away"], they_come_back_while_their_agent_is_away, ALL, LIVE, {}),
    (f"{CHANGED}_enabled", True, False, their_agent_leaves, ALL, NONE, LEAVING),
    (f"{CHANGED}_messaging_enabled", True, False, their_agent_leaves, ALL, EMAIL, LEAVING),
    (f"{CHANGED}_messaging_agent_statuses", ["offline"], ["away"], their_agent_leaves, ALL, EMAIL, LEAVING),
    (f"{CHANGED}_messaging_ticket_priorities", [2], [3, 4], their_agent_leaves, ALL, EMAIL, LEAVING),
    (f"{CHANGED}_support_enabled", True, False, their_agent_leaves, ALL, LIVE, LEAVING),
    (f"{CHANGED}_support_agent_statuses", ["offline"], ["away"], their_agent_leaves, ALL, LIVE, LEAVING),
    (f"{CHANGED}_support_ticket_priorities", [], [1], their_agent_leaves, ALL, LIVE, LEAVING),
    ("reassignment_through_queues_enabled", True, False, one_is_put_back, [""], ["Alice"], {}),
    ("focus_mode_enabled", True, False, a_call_comes_during_a_chat, ["Alice", ""], ["Alice", "Alice?"], {}),
    ("transform_to_email_enabled", True, False, a_session_ends_before_somebody_has_it, ["Alice"], [""], {}),
    (
        "fair_start_seconds",
        60,
        0,
        one_comes_to_a_backlog,
        (["Alice", "", ""], ["Alice"] * 3),
        (["Alice"] * 3, ["Alice"] * 3),
        {},
    ),
    ("idle_after_minutes", 5, 10, status_after(305, "seen_at"), "away", "online", {}),
    ("idle_status", "transfers_only", "offline", status_after(305, "seen_at"), "transfers_only", "offline", IDLING),
    ("disconnect_after_seconds", 60, 65, status_after(65), "offline", "online", {}),
    ("disconnect_status", "away", "transfers_only", status_after(65), "away", "transfers_only", {}),
    ("auto_idle_enabled", True, False, offers_run_out, "away", "online", MISSING),
    ("auto_idle_reassignments", 2, 3, offers_run_out, "away", "online", MISSING),
    ("auto_idle_status", "transfers_only", "offline", offers_run_out, "transfers_only", "offline", MISSING),
]


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:
    with time_machine.travel(T0, tick=False) as clock:
        yield Shop(clock)


@pytest.mark.parametrize("way", ["one", "other"])
@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row[0])
def test_setting_does_what_it_says(shop: Shop, row: Row, way: str) -> None:
    setting, one, other, told, outcome, otherwise, besides = row
    configure(shop.brand, **{**besides, setting: one if way == "one" else other})
    assert told(shop) == (outcome if way == "one" else otherwise)


def test_every_setting_has_its_story() -> None:
    fields = {field.name for field in RoutingConfig._meta.get_fields()} - {"id", "brand"}
    assert {row[0] for row in SETTINGS} == fields
