"""Work reaches who has room for it, the first first, on the real database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, Event, Identity, Session
from routing.actions import assignment, offers, waiting
from routing.actions.statuses import mark_absent, set_agent_status
from routing.actions.tickets import assign_ticket, change_ticket, release_ticket, set_status, take_ticket
from routing.actions.transfers import escalate_ticket, take_next, transfer_ticket
from routing.admin.assignment import AssignmentForm
from routing.errors import AlreadyTaken, InvalidChange, NothingWaits, OfferIsGone
from routing.models import (
    Agent,
    AgentSkill,
    CapacityRule,
    Decision,
    Group,
    Offer,
    Queue,
    QueueShare,
    RoutingConfig,
    Skill,
    SkillRule,
    SkillType,
    StatusSpell,
    Ticket,
    Waiting,
)
from routing.queries.explaining import why_agent, why_waiting
from tests.factories import make_channel, make_visitor, reply, say
from tests.routing.cast import browser_of, configure, holders, make_agent, settle, wait_in_line


def rule(brand: Brand, **given: int) -> CapacityRule:
    return CapacityRule.objects.create(brand=brand, name="All", is_default=True, **given)


def only(**row: object) -> dict[str, object]:
    return {"all": [row], "any": []}


def test_everybody_who_waits_has_a_place_whether_it_is_assigned_or_not(brand: Brand, channel: Channel) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    assert Waiting.objects.get().ticket == ticket
    assert assignment.assign(brand.pk) == 0, "nobody configured it"
    take_ticket(ticket=ticket, agent=make_agent("alice", brand), by=SYSTEM)
    assert not Waiting.objects.exists()
    release_ticket(ticket=ticket, by=SYSTEM)
    assert Waiting.objects.count() == 1
    set_status(ticket=ticket, status="pending", by=SYSTEM)
    assert not Waiting.objects.exists()


def test_first_come_first_served_up_to_what_fits(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=2)
    tickets = wait_in_line(channel, "a", "b", "c", "d", "e")
    make_agent("alice", brand)
    make_agent("bob", brand)
    assert assignment.assign(brand.pk) == 4
    assert sorted(holders(tickets)[:4]) == ["Alice", "Alice", "Bob", "Bob"]
    assert holders(tickets)[4] == ""
    set_status(ticket=tickets[0], status="solved", by=SYSTEM)
    assert assignment.assign(brand.pk) == 1
    assert holders(tickets)[4] == holders(tickets)[0]


def test_more_urgent_work_goes_first(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    first, urgent = wait_in_line(channel, "first", "urgent")
    change_ticket(ticket=urgent, priority=Ticket.Priority.URGENT, by=SYSTEM)
    make_agent("alice", brand)
    assignment.assign(brand.pk)
    assert holders([first, urgent]) == ["", "Alice"]


def test_hand_may_exceed_and_automatic_never(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    one, two, three = wait_in_line(channel, "one", "two", "three")
    alice = make_agent("alice", brand)
    assign_ticket(ticket=one, agent=alice, by=SYSTEM)
    assign_ticket(ticket=two, agent=alice, by=SYSTEM)
    assert assignment.assign(brand.pk) == 0
    set_status(ticket=one, status="solved", by=SYSTEM)
    assert assignment.assign(brand.pk) == 0, "two of one are one too many still"
    set_status(ticket=two, status="solved", by=SYSTEM)
    assert assignment.assign(brand.pk) == 1
    assert holders([three]) == ["Alice"]


@pytest.mark.parametrize(("silent_counts", "expected"), [(False, 1), (True, 0)])
def test_a_silent_chat_leaves_room_unless_it_counts(
    brand: Brand, channel: Channel, silent_counts: bool, expected: int
) -> None:
    configure(brand, messaging_activity_routing_enabled=silent_counts)
    rule(brand, max_messaging=1)
    make_agent("alice", brand)
    wait_in_line(channel, "one")
    assignment.assign(brand.pk)
    Session.objects.update(last_contact_at=timezone.now() - timedelta(hours=1))
    turn_sessions_inactive()
    wait_in_line(channel, "two")
    assert assignment.assign(brand.pk) == expected


def test_a_word_makes_a_silent_chat_count_again(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    make_agent("alice", brand)
    (one,) = wait_in_line(channel, "one")
    assignment.assign(brand.pk)
    Session.objects.update(last_contact_at=timezone.now() - timedelta(hours=1))
    turn_sessions_inactive()
    say(make_visitor(channel, browser_of("one")), "Still here")
    wait_in_line(channel, "two")
    assert Ticket.objects.get(pk=one.pk).is_active
    assert assignment.assign(brand.pk) == 0


def test_ended_session_frees_its_agent(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    make_agent("alice", brand)
    (one,) = wait_in_line(channel, "one")
    assignment.assign(brand.pk)
    end_session(conversation=one.conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    (two,) = wait_in_line(channel, "two")
    assignment.assign(brand.pk)
    assert holders([two]) == ["Alice"]


def test_work_enters_the_first_queue_it_meets(brand: Brand, channel: Channel) -> None:
    configure(brand)
    refunds, rest = Group.objects.create(brand=brand, name="Refunds"), Group.objects.create(brand=brand, name="Rest")
    queue = Queue.objects.create(
        brand=brand, name="Money", conditions=only(field="ticket.tags", operator="include_any", value=["refund"])
    )
    queue.primary_groups.add(refunds)
    make_agent("alice", brand, rest)
    (ticket,) = wait_in_line(channel, "carol")
    Ticket.objects.update(group=rest)
    change_ticket(ticket=ticket, add_tag="refund", by=SYSTEM)
    assert Waiting.objects.get().lane.queue == queue
    assert assignment.assign(brand.pk) == 0, "its own group does not matter any more"
    make_agent("bob", brand, refunds)
    assignment.assign(brand.pk)
    assert holders([ticket]) == ["Bob"]


def test_queue_of_smaller_priority_feeds_an_agent_first(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    make = Queue.objects.create
    tagged = only(field="ticket.tags", operator="include_any", value=["vip"])
    make(brand=brand, name="VIP", order=1, priority=10, conditions=tagged)
    make(brand=brand, name="All", order=2, priority=20)
    first, vip = wait_in_line(channel, "first", "vip")
    change_ticket(ticket=vip, add_tag="vip", by=SYSTEM)
    make_agent("alice", brand)
    assignment.assign(brand.pk)
    assert holders([first, vip]) == ["", "Alice"]


def test_shares_split_a_queue_the_same_way_each_time(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=100)
    queue = Queue.objects.create(brand=brand, name="All")
    for name in ("North", "South"):
        group = Group.objects.create(brand=brand, name=name)
        make_agent(name.lower(), brand, group)
        QueueShare.objects.create(queue=queue, percent=50).groups.add(group)
    tickets = wait_in_line(channel, *(f"c{n}" for n in range(30)))
    lanes = dict(Waiting.objects.values_list("ticket", "lane"))
    waiting.ask_requeue(brand.pk)
    assert waiting.requeue(brand.pk) == 30
    assert dict(Waiting.objects.values_list("ticket", "lane")) == lanes
    assignment.assign(brand.pk)
    got = holders(tickets)
    assert 5 < got.count("North") < 25
    assert got.count("North") + got.count("South") == 30


def test_required_skill_waits_for_who_holds_it_and_gives_up_in_time(brand: Brand, channel: Channel) -> None:
    configure(brand, skills_timeout_messaging=180)
    language = SkillType.objects.create(brand=brand, name="Language")
    korean = Skill.objects.create(type=language, name="Korean")
    SkillRule.objects.create(brand=brand, name="All").requires.add(korean)
    alice = make_agent("alice", brand)
    (ticket,) = wait_in_line(channel, "carol")
    since = Waiting.objects.get().eligible_at
    assert assignment.assign(brand.pk) == 0
    waiting.relax(brand.pk, since + timedelta(seconds=179.9))
    assert assignment.assign(brand.pk) == 0
    waiting.relax(brand.pk, since + timedelta(seconds=180))
    assert Waiting.objects.get().preferred == [korean.pk]
    assert assignment.assign(brand.pk) == 1
    release_ticket(ticket=ticket, by=SYSTEM)
    assert assignment.assign(brand.pk) == 0, "it needs it again"
    AgentSkill.objects.create(agent=alice, skill=korean)
    assert assignment.assign(brand.pk) == 1


def test_changed_configuration_places_what_waits_anew(brand: Brand, channel: Channel) -> None:
    wait_in_line(channel, "carol")
    queue = Queue.objects.create(brand=brand, name="New")
    waiting.ask_requeue(brand.pk)
    waiting.requeue(brand.pk)
    assert Waiting.objects.get().lane.queue == queue
    assert [event.payload["queue"] for event in Event.objects.filter(type="ticket.queued").order_by("pk")] == [
        "",
        "New",
    ]


def test_email_in_no_queue_needs_its_tag(brand: Brand, channel: Channel) -> None:
    configure(brand, autorouting_tag="route-me")
    make_agent("alice", brand)
    (ticket,) = wait_in_line(channel, "carol")
    Ticket.objects.update(channel_class="email")
    change_ticket(ticket=ticket, add_tag="other", by=SYSTEM)
    assert assignment.assign(brand.pk) == 0
    change_ticket(ticket=ticket, add_tag="route-me", by=SYSTEM)
    assert assignment.assign(brand.pk) == 1


def test_offers_go_round_and_are_never_lost(brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False, reassignment_messaging_timeout=30)
    agents = {name: make_agent(name, brand) for name in ("alice", "bob", "cleo")}
    (ticket,) = wait_in_line(channel, "carol")
    seen = []
    for _ in range(3):
        assert assignment.assign(brand.pk) == 1
        offer = Offer.objects.get(state="pending")
        seen.append(str(offer.agent))
        assert offers.expire_offers(offer.expires_at - timedelta(milliseconds=1)) == []
        assert len(offers.expire_offers(offer.expires_at)) == 1
    assert sorted(seen) == ["Alice", "Bob", "Cleo"]
    assert assignment.assign(brand.pk) == 1, "and round again"
    again = Offer.objects.get(state="pending")
    winner = again.agent
    loser = next(agent for agent in agents.values() if agent != winner)
    with pytest.raises(OfferIsGone):
        offers.accept_offer(ticket=ticket, agent=loser, by=SYSTEM)
    offers.accept_offer(ticket=ticket, agent=winner, by=Actor.of_user(winner.user))
    assert holders([ticket]) == [str(winner)]
    with pytest.raises(AlreadyTaken):
        offers.accept_offer(ticket=ticket, agent=loser, by=SYSTEM)
    assert not Waiting.objects.exists()


def test_an_offer_takes_room_until_it_is_answered(brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    rule(brand, max_messaging=1)
    alice = make_agent("alice", brand)
    one, two = wait_in_line(channel, "one", "two")
    assert assignment.assign(brand.pk) == 1
    assert assignment.assign(brand.pk) == 0
    offers.decline_offer(ticket=one, agent=alice, by=SYSTEM)
    assert assignment.assign(brand.pk) == 1
    assert Offer.objects.get(state="pending").ticket in {one, two}


def test_taken_by_hand_ends_its_offer(brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    make_agent("alice", brand)
    bob = make_agent("bob", brand, status="offline")
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    take_ticket(ticket=ticket, agent=bob, by=SYSTEM)
    assert Offer.objects.get().state == "withdrawn"


def test_an_offer_ends_where_the_work_goes_to_others(brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False, reassignment_messaging_enabled=False)
    support, billing, both = (Group.objects.create(brand=brand, name=name) for name in ("Support", "Billing", "Both"))
    alice, bob = make_agent("alice", brand, support, both), make_agent("bob", brand, billing)
    (ticket,) = wait_in_line(channel, "carol")
    change_ticket(ticket=ticket, group=support, by=SYSTEM)
    assignment.assign(brand.pk)
    change_ticket(ticket=ticket, group=both, by=SYSTEM)
    assert Offer.objects.get().state == "pending", "she has a part in it there too"
    change_ticket(ticket=ticket, group=billing, by=SYSTEM)
    with pytest.raises(OfferIsGone):
        offers.accept_offer(ticket=ticket, agent=alice, by=SYSTEM)
    assert assignment.assign(brand.pk) == 1
    assert Offer.objects.get(state="pending").agent == bob


def test_who_leaves_is_not_asked_any_more(brand: Brand, channel: Channel) -> None:
    configure(brand, auto_accept_messaging_enabled=False)
    alice = make_agent("alice", brand)
    wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    set_agent_status(agent=alice, status="away", by=SYSTEM)
    settle()
    assert Offer.objects.get().state == "withdrawn"
    bob = make_agent("bob", brand)
    assignment.assign(brand.pk)
    assert Offer.objects.get(state="pending").agent == bob


def test_work_of_who_leaves_goes_to_who_is_there(brand: Brand, channel: Channel) -> None:
    configure(
        brand,
        reassignment_agent_status_change_enabled=True,
        reassignment_agent_status_change_messaging_agent_statuses=["offline"],
        reassignment_agent_status_change_messaging_ticket_priorities=[3, 4],
    )
    alice = make_agent("alice", brand)
    high, low = wait_in_line(channel, "high", "low")
    change_ticket(ticket=high, priority=3, by=SYSTEM)
    assignment.assign(brand.pk)
    make_agent("bob", brand)
    set_agent_status(agent=alice, status="away", by=SYSTEM)
    settle()
    assert holders([high, low]) == ["Alice", "Alice"]
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    settle()
    assignment.assign(brand.pk)
    assert holders([high, low]) == ["Bob", "Alice"]


@pytest.mark.parametrize(("status", "keeps"), [("online", True), ("away", True), ("offline", False)])
def test_opened_again_while_its_agent_is_away(brand: Brand, channel: Channel, status: str, keeps: bool) -> None:
    configure(brand, reassignment_reopened_tickets_messaging_statuses=["offline"])
    alice = make_agent("alice", brand)
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    set_agent_status(agent=alice, status=status, by=SYSTEM)
    say(make_visitor(channel, browser_of("carol")), "One more thing")
    settle()
    assert holders([ticket]) == (["Alice"] if keeps else [""])
    assert Waiting.objects.exists() is not keeps


def test_statuses_are_kept_as_history(brand: Brand) -> None:
    alice = make_agent("alice", brand)
    set_agent_status(agent=alice, status="away", by=SYSTEM)
    set_agent_status(agent=alice, status="away", by=SYSTEM)
    spells = list(StatusSpell.objects.order_by("pk").values_list("status", "source"))
    assert spells == [("online", "manual"), ("away", "manual")]
    first, second = StatusSpell.objects.order_by("pk")
    assert (first.ended_at, second.ended_at) == (second.began_at, None)


def test_who_is_gone_or_idle_becomes_so_at_the_limit(brand: Brand) -> None:
    configure(brand, disconnect_after_seconds=60, idle_after_minutes=5, idle_status="away")
    gone, idle = make_agent("gone", brand), make_agent("idle", brand)
    now = timezone.now()
    type(gone.user).objects.filter(pk=gone.user_id).update(seen_at=now, active_at=now)
    later = now + timedelta(minutes=5)
    type(gone.user).objects.filter(pk=idle.user_id).update(seen_at=later, active_at=now)
    assert mark_absent(now + timedelta(seconds=60)) == 0
    assert mark_absent(now + timedelta(seconds=61)) == 1
    assert Agent.objects.get(pk=gone.pk).status == "offline"
    assert mark_absent(later) == 0
    assert mark_absent(later + timedelta(seconds=1)) == 1
    assert Agent.objects.get(pk=idle.pk).status == "away"
    assert set(StatusSpell.objects.filter(ended_at=None).values_list("source", flat=True)) == {"disconnect", "idle"}


def test_passing_on_to_agent_group_and_queue(brand: Brand, channel: Channel) -> None:
    configure(brand)
    group, above = Group.objects.create(brand=brand, name="Second"), Group.objects.create(brand=brand, name="Third")
    Group.objects.filter(pk=group.pk).update(escalates_to=above)
    queue = Queue.objects.create(
        brand=brand, name="Never by itself", conditions=only(field="ticket.subject", operator="is", value="?!")
    )
    queue.primary_groups.add(above)
    alice, bob = make_agent("alice", brand), make_agent("bob", brand, group, status="transfers_only")
    (ticket,) = wait_in_line(channel, "carol")
    assignment.assign(brand.pk)
    transfer_ticket(ticket=ticket, by=alice, to_agent=bob, note="Please call them")
    assert holders([ticket]) == ["Bob"]
    assert ticket.conversation.messages.order_by("-seq").first().content["text"] == "Please call them"  # type: ignore[union-attr]
    transfer_ticket(ticket=ticket, by=bob, to_group=group)
    assert Waiting.objects.get().lane.primary == [group.pk]
    escalate_ticket(ticket=ticket, by=alice)
    assert Waiting.objects.get().lane.primary == [above.pk]
    transfer_ticket(ticket=ticket, by=alice, to_queue=queue)
    assert Waiting.objects.get().lane.queue == queue
    with pytest.raises(InvalidChange):
        transfer_ticket(ticket=ticket, by=alice)
    with pytest.raises(InvalidChange):
        escalate_ticket(ticket=ticket, by=alice)


def test_taking_the_next_one(brand: Brand, channel: Channel) -> None:
    group = Group.objects.create(brand=brand, name="Other")
    alice = make_agent("alice", brand, status="offline")
    first, second, others = wait_in_line(channel, "first", "second", "others")
    change_ticket(ticket=others, group=group, by=SYSTEM)
    assert take_next(agent=alice, brand_id=brand.pk) == first
    assert take_next(agent=alice, brand_id=brand.pk) == second
    with pytest.raises(NothingWaits):
        take_next(agent=alice, brand_id=brand.pk)


def test_why_it_waits_names_every_candidate(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    group = Group.objects.create(brand=brand, name="Refunds")
    make_agent("alice", brand, group)
    make_agent("bob", brand)
    make_agent("cleo", brand, group, status="away")
    one, two = wait_in_line(channel, "one", "two")
    for ticket in (one, two):
        change_ticket(ticket=ticket, group=group, by=SYSTEM)
    assignment.assign(brand.pk)
    why = why_waiting(two, timezone.now())
    assert why is not None
    assert {str(each.agent): each.reason for each in why.candidates} == {
        "Alice": "no_room",
        "Bob": "not_in_group",
        "Cleo": "status",
    }
    assert (why.need.groups, why.ahead, why.is_automatic) == (["Refunds"], 0, True)
    told = why_agent(one)
    assert told is not None
    assert [(str(each.agent), each.reason) for each in told.candidates] == [
        ("Alice", None),
        ("Bob", "not_in_group"),
        ("Cleo", "status"),
    ]


def test_a_decision_told_again_does_not_change_with_the_present(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=2)
    alice, bob = make_agent("alice", brand), make_agent("bob", brand)
    tickets = wait_in_line(channel, "a", "b", "c")
    assignment.assign(brand.pk)
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    for ticket in tickets:
        why, decision = why_agent(ticket), Decision.objects.get(ticket=ticket)
        assert why is not None
        (chosen,) = [each.agent for each in why.candidates if each.reason is None]
        assert chosen == decision.agent
    assert {decision.agent for decision in Decision.objects.all()} == {alice, bob}


def test_answering_does_not_make_it_wait_again(brand: Brand, channel: Channel) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    alice = make_agent("alice", brand)
    take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    reply(ticket.conversation, alice.user, "Hello")
    settle()
    assert not Waiting.objects.exists()


def test_a_form_for_a_new_brand_begins_with_what_its_row_would_be() -> None:
    fresh = RoutingConfig()
    for name in ("idle_status", "disconnect_status"):
        assert AssignmentForm.base_fields[name].initial == getattr(fresh, name)


def test_a_customer_who_left_the_site_leaves_room(brand: Brand, channel: Channel) -> None:
    configure(brand)
    rule(brand, max_messaging=1)
    make_agent("alice", brand)
    one, two = wait_in_line(channel, "one", "two")
    assert assignment.assign(brand.pk) == 1
    Session.objects.update(last_contact_at=timezone.now() - timedelta(seconds=90))
    Identity.objects.filter(contact__conversations__tickets=one).update(left_at=timezone.now() - timedelta(seconds=61))
    assert turn_sessions_inactive() == 1
    settle()
    assert assignment.assign(brand.pk) == 1
    assert holders([one, two]) == ["Alice", "Alice"]


def test_who_passes_work_on_is_offered_it_after_the_others(brand: Brand) -> None:
    configure(brand)
    rule(brand, max_messaging=5)
    channel, above = make_channel(brand), Group.objects.create(brand=brand, name="Orders")
    # Alice would be first by every other measure.
    alice = make_agent("alice", brand, above)
    ticket = wait_in_line(channel, "carol")[0]
    assign_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    bob = make_agent("bob", brand, above)
    for name in "ab":
        assign_ticket(ticket=wait_in_line(channel, name)[0], agent=bob, by=SYSTEM)
    transfer_ticket(ticket=ticket, by=alice, to_group=above)
    assert Waiting.objects.get(ticket=ticket).passed_by == alice
    assignment.assign(brand.pk)
    assert holders([ticket]) == ["Bob"]
    transfer_ticket(ticket=ticket, by=bob, to_group=above)
    set_agent_status(agent=alice, status="offline", by=SYSTEM)
    assignment.assign(brand.pk)
    assert holders([ticket]) == ["Bob"], "nobody else is there"
