"""The live screen: what waits, who is there, who may look and who may set a colleague's status."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.actions.roles import save_role
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, CustomRole, Event, Membership, Role, User
from conversations.permissions import SUPERVISOR, Sees
from conversations.queries import viewer_of
from routing.actions.tickets import assign_ticket
from routing.models import Agent, CustomStatus, Queue, StatusSpell, Ticket
from routing.queries.floor import floor
from tests.factories import make_brand, make_user, signed_in
from tests.routing.cast import configure, make_agent, wait_in_line

PART = "/workspace/parts/live/"


@pytest.fixture
def sofia(brand: Brand) -> User:
    return make_user("sofia", brand, role=Role.SUPERVISOR)


@pytest.fixture
def desk(sofia: User) -> Client:
    return signed_in(sofia)


def test_supervisor_sees_what_waits_where_and_since_when(channel: Channel, brand: Brand, sofia: User) -> None:
    asks = {"all": [{"field": "contact.language", "operator": "is", "value": "ko"}]}
    korean = Queue.objects.create(brand=brand, name="Korean", conditions=asks)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        first = wait_in_line(channel, "carol")[0]
    with time_machine.travel(start + timedelta(minutes=5), tick=False):
        wait_in_line(channel, "dave")
        due = timezone.now() + timedelta(minutes=10)
        Ticket.objects.filter(pk=first.pk).update(sla_state="running", sla_due_at=due, sla_risk_at=timezone.now())
        seen = floor(viewer_of(sofia))
    assert [(line.queue, line.waiting) for line in seen.lines] == [(korean, 0), (None, 2)]
    assert seen.lines[1].oldest_at == first.waiting.eligible_at and seen.lines[1].due_at == due
    assert (seen.waiting, seen.at_risk) == (2, 1)


def test_supervisor_sees_who_is_there_with_what_the_longest_wait_first(
    channel: Channel, brand: Brand, sofia: User, desk: Client
) -> None:
    configure(brand, enabled=False)
    alice, bob = make_agent("alice", brand), make_agent("bob", brand, status="offline")
    tickets = wait_in_line(channel, "one", "two", "three", "four", "five", "six")
    for ticket in tickets:
        assign_ticket(ticket=ticket, agent=alice, by=SYSTEM)
    seen = floor(viewer_of(sofia))
    assert [each.agent for each in seen.desks][:2] == [alice, bob] and (seen.there, seen.everybody) == (1, 2)
    busy = seen.desks[0]
    assert (busy.load[0].name, busy.load[0].used) == ("messaging", 6)
    assert (seen.waiting, seen.unanswered) == (0, 6) and seen.unanswered_since == tickets[0].waiting_since
    assert list(busy.tickets) == tickets[:5] and busy.more == 1
    shown = desk.get(PART).content.decode()
    assert f"/workspace/inbox/open/{tickets[0].conversation.public_id}/" in shown and "and 1 more" in shown
    assert "6/5" in shown and "Alice" in shown and "In no queue, for its group" in shown


def test_empty_floor_says_so(desk: Client, brand: Brand) -> None:
    Membership.objects.filter(brand=brand).delete()
    Membership.objects.create(user=User.objects.get(), brand=make_brand("other"), role=Role.SUPERVISOR)
    User.objects.update(is_active=True)
    other = CustomRole(brand=Brand.objects.get(slug="other"), name="Watches", sees=Sees.ALL)
    save_role(role=other, permissions=["supervise"], fields=(), by=SYSTEM)
    Membership.objects.update(custom_role=other, role=Role.LIGHT)
    assert "Nobody answers here yet." in desk.get(PART).content.decode()


def test_only_those_who_supervise_come_in_and_have_a_way_there(brand: Brand, desk: Client) -> None:
    agent = Client()
    agent.force_login(make_user("alice", brand))
    assert [agent.get(address).status_code for address in ("/workspace/live/", PART)] == [403, 403]
    assert 'id="go-live"' not in agent.get("/workspace/inbox/mine/").content.decode()
    page = desk.get("/workspace/inbox/mine/").content.decode()
    assert 'id="go-live"' in page and page.count('href="/workspace/live/"') == 2
    assert 'aria-current="page" aria-label="Live"' in desk.get("/workspace/live/").content.decode()


def test_restricted_supervisor_sees_no_ticket_that_is_not_theirs(channel: Channel, brand: Brand, sofia: User) -> None:
    role = CustomRole(brand=brand, name="Own only", sees=Sees.ASSIGNED)
    save_role(role=role, permissions=[each.value for each in SUPERVISOR], fields=(), by=SYSTEM)
    Membership.objects.filter(user=sofia).update(custom_role=role)
    alice = make_agent("alice", brand)
    mine, _other = wait_in_line(channel, "carol", "dave")
    assign_ticket(ticket=mine, agent=alice, by=SYSTEM)
    seen = floor(viewer_of(sofia))
    assert seen.waiting == 0 and not any(each.tickets for each in seen.desks)


def test_cost_does_not_grow_with_queues_agents_or_tickets(channel: Channel, brand: Brand, desk: Client) -> None:
    assign_ticket(ticket=wait_in_line(channel, "zero")[0], agent=make_agent("zoe", brand), by=SYSTEM)
    with CaptureQueriesContext(connection) as few:
        desk.get(PART)
    for number in range(4):
        Queue.objects.create(brand=brand, name=f"{number}", order=number)
        agent = make_agent(f"agent{number}", brand)
        for ticket in wait_in_line(channel, f"a{number}", f"b{number}")[:1]:
            assign_ticket(ticket=ticket, agent=agent, by=SYSTEM)
    with CaptureQueriesContext(connection) as many:
        desk.get(PART)
    assert len(few) == len(many) <= 16


def test_supervisor_sets_a_colleagues_status_and_takes_it_back(brand: Brand, desk: Client, sofia: User) -> None:
    alice = make_agent("alice", brand)
    address = f"/workspace/live/agents/{alice.user.public_id}/"
    training = CustomStatus.objects.create(brand=brand, name="Training", messaging="offline")
    dialog = desk.get(address).content.decode()
    assert f'value="custom:{training.pk}"' in dialog and 'value="online" checked' in dialog
    answer = desk.post(address, {"to": f"custom:{training.pk}"})
    alice.refresh_from_db()
    assert answer.status_code == 204 and alice.custom_status == training
    assert Event.objects.filter(type="agent.status_changed").latest("pk").actor_id == sofia.public_id
    told = json.loads(answer["HX-Trigger"])["told"]
    assert told["text"] == "Alice is Training now."
    assert desk.post(told["undo"], told["values"]).status_code == 204
    alice.refresh_from_db()
    assert alice.status == "online" and not alice.custom_status_id
    assert desk.post(address, {"to": "asleep"}).status_code == 400 == desk.post(address).status_code
    assert StatusSpell.objects.filter(agent=alice).count() == 3


def test_nobody_else_sets_it(brand: Brand) -> None:
    alice = make_agent("alice", brand)
    theirs = CustomStatus.objects.create(brand=make_brand("third"), name="Theirs")
    address = f"/workspace/live/agents/{alice.user.public_id}/"
    other, bob = make_user("olga", make_brand("other"), role=Role.SUPERVISOR), make_user("bob", brand)
    for user, expected in ((other, 404), (bob, 403)):
        client = Client()
        client.force_login(user)
        assert (client.get(address).status_code, client.post(address, {"to": "away"}).status_code) == (expected,) * 2
    boss = Client()
    boss.force_login(make_user("boss", brand, role=Role.SUPERVISOR))
    assert boss.post(address, {"to": f"custom:{theirs.pk}"}).status_code == 404
    assert Agent.objects.get(pk=alice.pk).status == "online"
