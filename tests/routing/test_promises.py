"""Promises follow the log on the real database: opened, answered, paused, broken, promised otherwise."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from conversations.actions.contacts import update_contact
from conversations.actions.merging import merge_customers, undo_merge
from conversations.actions.messages import Author, post_message
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Contact, Conversation, Event, LogReader, Responder
from routing.actions import sla
from routing.actions.service_levels import save_policy
from routing.actions.tickets import change_ticket, set_status
from routing.decide.conditions import Kind
from routing.decide.fields import FIELDS
from routing.errors import InvalidChange
from routing.models import MetricEvent, Promise, Reapply, RoutingConfig, SlaPolicy, SlaTarget, Ticket, Waiting
from routing.models.waiting import NEVER
from routing.queries.concerns import concerns_of
from routing.queries.sla import ASKED
from tests.factories import make_brand, make_user, make_visitor, note, reply, say
from tests.routing import cast
from tests.routing.cast import browser_of, configure

T0 = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
NAMES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(T0, tick=False) as clock:
        yield clock


@pytest.fixture
def brand(db: None, clock: Any) -> Brand:
    return make_brand()


def settle() -> None:
    """Have all facts read, and those that reading them made."""
    cast.settle()
    cast.settle()


def wait_in_line(channel: Channel, *names: str) -> list[Ticket]:
    tickets = cast.wait_in_line(channel, *names)
    settle()
    return tickets


def promise(brand: Brand, name: str = "All", conditions: Any = None, order: int = 1, **minutes: Any) -> SlaPolicy:
    """Make a policy: `first_reply=60` for every priority, or `{"normal": 60, "urgent": 10}`."""
    policy = SlaPolicy.objects.create(brand=brand, name=name, conditions=conditions or {}, order=order)
    for metric, given in minutes.items():
        by_priority = given if isinstance(given, dict) else dict.fromkeys(NAMES, given)
        SlaTarget.objects.bulk_create(
            SlaTarget(policy=policy, metric=metric, priority=NAMES[each], minutes=n) for each, n in by_priority.items()
        )
    return policy


def stands(ticket: Ticket, metric: str = "first_reply") -> tuple[str, float | None]:
    """Give how a metric stands, and when it is due, in minutes after T0."""
    row = Promise.objects.get(ticket=ticket, metric=metric, is_latest=True)
    return row.state, (row.due_at - T0).total_seconds() / 60 if row.due_at else None


def rows(ticket: Ticket) -> list[tuple[str, str, int]]:
    found = MetricEvent.objects.filter(ticket=ticket).order_by("pk")
    return [(row.metric, row.kind, row.instance) for row in found]


def broken() -> list[tuple[str, str]]:
    found = Event.objects.filter(type="ticket.breached").order_by("pk")
    return [(event.payload["metric"], event.payload["policy"]) for event in found]


def state(ticket: Ticket) -> list[dict[str, Any]]:
    return list(Promise.objects.filter(ticket=ticket).order_by("metric", "instance").values_list(*sla.COMPUTED))


def test_who_promises_nothing_keeps_no_clocks(brand: Brand, channel: Channel) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    reply(ticket.conversation, make_user("alice", brand), "Hello")
    settle()
    assert not MetricEvent.objects.exists() and not Promise.objects.exists()


PREMIUM = {"all": [{"field": "contact.properties.plan", "operator": "is", "value": "premium"}]}
# What passes while a ticket is worked on, or is decided by the policy itself.
REFUSED = {
    "ticket.status",
    "ticket.assignee",
    "ticket.created_at",
    "ticket.updated_at",
    "ticket.waiting_since",
    "ticket.status_set_at",
    "ticket.solved_at",
    "ticket.session",
    "ticket.session_ended",
    "ticket.sla_state",
    "ticket.sla_minutes",
    "ticket.rating",
    "conversation.last_message",
    "conversation.holder",
    "schedule.hours",
}


def test_of_every_field_it_is_decided_whether_policies_ask_it() -> None:
    assert not ASKED & REFUSED
    assert FIELDS.keys() == ASKED | REFUSED
    passing = {path for path, field in FIELDS.items() if field.kind in {Kind.MOMENT, Kind.SCHEDULE} or field.is_timed}
    assert passing - REFUSED == {"conversation.metadata"}


@pytest.mark.parametrize("path", sorted(REFUSED))
def test_what_passes_is_refused_and_where_it_stands_all_the_same_pointed_out(brand: Brand, path: str) -> None:
    value = {Kind.MOMENT: 60, Kind.FLAG: True, Kind.NUMBER: 5, Kind.TEXT: "x"}.get(FIELDS[path].kind, "open")
    operator = FIELDS[path].operators[0]
    row = {"field": path, "operator": operator, "value": value}
    with pytest.raises(InvalidChange) as refused:
        save_policy(policy=SlaPolicy(brand=brand, name="No", conditions={"all": [row]}), targets=[], by=SYSTEM)
    assert refused.value.field == "all.0.field"
    promise(brand, "Old", {"all": [row]}, first_reply=60)
    assert ("condition_gone", "Old") in [(each.code, each.name) for each in concerns_of(brand.pk)]


def test_what_becomes_known_of_the_customer_asks_again(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, "Premium", PREMIUM, 1, first_reply=10)
    promise(brand, "All", {}, 2, first_reply=60)
    (ticket,) = wait_in_line(channel, "carol")
    assert stands(ticket) == ("running", 60)
    clock.shift(60)
    contact = ticket.conversation.contact
    update_contact(contact=contact, changes={"properties": {"plan": "premium"}}, by=SYSTEM)
    settle()
    assert stands(ticket) == ("running", 10), "from the same beginning"
    update_contact(contact=contact, changes={"properties": {"plan": None}}, by=SYSTEM)
    settle()
    assert stands(ticket) == ("running", 60)


def test_merging_customers_asks_again_and_undoing_it_too(brand: Brand, channel: Channel) -> None:
    promise(brand, "Premium", PREMIUM, 1, first_reply=10)
    promise(brand, "All", {}, 2, first_reply=60)
    carol, dave = wait_in_line(channel, "carol", "dave")
    Contact.objects.filter(pk=dave.conversation.contact_id).update(properties={"plan": "premium"})
    merge = merge_customers(
        surviving=dave.conversation.contact, discarded=carol.conversation.contact, by=make_user("alice", brand)
    )
    settle()
    assert stands(carol) == ("running", 10)
    undo_merge(merge=merge, by=SYSTEM)
    settle()
    assert stands(carol) == ("running", 60)


def test_an_answer_in_time_keeps_the_promise(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60, next_reply=30)
    (ticket,) = wait_in_line(channel, "carol")
    assert stands(ticket) == ("running", 60)
    clock.shift(600)
    reply(ticket.conversation, make_user("alice", brand), "Hello")
    clock.shift(5)
    settle()
    assert stands(ticket) == ("kept", None)
    assert Promise.objects.get(metric="first_reply").ended_at == T0 + timedelta(minutes=10), "the answer's own moment"
    say(make_visitor(channel, browser_of("carol")), "And?")
    settle()
    assert stands(ticket, "next_reply") == ("running", 30 + 10 + 5 / 60)
    ticket.refresh_from_db()
    assert (ticket.sla_state, ticket.sla_due_at) == ("running", Promise.objects.get(metric="next_reply").due_at)
    kinds = [kind for metric, kind, _instance in rows(ticket) if metric == "first_reply"]
    assert kinds == ["activate", "apply_sla", "fulfill", "update_status"]


def test_bots_and_notes_fulfil_nothing(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60)
    (ticket,) = wait_in_line(channel, "carol")
    bot = Responder.objects.create(brand=brand, name="bot", kind=Responder.Kind.BOT)
    note(ticket.conversation, make_user("alice", brand), "Looking into it")
    content = {"type": "text", "text": "Somebody will be with you"}
    Conversation.objects.update(holder=bot)
    ticket.conversation.refresh_from_db()
    post_message(conversation=ticket.conversation, author=Author.bot(bot.name), content=content)
    settle()
    assert stands(ticket) == ("running", 60)


@pytest.mark.parametrize("is_first", [True, False])
def test_an_ai_agents_answer_counts_where_the_policy_says_so(
    brand: Brand, channel: Channel, clock: Any, is_first: bool
) -> None:
    if is_first:
        promise(brand, first_reply=60)
        SlaPolicy.objects.update(counts_ai_agents=True)
    (ticket,) = wait_in_line(channel, "carol")
    bot = Responder.objects.create(brand=brand, name="bot", kind=Responder.Kind.BOT)
    Conversation.objects.update(holder=bot)
    ticket.conversation.refresh_from_db()
    content = {"type": "text", "text": "Your order is on its way"}
    post_message(conversation=ticket.conversation, author=Author.bot(bot.name), content=content)
    settle()
    if not is_first:
        # Told from the log, as the first policy does.
        promise(brand, first_reply=60)
        SlaPolicy.objects.update(counts_ai_agents=True)
        sla.ask_reapply(brand.pk)
        sla.reapply(brand.pk)
        assert [kind for metric, kind, _n in rows(ticket) if metric == "first_reply"][-2:] == [
            "fulfill",
            "update_status",
        ]
        return
    assert stands(ticket) == ("kept", None)


def test_a_breach_is_said_once(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60)
    (ticket,) = wait_in_line(channel, "carol")
    for seconds in (3599, 1):
        clock.shift(seconds)
        assert sla.mark_breaches(datetime.now(UTC)) == 0
    clock.shift(1)
    assert sla.mark_breaches(datetime.now(UTC)) == 1
    assert sla.mark_breaches(datetime.now(UTC)) == 0
    assert broken() == [("first_reply", "All")]
    ticket.refresh_from_db()
    assert ticket.sla_state == "broken"
    clock.shift(60)
    reply(ticket.conversation, make_user("alice", brand), "Sorry!")
    settle()
    assert stands(ticket) == ("broken", 60) and broken() == [("first_reply", "All")]
    ticket.refresh_from_db()
    assert ticket.sla_state is None, "nothing is owed now"


@pytest.mark.parametrize(("minutes", "said"), [(30, 1), (60, 1), (90, 1), (180, 2)])
def test_a_broken_promise_is_news_again_only_where_another_held_meanwhile(
    brand: Brand, channel: Channel, clock: Any, minutes: int, said: int
) -> None:
    policy = promise(brand, first_reply=60)
    wait_in_line(channel, "carol")
    clock.shift(timedelta(hours=2))
    sla.mark_breaches(datetime.now(UTC))
    clock.shift(timedelta(minutes=10))
    SlaTarget.objects.filter(policy=policy).update(minutes=minutes)
    if minutes == 60:
        policy = promise(brand, name="Same", order=0, first_reply=60)
    sla.ask_reapply(brand.pk)
    sla.reapply(brand.pk)
    clock.shift(timedelta(hours=2))
    settle()
    sla.mark_breaches(datetime.now(UTC))
    assert len(broken()) == said
    assert Ticket.objects.get().sla_state == "broken"


def test_nothing_is_said_of_what_the_reader_has_not_read(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60)
    (ticket,) = wait_in_line(channel, "carol")
    clock.shift(3590)
    reply(ticket.conversation, make_user("alice", brand), "Just in time")
    clock.shift(600)
    assert sla.mark_breaches(datetime.now(UTC)) == 0
    settle()
    assert sla.mark_breaches(datetime.now(UTC)) == 0
    assert stands(ticket) == ("kept", None) and broken() == []


def test_an_answer_just_too_late_says_so_before_the_sweep(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60)
    (ticket,) = wait_in_line(channel, "carol")
    clock.shift(3601)
    reply(ticket.conversation, make_user("alice", brand), "Just too late")
    settle()
    assert stands(ticket) == ("broken", 60) and broken() == [("first_reply", "All")]


def test_pending_pauses_and_the_customer_has_it_go_on(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, requester_wait=60)
    (ticket,) = wait_in_line(channel, "carol")
    clock.shift(600)
    set_status(ticket=ticket, status="pending", by=SYSTEM)
    settle()
    ticket.refresh_from_db()
    assert stands(ticket, "requester_wait") == ("paused", None) and ticket.sla_state == "paused"
    clock.shift(6000)
    say(make_visitor(channel, browser_of("carol")), "Here")
    settle()
    assert stands(ticket, "requester_wait") == ("running", 160)


def test_solved_and_opened_again_goes_on(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, resolution=60, first_reply=5, next_reply=10)
    (ticket,) = wait_in_line(channel, "carol")
    clock.shift(60)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle()
    assert stands(ticket, "resolution") == ("kept", None)
    clock.shift(600)
    say(make_visitor(channel, browser_of("carol")), "It broke again")
    settle()
    assert stands(ticket, "resolution") == ("running", 70)
    assert stands(ticket, "next_reply") == ("running", 21)
    assert not broken()


def test_priority_and_tags_change_what_is_promised(brand: Brand, channel: Channel, clock: Any) -> None:
    vip = {"all": [{"field": "ticket.tags", "operator": "include_any", "value": ["vip"]}], "any": []}
    promise(brand, "VIP", vip, order=1, first_reply=5)
    promise(brand, "All", order=2, first_reply={"normal": 60, "urgent": 20})
    (ticket,) = wait_in_line(channel, "carol")
    assert stands(ticket) == ("running", 60)
    clock.shift(60)
    change_ticket(ticket=ticket, priority=4, by=SYSTEM)
    settle()
    assert stands(ticket) == ("running", 20)
    change_ticket(ticket=ticket, priority=1, by=SYSTEM)
    settle()
    ticket.refresh_from_db()
    assert Promise.objects.get(metric="first_reply").target_minutes is None and ticket.sla_state is None
    change_ticket(ticket=ticket, add_tag="vip", by=SYSTEM)
    settle()
    assert stands(ticket) == ("running", 5)
    assert Promise.objects.get(metric="first_reply").policy.name == "VIP"  # type: ignore[union-attr]  # it has one


def test_the_soonest_promise_orders_the_lane(brand: Brand, channel: Channel) -> None:
    promise(brand, first_reply={"normal": 60, "urgent": 10})
    configure(brand)
    first, second = wait_in_line(channel, "first", "second")
    change_ticket(ticket=second, priority=4, by=SYSTEM)
    settle()
    assert [row.ticket for row in Waiting.objects.order_by("due_at")] == [second, first]
    RoutingConfig.objects.update(ticket_sorting_prioritize_sla=False)
    change_ticket(ticket=first, priority=4, by=SYSTEM)
    settle()
    assert Waiting.objects.get(ticket=first).due_at == NEVER


def test_promises_are_rebuilt_from_their_events(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60, next_reply=10, periodic_update=20, requester_wait=90, resolution=600)
    (ticket,) = wait_in_line(channel, "carol")
    alice, carol = make_user("alice", brand), make_visitor(channel, browser_of("carol"))
    for minutes, does in enumerate(("reply", "say", "pending", "say", "reply", "reply", "hold", "solved", "say"), 7):
        clock.shift(minutes * 60)
        if does == "reply":
            reply(ticket.conversation, alice, "Hello")
        elif does == "say":
            say(carol, "Hello")
        else:
            set_status(ticket=ticket, status=does, by=SYSTEM)
        settle()
    before = state(ticket)
    assert len(before) > 8
    told = rows(ticket)
    Promise.objects.all().delete()
    sla.rebuild(ticket)
    assert state(ticket) == before and rows(ticket) == told


def test_a_first_policy_finds_the_story_in_the_log(brand: Brand, channel: Channel, clock: Any) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    (answered,) = wait_in_line(channel, "dave")
    clock.shift(60)
    reply(answered.conversation, make_user("alice", brand), "Hello")
    set_status(ticket=answered, status="pending", by=SYSTEM)
    settle()
    clock.shift(60)
    promise(brand, first_reply=60, agent_work=60)
    sla.ask_reapply(brand.pk)
    assert sla.brands_to_reapply() == [brand.pk]
    assert sla.reapply(brand.pk) == 2
    assert not Reapply.objects.exists() and sla.reapply(brand.pk) == 0
    assert stands(ticket) == ("running", 60)
    assert stands(answered)[0] == "kept" and stands(answered, "agent_work") == ("paused", None)
    assert broken() == []


def test_a_changed_policy_reaches_open_tickets_and_a_kill_loses_nothing(
    brand: Brand, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = promise(brand, first_reply=60)
    tickets = wait_in_line(channel, "one", "two", "three")
    SlaTarget.objects.filter(policy=policy).update(minutes=30)
    sla.ask_reapply(brand.pk)
    sla.ask_reapply(brand.pk)
    look_again, seen = sla._look_again, 0

    def once(ticket: Ticket) -> None:
        nonlocal seen
        seen += 1
        if seen == 2:
            raise KeyboardInterrupt
        look_again(ticket)

    monkeypatch.setattr(sla, "_look_again", once)
    with pytest.raises(KeyboardInterrupt):
        sla.reapply(brand.pk)
    assert [stands(ticket)[1] for ticket in tickets] == [30, 60, 60]
    assert sla.reapply(brand.pk) == 2, "the first is not done again"
    assert [stands(ticket)[1] for ticket in tickets] == [30, 30, 30]


def test_facts_told_twice_change_nothing(brand: Brand, channel: Channel, clock: Any) -> None:
    promise(brand, first_reply=60, next_reply=10, periodic_update=20)
    (ticket,) = wait_in_line(channel, "carol")
    clock.shift(60)
    reply(ticket.conversation, make_user("alice", brand), "Hello")
    clock.shift(60)
    say(make_visitor(channel, browser_of("carol")), "Thanks, and?")
    clock.shift(60)
    set_status(ticket=ticket, status="pending", by=SYSTEM)
    settle()
    before, told = state(ticket), rows(ticket)
    LogReader.objects.update(position=0)
    settle()
    assert state(ticket) == before and rows(ticket) == told
