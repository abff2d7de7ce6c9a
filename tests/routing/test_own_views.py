"""Views that people made, in the workspace: where they stand, what they show, and who may change them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Membership, Role, User
from routing.actions.agents import agent_of
from routing.actions.saved_views import change_own_view
from routing.errors import InvalidChange
from routing.models import CustomField, Group, Promise, Ticket, View
from tests.factories import make_brand, make_user, make_visitor, say, signed_in
from tests.routing.test_tickets import settle

URGENT = {"all": [{"field": "ticket.priority", "operator": "is", "value": "urgent"}], "any": []}


@pytest.fixture
def alice(brand: Brand) -> User:
    return make_user("alice", brand)


@pytest.fixture
def desk(alice: User) -> Client:
    return signed_in(alice)


def wrote(channel: Channel, name: str, **fields: Any) -> Ticket:
    say(make_visitor(channel, client_id=f"browser-of-{name}-0001", name=name), f"It is {name}")
    settle()
    ticket = Ticket.objects.get(conversation__contact__name=name)
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    return ticket


def given(**values: Any) -> dict[str, Any]:
    return {"name": "Urgent", "order": "waiting", "conditions": json.dumps(URGENT), **values}


def test_own_view_is_made_opened_changed_and_deleted(channel: Channel, alice: User, desk: Client) -> None:
    wrote(channel, "carol", priority=4)
    wrote(channel, "dave")
    shown = desk.get("/workspace/views/new/").content.decode()
    assert "New view" in shown and 'name="brand"' not in shown
    answer = desk.post("/workspace/views/new/", given(columns=["number", "tags"]))
    view = View.objects.get()
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/workspace/inbox/{view.public_id}/")
    assert (view.owner, view.brand, view.conditions) == (agent_of(alice), channel.brand, URGENT)
    assert "Urgent" in desk.get(answer["HX-Redirect"]).content.decode()
    listed = desk.get(f"/workspace/parts/list/{view.public_id}/").content.decode()
    assert "It is carol" in listed and "It is dave" not in listed and "#1" in listed and "Edit this view" in listed
    column = desk.get("/workspace/parts/views/").content.decode()
    own, team = column.split('id="views-team"')
    assert f'id="view-{view.public_id}"' in own and view.public_id not in team
    assert '<span class="n">1</span>' in own[own.index(view.public_id) :]
    edit = f"/workspace/views/{view.public_id}/edit/"
    assert 'value="Urgent"' in desk.get(edit).content.decode()
    assert desk.post(edit, given(name="All", conditions="")).status_code == 204
    assert "It is dave" in desk.get(f"/workspace/parts/list/{view.public_id}/").content.decode()
    answer = desk.post(f"/workspace/views/{view.public_id}/delete/")
    assert answer["HX-Redirect"] == "/workspace/inbox/mine/" and not View.objects.exists()
    assert "Deleted: All" in desk.get(answer["HX-Redirect"]).content.decode()
    assert desk.get(f"/workspace/parts/list/{view.public_id}/").status_code == 404


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"conditions": '{"all": [{"field": "ticket.subject", "operator": "is", "value": ""}]}'}, "Give 1 to 200"),
        ({"conditions": "{"}, "These conditions could not be read."),
        ({"conditions": '"' + "x" * 65_000 + '"'}, "too long: at most 65000 characters"),
        ({"conditions": "[]"}, "Conditions are an object"),
        ({"name": "Taken"}, "There is a view of this name already."),
        ({"columns": ["secrets"]}, ""),
        ({"order": "backwards"}, ""),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    alice: User, brand: Brand, desk: Client, values: dict[str, Any], words: str
) -> None:
    View.objects.create(brand=brand, owner=agent_of(alice), name="Taken")
    answer = desk.post("/workspace/views/new/", given(**values))
    assert answer.status_code == 422 and View.objects.count() == 1
    assert words in answer.content.decode()
    if "name" not in values:
        assert 'value="Urgent"' in answer.content.decode()


def test_shared_views_stand_under_team_and_their_tickets_link_into_them(channel: Channel, desk: Client) -> None:
    ticket = wrote(channel, "carol", priority=4)
    view = View.objects.create(brand=channel.brand, name="Urgent <all>", conditions=URGENT)
    column = desk.get("/workspace/parts/views/").content.decode()
    own, team = column.split('id="views-team"')
    assert f'id="view-{view.public_id}"' in team and "Urgent &lt;all&gt;" in team and view.public_id not in own
    listed = desk.get(f"/workspace/parts/list/{view.public_id}/").content.decode()
    assert f"/workspace/inbox/{view.public_id}/{ticket.conversation.public_id}/" in listed
    assert "Edit this view" not in listed
    for verb in ("edit", "delete"):
        assert desk.post(f"/workspace/views/{view.public_id}/{verb}/", given()).status_code == 404


def test_columns_show_what_was_chosen(channel: Channel, desk: Client) -> None:
    group = Group.objects.create(brand=channel.brand, name="Refunds")
    wrote(channel, "carol", group=group, tags=["late", "vip"], subject="A bent pole")
    view = View.objects.create(brand=channel.brand, name="All", columns=["subject", "group", "tags", "opened"])
    shown = desk.get(f"/workspace/parts/list/{view.public_id}/").content.decode()
    assert all(words in shown for words in ("A bent pole", "Refunds", ">late<", ">vip<", "Opened"))
    plain = desk.get("/workspace/parts/list/open/").content.decode()
    assert "A bent pole" not in plain and ">vip<" not in plain


def test_column_of_views_costs_the_same_however_many_there_are(channel: Channel, brand: Brand, desk: Client) -> None:
    View.objects.create(brand=brand, name="0", conditions=URGENT)
    with CaptureQueriesContext(connection) as one:
        desk.get("/workspace/parts/views/")
    for number in range(1, 6):
        View.objects.create(brand=brand, name=f"{number}", conditions=URGENT)
    with CaptureQueriesContext(connection) as six:
        desk.get("/workspace/parts/views/")
    assert len(one) == len(six)


def test_person_of_two_brands_is_told_and_asked_whose_it_is(brand: Brand, alice: User, desk: Client) -> None:
    other = make_brand("other")
    Membership.objects.create(user=alice, brand=other, role=Role.LIGHT)
    theirs = Group.objects.create(brand=other, name="Theirs")
    View.objects.create(brand=other, name="All")
    assert "All · Other" in desk.get("/workspace/parts/views/").content.decode()
    assert 'name="brand"' in desk.get("/workspace/views/new/").content.decode()
    conditions = {"all": [{"field": "ticket.group", "operator": "is", "value": theirs.public_id}]}
    values = given(conditions=json.dumps(conditions), brand=brand.pk)
    assert desk.post("/workspace/views/new/", values).status_code == 422
    assert desk.post("/workspace/views/new/", {**values, "brand": other.pk}).status_code == 204
    stranger = make_brand("third")
    assert desk.post("/workspace/views/new/", {**values, "brand": stranger.pk}).status_code == 422
    assert View.objects.filter(owner__isnull=False).get().brand == other


def test_rows_show_priority_promise_and_the_brands_own_fields(channel: Channel, brand: Brand, desk: Client) -> None:
    CustomField.objects.create(brand=brand, key="order", label="Order number")
    CustomField.objects.create(brand=brand, key="gift", label="A gift", kind="checkbox")
    CustomField.objects.create(brand=brand, of="contact", key="tier", label="Tier")
    ticket = wrote(channel, "carol", priority=1, field_values={"order": "A-17", "gift": True})
    assert 'value="field:order"' in (form := desk.get("/workspace/views/new/").content.decode())
    assert "Order number" in form and "field:tier" not in form
    columns = ["field:gift", "priority", "field:order", "promise"]
    assert desk.post("/workspace/views/new/", given(conditions="", columns=columns)).status_code == 204
    view = View.objects.get()
    assert view.columns == ["priority", "promise", "field:order", "field:gift"]
    due = timezone.now() + timedelta(hours=1)
    Ticket.objects.filter(pk=ticket.pk).update(sla_state="running", sla_due_at=due, sla_risk_at=due)
    Promise.objects.create(
        ticket=ticket, metric="first_reply", instance=1, target_minutes=60, state="running", started_at=due, due_at=due,
        risk_at=due,
    )  # fmt: skip
    shown = desk.get(f"/workspace/parts/list/{view.public_id}/").content.decode()
    assert all(words in shown for words in ("Low", "First reply, due", "Order number:", "A-17", "A gift:", "Yes"))
    CustomField.objects.filter(key="order").delete()
    assert "A-17" not in desk.get(f"/workspace/parts/list/{view.public_id}/").content.decode()
    change_own_view(view=view, values={"name": "Kept"}, by=SYSTEM)
    assert view.columns == ["priority", "promise", "field:gift"]
    with pytest.raises(InvalidChange) as refused:
        change_own_view(view=view, values={"columns": ["field:order"]}, by=SYSTEM)
    assert refused.value.field == "columns"


def test_own_fields_cost_one_query_however_many_rows(channel: Channel, brand: Brand, desk: Client) -> None:
    CustomField.objects.create(brand=brand, key="order", label="Order number")
    view = View.objects.create(brand=brand, name="All", columns=["field:order"])
    address = f"/workspace/parts/list/{view.public_id}/"
    wrote(channel, "carol", field_values={"order": "1"})
    with CaptureQueriesContext(connection) as one:
        desk.get(address)
    for name in ("dave", "erin", "frank"):
        wrote(channel, name, field_values={"order": "2"})
    with CaptureQueriesContext(connection) as four:
        desk.get(address)
    assert len(one) == len(four)
