"""A brand's own fields in the panels of the workspace."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Role
from routing.actions.fields import set_contact_values, set_field_values
from routing.models import Ticket
from tests.factories import make_user, signed_in
from tests.routing.cast import wait_in_line
from tests.routing.test_fields import field_of, form_of

PANEL = {"HX-Request": "true", "HX-Target": "ticket-panel"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def brand(channel: Channel) -> Brand:
    return channel.brand


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return wait_in_line(channel, "carol")[0]


@pytest.fixture
def page(brand: Brand) -> Client:
    return signed_in(make_user("alice", brand))


def change(page: Client, ticket: Ticket, verb: str, **given: Any) -> Any:
    address = reverse("routing:change", args=[ticket.conversation.public_id, verb])
    return page.post(address, given, headers=PANEL)


def test_each_kind_has_its_input_and_what_stands_in_it(page: Client, brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "order", help="On the parcel.", is_required_to_solve=True)
    field_of(brand, "size", "select", options=["Small", "Large"])
    field_of(brand, "due", "date")
    field_of(brand, "vip", "checkbox")
    values = {"order": "A1", "size": "Large", "due": "2026-11-30", "vip": True}
    set_field_values(ticket=ticket, values=values, by=SYSTEM)
    address = reverse("routing:ticket_panel", args=[ticket.conversation.public_id])
    shown = " ".join(page.get(address, headers=PANEL).content.decode().split())
    for part in (
        'name="field:order" type="text"',
        'value="A1"',
        'aria-describedby="tf-order-help"',
        "required to solve",
        '<option value="Large" selected>',
        'type="date"',
        'value="2026-11-30"',
        'name="field:vip" value="on" checked',
    ):
        assert part in shown, part


def test_value_is_saved_refused_beside_its_field_and_taken_back(page: Client, brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "count", "number")
    wrong = change(page, ticket, "values", **{"field:count": "many"})
    said = wrong.content.decode()
    assert wrong.status_code == 422 and 'id="tf-count-error"' in said and 'value="many"' in said
    assert said.count('role="alert"') == 1
    change(page, ticket, "values", **{"field:count": "3"})
    saved = change(page, ticket, "values", **{"field:count": "4"})
    told = json.loads(saved["HX-Trigger"])["told"]
    page.post(told["undo"], told["values"] | {"undo": "yes"}, headers=PANEL)
    assert Ticket.objects.get().field_values == {"count": 3}


def test_box_is_ticked_and_cleared(page: Client, brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "vip", "checkbox")
    ticked = change(page, ticket, "values", box="vip", **{"field:vip": "on"})
    assert Ticket.objects.get().field_values == {"vip": True}
    told = json.loads(ticked["HX-Trigger"])["told"]
    page.post(told["undo"], told["values"], headers=PANEL)
    assert Ticket.objects.get().field_values == {}
    change(page, ticket, "values", box="vip", **{"field:vip": "on"})
    change(page, ticket, "values", box="vip")
    assert Ticket.objects.get().field_values == {}
    assert change(page, ticket, "values").status_code == 404


def test_solving_is_refused_at_the_empty_field(page: Client, brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "order", is_required_to_solve=True)
    refused = change(page, ticket, "status", status="solved")
    assert refused.status_code == 422 and "Fill in before solving: Order" in refused.content.decode()
    assert 'id="tf-order-error"' in refused.content.decode()
    change(page, ticket, "values", **{"field:order": "A1"})
    assert change(page, ticket, "status", status="solved").status_code == 200
    assert Ticket.objects.get().status == "solved"


def test_agent_chooses_the_form(page: Client, brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "order")
    field_of(brand, "size")
    form = form_of(brand, "Returns", "size")
    hidden = form_of(brand, "Web only", "order", for_agents=False)
    shown = change(page, ticket, "form", form=form.public_id).content.decode()
    assert 'name="field:size"' in shown and 'name="field:order"' not in shown and "Web only" not in shown
    assert change(page, ticket, "form", form=hidden.public_id).status_code == 422
    assert change(page, ticket, "form", form="0" * 24).status_code == 422
    change(page, ticket, "form", form="")
    assert Ticket.objects.get().form is None


def test_customers_fields_have_a_region_of_their_own(page: Client, brand: Brand, ticket: Ticket) -> None:
    contact = ticket.conversation.contact
    regions = (
        reverse("routing:contact_fields", args=[contact.public_id]),
        reverse("routing:contact_fields_of", args=[ticket.conversation.public_id]),
    )
    assert page.get(regions[0], headers=HTMX).content.decode().strip() == ""
    field_of(brand, "tier", "select", of="contact", options=["Gold"])
    set_contact_values(contact=contact, values={"tier": "Gold"}, by=SYSTEM)
    for region in regions:
        assert '<option value="Gold" selected>' in page.get(region, headers=HTMX).content.decode()
    save = reverse("routing:set_contact_fields", args=[contact.public_id])
    wrong = page.post(save, {"field:tier": "Iron"}, headers=HTMX)
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.content.decode()
    page.post(save, {"field:tier": ""}, headers=HTMX)
    contact.refresh_from_db()
    assert contact.field_values == {}


def test_light_agent_reads_them(brand: Brand, ticket: Ticket) -> None:
    field_of(brand, "due", "date")
    field_of(brand, "tier", of="contact")
    set_field_values(ticket=ticket, values={"due": "2026-11-30"}, by=SYSTEM)
    rita = Client()
    rita.force_login(make_user("rita", brand, role=Role.LIGHT))
    panel = reverse("routing:ticket_panel", args=[ticket.conversation.public_id])
    shown = rita.get(panel, headers=PANEL).content.decode()
    assert "Nov. 30, 2026" in shown and "field:due" not in shown
    region = reverse("routing:contact_fields_of", args=[ticket.conversation.public_id])
    assert "<dl" in rita.get(region, headers=HTMX).content.decode()


def test_panels_cost_the_same_however_many_fields(page: Client, brand: Brand, ticket: Ticket) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            for name in ("ticket_panel", "contact_fields_of"):
                page.get(reverse(f"routing:{name}", args=[ticket.conversation.public_id]), headers=PANEL)
        return len(counted)

    field_of(brand, "f0")
    field_of(brand, "g0", of="contact")
    form_of(brand, "First", "f0")
    cost()  # the first call also learns who answers first
    few = cost()
    for n in range(1, 30):
        field_of(brand, f"f{n}")
        field_of(brand, f"g{n}", of="contact")
        form_of(brand, f"Form {n}", "f0")
    assert cost() == few
