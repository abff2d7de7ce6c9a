"""What an agents' app builds on: what is promised and unread, counts, mentions, and doing things to several at once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.models import Contact, Conversation, Identity, ScheduledReply
from routing.models import Ticket
from tests.business.calling import app_of
from tests.business.world import TEXT, World, make_world
from tests.factories import make_channel, make_user, make_visitor, note, say
from tests.routing.cast import settle


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def written_by(world: World, name: str) -> Ticket:
    posted = say(make_visitor(make_channel(world.brand), f"browser-of-customer-{name}"), f"{name} here")
    settle()
    return Ticket.objects.get(conversation=posted.message.conversation)


def test_ticket_says_what_breaks_next_and_the_view_of_what_is_at_risk_has_it(world: World) -> None:
    targets = [
        {"metric": "first_reply", "priority": "normal", "minutes": 40},
        {"metric": "resolution", "priority": "normal", "minutes": 600},
    ]
    settle()  # What becomes known of the customer there is would ask for promises anew.
    world.shop.call("POST", "/service-levels", {"name": "All", "targets": targets}, 201)
    app, ticket = app_of(world.alice), written_by(world, "dora")
    told = app.call("GET", f"/tickets/{ticket.public_id}")["ticket"]
    assert (told["promise"]["metric"], told["promise"]["state"], told["unread"]) == ("first_reply", "running", 1)
    assert [each["metric"] for each in app.call("GET", f"/tickets/{ticket.public_id}/promises")["promises"]] == [
        "first_reply",
        "resolution",
    ]
    assert app.call("GET", "/tickets?view=risk")["tickets"] == []
    with time_machine.travel(timezone.now() + timedelta(minutes=30)):
        assert [each["id"] for each in app.call("GET", "/tickets?view=risk")["tickets"]] == [ticket.public_id]
        assert {"view": "risk", "count": 1} in app.call("GET", "/views/counts")["counts"]


def test_unread_is_of_who_asks(world: World) -> None:
    alice, bob = app_of(world.alice), app_of(make_user("bob", world.brand))
    alice.call("POST", f"/conversations/{world.ids['conversation']}/read", {}, 204)
    ticket = f"/tickets/{world.ids['ticket']}"
    assert alice.call("GET", ticket)["ticket"]["unread"] == 0
    assert bob.call("GET", ticket)["ticket"]["unread"] == 1
    assert bob.call("GET", "/tickets?view=open")["tickets"][0]["unread"] == 1


def test_mentions_are_listed_until_they_are_read(world: World) -> None:
    bob = make_user("bob", world.brand)
    conversation = Conversation.objects.get(public_id=world.ids["conversation"])
    note(conversation, bob, "@Alice look", mentions=[world.alice])
    alice = app_of(world.alice)
    [told] = alice.call("GET", "/mentions")["messages"]
    assert told["mentions"] == [{"id": world.alice.public_id, "name": "Alice"}]
    assert {"view": "mentions", "count": 1} in alice.call("GET", "/views/counts")["counts"]
    alice.call("POST", f"/conversations/{conversation.public_id}/read", {}, 204)
    assert alice.call("GET", "/mentions")["messages"] == []


def test_of_many_each_is_changed_on_its_own(world: World) -> None:
    ids = [world.ids["ticket"], written_by(world, "dora").public_id]
    Ticket.objects.filter(public_id=ids[0]).update(status="closed", is_open=False)
    body = {"tickets": ids, "changes": {"status": "solved", "add_tags": ["Done"]}}
    told = app_of(world.alice).call("POST", "/tickets/changes", body)["results"]
    assert [(each["changed"], each["code"]) for each in told] == [(False, "ticket_closed"), (True, "")]
    solved = Ticket.objects.get(public_id=ids[1])
    assert (solved.status, solved.tags) == ("solved", ["done"])
    unknown = {"tickets": ids, "changes": {"colour": "red"}}
    assert world.shop.call("POST", "/tickets/changes", unknown, 400)["error"]["field"] == "changes.colour"
    world.shop.call("POST", "/tickets/changes", body | {"tickets": [*ids, "x"]}, 404)


def test_merge_names_what_it_cannot_go_into(world: World) -> None:
    refused = app_of(world.alice).call("POST", f"/tickets/{world.ids['ticket']}/merge", {"into": "x"}, 400)
    assert refused["error"]["field"] == "into"


def test_merge_of_contacts_is_taken_back(world: World) -> None:
    dora = written_by(world, "dora").conversation.contact
    app, carol = app_of(world.alice), world.ids["contact"]
    merged = app.call("POST", f"/contacts/{carol}/merge", {"contact": dora.public_id})
    assert merged["merge"]["may_undo"] is True and not Contact.objects.filter(public_id=dora.public_id).exists()
    back = app.call("POST", f"/contact-merges/{merged['merge']['id']}/undo")["contact"]
    assert back["id"] == dora.public_id and Identity.objects.filter(contact__public_id=dora.public_id).exists()
    app.call("POST", f"/contact-merges/{merged['merge']['id']}/undo", status=404)
    refused = app.call("POST", f"/contacts/{carol}/merge", {"contact": "x"}, 400)
    assert refused["error"]["field"] == "contact"


def test_reply_is_scheduled_once_and_within_a_year(world: World) -> None:
    address, app = f"/conversations/{world.ids['conversation']}/scheduled-replies", app_of(world.alice)
    before = ScheduledReply.objects.count()
    body = TEXT | {"send_at": (timezone.now() + timedelta(hours=1)).isoformat(), "client_id": "x"}
    first = app.call("POST", address, body, 201)["scheduled_reply"]
    assert app.call("POST", address, body, 201)["scheduled_reply"]["id"] == first["id"]
    assert ScheduledReply.objects.count() == before + 1
    late = body | {"send_at": (timezone.now() + timedelta(days=400)).isoformat(), "client_id": "y"}
    assert app.call("POST", address, late, 400)["error"]["field"] == "send_at"
    app.call("DELETE", f"/scheduled-replies/{first['id']}", status=204)
    app.call("DELETE", f"/scheduled-replies/{first['id']}", status=409)


def test_queries_of_ticket_lists_do_not_grow(world: World) -> None:
    targets = [{"metric": "first_reply", "priority": "normal", "minutes": 40}]
    world.shop.call("POST", "/service-levels", {"name": "All", "targets": targets}, 201)
    written_by(world, "anna")
    app = app_of(world.alice)
    asked: Any = ("/tickets", "/tickets?view=open", "/views/counts", "/search?q=here", "/ratings")

    def counted() -> dict[str, int]:
        found = {}
        for address in asked:
            with CaptureQueriesContext(connection) as queries:
                app.call("GET", address)
            found[address] = len(queries)
        return found

    # That a token was used is written down once a minute.
    app.call("GET", "/me")
    before = counted()
    for name in ("berta", "cora", "dora"):
        written_by(world, name)
    app.call("GET", "/me")
    assert counted() == before
