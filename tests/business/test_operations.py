"""Live answers of every operation of the business API against its document."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from routing.actions.assignment import assign
from routing.actions.firing import run_triggers
from routing.api.condition_fields import OF
from routing.models import Offer
from tests.business.calling import BASE, Program, app_of
from tests.business.world import DOCUMENT, LATER, OPERATIONS, TEXT, World, make_world
from tests.contract.documents import BUSINESS, Documents
from tests.factories import PASSWORD, make_channel, make_visitor, say
from tests.routing.cast import configure, make_agent, settle

DOCUMENTS = Documents()
MADE: set[tuple[str, int]] = set()
CONFIGURED = (
    "groups",
    "queues",
    "capacity-rules",
    "statuses",
    "skill-types",
    "skills",
    "skill-rules",
    "schedules",
    "service-levels",
    "triggers",
    "automations",
    "fields",
    "ticket-forms",
)
UNSEEN = ("makeTicket", "changeTicket", "takeTicket", "releaseTicket", "transferTicket", "escalateTicket")
ORDERED = ("queues", "statuses", "skill-rules", "service-levels", "triggers", "automations", "fields", "views")


class Checked(Program):
    """A program whose every answer is held against the document."""

    def call(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        told = super().call(method, path, body, status, **headers)
        check(method, path, status, told)
        return told


def check(method: str, path: str, status: int, told: Any) -> None:
    """Hold one answer against the document, and count it as seen."""
    parts = f"{BASE}{path}".split("?")[0].split("/")
    fitting = [
        route
        for route in DOCUMENT["paths"]
        if len(route.split("/")) == len(parts)
        and all(ours == given or ours.startswith("{") for ours, given in zip(route.split("/"), parts, strict=True))
    ]
    route = min(fitting, key=lambda each: each.count("{"))
    answer = DOCUMENT["paths"][route][method.lower()]["responses"][str(status)]
    MADE.add((DOCUMENT["paths"][route][method.lower()]["operationId"], status))
    if "content" in answer:
        place = ("paths", route, method.lower(), "responses", str(status), "content", "application/json", "schema")
        DOCUMENTS.check(told, BUSINESS, *place)


@pytest.fixture
def world(db: None) -> World:
    MADE.clear()
    return make_world(Checked)


def test_live_answers_of_every_operation_are_as_documented(world: World) -> None:
    shop, ids = world.shop, world.ids
    uploaded = world.do(shop, "POST", "/attachments", "uploadFile", 201)["attachment"]
    signed = Checked().call("POST", "/sign-in", {"email": world.alice.email, "password": PASSWORD}, 201)
    alice = Checked(f"Bearer {signed['token']}")
    alice.call("GET", "/me")
    for noun in ("tokens", "contacts", "conversations", "tickets", "agents", "offers"):
        alice.call("GET", f"/{noun}")
    for noun in CONFIGURED:
        name = {"statuses": "status"}.get(noun, noun.rstrip("s").replace("-", "_"))
        told = shop.call("GET", f"/{noun}")
        assert told[noun.replace("-", "_")], noun
        shop.call("GET", f"/{noun}/{ids[name]}")
    for noun in ("blocks", "views", "macros"):
        shop.call("GET", f"/{noun}/{ids[noun.rstrip('s')]}")
        shop.call("GET", f"/{noun}")
    alice.call("GET", f"/tokens/{ids['token']}")
    # Conversations
    thread = f"/conversations/{ids['conversation']}"
    alice.call("GET", thread)
    alice.call("GET", f"/conversations?contact={ids['contact']}")
    alice.call("POST", f"{thread}/messages", TEXT | {"client_id": "m-1", "metadata": {"a": 1}, "seen_seq": 1}, 201)
    alice.call("POST", f"{thread}/messages", TEXT | {"client_id": "m-1", "metadata": {"a": 1}}, 200)
    alice.call("POST", f"{thread}/messages", TEXT | {"audience": "internal"}, 201)
    messages = alice.call("GET", f"{thread}/messages?limit=2")
    assert [each["audience"] for each in messages["messages"]] == ["public", "internal"]
    alice.call("POST", f"{thread}/read", {"seq": 1}, 204)
    alice.call("GET", "/search?q=hello")
    alice.call("GET", "/mentions")
    later = TEXT | {"send_at": LATER, "client_id": "later-3", "if_contact_writes": "hold"}
    kept = alice.call("POST", f"{thread}/scheduled-replies", later, 201)["scheduled_reply"]
    assert len(alice.call("GET", f"{thread}/scheduled-replies")["scheduled_replies"]) == 2
    alice.call("POST", f"/scheduled-replies/{kept['id']}/send")
    alice.call("DELETE", f"/scheduled-replies/{ids['scheduled_reply']}", status=204)
    answered = alice.client.post(
        f"{BASE}/attachments", {"file": SimpleUploadedFile("a.txt", b"words")}, headers=alice.headers
    )
    check("POST", "/attachments", answered.status_code, answered.json())
    alice.call("GET", f"/contacts/{ids['contact']}")
    found = alice.call("PATCH", f"/contacts/{ids['contact']}", {"name": "Carol", "properties": {"vip": True}})
    assert found["contact"]["properties"] == {"vip": True}
    alice.call("GET", f"/contacts/{ids['contact']}/identities")
    fan = shop.call("POST", "/fields", {"of": "contact", "key": "size", "label": "Size", "kind": "number"}, 201)[
        "field"
    ]
    filled = alice.call("PATCH", f"/contacts/{ids['contact']}/values", {"values": {"size": "42"}})
    assert filled["contact"]["values"] == {"size": 42}
    shop.call("DELETE", f"/fields/{fan['id']}", status=204)
    dora = shop.call("POST", "/contacts", {"name": "Dora", "external_id": "u-7", "properties": {"vip": True}}, 201)
    assert dora["contact"]["external_id"] == "u-7"
    twin = f"/contacts/{ids['contact']}/merge"
    assert alice.call("GET", f"{twin}-preview?contact={ids['other_contact']}")["preview"]["lost"] != []
    lost = alice.call("POST", twin, {"contact": ids["other_contact"]})["merge"]
    assert lost["may_undo"] is False
    back = alice.call("POST", f"/contact-merges/{ids['merge']}/undo")["contact"]
    assert back["id"] == ids["twin"]
    assert len(alice.call("GET", "/contacts?q=carol")["contacts"]) == 1
    assert alice.call("GET", "/contacts?email=no@one.example")["contacts"] == []
    # Tickets
    ticket = f"/tickets/{ids['ticket']}"
    alice.call("GET", f"{ticket}/why")
    alice.call("POST", "/take-next")
    alice.call("GET", ticket)
    assert alice.call("GET", "/tickets?view=mine&limit=1")["tickets"][0]["assignee"]["name"] == "Alice"
    assert len(alice.call("GET", f"/tickets?view={ids['view']}")["tickets"]) == 1
    alice.call("GET", f"{ticket}/why")
    side = f"/side-conversations/{ids['side']}"
    alice.call("POST", f"{ticket}/side-conversations", world.body("openSideConversation"), 201)
    assert len(alice.call("GET", f"{ticket}/side-conversations")["side_conversations"]) == 2
    alice.call("POST", f"{side}/messages", {"text": "And when?"}, 201)
    assert len(alice.call("GET", side)["messages"]) == 2
    alice.call("POST", f"{side}/seen", status=204)
    assert alice.call("POST", f"{side}/close")["side_conversation"]["state"] == "closed"
    alice.call("GET", "/ratings")
    assert alice.call("GET", f"{ticket}/promises")["promises"] == []
    alice.call("GET", "/tickets?view=risk")
    alice.call("GET", "/tags")
    assert {"view": "mine", "count": 1} in alice.call("GET", "/views/counts")["counts"]
    alice.call("POST", f"{ticket}/release")
    alice.call("POST", f"{ticket}/take")
    above = shop.call("POST", "/groups", {"name": "Leads"}, 201)["group"]["id"]
    shop.call("PATCH", f"/groups/{ids['group']}", {"escalates_to": above})
    changed = alice.call(
        "PATCH",
        ticket,
        {
            "status": "pending",
            "priority": "urgent",
            "subject": "Tent",
            "group": ids["group"],
            "tags": ["a"],
            "add_tags": ["b"],
            "snoozed_until": None,
        },
    )["ticket"]
    assert (changed["status"], changed["priority"], changed["subject"]) == ("pending", "urgent", "Tent")
    assert (changed["group"]["name"], changed["tags"]) == ("Returns", ["a", "b"])
    for asked in (f"number={changed['number']}", "status=pending", f"group={ids['group']}", "tag=b", "q=hello"):
        assert len(alice.call("GET", f"/tickets?{asked}")["tickets"]) == 1, asked
    for asked in ("number=77", "status=open", "group=none", "tag=c", "q=nothing", "assignee=none"):
        assert alice.call("GET", f"/tickets?{asked}")["tickets"] == [], asked
    applied = alice.call("POST", f"{ticket}/macro", {"macro": ids["macro"]})
    assert applied == {"text": "Thank you!", "audience": "public", "files": []}
    passed = alice.call("POST", f"{ticket}/escalate", {"note": "Please look"})["ticket"]
    assert (passed["group"]["id"], passed["assignee"]) == (above, None)
    alice.call("POST", f"{ticket}/transfer", {"queue": ids["queue"], "note": "Refund"})
    assert shop.call("POST", f"{ticket}/transfer", {"agent": ids["agent"]})["ticket"]["assignee"]["id"] == ids["agent"]
    # Agents
    alice.call("GET", "/me/status")
    assert alice.call("PUT", "/me/status", {"custom": ids["status"]})["agent"]["status"]["custom"]["name"] == "Training"
    shop.call("PUT", f"/agents/{ids['agent']}/status", {"status": "online"})
    shop.call("GET", f"/agents/{ids['agent']}")
    spells = shop.call("GET", f"/agents/{ids['agent']}/statuses")["statuses"]
    assert spells[0]["status"] == "online"
    assert len(shop.call("GET", f"/agents?status=online&group={ids['group']}")["agents"]) == 1
    # Changes of what there is one of
    shop.call("PATCH", ticket, {"status": "open", "add_tags": ["refund"]})
    settle()
    run_triggers()
    for kind in ("trigger", "automation"):
        tried = shop.call("GET", f"/{kind}s/{ids[kind]}/trial?ticket={ids['ticket']}")["trial"]
        assert tried["holds"] is True
        fired = shop.call("GET", f"/{kind}s/{ids[kind]}/firings")["firings"]
    assert fired == []
    [fired] = shop.call("GET", f"/triggers/{ids['trigger']}/firings")["firings"]
    assert (fired["ticket"], fired["outcome"], fired["event"]) == (ids["ticket"], "done", "ticket.changed")
    for noun in ORDERED:
        name = {"statuses": "status"}.get(noun, noun.rstrip("s").replace("-", "_"))
        shop.call("PUT", f"/{noun}/order", {"ids": [ids[name]]}, 204)
    for address, body in (
        (f"/triggers/{ids['trigger']}", {"events": ["ticket.opened"], "is_active": False}),
        (f"/queues/{ids['queue']}", {"shares": [{"percent": 100, "groups": [ids["group"]]}], "is_active": False}),
        (f"/capacity-rules/{ids['capacity_rule']}", {"max_total": 12}),
        (f"/statuses/{ids['status']}", {"email": "offline", "idle_after_minutes": 30, "idle_status": "offline"}),
        (f"/skill-types/{ids['skill_type']}", {"name": "Languages"}),
        (f"/skills/{ids['skill']}", {"holders": [{"agent": ids["agent"], "level": 5}]}),
        (f"/skill-rules/{ids['skill_rule']}", {"conditions": {"all": [], "any": []}}),
        (f"/schedules/{ids['schedule']}", {"is_default": True}),
        (f"/service-levels/{ids['service_level']}", {"is_active": False, "schedule": None, "targets": []}),
        (f"/automations/{ids['automation']}", {"name": "Remember it"}),
        (f"/fields/{ids['field']}", {"label": "Order"}),
        (f"/ticket-forms/{ids['ticket_form']}", {"field_keys": [], "is_default": True}),
        (f"/views/{ids['view']}", {"columns": ["tags"]}),
        (f"/macros/{ids['macro']}", {"priority": "low", "group": ids["group"], "files": [uploaded["id"]]}),
    ):
        shop.call("PATCH", address, body)
    assert (
        shop.call("POST", f"/schedules/{ids['schedule']}/public-holidays", {"country": "KR", "years": [2026]})["added"]
        > 5
    )
    for of in OF:
        found = shop.call("GET", f"/condition-fields?of={of}")["condition_fields"]
        assert len({each["field"] for each in found}) == len(found) > 10
    assert shop.call("GET", "/survey")["survey"]["is_on"] is False
    assert shop.call("PATCH", "/survey", {"is_on": True, "reasons_ko": ["느려요"]})["survey"]["reasons_ko"] == [
        "느려요"
    ]
    assert alice.call("POST", f"{ticket}/rating", {"is_on": False}) == {"is_on": False}
    shop.call("GET", "/session-settings")
    reminder = {"minutes": 5, "text_en": "Still there?"}
    told = shop.call("PATCH", "/session-settings", {"reminders": [reminder], "closed_schedule": ids["schedule"]})
    assert told["session_settings"]["reminders"][0]["text_en"] == "Still there?"
    assert told["session_settings"]["closed_schedule"]["id"] == ids["schedule"]
    shop.call("GET", "/routing-config")
    assert shop.call("PATCH", "/routing-config", {"fair_start_seconds": 7})["routing_config"]["fair_start_seconds"] == 7
    refund = {"contact": {"external_id": "u-7"}, "subject": "Refund", "text": "Please."}
    made = shop.call("POST", "/tickets", refund | {"values": {}, "form": ids["ticket_form"]}, 201)["ticket"]
    many = {"tickets": [made["id"], ids["ticket"]], "changes": {"priority": "low"}}
    assert [each["changed"] for each in alice.call("POST", "/tickets/changes", many)["results"]] == [True, True]
    assert alice.call("POST", f"/tickets/{made['id']}/merge", {"into": ids["ticket"]})["ticket"]["status"] == "closed"
    told = alice.call("POST", "/tickets/changes", many | {"changes": {"priority": "high"}})["results"]
    assert [(each["changed"], each["code"]) for each in told] == [(False, "ticket_closed"), (True, "")]
    alice.call("POST", f"{thread}/end")
    for noun in (
        "block",
        "macro",
        "view",
        "ticket_form",
        "field",
        "trigger",
        "automation",
        "service_level",
        "skill_rule",
        "skill_type",
        "queue",
        "capacity_rule",
        "status",
        "schedule",
        "group",
    ):
        address = "/statuses" if noun == "status" else f"/{noun.replace('_', '-')}s"
        shop.call("DELETE", f"{address}/{ids[noun]}", status=204)
        shop.call("GET", f"{address}/{ids[noun]}", status=404)
    alice.call("DELETE", f"/tokens/{ids['token']}", status=204)
    alice.call("POST", "/sign-out", status=204)
    every = {
        (operation["operationId"], int(status))
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if int(status) < 300
    }
    assert every - MADE == {
        ("acceptOffer", 200),
        ("declineOffer", 204),
        # With somebody whose work the caller does not see: told of in its own test.
        *((name, 204) for name in UNSEEN),
    }
    assert len(OPERATIONS) > 80


def test_offers_are_accepted_and_declined(db: None) -> None:
    world = make_world(Checked)
    configure(world.brand, auto_accept_messaging_enabled=False, enabled=True)
    make_agent("bob", world.brand)
    # Without what asks for a skill that nobody holds.
    world.shop.call("DELETE", f"/skill-rules/{world.ids['skill_rule']}", status=204)
    world.shop.call("DELETE", f"/queues/{world.ids['queue']}", status=204)
    say(make_visitor(make_channel(world.brand), "browser-of-customer-dora"), "hello there")
    settle()
    assign(world.brand.pk)
    first, other = Offer.objects.filter(state=Offer.State.PENDING).select_related("agent__user", "ticket")
    mine = Checked(app_of(first.agent.user).headers["Authorization"])
    told = mine.call("GET", "/offers")["offers"]
    assert first.ticket.public_id in {each["ticket"]["id"] for each in told}
    accepted = mine.call("POST", f"/offers/{first.ticket.public_id}/accept")["ticket"]
    assert accepted["assignee"]["id"] == first.agent.user.public_id
    theirs = Checked(app_of(other.agent.user).headers["Authorization"])
    theirs.call("POST", f"/offers/{other.ticket.public_id}/decline", status=204)
    other.refresh_from_db()
    assert other.state == Offer.State.DECLINED


def test_what_a_ticket_cannot_be_is_refused_by_field_and_limit(world: World) -> None:
    refused = world.shop.call("PATCH", f"/tickets/{world.ids['ticket']}", {"assignee": "x"}, 400)
    assert refused["error"]["field"] == "assignee"
    refused = world.shop.call("PATCH", f"/tickets/{world.ids['ticket']}", {"subject": "x" * 161}, 400)
    assert (refused["error"]["field"], refused["error"]["limit"]) == ("subject", 160)
