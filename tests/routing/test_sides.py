"""Side conversations: asked by email or by a ticket of another group, and answered beside the ticket."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.events import SYSTEM
from conversations.models import Channel, Conversation, Event, Message, Role, User
from conversations.queries import overview
from routing import queries
from routing.actions.ratings import save_survey
from routing.actions.sides import close_side, open_side, receive_side_message, reply_to_side, reply_token
from routing.actions.tickets import set_status
from routing.errors import InvalidChange
from routing.models import Group, Rating, SideConversation, SideMessage, Survey, Ticket
from tests.factories import make_brand, make_user, reply
from tests.routing.cast import settle, wait_in_line

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return wait_in_line(channel, "carol")[0]


@pytest.fixture
def alice(channel: Channel) -> User:
    return make_user("alice", channel.brand)


@pytest.fixture
def bob(channel: Channel) -> User:
    return make_user("bob", channel.brand)


@pytest.fixture
def depot(channel: Channel) -> Group:
    return Group.objects.create(brand=channel.brand, name="Depot")


def ask(ticket: Ticket, by: User, **given: Any) -> SideConversation:
    return open_side(ticket=ticket, subject="Poles", text="Are there poles?", by=by, **given)


def said(side: SideConversation) -> list[tuple[str, str, bool]]:
    return list(side.messages.order_by("pk").values_list("sender", "text", "is_answer"))


def test_email_waits_to_be_sent_and_answers_come_back_once(ticket: Ticket, alice: User) -> None:
    side = ask(ticket, alice, participants=["Supplier@Example.test", "supplier@example.test", ""])
    assert side.participants == ["supplier@example.test"]
    assert SideMessage.objects.get().state == "waiting"
    close_side(side=side, by=alice)
    for _twice in range(2):
        receive_side_message(token=reply_token(side), sender="New@Example.test", text="Yes", external_id="<1@x>")
    side.refresh_from_db()
    assert said(side) == [("Alice", "Are there poles?", False), ("new@example.test", "Yes", True)]
    assert (side.state, side.has_news) == ("open", True)
    assert side.participants == ["supplier@example.test", "new@example.test"]
    facts = [event.type for event in Event.objects.filter(type__startswith="side.").order_by("pk")]
    assert facts == ["side.opened", "side.closed", "side.replied"]
    # The customer has one message in one conversation, as before.
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"token": "x"}, "token"),
        ({"sender": "nobody"}, "sender"),
        ({"text": " "}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"external_id": ""}, "external_id"),
    ],
)
def test_what_is_no_answer_is_refused(ticket: Ticket, alice: User, given: dict[str, str], field: str) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    right = {"token": reply_token(side), "sender": "a@example.test", "text": "Yes", "external_id": "<1@x>"}
    with pytest.raises(InvalidChange) as refused:
        receive_side_message(**(right | given))
    assert refused.value.field == field
    assert SideMessage.objects.count() == 1


def test_another_group_is_asked_by_a_ticket_and_its_answer_flows_back(
    ticket: Ticket, alice: User, bob: User, depot: Group
) -> None:
    side = ask(ticket, alice, group=depot)
    settle()
    child = Ticket.objects.exclude(pk=ticket.pk).get()
    assert side.child == child
    assert (child.group, child.subject, child.channel_class, child.is_open) == (depot, "Poles", "email", True)
    assert child.conversation.contact.name == "Alice"
    reply(child.conversation, bob, "Seven.")
    reply(child.conversation, bob, "for us only", audience=Message.Audience.INTERNAL)
    settle()
    settle()
    assert said(side) == [("Alice", "Are there poles?", False), ("Bob", "Seven.", True)]
    reply_to_side(side=side, text="Keep one", by=bob)
    settle()
    told = child.conversation.messages.filter(audience="public").order_by("seq")
    assert [message.content["text"] for message in told] == ["Are there poles?", "Seven.", "Keep one"]
    assert Ticket.objects.count() == 2
    # The customer's own devices list what they listed before.
    assert [own.conversation for own in overview(ticket.conversation.contact).conversations] == [ticket.conversation]


def test_an_agent_who_asks_is_not_asked_to_rate(ticket: Ticket, alice: User, bob: User, depot: Group) -> None:
    save_survey(survey=Survey(brand=ticket.brand, is_on=True, when="solved", scale=5), by=SYSTEM)
    side = ask(ticket, alice, group=depot)
    assert side.child is not None
    reply(side.child.conversation, bob, "Seven.")
    settle()
    set_status(ticket=side.child, status="solved", by=SYSTEM)
    settle()
    assert not Rating.objects.exists()


def test_a_closed_ticket_can_be_asked_about(ticket: Ticket, alice: User) -> None:
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    assert ask(ticket, alice, participants=["supplier@example.test"]).state == "open"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 161}, "subject"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4097}, "text"),
        ({"participants": []}, "participants"),
        ({"participants": ["nobody"]}, "participants"),
        ({"participants": [f"a{n}@example.test" for n in range(101)]}, "participants"),
    ],
)
def test_a_question_within_its_limits(ticket: Ticket, alice: User, given: dict[str, Any], field: str) -> None:
    right = {"subject": "Poles", "text": "Any?", "participants": ["supplier@example.test"]}
    with pytest.raises(InvalidChange) as refused:
        open_side(ticket=ticket, by=alice, **(right | given))
    assert refused.value.field == field
    assert not SideConversation.objects.exists()


def test_another_brands_group_is_refused(ticket: Ticket, alice: User) -> None:
    foreign = Group.objects.create(brand=make_brand("other"), name="Depot")
    with pytest.raises(InvalidChange) as refused:
        ask(ticket, alice, group=foreign)
    assert refused.value.field == "group"
    assert Conversation.objects.count() == 1


def test_agents_open_read_answer_and_close_it_in_the_workspace(ticket: Ticket, alice: User, depot: Group) -> None:
    page = Client(headers=HTMX)
    page.force_login(alice)
    new = reverse("routing:side_new", args=[ticket.conversation.public_id])
    assert b"sent when email is set up" in page.get(new).content
    bad = page.post(new, {"kind": "email", "participants": "nobody", "subject": "Poles", "text": "Any?"})
    assert bad.status_code == 422 and b"is not an email address" in bad.content and b"Any?" in bad.content
    assert (
        page.post(new, {"kind": "ticket", "group": depot.public_id, "subject": "P", "text": "Any?"}).status_code == 204
    )
    mail = {"kind": "email", "participants": "a@x.test, b@x.test;c@x.test", "subject": "Poles", "text": "<b>Any?</b>"}
    assert page.post(new, mail).status_code == 204
    side = SideConversation.objects.get(kind="email")
    assert len(side.participants) == 3
    receive_side_message(token=reply_token(side), sender="a@x.test", text="Yes", external_id="<1@x>")
    panel = reverse("routing:ticket_panel", args=[ticket.conversation.public_id])
    assert b"New answer" in page.get(panel).content
    shown = page.get(reverse("routing:side", args=[side.public_id])).content
    assert b"&lt;b&gt;Any?" in shown and b"Waiting to be sent" in shown
    assert b"New answer" not in page.get(panel).content
    assert page.post(reverse("routing:side", args=[side.public_id]), {"text": ""}).status_code == 422
    assert b"Thanks" in page.post(reverse("routing:side", args=[side.public_id]), {"text": "Thanks"}).content
    page.post(reverse("routing:side_close", args=[side.public_id]))
    side.refresh_from_db()
    assert side.state == "closed"
    child = Ticket.objects.get(group=depot)
    asked = page.get(reverse("routing:ticket_panel", args=[child.conversation.public_id])).content
    assert b"Asked from" in asked and f"#{ticket.number}".encode() in asked


def test_who_may_not_answer_reads_and_writes_nothing(ticket: Ticket, alice: User) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    page = Client(headers=HTMX)
    page.force_login(make_user("rita", ticket.brand, role=Role.LIGHT))
    shown = page.get(reverse("routing:side", args=[side.public_id]))
    assert b"Are there poles?" in shown.content and b"side-send" not in shown.content
    assert page.post(reverse("routing:side", args=[side.public_id]), {"text": "x"}).status_code == 403


def test_a_long_thread_is_paged(ticket: Ticket, alice: User) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    SideMessage.objects.bulk_create(SideMessage(side=side, sender="Alice", text=str(n)) for n in range(60))
    rows, has_more = queries.side_messages(side)
    assert (len(rows), has_more, rows[-1].text) == (50, True, "59")
    older, has_more = queries.side_messages(side, rows[0].pk)
    assert (len(older), has_more, older[0].text) == (11, False, "Are there poles?")
