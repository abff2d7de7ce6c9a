"""Triggers: what they answer, in which order, how often, and how circles end."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.actions.sessions import end_session
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Event, Message, Session, User
from conversations.queries import thread
from conversations.workspace.lines import rows_of
from routing.actions import firing as work
from routing.actions.agents import agent_of
from routing.actions.firing import remember, run_triggers
from routing.actions.rules import save_rule
from routing.actions.tickets import assign_ticket, change_ticket, set_status, take_ticket
from routing.errors import InvalidChange
from routing.models import Cause, Firing, Group, Queue, Rule, Ticket, Trigger
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_trigger, outcomes, settle_rules, when

CHANGED = "ticket.changed"


@pytest.fixture
def alice(brand: Brand) -> User:
    return make_user("alice", brand)


@pytest.fixture
def ticket(brand: Brand) -> Ticket:
    found = wait_in_line(make_channel(brand), "carol")[0]
    settle()
    return found


def add(*tags: str) -> dict[str, Any]:
    return {"do": "add_tags", "value": list(tags)}


def drop(*tags: str) -> dict[str, Any]:
    return {"do": "remove_tags", "value": list(tags)}


def tag(ticket: Ticket, *tags: str) -> Ticket:
    change_ticket(ticket=ticket, tags=list(tags), by=SYSTEM)
    settle_rules()
    ticket.refresh_from_db()
    return ticket


def test_every_step_is_done_and_said_in_one_line(brand: Brand, alice: User) -> None:
    money = Group.objects.create(brand=brand, name="Money")
    chiefs = Group.objects.create(brand=brand, name="Chiefs")
    Group.objects.filter(pk=money.pk).update(escalates_to=chiefs)
    agent_of(alice)
    queue = Queue.objects.create(brand=brand, name="Repairs")
    make_trigger(
        brand,
        "Refund to Money",
        ["ticket.opened"],
        [when("conversation.last_message", "contains", "carol")],
        {"do": "set_status", "value": "open"},
        {"do": "set_priority", "value": "urgent"},
        {"do": "set_group", "value": money.public_id},
        add("refund"),
        {"do": "send_message", "text": "Hello {{customer.name|there}}, #{{ticket.number}}"},
        {"do": "write_note", "text": "Look here"},
        {"do": "notify", "value": alice.public_id, "text": "You too"},
        {"do": "escalate"},
        {"do": "pass_to_queue", "value": str(queue.pk)},
        {"do": "set_assignee", "value": alice.public_id},
        {"do": "end_session"},
        {"do": "snooze", "value": 60},
    )
    ticket = wait_in_line(make_channel(brand), "carol")[0]
    settle_rules()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority, ticket.group, ticket.tags) == ("open", 4, chiefs, ["refund"])
    assert (ticket.sent_to, ticket.assignee, ticket.session_ended) == (queue, agent_of(alice), True)
    assert ticket.snoozed_until
    written = list(Message.objects.filter(author_kind="system").order_by("seq"))
    assert [(each.audience, each.content["text"]) for each in written] == [
        ("public", f"Hello there, #{ticket.number}"),
        ("internal", "Look here"),
        ("internal", "You too"),
    ]
    assert list(written[2].mentions.all()) == [alice]
    firing = Firing.objects.get()
    assert firing.outcome == "done" and not [step for step in firing.steps if "why" in step]
    assert Rule.objects.get().firings_count == 1
    lines = [
        str(row.line.text)
        for row in rows_of(ticket.conversation, thread(ticket.conversation, internal=True))
        if row.line
    ]
    said = [line for line in lines if "Refund to Money" in line]
    assert len(said) == 1 and "set the priority to Urgent; set the group to Money; add tags: refund" in said[0]
    assert not [line for line in lines if "Someone" in line or ("Alice" in line and line != said[0])]
    assert {row.actor_kind for row in Event.objects.filter(type__in=["ticket.assigned", "ticket.snoozed"])} == {"rule"}


def test_each_occasion_is_heard(brand: Brand, alice: User) -> None:
    occasions = [
        *("conversation.requested", "ticket.opened", "message.from_customer", "message.from_agent", "ticket.queued"),
        *("ticket.assigned", "ticket.status_changed", "ticket.changed", "session.ended"),
    ]
    for name in occasions:
        make_trigger(brand, name, [name], [], {"do": "write_note", "text": name})
    agent = agent_of(alice)
    ticket = wait_in_line(make_channel(brand), "carol")[0]
    settle_rules()
    first = {"conversation.requested", "ticket.opened", "message.from_customer", "ticket.queued"}
    assert {name for name, _ in outcomes()} == first
    take_ticket(ticket=ticket, agent=agent, by=Actor.of_user(alice))
    reply(ticket.conversation, alice, "Hello")
    settle_rules()
    set_status(ticket=ticket, status="pending", by=SYSTEM)
    change_ticket(ticket=ticket, priority=4, by=SYSTEM)
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    settle_rules()
    assert {name for name, _ in outcomes()} == set(occasions)


def test_conversation_is_requested_again_when_solved_work_comes_back(ticket: Ticket, brand: Brand) -> None:
    make_trigger(brand, "Again", ["conversation.requested"], [], add("again"))
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle_rules()
    assert outcomes() == []
    set_status(ticket=ticket, status="open", by=SYSTEM)
    settle_rules()
    assert outcomes() == [("Again", "done")]


def test_order_restart_and_once_a_pass(brand: Brand, ticket: Ticket) -> None:
    """The first holds only after the second did something: the pass begins anew, and neither is done twice."""
    make_trigger(brand, "First", [CHANGED], [when("ticket.tags", "include_any", ["second"])], add("first"))
    make_trigger(brand, "Second", [CHANGED], [when("ticket.tags", "include_any", ["go"])], add("second"))
    assert tag(ticket, "go").tags == ["go", "second", "first"]
    assert outcomes() == [("Second", "done"), ("First", "done")]


def test_one_that_is_off_of_another_brand_or_has_nothing_to_do_is_not_done(brand: Brand, ticket: Ticket) -> None:
    off = make_trigger(brand, "Off", [CHANGED], [], add("x"))
    Rule.objects.filter(pk=off.pk).update(is_active=False)
    make_trigger(make_brand("other"), "Theirs", [CHANGED], [], add("x"))
    make_trigger(brand, "Same", [CHANGED], [], add("go"))
    tag(ticket, "go")
    assert outcomes() == []


def test_nothing_after_closed(brand: Brand, ticket: Ticket) -> None:
    close = {"do": "set_status", "value": "closed"}
    make_trigger(brand, "Close", [CHANGED], [], close)
    make_trigger(brand, "After", [CHANGED, "ticket.status_changed"], [], {"do": "write_note", "text": "late"})
    tag(ticket, "go")
    assert ticket.status == "closed" and outcomes() == [("Close", "done")]


def test_circle_is_cut_recorded_and_shows_its_chain(brand: Brand, ticket: Ticket) -> None:
    """x becomes y by one fact, y becomes x by the next, and so on for ever."""
    make_trigger(brand, "There", [CHANGED], [when("ticket.tags", "include_any", ["x"])], drop("x"), add("y"))
    make_trigger(
        brand,
        "Back",
        ["ticket.status_changed"],
        [when("ticket.tags", "include_any", ["y"])],
        drop("y"),
        add("x"),
        {"do": "set_status", "value": "open"},
    )
    make_trigger(
        brand,
        "Between",
        [CHANGED],
        [when("ticket.tags", "include_any", ["y"])],
        {"do": "set_status", "value": "hold"},
    )
    tag(ticket, "x")
    assert [each for each in outcomes() if each[1] == "done"] == [
        ("There", "done"),
        ("Between", "done"),
        ("Back", "done"),
    ]
    cut = Firing.objects.filter(outcome="cut").order_by("pk")[0]
    assert cut.rule.name == "There"
    # The whole circle, also what closed it, which the fact itself did not follow from.
    assert [link["name"] for link in cut.chain] == ["There", "Between", "Back", "There"]


def test_rule_that_hears_itself_is_no_circle(brand: Brand, ticket: Ticket) -> None:
    make_trigger(brand, "Vip", [CHANGED], [], add("vip"), {"do": "write_note", "text": "A vip"})
    tag(ticket, "go")
    assert outcomes() == [("Vip", "done")]
    assert Message.objects.filter(author_kind="system").count() == 1


def test_queue_that_follows_from_a_rule_belongs_to_its_pass(brand: Brand, ticket: Ticket) -> None:
    """The fact that it was queued is the system's, made while the rule works: a circle through it is one too."""
    one, two = (Queue.objects.create(brand=brand, name=name) for name in ("One", "Two"))
    for name, at, to in (("To two", one, two), ("To one", two, one)):
        Queue.objects.filter(pk=at.pk).update(
            conditions={"all": [when("ticket.tags", "include_any", [at.name.lower()])]}
        )
        tags = {"do": "set_tags", "value": [to.name.lower()]}
        make_trigger(brand, name, ["ticket.queued"], [when("ticket.tags", "include_any", [at.name.lower()])], tags)
    tag(ticket, "one")
    assert sorted(outcomes()[:2]) == [("To one", "done"), ("To two", "done")]
    assert Firing.objects.filter(outcome="done").count() == 2 and Firing.objects.filter(outcome="cut").exists()


def test_chain_that_is_too_deep_is_cut(brand: Brand, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MAX_DEPTH", 3)
    tagged, status = "ticket.tags", "ticket.status_changed"
    make_trigger(brand, "r0", [CHANGED], [when(tagged, "include_any", ["t0"])], {"do": "set_status", "value": "hold"})
    make_trigger(brand, "r1", [status], [when("ticket.status", "is", "hold")], add("t1"))
    make_trigger(
        brand,
        "r2",
        ["session.ended", CHANGED],
        [when(tagged, "include_any", ["t1"])],
        drop("t0"),
        {"do": "set_status", "value": "pending"},
    )
    make_trigger(brand, "r3", [status], [when("ticket.status", "is", "pending")], add("t3"))
    assert tag(ticket, "t0").tags == ["t1"]
    assert outcomes() == [("r0", "done"), ("r1", "done"), ("r2", "done"), ("r3", "cut")]
    assert [link["name"] for link in Firing.objects.get(outcome="cut").chain] == ["r0", "r1", "r2", "r3"]


def test_one_that_something_outside_answers_ends_too(
    brand: Brand, ticket: Ticket, monkeypatch: pytest.MonkeyPatch, alice: User
) -> None:
    monkeypatch.setattr(work, "MOST_FIRINGS", 3)
    make_trigger(brand, "Nobody", ["ticket.assigned"], [], {"do": "set_assignee", "value": "none"})
    for _ in range(6):
        assign_ticket(ticket=ticket, agent=agent_of(alice), by=SYSTEM)
        settle_rules()
    assert [outcome for _, outcome in outcomes()] == ["done", "done", "done", "cut"]


def test_failing_rule_is_recorded_and_stops_nothing(
    brand: Brand, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_trigger(brand, "Bad", [CHANGED], [], add("half"), {"do": "write_note", "text": "x"})
    make_trigger(brand, "Good", [CHANGED], [], add("good"))

    def broken(*_args: Any) -> None:
        raise InvalidChange("No.", field="text")

    monkeypatch.setattr("routing.actions.steps._write", broken)
    assert tag(ticket, "go").tags == ["go", "good"]
    assert outcomes() == [("Bad", "failed"), ("Good", "done")]
    bad = Rule.objects.get(name="Bad")
    assert (bad.last_error, bad.firings_count) == ("No.", 0) and bad.last_error_at
    assert Firing.objects.get(rule=bad).error == "No."


def test_told_twice_is_done_once(brand: Brand, ticket: Ticket) -> None:
    make_trigger(brand, "Note", [CHANGED], [], {"do": "write_note", "text": "x"})
    tag(ticket, "go")
    event = Event.objects.filter(type=CHANGED).order_by("-pk")[0]
    remember(event, [CHANGED])
    remember(event, [CHANGED])
    assert Cause.objects.count() == 1
    run_triggers()
    assert outcomes() == [("Note", "done")] and not Cause.objects.exists()


def test_step_that_cannot_be_done_now_is_left_out_and_said(brand: Brand, ticket: Ticket) -> None:
    gone = Group.objects.create(brand=brand, name="Gone")
    make_trigger(
        brand,
        "Solved",
        ["ticket.status_changed"],
        [when("ticket.status", "is", "solved")],
        {"do": "set_priority", "value": "low"},
        {"do": "set_status", "value": "open"},
        {"do": "set_group", "value": gone.public_id},
        add("back"),
    )
    gone.delete()
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle_rules()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.tags) == ("open", ["back"])
    assert [step.get("why") for step in Firing.objects.get().steps] == ["solved", None, "gone", None]


def test_brand_without_rules_pays_one_query_a_fact(brand: Brand, ticket: Ticket) -> None:
    change_ticket(ticket=ticket, tags=["go"], by=SYSTEM)
    settle()
    event = Event.objects.filter(type=CHANGED).order_by("-pk")[0]
    with CaptureQueriesContext(connection) as counted:
        remember(event, [CHANGED])
    assert len(counted) == 1
    make_trigger(brand, "Else", ["session.ended"], [], add("x"))
    with CaptureQueriesContext(connection) as counted:
        remember(event, [CHANGED])
    assert len(counted) == 1


def test_pass_costs_the_same_with_one_rule_and_with_twenty_that_do_not_hold(brand: Brand, ticket: Ticket) -> None:
    def cost() -> int:
        change_ticket(ticket=ticket, priority=4 if ticket.priority != 4 else 1, by=SYSTEM)
        ticket.refresh_from_db()
        settle()
        with CaptureQueriesContext(connection) as counted:
            run_triggers()
        return len(counted)

    make_trigger(brand, "r", [CHANGED], [when("ticket.tags", "include_any", ["never"])], add("x"))
    one = cost()
    for n in range(20):
        make_trigger(brand, f"r{n}", [CHANGED], [when("ticket.tags", "include_any", ["never"])], add("x"))
    assert cost() == one


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "Twice"}, "name"),
        ({"events": []}, "events"),
        ({"events": ["ticket.exploded"]}, "events"),
        ({"conditions": {"all": [when("ticket.nothing", "is", "x")]}}, "all.0.field"),
        ({"steps": []}, "steps"),
        ({"steps": [add("x")] * 21}, "steps"),
        ({"steps": [{"do": "explode"}]}, "steps.0.do"),
        ({"steps": [add("x"), add()]}, "steps.1.value"),
        ({"steps": [add("x" * 41)]}, "steps.0.value"),
        ({"steps": [{"do": "set_group", "value": "0" * 24}]}, "steps.0.value"),
        ({"steps": [{"do": "set_assignee", "value": "0" * 24}]}, "steps.0.value"),
        ({"steps": [{"do": "set_status", "value": "new"}]}, "steps.0.value"),
        ({"steps": [{"do": "snooze", "value": 0}]}, "steps.0.value"),
        ({"steps": [{"do": "send_message", "text": "x" * 4001}]}, "steps.0.text"),
        ({"steps": [{"do": "send_message", "text": "{{nobody}}"}]}, "steps.0.text"),
        ({"steps": [{"do": "write_note"}]}, "steps.0.text"),
    ],
)
def test_what_is_no_rule_is_refused_by_its_field(brand: Brand, given: dict[str, Any], field: str) -> None:
    make_trigger(brand, "Twice", [CHANGED], [], add("x"))
    rule = Trigger(brand=brand, **{"name": "One", "events": [CHANGED], "steps": [add("x")], **given})
    with pytest.raises(InvalidChange) as refused:
        save_rule(rule=rule, by=SYSTEM)
    assert refused.value.field == field
    assert Rule.objects.count() == 1


TAGS = st.sampled_from(["a", "b", "c"])
CONDITION = st.one_of(
    st.builds(lambda how, tag: when("ticket.tags", how, [tag]), st.sampled_from(["include_any", "include_none"]), TAGS),
    st.builds(
        lambda how, value: when("ticket.status", how, value),
        st.sampled_from(["is", "is_not"]),
        st.sampled_from(["open", "pending", "solved"]),
    ),
)
STEP = st.one_of(
    st.builds(
        lambda do, tag: {"do": do, "value": [tag]}, st.sampled_from(["add_tags", "remove_tags", "set_tags"]), TAGS
    ),
    st.builds(
        lambda value: {"do": "set_status", "value": value},
        st.sampled_from(["open", "pending", "hold", "solved", "closed"]),
    ),
    st.builds(lambda value: {"do": "set_priority", "value": value}, st.sampled_from(["low", "urgent"])),
    st.just({"do": "write_note", "text": "x"}),
)
RULES = st.lists(
    st.tuples(
        st.lists(st.sampled_from([CHANGED, "ticket.status_changed", "ticket.queued"]), min_size=1, max_size=3),
        st.lists(CONDITION, max_size=2),
        st.lists(STEP, min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=RULES, changes=st.lists(TAGS, min_size=1, max_size=2))
def test_random_rules_and_changes_always_end(brand: Brand, rules: list[Any], changes: list[str]) -> None:
    Rule.objects.all().delete()
    Firing.objects.all().delete()
    Ticket.objects.all().delete()
    channel = brand.channels.first() or make_channel(brand)
    ticket = wait_in_line(channel, "carol")[0]
    for n, (events, rows, steps) in enumerate(rules):
        make_trigger(brand, f"r{n}", events, rows, *steps)
    for each in changes:
        ticket.refresh_from_db()
        if not ticket.is_open:
            break
        change_ticket(ticket=ticket, add_tag=each, by=SYSTEM)
        settle_rules()
    passes = Firing.objects.filter(outcome="done").values_list("pass_id", "rule")
    assert len(passes) == len(set(passes))


def test_customer_and_agent_are_told_apart(brand: Brand, alice: User) -> None:
    make_trigger(brand, "Customer", ["message.from_customer"], [], add("asked"))
    make_trigger(brand, "Agent", ["message.from_agent"], [], add("answered"))
    carol = make_visitor(make_channel(brand))
    conversation = say(carol, "Hello?").message.conversation
    settle_rules()
    assert Ticket.objects.get().tags == ["asked"]
    reply(conversation, alice, "Hello!")
    settle_rules()
    assert Ticket.objects.get().tags == ["asked", "answered"]
