"""Side conversations: asked by email or by a ticket of another group, and answered beside the ticket."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Conversation, Event, Identity, Message, Role, Standing, User
from conversations.queries import overview, viewer_of
from routing import queries
from routing.actions.agents import agent_of
from routing.actions.firing import run_triggers
from routing.actions.ratings import save_survey
from routing.actions.sides import close_side, open_side, receive_side_message, reply_to_side, reply_token
from routing.actions.standings import tell_lines
from routing.actions.tickets import change_ticket, set_status, take_ticket
from routing.decide.occasions import OCCASIONS
from routing.errors import InvalidChange
from routing.models import (
    Cause,
    Firing,
    Group,
    Rating,
    Rule,
    SessionSettings,
    SideConversation,
    SideMessage,
    Survey,
    Ticket,
    Waiting,
)
from tests.factories import make_brand, make_user, reply, say
from tests.routing.cast import settle, wait_in_line
from tests.threads import in_threads

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


def views_page(page: Client) -> str:
    return page.get(reverse("routing:views")).content.decode()


def test_an_answer_is_seen_by_who_asked_and_by_who_has_the_ticket(ticket: Ticket, alice: User, bob: User) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    take_ticket(ticket=ticket, agent=agent_of(bob), by=SYSTEM)
    receive_side_message(token=reply_token(side), sender="a@example.test", text="Yes", external_id="<1@x>")
    eve = make_user("eve", ticket.brand)
    for user, is_told in ((alice, True), (bob, True), (eve, False)):
        viewer = viewer_of(user)
        listed = queries.inbox(viewer, "sides").tickets
        seen = [row.has_side_news for row in listed]  # type: ignore[attr-defined]  # of the query
        assert seen == ([True] if is_told else [])
        assert len(queries.own_side_news(viewer)) == is_told
        page = Client(headers=HTMX)
        page.force_login(user)
        assert (f'data-side="{side.public_id}-' in views_page(page)) is is_told
    page.force_login(bob)
    assert "New answer" in page.get(reverse("routing:list", args=["mine"])).content.decode()
    page.get(reverse("routing:side", args=[side.public_id]))
    assert "data-side=" not in views_page(page)
    assert "New answer" not in page.get(reverse("routing:list", args=["mine"])).content.decode()
    assert len(queries.inbox(viewer_of(bob), "sides").tickets) == 1
    close_side(side=side, by=bob)
    assert queries.inbox(viewer_of(bob), "sides").tickets == []


@pytest.fixture
def whatever(brand: Brand) -> Rule:
    steps = [{"do": "add_tags", "value": ["ran"]}]
    return Rule.objects.create(
        brand=brand, kind="trigger", name="whatever happens", events=list(OCCASIONS), steps=steps
    )


def answer(side: SideConversation, external_id: str = "<1@x>") -> SideMessage:
    return receive_side_message(token=reply_token(side), sender="a@example.test", text="Yes", external_id=external_id)


def shown_beside(ticket: Ticket, user: User) -> str:
    page = Client(headers=HTMX)
    page.force_login(user)
    return page.get(reverse("routing:ticket_panel", args=[ticket.conversation.public_id])).content.decode()


def test_an_answer_beside_a_closed_ticket_opens_a_follow_up_once_and_runs_no_trigger(
    ticket: Ticket, alice: User, whatever: Rule
) -> None:
    change_ticket(ticket=ticket, by=SYSTEM, subject="Tent without poles")
    side = ask(ticket, alice, participants=["supplier@example.test"])
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    settle()
    run_triggers()
    fired = Firing.objects.count()
    for _twice in range(2):
        answer(side)
    settle()
    run_triggers()
    follow_up = Ticket.objects.exclude(pk=ticket.pk).get()
    ticket.refresh_from_db()
    side.refresh_from_db()
    assert (ticket.status, follow_up.status, follow_up.subject) == ("closed", "new", "Tent without poles")
    assert (side.ticket, side.has_news, side.messages.count()) == (follow_up, True, 2)
    # The customer wrote nothing, and waits for no words; the work waits for an agent at once.
    assert follow_up.waiting_since is None
    assert Waiting.objects.get(ticket=follow_up).rules_until is None
    assert (Firing.objects.count(), follow_up.tags) == (fired, [])
    assert not Cause.objects.exists()
    assert [row.pk for row in queries.inbox(viewer_of(alice), "sides").tickets] == [follow_up.pk]
    assert f"side-{side.public_id}" in shown_beside(follow_up, alice)


def test_the_history_says_what_a_follow_up_follows(ticket: Ticket, alice: User) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    answer(side)
    page = Client(headers=HTMX)
    page.force_login(alice)
    thread = page.get(reverse("conversations:thread", args=[ticket.conversation.public_id])).content.decode()
    assert f"Ticket #{ticket.number + 1} opened: follow-up of #{ticket.number}" in thread


def test_the_customer_is_not_told_that_they_wait_for_what_they_did_not_ask(ticket: Ticket, alice: User) -> None:
    SessionSettings.objects.update_or_create(
        brand=ticket.brand, defaults={"tells_position": True, "waiting_text_en": "Hold on"}
    )
    side = ask(ticket, alice, participants=["supplier@example.test"])
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    settle()
    answer(side)
    settle()
    tell_lines(timezone.now())
    assert Ticket.objects.filter(is_open=True).exists() and not Standing.objects.exists()
    say(Identity.objects.get(contact=ticket.conversation.contact), "Any news?")
    settle()
    tell_lines(timezone.now())
    assert Standing.objects.get().position == 1


def test_what_happens_to_a_follow_up_later_is_an_occasion_again(ticket: Ticket, alice: User, whatever: Rule) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    answer(side)
    take_ticket(ticket=Ticket.objects.get(is_open=True), agent=agent_of(alice), by=SYSTEM)
    settle()
    run_triggers()
    assert Ticket.objects.get(is_open=True).tags == ["ran"]


def test_an_answer_goes_to_the_open_ticket_that_is_there(ticket: Ticket, alice: User) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    settle()
    say(Identity.objects.get(contact=ticket.conversation.contact), "Any news?")
    settle()
    answer(side)
    later = Ticket.objects.exclude(pk=ticket.pk).get()
    side.refresh_from_db()
    assert side.ticket == later
    assert Event.objects.get(type="ticket.opened", payload__ticket=later.public_id).payload["follows"] == 0


def test_an_answer_beside_a_solved_ticket_stays_there(ticket: Ticket, alice: User) -> None:
    side = ask(ticket, alice, participants=["supplier@example.test"])
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    answer(side)
    settle()
    side.refresh_from_db()
    assert (Ticket.objects.get().status, side.ticket, side.has_news) == ("solved", ticket, True)


@pytest.mark.django_db(transaction=True)
def test_answers_of_many_at_once_open_one_follow_up(ticket: Ticket, alice: User) -> None:
    sides = [ask(ticket, alice, participants=["supplier@example.test"]) for _ in range(3)]
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    assert in_threads(6, lambda n: answer(sides[n % 3])) == []
    follow_up = Ticket.objects.exclude(pk=ticket.pk).get()
    assert set(SideConversation.objects.values_list("ticket", flat=True)) == {follow_up.pk}
    assert SideMessage.objects.filter(is_answer=True).count() == 3


def test_another_groups_answer_beside_a_closed_ticket_opens_a_follow_up_too(
    ticket: Ticket, alice: User, bob: User, depot: Group
) -> None:
    side = ask(ticket, alice, group=depot)
    settle()
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    assert side.child
    reply(side.child.conversation, bob, "Seven.")
    for _twice in range(2):
        settle()
    side.refresh_from_db()
    assert (side.ticket.conversation, side.ticket.is_open) == (ticket.conversation, True)
    assert Ticket.objects.count() == 3
    reply_to_side(side=side, text="Keep one", by=bob)
    close_side(side=side, by=bob)
    fact = Event.objects.get(type="side.closed")
    assert fact.conversation_id == ticket.conversation_id


def test_a_file_of_the_other_groups_answer_comes_along(ticket: Ticket, alice: User, bob: User, depot: Group) -> None:
    side = ask(ticket, alice, group=depot)
    settle()
    assert side.child
    content = {"type": "file", "mediaUrl": "https://files.example.test/list.pdf", "altText": "list.pdf"}
    reply(side.child.conversation, bob, content=content)
    reply(side.child.conversation, bob, content={"type": "image", "mediaUrl": "https://files.example.test/pole.png"})
    settle()
    came = list(side.messages.filter(is_answer=True).order_by("pk").values_list("text", "file_name", "file_url"))
    assert came == [
        ("list.pdf", "list.pdf", "https://files.example.test/list.pdf"),
        ("pole.png", "pole.png", "https://files.example.test/pole.png"),
    ]
    page = Client(headers=HTMX)
    page.force_login(alice)
    assert (
        b'href="https://files.example.test/list.pdf"'
        in page.get(reverse("routing:side", args=[side.public_id])).content
    )


def test_unseen_answers_cost_the_list_no_query_each(channel: Channel, alice: User) -> None:
    for name in ("dora", "erin", "finn"):
        side = ask(wait_in_line(channel, name)[0], alice, participants=["supplier@example.test"])
        receive_side_message(token=reply_token(side), sender="a@example.test", text="Yes", external_id=f"<{name}@x>")
    viewer = viewer_of(alice)
    with CaptureQueriesContext(connection) as counted:
        seen = [row.has_side_news for row in queries.inbox(viewer, "sides").tickets]  # type: ignore[attr-defined]  # of the query
    assert seen == [True] * 3
    assert len(counted) == 1
