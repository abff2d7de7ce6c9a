"""Merging tickets: one closes, the other goes on, and both say so."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from conversations.events import SYSTEM, Actor
from conversations.models import Channel, Event, Message, Role, User
from conversations.queries import viewer_of
from routing import queries
from routing.actions.agents import agent_of
from routing.actions.merging import merge_tickets
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import assign_ticket, set_status, take_ticket
from routing.errors import InvalidChange, TicketIsClosed
from routing.models import CustomField, SlaPolicy, SlaTarget, Ticket, Waiting
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say, signed_in
from tests.routing.cast import browser_of, configure, settle, wait_in_line
from tests.threads import in_threads

HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice(channel: Channel) -> User:
    return make_user("alice", channel.brand)


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


def notes(ticket: Ticket) -> list[str]:
    found = Message.objects.filter(conversation=ticket.conversation, audience="internal").order_by("seq")
    return [message.content["htmlText"] for message in found]


def test_the_source_closes_and_both_link_to_each_other(channel: Channel, alice: User) -> None:
    source, target = wait_in_line(channel, "carol", "dave")
    assert Waiting.objects.filter(ticket=source).exists()
    merge_tickets(source=source, target=target, by=agent_of(alice), note="Same <order>")
    source.refresh_from_db()
    target.refresh_from_db()
    assert (source.status, source.merged_into, target.status) == ("closed", target, "new")
    assert not Waiting.objects.filter(ticket=source).exists()
    assert f"/workspace/inbox/open/{target.conversation.public_id}/" in notes(source)[0]
    assert f"/workspace/inbox/open/{source.conversation.public_id}/" in notes(target)[0]
    assert "Same &lt;order&gt;" in notes(target)[0] and "Same" not in notes(source)[0]
    fact = Event.objects.get(type="ticket.merged")
    assert fact.payload == {"ticket": source.public_id, "into": target.public_id, "number": target.number}
    assert (fact.conversation_id, fact.actor_id) == (source.conversation_id, alice.public_id)


def test_promises_that_only_the_merge_ended_are_not_said_to_be_kept(
    page: Client, channel: Channel, alice: User
) -> None:
    policy = SlaPolicy.objects.create(brand=channel.brand, name="All")
    for metric in ("first_reply", "resolution"):
        SlaTarget.objects.create(policy=policy, metric=metric, priority=2, minutes=60)
    unanswered, answered, target = wait_in_line(channel, "carol", "dave", "erin")
    settle()
    reply(answered.conversation, alice, "Here you are")
    settle()
    for source in (unanswered, answered):
        source.refresh_from_db()
        assign_ticket(ticket=source, agent=agent_of(alice), by=SYSTEM)
        merge_tickets(source=source, target=target, by=agent_of(alice))
    settle()
    settle()
    shown = [
        page.get(f"/workspace/parts/ticket-panel/{each.conversation.public_id}/", headers=HTMX)
        for each in (unanswered, answered)
    ]
    unanswered.refresh_from_db()
    assert [each.metric for each in queries.promises_of(unanswered)] == []
    answered.refresh_from_db()
    assert [(each.metric, each.state) for each in queries.promises_of(answered)] == [("first_reply", "kept")]
    texts = [each.content.decode() for each in shown]
    assert "Kept" not in texts[0] and "Kept" in texts[1]
    assert "Why me?" in texts[0] and "Why them?" not in texts[0]


def test_the_next_word_in_the_source_opens_another_ticket(channel: Channel, alice: User) -> None:
    source, target = wait_in_line(channel, "carol", "dave")
    merge_tickets(source=source, target=target, by=agent_of(alice))
    settle()
    say(make_visitor(channel, "browser-of-customer-carol"), "And one more thing")
    settle()
    assert Ticket.objects.filter(conversation=source.conversation, is_open=True).exclude(pk=source.pk).exists()


@pytest.mark.parametrize(("status", "has_it"), [("online", True), ("away", True), ("offline", False)])
def test_who_goes_on_with_the_one_gets_what_comes_after_the_other(
    channel: Channel, alice: User, status: str, has_it: bool
) -> None:
    configure(channel.brand)
    source, target = wait_in_line(channel, "carol", "dave")
    agent = agent_of(alice)
    take_ticket(ticket=target, agent=agent, by=Actor.of_user(alice))
    merge_tickets(source=source, target=target, by=agent)
    set_agent_status(agent=agent, status=status, by=SYSTEM)
    say(make_visitor(channel, browser_of("carol")), "And the pegs?")
    settle()
    after = Ticket.objects.get(conversation=source.conversation, is_open=True)
    assert after.subject == "And the pegs?"
    assert (after.assignee == agent) == has_it
    assert Waiting.objects.filter(ticket=after).exists() != has_it


def test_what_cannot_be_merged(channel: Channel, alice: User) -> None:
    source, target, closed = wait_in_line(channel, "carol", "dave", "erin")
    set_status(ticket=closed, status="closed", by=SYSTEM)
    foreign = wait_in_line(make_channel(make_brand("other")), "frank")[0]
    agent = agent_of(alice)
    for wrong in (source, foreign):
        with pytest.raises(InvalidChange) as refused:
            merge_tickets(source=source, target=wrong, by=agent)
        assert refused.value.field == "target"
    for one, other in ((source, closed), (closed, source)):
        with pytest.raises(TicketIsClosed):
            merge_tickets(source=one, target=other, by=agent)
    with pytest.raises(InvalidChange):
        merge_tickets(source=source, target=target, by=agent, note="x" * 2001)
    assert not Ticket.objects.exclude(merged_into=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_into_each_other_close_one() -> None:
    channel = make_channel(make_brand())
    alice = agent_of(make_user("alice", channel.brand))
    one, other = wait_in_line(channel, "carol", "dave")

    def merge(number: int) -> None:
        source, target = (one, other) if number else (other, one)
        merge_tickets(source=source, target=target, by=alice)

    assert [type(error) for error in in_threads(2, merge)] == [TicketIsClosed]
    assert Ticket.objects.filter(status="closed").count() == 1


def test_targets_are_found_by_number_customer_and_subject(channel: Channel, alice: User) -> None:
    source, dave, closed = wait_in_line(channel, "carol", "dave", "erin")
    set_status(ticket=closed, status="closed", by=SYSTEM)
    dave.conversation.contact.name = "Dave Kim"
    dave.conversation.contact.terms = "dave kim"
    dave.conversation.contact.save()
    viewer = viewer_of(alice)
    for words in (str(dave.number), f"#{dave.number}", "Kim", "dave here"):
        assert queries.merge_targets(viewer, source, words) == [dave], words
    assert queries.merge_targets(viewer, source) == []
    assert queries.merge_targets(viewer, source, str(closed.number)) == []
    assert queries.merge_targets(viewer_of(make_user("charlie", make_brand("other"))), source, "Kim") == []


def test_the_dialog_asks_naming_both_before_it_merges(channel: Channel, page: Client) -> None:
    source, target = wait_in_line(channel, "carol", "dave")
    address = reverse("routing:merge", args=[source.conversation.public_id])
    assert b"Into which ticket" in page.get(address, headers=HTMX).content
    assert page.post(address, {"to": "x"}, headers=HTMX).status_code == 422
    asked = page.post(address, {"to": target.public_id, "note": "Same"}, headers=HTMX)
    assert f"Merge #{source.number} into #{target.number}?" in asked.content.decode()
    assert b"cannot be undone" in asked.content
    assert not Ticket.objects.filter(status="closed").exists()
    done = page.post(address, {"to": target.public_id, "sure": target.public_id, "note": "Same"}, headers=HTMX)
    assert done.status_code == 204
    assert "undo" not in json.loads(done.headers["HX-Trigger"])["told"]
    panel = page.get(reverse("routing:ticket_panel", args=[source.conversation.public_id]), headers=HTMX)
    assert b"Merged into" in panel.content


def test_who_may_not_solve_merges_nothing(channel: Channel) -> None:
    source, target = wait_in_line(channel, "carol", "dave")
    client = Client()
    client.force_login(make_user("rita", channel.brand, role=Role.LIGHT))
    address = reverse("routing:merge", args=[source.conversation.public_id])
    body = {"to": target.public_id, "sure": target.public_id}
    assert client.post(address, body, headers=HTMX).status_code == 403
    assert not Ticket.objects.filter(status="closed").exists()


def test_what_a_form_requires_is_asked_of_the_one_that_goes_on(channel: Channel, alice: User) -> None:
    CustomField.objects.create(brand=channel.brand, key="order", label="Order", is_required_to_solve=True)
    source, target = wait_in_line(channel, "carol", "dave")
    merge_tickets(source=source, target=target, by=agent_of(alice))
    source.refresh_from_db()
    assert source.status == "closed"
    with pytest.raises(InvalidChange):
        set_status(ticket=target, status="solved", by=Actor.of_user(alice))
