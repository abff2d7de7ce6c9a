"""Tickets and contacts that a system of the business's own opens and adds, and what stands in their fields."""

from typing import Any

import pytest

from conversations.events import SYSTEM
from conversations.models import Contact, Event, Message
from routing.actions.tickets import set_status
from routing.models import CustomField, Ticket
from tests.business.calling import app_of, system
from tests.business.world import World, make_world
from tests.factories import make_user

REFUND: dict[str, Any] = {"subject": "Refund", "text": "Please."}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_ticket_that_comes_twice_is_one(world: World) -> None:
    body = REFUND | {"contact": {"email": "Dora@mail.example", "name": "Dora"}, "client_id": "erp-1"}
    first = world.shop.call("POST", "/tickets", body | {"priority": "urgent", "tags": ["erp"]}, 201)["ticket"]
    assert (first["priority"], first["tags"], first["channel_class"]) == ("urgent", ["erp"], "email")
    assert world.shop.call("POST", "/tickets", body, 201)["ticket"]["id"] == first["id"]
    again = world.shop.call("POST", "/tickets", REFUND | {"contact": {"email": "dora@mail.example"}}, 201)["ticket"]
    assert again["id"] != first["id"] and again["contact"] == first["contact"]
    assert Contact.objects.filter(email__iexact="dora@mail.example").count() == 1
    assert Event.objects.filter(type="contact.made").latest("pk").actor_kind == "api"
    group = world.shop.call("POST", "/tickets", REFUND | {"contact": {"id": first["contact"]["id"]}, "group": "x"}, 400)
    assert group["error"]["field"] == "group"
    told = world.shop.call(
        "POST", "/tickets", REFUND | {"contact": {"id": first["contact"]["id"]}, "group": world.ids["group"]}, 201
    )
    assert told["ticket"]["group"]["id"] == world.ids["group"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"contact": {}}, "contact"),
        ({"contact": {"id": "x"}}, "contact.id"),
        ({"contact": {"email": "a@b.example", "external_id": "u"}}, "contact"),
        ({"contact": {"email": "nonsense"}}, "email"),
        ({"contact": {"email": "a@b.example"}, "values": {"nowhere": 1}}, "field:nowhere"),
        ({"contact": {"email": "a@b.example"}, "subject": "x" * 161}, "subject"),
        ({"contact": {"email": "a@b.example"}, "form": "x"}, "form"),
        ({"contact": {"email": "a@b.example"}, "client_id": "x" * 65}, "client_id"),
    ],
)
def test_ticket_that_cannot_be_opened_adds_nobody(world: World, given: dict[str, Any], field: str) -> None:
    before = Contact.objects.count(), Message.objects.count()
    assert world.shop.call("POST", "/tickets", REFUND | given, 400)["error"]["field"] == field
    assert (Contact.objects.count(), Message.objects.count()) == before


def test_people_open_tickets_for_those_whom_they_see(world: World) -> None:
    bob = app_of(make_user("bob", world.brand))
    bob.call("POST", "/tickets", REFUND | {"contact": {"id": world.ids["contact"]}}, 201)
    bob.call("POST", "/tickets", REFUND | {"contact": {"external_id": "u-1"}}, 403)
    bob.call("POST", "/contacts", {"name": "Eve", "external_id": "u-1"}, 403)
    bob.call("POST", "/contacts", {"name": "Eve"}, 201)


def test_external_id_is_of_one_contact(world: World) -> None:
    world.shop.call("POST", "/contacts", {"external_id": "u-1"}, 201)
    assert world.shop.call("POST", "/contacts", {"external_id": "u-1"}, 400)["error"]["field"] == "external_id"
    address = f"/contacts/{world.ids['contact']}"
    assert world.shop.call("PATCH", address, {"external_id": "u-2"}, 400)["error"]["field"] == "external_id"


def test_identity_that_is_listed_can_be_blocked(world: World) -> None:
    address = f"/contacts/{world.ids['contact']}/identities"
    [identity] = world.shop.call("GET", address)["identities"]
    assert identity["channel"] == "web" and identity["network_address"] is not None
    bob = app_of(make_user("bob", world.brand))
    assert bob.call("GET", address)["identities"][0]["network_address"] is None
    world.shop.call("POST", "/blocks", {"kind": "identity", "value": identity["id"]}, 201)


def test_app_fills_in_what_solving_needs(world: World) -> None:
    CustomField.objects.update(is_required_to_solve=True)
    ticket = f"/tickets/{world.ids['ticket']}"
    alice = app_of(world.alice)
    refused = alice.call("PATCH", ticket, {"status": "solved"}, 400)
    assert refused["error"]["field"] == "field:order"
    changed = alice.call("PATCH", ticket, {"status": "solved", "values": {"order": "A1"}})["ticket"]
    assert (changed["status"], changed["values"]) == ("solved", {"order": "A1"})
    opened = alice.call("PATCH", ticket, {"status": "open", "form": world.ids["ticket_form"]})["ticket"]
    assert opened["form"]["name"] == "Orders"
    assert alice.call("PATCH", ticket, {"form": None})["ticket"]["form"] is None


def test_field_that_is_refused_undoes_what_came_with_it(world: World) -> None:
    body = {"priority": "urgent", "values": {"order": "x" * 5000}}
    refused = world.shop.call("PATCH", f"/tickets/{world.ids['ticket']}", body, 400)
    assert refused["error"]["field"] == "field:order"
    assert Ticket.objects.get().priority == Ticket.Priority.NORMAL


def test_field_keeps_what_it_was_made_with(world: World) -> None:
    refused = world.shop.call("PATCH", f"/fields/{world.ids['field']}", {"kind": "number"}, 400)
    assert refused["error"]["field"] == "kind"
    refused = world.shop.call("PATCH", f"/ticket-forms/{world.ids['ticket_form']}", {"field_keys": ["no"]}, 400)
    assert refused["error"]["field"] == "field_keys"


def test_key_of_tickets_opens_them_and_reads_no_contacts(world: World) -> None:
    only = system(world.brand, ["tickets:write"])
    only.call("POST", "/tickets", REFUND | {"contact": {"email": "a@b.example"}}, 201)
    only.call("GET", "/contacts", status=403)


@pytest.mark.parametrize(
    ("status", "state"), [("open", "waits"), ("pending", "rests"), ("hold", "rests"), ("solved", "closed")]
)
def test_why_tells_work_that_rests_from_work_that_is_closed(world: World, status: str, state: str) -> None:
    body = REFUND | {"contact": {"id": world.ids["contact"]}}
    opened = world.shop.call("POST", "/tickets", body, 201)["ticket"]["id"]
    set_status(ticket=Ticket.objects.get(public_id=opened), status=status, by=SYSTEM)
    assert world.shop.call("GET", f"/tickets/{opened}/why")["why"]["state"] == state
