import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from conversations import relay
from conversations.actions import sessions
from conversations.events import SYSTEM, Actor
from conversations.models import Conversation, Event, Identity, LogReader, Membership, Role, Session, User
from conversations.queries import viewer_of
from routing import queries
from routing.actions.agents import agent_of
from routing.actions.groups import save_group
from routing.actions.tickets import assign_ticket, change_ticket, release_ticket, set_status, take_ticket
from routing.decide.tickets import clean_tags, subject_of
from routing.errors import AlreadyTaken, InvalidChange, TicketIsClosed
from routing.models import Group, Ticket
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say


def settle() -> None:
    relay.publish_pending()
    relay.run_readers()


@pytest.fixture
def carol(db: None) -> Identity:
    return make_visitor(make_channel(make_brand()))


@pytest.fixture
def conversation(carol: Identity) -> Conversation:
    conversation = say(carol, "The pole of my tent is bent. What now?").message.conversation
    settle()
    return conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


def test_first_word_opens_numbered_ticket(conversation: Conversation) -> None:
    ticket = Ticket.objects.get()
    assert (ticket.number, ticket.status, ticket.subject) == (1, "new", "The pole of my tent is bent. What now?")
    assert ticket.waiting_since is not None


def test_facts_told_twice_open_one_ticket(conversation: Conversation) -> None:
    LogReader.objects.update(position=0)
    settle()
    assert Ticket.objects.count() == 1


def test_each_further_word_of_a_batch_costs_one_statement(carol: Identity, conversation: Conversation) -> None:
    def read(words: int) -> int:
        for _ in range(words):
            say(carol, "And the pegs?", conversation=conversation)
        relay.publish_pending()
        with CaptureQueriesContext(connection) as asked:
            relay.run_readers()
        return len(asked)

    read(1)
    assert read(12) - read(2) == 10


def test_answer_stops_the_wait_and_next_word_starts_it(
    carol: Identity, conversation: Conversation, alice: User
) -> None:
    reply(conversation, alice, "We send a new one")
    settle()
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.waiting_since) == ("open", None)
    posted = say(carol, "Thanks! When?")
    settle()
    ticket.refresh_from_db()
    assert ticket.waiting_since == posted.message.created_at


def test_solved_ticket_reopens_and_closed_one_is_followed_by_another(
    carol: Identity, conversation: Conversation
) -> None:
    first = Ticket.objects.get()
    set_status(ticket=first, status="solved", by=SYSTEM)
    say(carol, "One more thing")
    settle()
    first.refresh_from_db()
    assert (first.status, first.is_open, first.solved_at) == ("open", True, None)
    set_status(ticket=first, status="closed", by=SYSTEM)
    say(carol, "And another")
    say(carol, "It is blue")
    settle()
    assert list(Ticket.objects.order_by("pk").values_list("number", "is_open")) == [(1, False), (2, True)]
    assert Ticket.objects.get(number=2).subject == "And another"


def test_work_solved_right_after_the_answer_stays_solved(conversation: Conversation, alice: User) -> None:
    reply(conversation, alice, "Done, I think.")
    set_status(ticket=Ticket.objects.get(), status="solved", by=Actor.of_user(alice))
    settle()
    assert [(ticket.number, ticket.status) for ticket in Ticket.objects.all()] == [(1, "solved")]


@pytest.mark.parametrize("status", ["pending", "hold", "solved", "closed"])
def test_word_read_late_undoes_nothing_that_was_decided_after_it(
    carol: Identity, conversation: Conversation, status: str
) -> None:
    set_status(ticket=Ticket.objects.get(), status="pending", by=SYSTEM)
    say(carol, "Thank you!")
    set_status(ticket=Ticket.objects.get(), status="open", by=SYSTEM)
    set_status(ticket=Ticket.objects.get(), status=status, by=SYSTEM)
    settle()
    assert [(ticket.number, ticket.status) for ticket in Ticket.objects.all()] == [(1, status)]


@pytest.mark.parametrize("status", ["pending", "hold", "solved"])
def test_next_word_opens_decided_work_again(carol: Identity, conversation: Conversation, status: str) -> None:
    set_status(ticket=Ticket.objects.get(), status=status, by=SYSTEM)
    posted = say(carol, "One more thing")
    settle()
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.last_activity_at) == ("open", posted.message.created_at)


def test_closed_ticket_cannot_be_changed(conversation: Conversation, alice: User) -> None:
    ticket = set_status(ticket=Ticket.objects.get(), status="closed", by=SYSTEM)
    with pytest.raises(TicketIsClosed):
        change_ticket(ticket=ticket, priority=4, by=SYSTEM)
    with pytest.raises(TicketIsClosed):
        take_ticket(ticket=ticket, agent=agent_of(alice), by=SYSTEM)


def test_second_agent_is_told_who_won(conversation: Conversation, alice: User) -> None:
    bob = make_user("bob", conversation.brand)
    ticket = Ticket.objects.get()
    take_ticket(ticket=ticket, agent=agent_of(alice), by=Actor.of_user(alice))
    with pytest.raises(AlreadyTaken) as refused:
        take_ticket(ticket=ticket, agent=agent_of(bob), by=Actor.of_user(bob))
    assert refused.value.winner == "Alice"
    assert Event.objects.filter(type="ticket.assigned").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_take_at_once_one_wins() -> None:
    brand = make_brand()
    say(make_visitor(make_channel(brand)), "hello")
    settle()
    ticket = Ticket.objects.get()
    agents = [agent_of(make_user(f"agent{n}", brand)) for n in range(10)]
    outcomes: list[str] = []
    gate = threading.Barrier(10)

    def take(n: int) -> None:
        gate.wait()
        try:
            take_ticket(ticket=ticket, agent=agents[n], by=SYSTEM)
            outcomes.append(f"Agent{n}")
        except AlreadyTaken as refused:
            outcomes.append(f"lost to {refused.winner}")
        connection.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ticket.refresh_from_db()
    winner = str(ticket.assignee)
    assert sorted(outcomes) == sorted([winner, *[f"lost to {winner}"] * 9])


def test_agent_of_another_brand_cannot_be_given_it(conversation: Conversation) -> None:
    charlie = agent_of(make_user("charlie", make_brand("other")))
    with pytest.raises(InvalidChange):
        assign_ticket(ticket=Ticket.objects.get(), agent=charlie, by=SYSTEM)
    assert Ticket.objects.get().assignee is None


def test_agent_who_loses_is_told_a_name_even_if_the_ticket_is_free_again(
    conversation: Conversation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, ticket, update = agent_of(make_user("bob", conversation.brand)), Ticket.objects.get(), QuerySet.update
    take_ticket(ticket=ticket, agent=bob, by=SYSTEM)

    def update_and_release(rows: QuerySet[Ticket], **values: object) -> int:
        changed = update(rows, **values)
        if rows.model is Ticket:
            update(Ticket.objects.filter(pk=ticket.pk), assignee=None)
        return changed

    monkeypatch.setattr(QuerySet, "update", update_and_release)
    with pytest.raises(AlreadyTaken) as refused:
        take_ticket(ticket=ticket, agent=agent_of(alice), by=SYSTEM)
    assert refused.value.winner == "Bob"


def test_ticket_leaves_its_group_and_what_stays_is_no_fact(conversation: Conversation) -> None:
    ticket, group = Ticket.objects.get(), Group.objects.create(brand=conversation.brand, name="Exchanges")
    facts = Event.objects.filter(type="ticket.changed").order_by("pk")
    change_ticket(ticket=ticket, by=SYSTEM, group=group)
    change_ticket(ticket=ticket, by=SYSTEM, group=group, subject=ticket.subject)
    change_ticket(ticket=ticket, by=SYSTEM)
    assert change_ticket(ticket=ticket, by=SYSTEM, no_group=True).group is None
    assert [fact.payload["fields"] for fact in facts] == [["group"], ["group"]]


def test_one_group_of_a_brand_gets_new_tickets(conversation: Conversation, carol: Identity) -> None:
    first, second = (Group(brand=conversation.brand, name=name, is_default=True) for name in ("First", "Second"))
    for group in (first, second):
        save_group(group=group, members=[], fields=["is_default"], by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.filter(pk=first.pk).update(is_default=True)
    set_status(ticket=Ticket.objects.get(), status="closed", by=SYSTEM)
    say(carol, "hello")
    settle()
    assert Ticket.objects.get(is_open=True).group == second


def test_only_who_may_answer_in_this_brand_is_given_it(conversation: Conversation) -> None:
    other = make_brand("other")
    looks_elsewhere, looks_here, left = (make_user(name, conversation.brand) for name in ("bob", "rita", "zoe"))
    Membership.objects.create(user=looks_elsewhere, brand=other, role=Role.LIGHT)
    Membership.objects.filter(user=looks_here).update(role=Role.LIGHT)
    Membership.objects.create(user=looks_here, brand=other, role=Role.ADMIN)
    User.objects.filter(pk=left.pk).update(is_active=False)
    agents = {person.name: agent_of(person) for person in (looks_elsewhere, looks_here, left)}
    assert queries.agents_of(conversation.brand_id) == [agents["Bob"]]
    ticket = Ticket.objects.get()
    for name in ("Rita", "Zoe"):
        with pytest.raises(InvalidChange):
            assign_ticket(ticket=ticket, agent=agents[name], by=SYSTEM)
    assert assign_ticket(ticket=ticket, agent=agents["Bob"], by=SYSTEM).pk == ticket.pk


def test_views_show_own_brand_only(conversation: Conversation, alice: User) -> None:
    charlie = viewer_of(make_user("charlie", make_brand("other")))
    assert [ticket.number for ticket in queries.inbox(viewer_of(alice), "open").tickets] == [1]
    assert queries.inbox(charlie, "open").tickets == []


def test_ticket_moves_between_views(conversation: Conversation, alice: User) -> None:
    viewer, ticket = viewer_of(alice), Ticket.objects.get()
    assert queries.view_counts(viewer) == {"mine": 0, "unassigned": 1, "open": 1, "risk": 0, "snoozed": 0, "ended": 0}
    take_ticket(ticket=ticket, agent=agent_of(alice), by=SYSTEM)
    assert queries.view_counts(viewer) == {"mine": 1, "unassigned": 0, "open": 1, "risk": 0, "snoozed": 0, "ended": 0}
    release_ticket(ticket=ticket, by=SYSTEM)
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    assert queries.view_counts(viewer) == {"mine": 0, "unassigned": 0, "open": 0, "risk": 0, "snoozed": 0, "ended": 1}
    assert len(queries.inbox(viewer, "ended").tickets) == 1


def test_inbox_costs_two_queries_however_many_rows(alice: User, conversation: Conversation) -> None:
    channel, viewer = conversation.channel, viewer_of(alice)
    for n in range(40):
        say(make_visitor(channel, f"browser-number-{n:04}"), f"hello {n}")
    settle()
    with CaptureQueriesContext(connection) as counted:
        first = queries.inbox(viewer, "open")
        names = [(str(row.conversation.contact), row.conversation.channel.kind) for row in first.tickets]
    second = queries.inbox(viewer, "open", after=first.after)
    assert (len(counted), len(names), len(second.tickets), second.after) == (2, 30, 11, "")
    assert len({row.pk for row in [*first.tickets, *second.tickets]}) == 41


def test_end_of_session_is_marked(carol: Identity, conversation: Conversation, alice: User) -> None:
    sessions.end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    settle()
    ended = Ticket.objects.get()
    assert (ended.session_ended, ended.waiting_since) == (True, None)
    assert [ticket.pk for ticket in queries.inbox(viewer_of(alice), "ended").tickets] == [ended.pk]
    say(carol, "back")
    settle()
    assert not Ticket.objects.get().session_ended


def test_tags_are_cleaned_and_bounded(conversation: Conversation) -> None:
    assert clean_tags(["Late  Delivery", "vip", "VIP", " "]) == ["late-delivery", "vip"]
    with pytest.raises(InvalidChange):
        change_ticket(ticket=Ticket.objects.get(), tags=[f"t{n}" for n in range(21)], by=SYSTEM)


def test_long_first_line_is_cut_at_a_word() -> None:
    assert subject_of("word " * 30) == f"{'word ' * 15}word…"
