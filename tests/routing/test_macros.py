"""Macros: what they may hold, what using one does, and how it is taken back."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations import relay
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, Conversation, Event, Identity, Role, User
from routing.actions.agents import agent_of
from routing.actions.macros import apply_macro, save_macro
from routing.actions.tickets import change_ticket, set_status
from routing.errors import InvalidChange
from routing.models import Group, Macro, Ticket
from tests.factories import make_brand, make_channel, make_user, make_visitor, say, signed_in
from tests.routing.cast import wait_in_line

HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(db: None) -> Conversation:
    carol: Identity = make_visitor(make_channel(make_brand()), name="Carol")
    conversation = say(carol, "The pole of my tent is bent.").message.conversation
    relay.publish_pending()
    relay.run_readers()
    return conversation


@pytest.fixture
def alice(conversation: Conversation) -> User:
    return make_user("alice", conversation.brand)


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


def macro_of(conversation: Conversation, **fields: Any) -> Macro:
    given = {"brand": conversation.brand, "name": "Greeting", "text": "Hello {{customer.name|there}}", **fields}
    return save_macro(macro=Macro(**given), by=SYSTEM)


def use(page: Client, macro: Macro, conversation: Conversation) -> Any:
    return page.post(reverse("routing:use_macro", args=[macro.public_id, conversation.public_id]), headers=HTMX)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"shortcut": "x" * 33}, "shortcut"),
        ({"shortcut": "two words"}, "shortcut"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "{{customer.secret}}"}, "text"),
        ({"text": ""}, "text"),
        ({"status": "closed"}, "status"),
        ({"priority": 9}, "priority"),
        ({"assignee": "boss"}, "assignee"),
        ({"add_tags": ["x" * 41]}, "add_tags"),
        ({"remove_tags": [f"t{n}" for n in range(21)]}, "remove_tags"),
    ],
)
def test_macro_out_of_bounds_is_refused_by_its_field(
    conversation: Conversation, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidChange) as refused:
        macro_of(conversation, **fields)
    assert refused.value.field == field
    assert not Macro.objects.exists()


def test_shortcut_is_one_persons_or_the_teams_once(conversation: Conversation, alice: User) -> None:
    macro_of(conversation, shortcut="/Hello")
    assert Macro.objects.get().shortcut == "hello"
    with pytest.raises(InvalidChange):
        macro_of(conversation, shortcut="HELLO")
    macro_of(conversation, shortcut="hello", owner=alice)
    with pytest.raises(InvalidChange):
        macro_of(conversation, shortcut="hello", owner=alice)
    macro_of(conversation, shortcut="hello", owner=make_user("bob", conversation.brand))
    macro_of(conversation, shortcut="", owner=alice)
    macro_of(conversation, shortcut="", owner=alice)


def test_using_one_gives_its_text_and_changes_the_ticket_in_one_go(
    page: Client, conversation: Conversation, alice: User
) -> None:
    group = Group.objects.create(brand=conversation.brand, name="Exchanges")
    change_ticket(ticket=Ticket.objects.get(), tags=["pole", "old"], by=SYSTEM)
    macro = macro_of(
        conversation, priority=4, group=group, assignee="me", status="pending", add_tags=["Bent"], remove_tags=["old"]
    )
    answer = use(page, macro, conversation).json()
    ticket = Ticket.objects.get()
    assert answer["text"] == "Hello Carol" and answer["audience"] == "public"
    assert (ticket.priority, ticket.group_id, ticket.status, ticket.tags) == (4, group.pk, "pending", ["pole", "bent"])
    assert ticket.assignee == agent_of(alice)
    fact = Event.objects.get(type="macro.applied")
    assert (fact.payload["macro"], fact.actor_id) == (macro.public_id, alice.public_id)
    taken_back = page.post(answer["told"]["undo"], answer["told"]["values"], headers=HTMX)
    ticket.refresh_from_db()
    assert taken_back.json()["text"] == "Taken back."
    assert (ticket.priority, ticket.group_id, ticket.status) == (2, None, "open")
    assert ticket.assignee_id is None
    assert sorted(ticket.tags) == ["old", "pole"]


def test_undo_leaves_what_somebody_changed_since(page: Client, conversation: Conversation) -> None:
    told = use(page, macro_of(conversation, priority=4, add_tags=["bent"]), conversation).json()["told"]
    change_ticket(ticket=Ticket.objects.get(), priority=3, add_tag="mine", by=SYSTEM)
    answer = page.post(told["undo"], told["values"], headers=HTMX).json()
    ticket = Ticket.objects.get()
    assert (ticket.priority, ticket.tags) == (3, ["mine"])
    assert answer["text"] == "Taken back. 1 was changed since and stays."


def test_undo_is_of_who_did_it_and_cannot_be_made_up(page: Client, conversation: Conversation) -> None:
    told = use(page, macro_of(conversation, priority=4), conversation).json()["told"]
    bob = Client()
    bob.force_login(make_user("bob", conversation.brand))
    assert bob.post(told["undo"], told["values"], headers=HTMX).status_code == 404
    assert page.post(told["undo"], {"token": "made-up"}, headers=HTMX).status_code == 404
    assert Ticket.objects.get().priority == 4


def test_solved_work_is_opened_first_and_closed_work_refuses_all(conversation: Conversation, alice: User) -> None:
    ticket = set_status(ticket=Ticket.objects.get(), status="solved", by=SYSTEM)
    macro = macro_of(conversation, status="open", priority=4)
    apply_macro(macro=macro, conversation=conversation, ticket=ticket, user=alice)
    assert Ticket.objects.get().priority == 4
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    with pytest.raises(Exception, match="closed"):
        apply_macro(macro=macro, conversation=conversation, ticket=ticket, user=alice)
    assert Event.objects.filter(type="macro.applied").count() == 1


def test_ones_own_and_another_brands_are_not_there(page: Client, conversation: Conversation) -> None:
    bobs = macro_of(conversation, owner=make_user("bob", conversation.brand), name="Bobs")
    others = save_macro(macro=Macro(brand=make_brand("other"), name="Others", text="x"), by=SYSTEM)
    macro_of(conversation, name="Shared")
    menu = page.get(reverse("routing:macros", args=[conversation.public_id]), headers=HTMX).content.decode()
    assert "Shared" in menu and "Bobs" not in menu and "Others" not in menu
    assert use(page, bobs, conversation).status_code == 404
    assert use(page, others, conversation).status_code == 404


def test_menu_costs_the_same_at_one_and_at_thirty(page: Client, conversation: Conversation, alice: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            for address in (reverse("routing:macros", args=[conversation.public_id]), reverse("routing:own_macros")):
                assert page.get(address, headers=HTMX).status_code == 200
        return len(counted)

    macro_of(conversation, owner=alice)
    few = cost()
    group = Group.objects.create(brand=conversation.brand, name="Exchanges")
    for n in range(30):
        macro_of(conversation, name=f"m{n}", group=group, owner=alice if n % 2 else None)
    assert cost() == few


def test_agent_makes_edits_and_deletes_their_own(page: Client, conversation: Conversation, alice: User) -> None:
    wrong = page.post("/workspace/macros/", {"name": "Hi", "text": "{{nobody}}"}, headers=HTMX)
    assert wrong.status_code == 422 and 'aria-invalid="true"' in wrong.content.decode()
    assert "{{nobody}}" in wrong.content.decode() and not Macro.objects.exists()
    made = page.post("/workspace/macros/", {"name": "Hi", "text": "Hi!", "add_tags": "a, B c"}, headers=HTMX)
    assert json.loads(made["HX-Trigger"])["told"]["text"] == "Saved: Hi"
    macro = Macro.objects.get()
    assert (macro.owner, macro.brand, macro.add_tags) == (alice, conversation.brand, ["a", "b-c"])
    assert not Event.objects.filter(type="configuration.changed").exists()
    assert "Hi!" in page.get(f"/workspace/parts/own-macros/?edit={macro.public_id}", headers=HTMX).content.decode()
    page.post(f"/workspace/macros/{macro.public_id}/", {"name": "Hey", "text": "Hey!"}, headers=HTMX)
    macro.refresh_from_db()
    assert (macro.name, macro.add_tags) == ("Hey", [])
    page.post(f"/workspace/macros/{macro.public_id}/delete/", headers=HTMX)
    assert not Macro.objects.exists()


def test_admin_makes_shared_ones_and_sees_no_others(conversation: Conversation, alice: User) -> None:
    ada = Client()
    person = make_user("ada", conversation.brand, role=Role.ADMIN)
    ada.force_login(person)
    macro_of(conversation, owner=alice, name="Alices own")
    add = reverse("admin:routing_macro_add")
    given = {"brand": conversation.brand_id, "name": "Order", "shortcut": "order", "text": "{{x}}", "add_tags": "A b"}
    refused = ada.post(add, given)
    assert "text" in refused.context["adminform"].form.errors
    ada.post(add, {**given, "text": "Where is it, {{customer.name}}?"})
    macro = Macro.objects.get(owner=None)
    assert (macro.shortcut, macro.add_tags) == ("order", ["a-b"])
    listed = ada.get(reverse("admin:routing_macro_changelist")).content.decode()
    assert "/order" in listed and "Alices own" not in listed
    own = Macro.objects.get(owner=alice)
    assert ada.get(reverse("admin:routing_macro_change", args=[own.pk])).status_code == 404
    ada.post(reverse("admin:routing_macro_delete", args=[macro.pk]), {"post": "yes"})
    recorded = Event.objects.filter(type="configuration.changed", payload__model="macro").order_by("pk")
    assert [event.payload["change"] for event in recorded] == ["created", "deleted"]
    assert recorded[0].actor_id == Actor.of_user(person).id


def test_menu_shows_what_a_macro_would_say_now(brand: Brand, channel: Channel) -> None:
    alice = make_user("alice", brand)
    (ticket,) = wait_in_line(channel, "carol")
    Macro.objects.create(brand=brand, name="Hi", text="Hi {{customer.name|there}}, I am {{agent.name}}, {{field:size}}")
    shown = signed_in(alice).get(reverse("routing:macros", args=[ticket.conversation.public_id])).content.decode()
    assert "Hi there, I am Alice, …" in shown and "{{" not in shown
