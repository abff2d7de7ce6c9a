"""Macros fill in a brand's own fields and give a form; it can be taken back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Conversation, Message, Role, User
from routing.actions.agents import agent_of
from routing.actions.macros import save_macro
from routing.actions.tickets import assign_ticket, change_ticket, locked
from routing.errors import InvalidChange
from routing.models import CustomField, FirstWait, Macro, Ticket, TicketForm, Waiting
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import wait_in_line
from tests.routing.rule_cast import make_trigger, settle_rules

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ticket(db: None) -> Ticket:
    brand = make_brand()
    CustomField.objects.create(brand=brand, key="size", label="Size", kind="select", options=["Small", "Large"])
    CustomField.objects.create(brand=brand, key="order", label="Order", is_required_to_solve=True)
    CustomField.objects.create(brand=brand, of="contact", key="plan", label="Plan")
    return wait_in_line(make_channel(brand), "carol")[0]


@pytest.fixture
def conversation(ticket: Ticket) -> Conversation:
    return ticket.conversation


@pytest.fixture
def alice(ticket: Ticket) -> User:
    return make_user("alice", ticket.brand)


def client_of(user: User) -> Client:
    return signed_in(user)


def fill(do: str, key: str, text: str) -> dict[str, Any]:
    return {"do": do, "value": key, "text": text}


def use(client: Client, macro: Macro, conversation: Conversation) -> Any:
    return client.post(reverse("routing:use_macro", args=[macro.public_id, conversation.public_id]), headers=HTMX)


def stands(ticket: Ticket) -> tuple[str, object, object, object]:
    found = locked(Ticket(pk=ticket.pk))
    return found.status, found.form, found.field_values, found.conversation.contact.field_values


def test_using_one_fills_in_gives_the_form_solves_and_is_taken_back(
    ticket: Ticket, conversation: Conversation, alice: User
) -> None:
    form = TicketForm.objects.create(brand=ticket.brand, name="Exchange", field_keys=["size", "order"])
    Ticket.objects.update(field_values={"size": "Small"})
    steps = [
        {"do": "set_form", "value": form.public_id},
        fill("set_field", "size", "Large"),
        fill("set_field", "order", "A-1"),
        fill("set_contact_field", "plan", "Gold"),
    ]
    macro = save_macro(macro=Macro(brand=ticket.brand, name="Exchange", status="solved", steps=steps), by=SYSTEM)
    client = client_of(alice)
    answer = use(client, macro, conversation).json()
    assert stands(ticket) == ("solved", form, {"size": "Large", "order": "A-1"}, {"plan": "Gold"})
    told = client.post(answer["told"]["undo"], answer["told"]["values"], headers=HTMX)
    assert told.json()["text"] == "Taken back."
    assert stands(ticket) == ("open", None, {"size": "Small"}, {})


def test_undo_leaves_a_field_that_somebody_filled_in_since(
    ticket: Ticket, conversation: Conversation, alice: User
) -> None:
    steps = [fill("set_field", "size", "Large"), fill("set_field", "order", "A-1")]
    macro = save_macro(macro=Macro(brand=ticket.brand, name="Fill", steps=steps), by=SYSTEM)
    client = client_of(alice)
    answer = use(client, macro, conversation).json()
    Ticket.objects.update(field_values={"size": "Small", "order": "A-1"})
    told = client.post(answer["told"]["undo"], answer["told"]["values"], headers=HTMX)
    assert "stays" in told.json()["text"]
    assert stands(ticket)[2] == {"size": "Small"}


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([fill("set_field", "lost", "x")], "steps.0.value"),
        ([fill("set_field", "size", "Huge")], "steps.0.text"),
        ([{"do": "set_priority", "value": "high"}], "steps.0.do"),
        ([fill("set_field", "order", "x")] * 21, "steps"),
        ({"do": "set_field"}, "steps"),
    ],
)
def test_what_no_field_takes_is_refused_at_its_step(ticket: Ticket, steps: Any, field: str) -> None:
    with pytest.raises(InvalidChange) as refused:
        save_macro(macro=Macro(brand=ticket.brand, name="Wrong", steps=steps), by=SYSTEM)
    assert (refused.value.field, Macro.objects.count()) == (field, 0)


def test_who_may_not_change_customers_uses_none_that_does(ticket: Ticket, conversation: Conversation) -> None:
    steps = [fill("set_contact_field", "plan", "Gold")]
    macro = save_macro(macro=Macro(brand=ticket.brand, name="Gold", steps=steps), by=SYSTEM)
    light = make_user("lou", ticket.brand, role=Role.LIGHT)
    assert use(client_of(light), macro, conversation).status_code == 403
    assert stands(ticket)[3] == {}


def test_agent_and_admin_edit_them(ticket: Ticket, alice: User) -> None:
    steps = [fill("set_field", "size", "Small")]
    client = client_of(alice)
    given = {"name": "Small", "text": "", "steps": json.dumps(steps)}
    assert client.post("/workspace/macros/", given, headers=HTMX).status_code == 200
    own = Macro.objects.get()
    assert (own.owner, own.steps) == (alice, steps)
    shown = client.get(f"/workspace/parts/own-macros/?edit={own.public_id}", headers=HTMX).content.decode()
    assert "data-steps" in shown and "set_field" in shown and "Send a message" not in shown
    wrong = client.post("/workspace/macros/", {**given, "steps": "[{"}, headers=HTMX)
    assert wrong.status_code == 422
    ada = client_of(make_user("ada", ticket.brand, role=Role.ADMIN))
    add = reverse("admin:routing_macro_add")
    shared = {"brand": ticket.brand_id, "name": "Large", "steps": json.dumps([fill("set_field", "size", "Huge")])}
    assert "steps" in ada.post(add, shared).context["adminform"].form.errors
    assert ada.post(add, {**shared, "steps": json.dumps([fill("set_field", "size", "Large")])}).status_code == 302
    assert Macro.objects.get(owner=None).steps[0]["text"] == "Large"
    assert ada.post(add, {"brand": ticket.brand_id, "name": "Words", "text": "Hi", "steps": "[]"}).status_code == 302


def test_text_says_what_stands_in_fields_and_where_one_stands_in_line(
    ticket: Ticket, conversation: Conversation, alice: User
) -> None:
    with pytest.raises(InvalidChange) as refused:
        save_macro(macro=Macro(brand=ticket.brand, name="Typo", text="{{field:ordr}}"), by=SYSTEM)
    assert refused.value.field == "text"
    text = "{{field:size}}, {{contact.field:plan|no plan}}: place {{wait.place}}, {{wait.minutes|some}} minutes"
    steps = [fill("set_field", "size", "Large")]
    macro = save_macro(macro=Macro(brand=ticket.brand, name="Line", text=text, steps=steps), by=SYSTEM)
    said = use(client_of(alice), macro, conversation).json()["text"]
    assert said == "Large, no plan: place 1, some minutes"
    assign_ticket(ticket=ticket, agent=agent_of(alice), by=SYSTEM)
    again = use(client_of(alice), macro, conversation).json()["text"]
    assert again == "Large, no plan: place , some minutes"


def test_rules_say_what_stands_in_fields(ticket: Ticket) -> None:
    step = {"do": "send_message", "text": "Size {{field:size}} for {{contact.field:plan|everybody}}"}
    make_trigger(ticket.brand, "Size", ["ticket.changed"], [], fill("set_field", "size", "Small"), step)
    change_ticket(ticket=ticket, priority=3, by=SYSTEM)
    settle_rules()
    said = Message.objects.filter(author_kind="system").latest("seq")
    assert said.content["text"] == "Size Small for everybody"


def test_placeholder_says_how_many_minutes_the_wait_will_be(
    ticket: Ticket, conversation: Conversation, alice: User
) -> None:
    lane, now = Waiting.objects.get(ticket=ticket).lane, timezone.now()
    for n in range(3):
        other = wait_in_line(conversation.channel, f"dave-{n}")[0]
        FirstWait.objects.create(ticket=other, lane=lane, began_at=now - timedelta(minutes=8), ended_at=now)
    text = "About {{wait.minutes|some}} minutes."
    macro = save_macro(macro=Macro(brand=ticket.brand, name="Wait", text=text), by=SYSTEM)
    assert use(client_of(alice), macro, conversation).json()["text"] == "About 10 minutes."
    FirstWait.objects.all().delete()
    assert use(client_of(alice), macro, conversation).json()["text"] == "About some minutes."
