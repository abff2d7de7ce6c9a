"""Every operation of the business API, tried by those who may not: all are taken of the document, none is forgotten."""

import pytest

from conversations.models import Block, CustomRole, Membership, Message
from conversations.permissions import GRANTED, Role, Sees
from conversations.scopes import Area
from routing.actions.agents import agent_of
from routing.models import Group, Macro, Queue, Rule, SlaPolicy, Ticket, View
from tests.business.calling import Program, app_of, system
from tests.business.world import DOCUMENT, OPERATIONS, QUERIES, World, make_world, strangers
from tests.factories import make_user

OPEN = {"signIn"}
# What anybody of the brand may do, however little else: their own tokens, and reading.
CONFIGURED = {
    "Routing",
    "Skills",
    "Schedules",
    "Service levels",
    "Rules",
    "Fields and forms",
    "Views",
    "Macros",
}
IN_PERSON = {
    "markRead",
    "takeTicket",
    "useMacro",
    "mergeTicket",
    "mergeContact",
    "acceptOffer",
    "declineOffer",
    "readToken",
    "deleteToken",
    "scheduleReply",
    "sendScheduledReply",
    "openSideConversation",
    "replyToSideConversation",
    "seeSideConversation",
    "closeSideConversation",
}
# What is of one ticket, conversation or customer: whoever does not see that, sees nothing of it.
HIDDEN = {
    "tickets",
    "offers",
    "conversations",
    "contacts",
    "side-conversations",
    "scheduled-replies",
    "contact-merges",
}
OWN_LISTS = {"listTokens", "listAgents", "listOffers", "listMentions"}
LIGHT_MAY = {"signIn", "signOut", "deleteToken", "uploadFile"}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def state() -> list[object]:
    return [
        Ticket.objects.values_list("status", "assignee", "priority", "group").get(),
        Message.objects.count(),
        sorted(Queue.objects.values_list("name", "priority", "order")),
        sorted(Rule.objects.values_list("name", "is_active", "order")),
        sorted(SlaPolicy.objects.values_list("name", "is_active", "order")),
        Block.objects.filter(lifted_at=None).count(),
        sorted(View.objects.values_list("name", flat=True)),
        sorted(Macro.objects.values_list("name", flat=True)),
    ]


def test_nobody_passes_without_a_key(world: World) -> None:
    before = state()
    for method, path, operation in OPERATIONS:
        if operation not in OPEN:
            world.do(Program(), method, path, operation, 401)
            world.do(Program("Bearer mad_nothing"), method, path, operation, 401)
    assert state() == before


def test_key_passes_only_within_its_scopes(world: World) -> None:
    nothing, before = system(world.brand, ["reports:read"]), state()
    reading = system(world.brand, [f"{area.value}:read" for area in Area])
    for method, path, operation in OPERATIONS:
        if operation not in OPEN:
            world.do(nothing, method, path, operation, 403)
            if method != "GET":
                world.do(reading, method, path, operation, 403)
    assert state() == before


def test_what_is_another_brands_is_not_there(world: World) -> None:
    before = state()
    for stranger, is_person in strangers():
        for method, path, operation in OPERATIONS:
            if "{public_id}" in path:
                world.do(stranger, method, path, operation, 404 if is_person or operation not in IN_PERSON else 403)
    assert state() == before


def test_order_takes_nothing_of_another_brand(world: World) -> None:
    before = state()
    for stranger, _is_person in strangers():
        for method, path, operation in OPERATIONS:
            if path.endswith("/order"):
                assert world.do(stranger, method, path, operation, 400)["error"]["field"] == "ids"
    assert state() == before


def test_lists_hold_nothing_of_another_brand(world: World) -> None:
    for stranger, _is_person in strangers():
        for method, path, operation in OPERATIONS:
            if operation.startswith("list") and "{" not in path and operation not in OWN_LISTS:
                told = stranger.call(method, path)
                assert [value for name, value in told.items() if name != "meta"] == [[]], operation
        names = {each["name"] for each in stranger.call("GET", "/agents")["agents"]}
        assert names <= {"Charlie"}
        assert stranger.call("GET", "/search?q=hello") == {"contacts": [], "messages": []}


def test_light_agent_reads_and_changes_nothing(world: World) -> None:
    rita = app_of(make_user("rita", world.brand, role=Role.LIGHT))
    before = state()
    for method, path, operation in OPERATIONS:
        if method != "GET" and operation not in LIGHT_MAY:
            # They see no blocks, so there is none to lift.
            world.do(rita, method, path, operation, 404 if operation == "deleteBlock" else 403)
    assert state() == before


def test_who_sees_only_own_groups_sees_nothing_of_the_rest(world: World) -> None:
    gina = make_user("gina", world.brand)
    role = CustomRole.objects.create(
        brand=world.brand, name="Own groups", permissions=sorted(GRANTED), sees=Sees.GROUPS
    )
    Membership.objects.filter(user=gina).update(custom_role=role)
    app, before = app_of(gina), state()
    for method, path, operation in OPERATIONS:
        if path.split("/")[1] in HIDDEN and "{public_id}" in path:
            world.do(app, method, path, operation, 404)
    for method, path, operation, status in (
        ("POST", "/tickets/changes", "changeTickets", 404),
        ("POST", "/tickets", "makeTicket", 400),
        ("GET", "/triggers/{public_id}/trial", "tryTrigger", 404),
    ):
        world.do(app, method, path, operation, status)
    for noun in ("tickets", "conversations", "contacts", "ratings"):
        assert app.call("GET", f"/{noun}")[noun] == [], noun
    for view in ("unassigned", "open", world.ids["view"]):
        assert app.call("GET", f"/tickets?view={view}")["tickets"] == []
    assert {each["count"] for each in app.call("GET", "/views/counts")["counts"]} == {0}
    assert app.call("GET", "/search?q=hello") == {"contacts": [], "messages": []}
    assert state() == before
    Group.objects.get(name="Returns").members.add(agent_of(gina))
    world.shop.call("PATCH", f"/tickets/{world.ids['ticket']}", {"group": world.ids["group"]})
    assert len(app.call("GET", "/tickets")["tickets"]) == 1
    for method, path, operation in OPERATIONS:
        if path.split("/")[1] in HIDDEN - {"contact-merges"} and "{public_id}" in path and method == "GET":
            address = "/contacts/{public_id}/merge-preview"
            world.do(app, method, path, operation, 400 if path == address else 200)


def test_who_sees_only_what_is_assigned_to_them_takes_and_learns_nothing(world: World) -> None:
    gus = make_user("gus", world.brand)
    role = CustomRole.objects.create(
        brand=world.brand, name="Own work only", permissions=sorted(GRANTED), sees=Sees.ASSIGNED
    )
    Membership.objects.filter(user=gus).update(custom_role=role)
    app, ticket = app_of(gus), Ticket.objects.values().get()
    said = Message.objects.count()
    for method, path, operation in OPERATIONS:
        if path.split("/")[1] in HIDDEN and "{public_id}" in path:
            world.do(app, method, path, operation, 404)
    hidden = [world.ids[noun] for noun in ("ticket", "conversation", "contact", "side", "scheduled_reply")]
    for method, path, operation in OPERATIONS:
        if "{" not in path and operation not in OPEN | {"signOut", "uploadFile"}:
            body = None if method == "GET" else world.body(operation)
            answer = app.ask(method, path + world.filled(QUERIES.get(operation, "")), body)
            assert operation != "takeNext" or answer.status_code == 403
            told = answer.content.decode()
            assert not [each for each in (*hidden, "hello") if each in told], (operation, told)
    assert Ticket.objects.values().get() == ticket
    assert Message.objects.count() == said
    assert app_of(world.alice).call("POST", "/take-next")["ticket"]["id"] == world.ids["ticket"]


def test_agent_may_not_configure(world: World) -> None:
    bob = app_of(make_user("bob", world.brand))
    for method, path, operation in OPERATIONS:
        tag = DOCUMENT["paths"][f"/api/v1{path}"][method.lower()]["tags"][0]
        # What any agent uses and fills in stands under these tags too.
        configures = tag in CONFIGURED and operation not in {"useMacro", "changeContactValues"}
        if configures and method != "GET":
            world.do(bob, method, path, operation, 403)


def test_world_names_every_operation() -> None:
    assert len(OPERATIONS) == len({operation for _method, _path, operation in OPERATIONS}) > 80
