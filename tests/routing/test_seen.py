"""Whoever is restricted: of each list, count, search, panel and live fact they get what is theirs, and nothing else."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations import queries as core
from conversations import relay
from conversations.actions.roles import save_role
from conversations.errors import NotFound
from conversations.events import SYSTEM
from conversations.models import Brand, Contact, Conversation, CustomRole, Membership, Role, User
from conversations.permissions import AGENT, Sees
from routing import queries
from routing.actions.agents import agent_of
from routing.actions.tickets import assign_ticket, change_ticket, open_ticket, release_ticket, set_status
from routing.models import Group, Ticket
from tests.conversations.test_sockets import agent_line, keep_test_connection, run
from tests.factories import make_brand, make_channel, make_user, make_visitor, note, say

__all__ = ["keep_test_connection"]
HTMX = {"HX-Request": "true"}
VIEWS = ("unassigned", "open", "ended")


def restrict(user: User, brand: Brand, sees: Sees) -> None:
    role = CustomRole(brand=brand, name=f"Sees {sees}", sees=sees)
    save_role(role=role, permissions=[each.value for each in AGENT], fields=(), by=SYSTEM)
    Membership.objects.filter(user=user, brand=brand).update(custom_role=role, role=role.base)


class Shop:
    """carol's conversation is the returns desk's, dave's is nobody's; gus works in the returns desk."""

    def __init__(self) -> None:
        self.brand = make_brand()
        channel = make_channel(self.brand)
        self.returns = Group.objects.create(brand=self.brand, name="Returns")
        self.carol = say(make_visitor(channel, name="Carol"), "persimmon of carol").message.conversation
        self.dave = say(
            make_visitor(channel, "daves-browser-00001", name="Dave"), "persimmon of dave"
        ).message.conversation
        relay.publish_pending()
        relay.run_readers()
        Contact.objects.filter(pk=self.dave.contact_id).update(terms="dave")
        Contact.objects.filter(pk=self.carol.contact_id).update(terms="carol")
        change_ticket(ticket=self.ticket(self.carol), group=self.returns, by=SYSTEM)
        self.gus = make_user("gus", self.brand)
        self.returns.members.add(agent_of(self.gus))

    def ticket(self, conversation: Conversation) -> Ticket:
        ticket = queries.ticket_of(conversation)
        assert ticket is not None
        return ticket

    def seen(self, user: User | None = None) -> set[str]:
        """Give whose conversations somebody sees, asked of every query there is: they must agree."""
        viewer = core.viewer_of(user or self.gus)
        found = {}
        for view in ("open", "ended"):
            found[view] = {str(ticket.conversation.contact) for ticket in queries.inbox(viewer, view).tickets}
            assert queries.view_counts(viewer)[view] == len(queries.inbox(viewer, view).tickets)
        listed = found["open"] | found["ended"]
        searched = core.search(viewer, "persimmon").messages
        opened = {str(each.contact) for each in (self.carol, self.dave) if self.opens(viewer, each)}
        known = {str(contact) for contact in core.contacts(viewer)}
        named = {str(each) for name in ("carol", "dave") for each in core.search(viewer, name).contacts}
        past = {str(c) for c in Contact.objects.all() if core.recent_of_contact(viewer, c, 5)}
        told = {str(ticket.conversation.contact) for ticket in queries.news(viewer)}
        assert {str(message.conversation.contact) for message in searched} == listed == opened == known == named == past
        assert told <= listed
        return listed

    def opens(self, viewer: core.Viewer, conversation: Conversation) -> bool:
        try:
            core.contact_for_viewer(viewer, conversation.contact.public_id)
            return core.conversation_for_viewer(viewer, conversation.public_id) == conversation
        except NotFound:
            return False


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def test_unrestricted_agent_sees_all(shop: Shop) -> None:
    assert shop.seen() == {"Carol", "Dave"}


def test_group_agent_sees_the_groups_work_and_their_own(shop: Shop) -> None:
    restrict(shop.gus, shop.brand, Sees.GROUPS)
    assert shop.seen() == {"Carol"}
    assign_ticket(ticket=shop.ticket(shop.carol), agent=agent_of(make_user("alice", shop.brand)), by=SYSTEM)
    assert shop.seen() == {"Carol"}
    assign_ticket(ticket=shop.ticket(shop.dave), agent=agent_of(shop.gus), by=SYSTEM)
    assert shop.seen() == {"Carol", "Dave"}
    release_ticket(ticket=shop.ticket(shop.dave), by=SYSTEM)
    change_ticket(ticket=shop.ticket(shop.carol), no_group=True, by=SYSTEM)
    assert shop.seen() == set()


def test_agent_of_assigned_work_sees_it_and_no_group(shop: Shop) -> None:
    restrict(shop.gus, shop.brand, Sees.ASSIGNED)
    assert shop.seen() == set()
    assign_ticket(ticket=shop.ticket(shop.dave), agent=agent_of(shop.gus), by=SYSTEM)
    assert shop.seen() == {"Dave"}


def test_member_of_no_group_sees_nothing(shop: Shop) -> None:
    restrict(shop.gus, shop.brand, Sees.GROUPS)
    shop.returns.members.clear()
    assert shop.seen() == set()


def test_the_living_ticket_decides(shop: Shop) -> None:
    restrict(shop.gus, shop.brand, Sees.GROUPS)
    set_status(ticket=shop.ticket(shop.carol), status="closed", by=SYSTEM)
    assert shop.seen() == {"Carol"}
    # New work on the same conversation belongs to nobody yet: the old one is not listed any more either.
    open_ticket(conversation=shop.carol)
    assert shop.seen() == set()


def test_restriction_holds_in_its_brand_only(shop: Shop) -> None:
    other = make_brand("other")
    eve = make_visitor(make_channel(other), "eves-browser-000001", name="Eve")
    Membership.objects.create(user=shop.gus, brand=other, role=Role.AGENT)
    say(eve, "hello")
    restrict(shop.gus, shop.brand, Sees.ASSIGNED)
    assert [str(each) for each in core.contacts(core.viewer_of(shop.gus))] == ["Eve"]


def test_mentions_do_not_open_what_is_hidden(shop: Shop) -> None:
    note(shop.dave, make_user("alice", shop.brand), "@Gus look", mentions=[shop.gus])
    viewer = core.viewer_of(shop.gus)
    assert len(core.unread_mentions(viewer)) == len(core.conversations_mentioning(viewer)) == 1
    restrict(shop.gus, shop.brand, Sees.GROUPS)
    viewer = core.viewer_of(shop.gus)
    assert not core.unread_mentions(viewer)
    assert not core.conversations_mentioning(viewer)


def test_unrestricted_viewers_pay_nothing_and_restricted_ones_the_same_however_many(shop: Shop) -> None:
    def cost() -> int:
        viewer = core.viewer_of(shop.gus)
        with CaptureQueriesContext(connection) as counted:
            queries.inbox(viewer, "open")
        return len(counted)

    assert cost() == 3
    restrict(shop.gus, shop.brand, Sees.GROUPS)
    before = cost()
    channel = shop.brand.channels.get()
    for number in range(10):
        made = say(make_visitor(channel, f"browser-number-{number:05}"), "hello").message.conversation
        change_ticket(ticket=open_ticket(conversation=made), group=shop.returns, by=SYSTEM)
    assert cost() == before == 4


def test_giving_work_away_is_told_though_it_is_seen_no_more(shop: Shop) -> None:
    alice = make_user("alice", shop.brand)
    agent_of(alice)
    restrict(shop.gus, shop.brand, Sees.ASSIGNED)
    assign_ticket(ticket=shop.ticket(shop.dave), agent=agent_of(shop.gus), by=SYSTEM)
    client = Client()
    client.force_login(shop.gus)
    address = f"/workspace/tickets/{shop.dave.public_id}/assign/"
    given = client.post(address, {"agent": alice.public_id}, headers=HTMX)
    assert given.status_code == 204
    assert json.loads(given.headers["HX-Trigger"])["told"]["text"] == "Given to Alice."
    assert shop.ticket(shop.dave).assignee == agent_of(alice) and shop.seen() == set()


@pytest.mark.django_db(transaction=True)
def test_no_live_fact_of_hidden_work_reaches_the_socket() -> None:
    shop = Shop()
    restrict(shop.gus, shop.brand, Sees.GROUPS)
    identities = {name: Contact.objects.get(name=name).identities.get() for name in ("Carol", "Dave")}

    async def story() -> list[dict[str, Any]]:
        line = agent_line(shop.gus)
        await line.connect()
        await line.receive_json_from()
        await sync_to_async(say)(identities["Dave"], "hidden", conversation=shop.dave)
        await sync_to_async(say)(identities["Carol"], "shown", conversation=shop.carol)
        heard = [await line.receive_json_from(5)]
        while f"conversation-{shop.carol.public_id}" not in heard[-1]["changed"]:
            heard.append(await line.receive_json_from(5))
        await line.disconnect()
        return heard

    heard = json.dumps(run(story))
    assert shop.dave.public_id not in heard and shop.carol.public_id in heard
