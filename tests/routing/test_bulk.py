"""One thing done to many tickets: each on its own, with what refused and what is taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import relay
from conversations.events import SYSTEM
from conversations.models import Channel, Membership, User
from routing.actions.agents import agent_of
from routing.actions.macros import save_macro
from routing.actions.tickets import change_ticket, set_status
from routing.models import CustomField, Group, Macro, Ticket, TicketForm
from tests.factories import make_brand, make_channel, make_user, make_visitor, say, signed_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def channel(db: None) -> Channel:
    channel = make_channel(make_brand())
    for n in range(3):
        say(make_visitor(channel, f"browser-number-{n:04}"), f"hello {n}")
    relay.publish_pending()
    relay.run_readers()
    return channel


@pytest.fixture
def alice(channel: Channel) -> User:
    return make_user("alice", channel.brand)


@pytest.fixture
def page(alice: User) -> Client:
    return signed_in(alice)


def do(page: Client, what: str, tickets: list[str] | None = None, **given: Any) -> Any:
    names = list(Ticket.objects.order_by("pk").values_list("public_id", flat=True)) if tickets is None else tickets
    return page.post("/workspace/bulk/", {"ticket": names, "do": what, **given}, headers=HTMX)


def values(field: str) -> list[Any]:
    return list(Ticket.objects.order_by("pk").values_list(field, flat=True))


def test_each_deed_is_done_to_all_and_taken_back(page: Client, channel: Channel, alice: User) -> None:
    group = Group.objects.create(brand=channel.brand, name="Exchanges")
    agent = agent_of(alice)
    macro = save_macro(macro=Macro(brand=channel.brand, name="Rush", priority=3, add_tags=["rush"]), by=SYSTEM)
    for ticket in Ticket.objects.all():
        set_status(ticket=ticket, status="open", by=SYSTEM)
        change_ticket(ticket=ticket, tags=["old"], by=SYSTEM)
    soon = (timezone.now() + timedelta(hours=1)).isoformat()
    for what, field, before, after, given in (
        (f"assign:{alice.public_id}", "assignee", None, agent.pk, {}),
        ("status:pending", "status", "open", "pending", {}),
        ("status:solved", "status", "open", "solved", {}),
        ("priority:4", "priority", 2, 4, {}),
        (f"group:{group.pk}", "group", None, group.pk, {}),
        ("add_tag:", "tags", ["old"], ["old", "new"], {"tag": "New"}),
        ("remove_tag:", "tags", ["old"], [], {"tag": "old"}),
        (f"macro:{macro.public_id}", "tags", ["old"], ["old", "rush"], {}),
    ):
        told = do(page, what, tag=given.get("tag", "")).json()["told"]
        assert told["text"] == "3 changed.", what
        assert values(field) == [after] * 3, what
        page.post(told["undo"], told["values"], headers=HTMX)
        assert values(field) == [before] * 3, what
    told = do(page, f"snooze:{soon}").json()["told"]
    assert None not in values("snoozed_until")
    page.post(told["undo"], told["values"], headers=HTMX)
    assert values("snoozed_until") == [None] * 3


def test_one_that_refuses_is_counted_and_the_others_are_changed(page: Client, channel: Channel) -> None:
    first, second, third = Ticket.objects.order_by("pk")
    set_status(ticket=first, status="solved", by=SYSTEM)
    change_ticket(ticket=second, priority=4, by=SYSTEM)
    told = do(page, "priority:4").json()["told"]
    assert told["text"] == "1 changed, 1 was so already, 1 refused: This ticket is closed."
    third.refresh_from_db()
    assert third.priority == 4
    change_ticket(ticket=third, priority=3, by=SYSTEM)
    answer = page.post(told["undo"], told["values"], headers=HTMX).json()
    assert answer["text"] == "Taken back. 1 was changed since and stays."
    assert values("priority") == [2, 4, 3]


def test_closing_offers_no_undo(page: Client, channel: Channel) -> None:
    assert "undo" not in do(page, "status:closed").json()["told"]
    assert values("status") == ["closed"] * 3


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("", 400),
        ("explode:now", 400),
        ("add_tag:", 400),
        ("snooze:yesterday", 400),
        ("group:99999", 404),
        ("assign:nobody-there", 404),
        ("macro:nothing-there", 404),
    ],
)
def test_deed_that_is_none_changes_nothing(page: Client, channel: Channel, what: str, status: int) -> None:
    before = list(Ticket.objects.order_by("pk").values())
    assert do(page, what).status_code == status
    assert list(Ticket.objects.order_by("pk").values()) == before


def test_up_to_a_hundred_of_ones_own_brand(page: Client, channel: Channel) -> None:
    assert do(page, "priority:4", []).status_code == 400
    assert do(page, "priority:4", [f"{n:024}" for n in range(101)]).status_code == 400
    other = say(make_visitor(make_channel(make_brand("other"))), "hello").message.conversation
    relay.publish_pending()
    relay.run_readers()
    assert do(page, "priority:4").status_code == 404
    assert values("priority") == [2] * 4
    own = Ticket.objects.exclude(conversation=other).first()
    stranger = make_user("charlie", other.brand)
    assert own is not None
    refused = do(page, f"assign:{stranger.public_id}", [own.public_id])
    agent_of(stranger)
    assert refused.status_code == 404
    assert "refused" in do(page, f"assign:{stranger.public_id}", [own.public_id]).json()["told"]["text"]


def test_bar_costs_the_same_at_one_and_at_twenty(page: Client, channel: Channel) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert page.get("/workspace/parts/bulk/", headers=HTMX).status_code == 200
        return len(counted)

    def more(n: int) -> None:
        group = Group.objects.create(brand=channel.brand, name=f"g{n}")
        save_macro(macro=Macro(brand=channel.brand, name=f"m{n}", group=group), by=SYSTEM)
        agent_of(make_user(f"agent{n}", channel.brand))

    more(0)
    few = cost()
    for n in range(1, 20):
        more(n)
    assert cost() == few


def test_own_fields_and_the_form_are_set_and_taken_back(page: Client, channel: Channel) -> None:
    options = ["Small", "Large"]
    size = CustomField.objects.create(brand=channel.brand, key="size", label="Size", kind="select", options=options)
    form = TicketForm.objects.create(brand=channel.brand, name="Exchange", field_keys=["size"])
    bar = page.get("/workspace/parts/bulk/", headers=HTMX).content.decode()
    assert f"form:{form.public_id}" in bar and f"field:{size.public_id}" in bar and "<option>Large</option>" in bar
    deeds: list[tuple[str, dict[str, Any], str, Any, Any]] = [
        (f"form:{form.public_id}", {}, "form", form.pk, None),
        (f"field:{size.public_id}", {"value": "Large"}, "field_values", {"size": "Large"}, {}),
    ]
    for what, given, field, after, before in deeds:
        told = do(page, what, **given).json()["told"]
        assert (told["text"], values(field)) == ("3 changed.", [after] * 3)
        page.post(told["undo"], told["values"], headers=HTMX)
        assert values(field) == [before] * 3
    told = do(page, f"field:{size.public_id}", value="Huge").json()["told"]
    assert "3 refused" in told["text"] and values("field_values") == [{}] * 3
    assert do(page, "form:").json()["told"]["text"] == "0 changed, 3 were so already."


def test_another_brands_fields_and_forms_are_not_there(page: Client, alice: User, channel: Channel) -> None:
    other = make_brand("other")
    field = CustomField.objects.create(brand=other, key="size", label="Size")
    form = TicketForm.objects.create(brand=other, name="Exchange")
    for what in (f"form:{form.public_id}", f"field:{field.public_id}"):
        assert do(page, what, value="x").status_code == 404
    Membership.objects.create(user=alice, brand=other, role="agent")
    for what in (f"form:{form.public_id}", f"field:{field.public_id}"):
        assert "3 refused: This belongs to another brand" in do(page, what, value="x").json()["told"]["text"]
    assert (values("form"), values("field_values")) == ([None] * 3, [{}] * 3)
