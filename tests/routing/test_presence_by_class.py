"""A status of a brand's own that means one thing for chats and another for email."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conversations.events import SYSTEM, Actor
from conversations.models import Brand, Channel, Role
from routing.actions import assignment
from routing.actions.configuration import save_status
from routing.actions.statuses import mark_absent, set_agent_status
from routing.actions.tickets import set_status, take_ticket
from routing.models import Agent, CustomStatus, Group, Queue, Ticket
from routing.queries.passing import targets
from tests.factories import make_user
from tests.routing.cast import configure, holders, make_agent, settle, wait_in_line


@pytest.fixture
def emails(brand: Brand) -> CustomStatus:
    return CustomStatus.objects.create(brand=brand, name="Emails", messaging="offline", email="online", voice="offline")


@pytest.fixture
def alice(brand: Brand, emails: CustomStatus) -> Agent:
    agent = make_agent("alice", brand, status="offline")
    return set_agent_status(agent=agent, status="", custom=emails, by=SYSTEM)


def mail_in(brand: Brand, *names: str) -> list[Ticket]:
    return wait_in_line(Channel.objects.create(brand=brand, kind="email", name="Mail"), *names)


def test_who_is_online_for_email_alone_gets_email_and_no_chat(brand: Brand, channel: Channel, alice: Agent) -> None:
    configure(brand)
    tickets = [*wait_in_line(channel, "chat"), *mail_in(brand, "mail")]
    assignment.assign(brand.pk)
    assert holders(tickets) == ["", "Alice"]
    assert alice.is_present and alice.came_at


def test_leaving_lets_go_what_the_status_means_for_its_class(brand: Brand, channel: Channel) -> None:
    configure(
        brand,
        reassignment_agent_status_change_enabled=True,
        reassignment_agent_status_change_messaging_agent_statuses=["offline"],
    )
    own = CustomStatus.objects.create(brand=brand, name="Chats", messaging="online", email="offline", voice="offline")
    bob = make_agent("bob", brand)
    tickets = [*wait_in_line(channel, "chat"), *mail_in(brand, "mail")]
    for ticket in tickets:
        take_ticket(ticket=ticket, agent=bob, by=SYSTEM)
    set_agent_status(agent=bob, status="", custom=own, by=SYSTEM)
    settle()
    assert holders(tickets) == ["Bob", ""]


def test_work_opened_again_is_left_by_what_the_status_means_for_its_class(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    configure(brand, reassignment_reopened_tickets_messaging_statuses=["offline"])
    tickets = [*wait_in_line(channel, "chat"), *mail_in(brand, "mail")]
    for ticket in tickets:
        take_ticket(ticket=ticket, agent=alice, by=SYSTEM)
        set_status(ticket=ticket, status="pending", by=SYSTEM)
    settle()
    wait_in_line(channel, "chat")
    mail = Channel.objects.get(kind="email")
    wait_in_line(mail, "mail")
    assert holders(tickets) == ["", "Alice"]


def test_who_is_there_for_email_alone_is_gone_with_their_last_page(brand: Brand, alice: Agent) -> None:
    configure(brand, disconnect_after_seconds=60)
    assert mark_absent(timezone.now() + timedelta(seconds=62)) == 1
    alice.refresh_from_db()
    assert (alice.status, alice.custom_status, alice.is_present) == ("offline", None, False)


def test_a_change_of_what_a_status_means_holds_for_who_has_it(brand: Brand, alice: Agent, emails: CustomStatus) -> None:
    configure(brand)
    [ticket] = mail_in(brand, "mail")
    emails.email = "offline"
    save_status(status=emails, fields=["email"], by=SYSTEM)
    alice.refresh_from_db()
    assert not alice.is_present
    assignment.assign(brand.pk)
    assert holders([ticket]) == [""]
    emails.email = "online"
    save_status(status=emails, fields=["email"], by=SYSTEM)
    assignment.assign(brand.pk)
    assert holders([ticket]) == ["Alice"]


def test_passing_on_tells_how_many_could_take_it(brand: Brand, channel: Channel) -> None:
    care, sales, nobody = (Group.objects.create(brand=brand, name=name) for name in ("Care", "Sales", "Vain"))
    make_agent("bob", brand, care)
    make_agent("cleo", brand, care, sales, status="away")
    for name, served in (("All", ()), ("Lost", (nobody,)), ("Some", (care, nobody))):
        Queue.objects.create(brand=brand, name=name).primary_groups.set(served)
    [chat] = wait_in_line(channel, "chat")
    found = targets(chat)
    assert [(each.row.name, each.free, each.is_empty) for each in found.groups] == [
        ("Care", 1, False),
        ("Sales", 0, False),
        ("Vain", 0, True),
    ]
    assert [(each.row.name, each.free, each.is_empty) for each in found.queues] == [
        ("All", 1, False),
        ("Lost", 0, True),
        ("Some", 1, False),
    ]


def test_passing_on_tells_what_colleagues_are_for_the_tickets_class(
    brand: Brand, channel: Channel, alice: Agent
) -> None:
    make_agent("bob", brand, status="transfers_only")
    [chat], [mail] = wait_in_line(channel, "chat"), mail_in(brand, "mail")
    assert [(each.agent.user.name, each.status) for each in targets(chat).agents] == [
        ("Bob", "transfers_only"),
        ("Alice", "offline"),
    ]
    assert [(each.agent.user.name, each.status) for each in targets(mail).agents] == [
        ("Alice", "online"),
        ("Bob", "transfers_only"),
    ]


def test_page_of_people_calls_a_status_by_its_name(brand: Brand, alice: Agent) -> None:
    admin = make_user("ada", brand, role=Role.ADMIN)
    client = Client()
    client.force_login(admin)
    assert "</span>Emails</span>" in client.get("/admin/conversations/user/").content.decode()
    set_agent_status(agent=alice, status="away", by=Actor.of_user(admin))
    assert "</span>Away</span>" in client.get("/admin/conversations/user/").content.decode()
