"""What one must be permitted to do to a ticket, whichever way one does it: panel, bulk, macro, business API."""

from typing import Any

import pytest
from django.test import Client

from conversations.actions.people import save_person
from conversations.actions.roles import save_role
from conversations.events import SYSTEM, Actor
from conversations.models import Channel, CustomRole, User
from conversations.permissions import Permission
from routing.actions.agents import agent_of
from routing.actions.many import Changes, asked_for
from routing.actions.tickets import set_status, take_ticket
from routing.errors import InvalidChange
from routing.models import Macro, Ticket
from tests.business.calling import app_of
from tests.factories import make_user
from tests.routing.cast import make_agent, wait_in_line

CHANGE, SOLVE, ASSIGN = Permission.CHANGE_TICKETS, Permission.SOLVE, Permission.ASSIGN_OTHERS


@pytest.fixture
def ticket(channel: Channel) -> Ticket:
    return wait_in_line(channel, "carol")[0]


def somebody(channel: Channel, *permissions: Permission) -> User:
    person, role = make_user("somebody", channel.brand), CustomRole(brand=channel.brand, name="Own", sees="all")
    save_role(role=role, permissions=[each.value for each in permissions], fields=(), by=SYSTEM)
    save_person(person=person, roles={channel.brand_id: role.public_id}, fields=(), by=SYSTEM)
    return person


def test_table_of_what_is_asked(channel: Channel, ticket: Ticket) -> None:
    alice, bob = make_agent("alice", channel.brand), make_agent("bob", channel.brand)

    def asked(changes: Changes) -> set[Permission]:
        return asked_for(changes, Ticket.objects.get(), alice.user)

    assert asked(Changes()) == set()
    assert asked(Changes(priority=3)) == asked(Changes(status="pending")) == {CHANGE}
    assert asked(Changes(status="solved")) == {SOLVE}
    assert asked(Changes(status="solved", add_tags=("a",))) == {SOLVE, CHANGE}
    assert asked(Changes(assignee=alice)) == {CHANGE}
    assert asked(Changes(assignee=bob)) == {CHANGE, ASSIGN}
    take_ticket(ticket=ticket, agent=bob, by=Actor.of_user(bob.user))
    assert asked(Changes(assignee=alice)) == asked(Changes(no_assignee=True)) == {CHANGE, ASSIGN}
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    assert asked(Changes(status="open")) == {SOLVE}


@pytest.mark.parametrize("macro", [{"assignee": "me"}, {"status": "open"}])
def test_ones_own_macro_does_no_more_than_oneself(channel: Channel, ticket: Ticket, macro: dict[str, Any]) -> None:
    alice = make_agent("alice", channel.brand)
    take_ticket(ticket=ticket, agent=alice, by=Actor.of_user(alice.user))
    set_status(ticket=ticket, status="solved" if "status" in macro else "open", by=SYSTEM)
    person = somebody(channel, Permission.REPLY, CHANGE)
    made = Macro.objects.create(brand=channel.brand, owner=person, name="Mine", text="Hello", **macro)
    page = Client()
    page.force_login(person)
    before = Ticket.objects.values("status", "assignee").get()
    answers = [
        page.post(f"/workspace/macros/{made.public_id}/use/{ticket.conversation.public_id}/").status_code,
        page.post("/workspace/bulk/", {"ticket": ticket.public_id, "do": f"macro:{made.public_id}"}).status_code,
        app_of(person)
        .client.post(
            f"/api/v1/tickets/{ticket.public_id}/macro",
            {"macro": made.public_id},
            content_type="application/json",
            headers=app_of(person).headers,
        )
        .status_code,
    ]
    if "status" in macro:
        answers.append(page.post("/workspace/bulk/", {"ticket": ticket.public_id, "do": "status:open"}).status_code)
    assert set(answers) == {403}
    assert Ticket.objects.values("status", "assignee").get() == before


def test_who_does_not_answer_takes_nothing(channel: Channel, ticket: Ticket) -> None:
    person = somebody(channel, CHANGE)
    with pytest.raises(InvalidChange):
        take_ticket(ticket=ticket, agent=agent_of(person), by=Actor.of_user(person))
    assert Ticket.objects.get().assignee is None
