"""A brand in which there is one of everything, made by its own API, and the call of every operation on it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from conversations import relay
from conversations.models import Brand, Conversation, User
from conversations.permissions import Role
from routing.models import Ticket
from tests.business.calling import BASE, Program, app_of, system
from tests.contract.documents import business_api
from tests.factories import PASSWORD, make_brand, make_channel, make_user, make_visitor, say
from tests.routing.cast import configure, make_agent

DOCUMENT = business_api()
# (method, path, operation id) of every operation there is.
OPERATIONS = sorted(
    (method.upper(), path.removeprefix(BASE), str(operation["operationId"]))
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
)
LATER = (timezone.now() + timedelta(days=1)).isoformat()
TEXT = {"content": {"type": "text", "text": "Hi"}}
# What makes one of each, {noun: (address, body)}; "{group}" stands for the id of the group.
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "block": ("/blocks", {"kind": "email", "value": "spam@mail.example", "reason": "spam"}),
    "group": ("/groups", {"name": "Returns", "members": ["{agent}"]}),
    "queue": ("/queues", {"name": "Refunds", "primary_groups": ["{group}"], "priority": 5}),
    "capacity_rule": ("/capacity-rules", {"name": "Seniors", "max_messaging": 7, "members": ["{agent}"]}),
    "status": ("/statuses", {"name": "Training", "messaging": "away"}),
    "skill_type": ("/skill-types", {"name": "Language", "skills": [{"name": "Korean"}, {"name": "Thai"}]}),
    "skill_rule": ("/skill-rules", {"name": "Koreans", "requires": ["{skill}"]}),
    "schedule": (
        "/schedules",
        {
            "name": "Day",
            "time_zone": "Asia/Seoul",
            "week": [{"weekday": 0, "starts": "09:00", "ends": "18:00"}],
            "holidays": [{"name": "Chuseok", "first_date": "2026-09-24", "last_date": "2026-09-26"}],
        },
    ),
    "service_level": (
        "/service-levels",
        {
            "name": "Urgent work",
            "conditions": {"all": [{"field": "ticket.priority", "operator": "is", "value": "urgent"}]},
            "schedule": "{schedule}",
            "targets": [{"metric": "first_reply", "priority": "urgent", "minutes": 30, "is_business": True}],
        },
    ),
    "trigger": (
        "/triggers",
        {
            "name": "Refunds",
            "events": ["ticket.changed"],
            "conditions": {"all": [{"field": "ticket.tags", "operator": "include_any", "value": ["refund"]}]},
            "steps": [{"do": "pass_to_queue", "value": "{queue}"}, {"do": "set_group", "value": "{group}"}],
        },
    ),
    "automation": (
        "/automations",
        {"name": "Remember", "steps": [{"do": "add_tags", "value": ["old"]}], "is_once": True, "is_active": False},
    ),
    "field": ("/fields", {"key": "order", "label": "Order number"}),
    "ticket_form": ("/ticket-forms", {"name": "Orders", "field_keys": ["order"]}),
    "view": ("/views", {"name": "Urgent", "order": "priority"}),
    "macro": ("/macros", {"name": "Thanks", "text": "Thank you!", "shortcut": "ty"}),
}
# What the others take, by operation.
BODIES: dict[str, dict[str, Any]] = {
    "signIn": {"email": "alice@example.test", "password": PASSWORD},
    "postMessage": TEXT,
    "transferTicket": {"group": "{group}"},
    "escalateTicket": {},
    "useMacro": {"macro": "{macro}"},
    "setOwnStatus": {"status": "away"},
    "setAgentStatus": {"status": "away"},
    "importHolidays": {"country": "KR", "years": [2026]},
    "changeContact": {"name": "Carol"},
    "changeContactValues": {"values": {}},
    "makeContact": {"name": "Dora", "email": "dora@mail.example"},
    "changeTickets": {"tickets": ["{ticket}"], "changes": {"priority": "high"}},
    "mergeTicket": {"into": "{other_ticket}"},
    "mergeContact": {"contact": "{other_contact}"},
    "openSideConversation": {"subject": "Stock", "text": "How many?", "participants": ["stock@mail.example"]},
    "replyToSideConversation": {"text": "And when?"},
    "scheduleReply": TEXT | {"send_at": LATER, "client_id": "later-2"},
    "makeTicket": {"contact": {"id": "{contact}"}, "subject": "Refund", "text": "Please."},
    "changeTicket": {"priority": "high"},
    "changeSurvey": {"scale": 3, "look": "words", "words_en": ["Bad", "Okay", "Good"], "reasons_en": ["Slow"]},
    "changeSessionSettings": {
        "reminders": [{"minutes": 5, "text_en": "Still there?"}],
        "closed_schedule": "{schedule}",
    },
    "switchRating": {"is_on": False},
    "changeRoutingConfig": {"fair_start_seconds": 5},
    **{
        f"order{nouns}": {"ids": [f"{{{noun}}}"]}
        for nouns, noun in (
            ("Queues", "queue"),
            ("Statuses", "status"),
            ("SkillRules", "skill_rule"),
            ("ServiceLevels", "service_level"),
            ("Triggers", "trigger"),
            ("Automations", "automation"),
            ("Fields", "field"),
            ("Views", "view"),
        )
    },
    "changeSkill": {"holders": [{"agent": "{agent}", "level": 4}]},
}
# What the query must say, by operation.
QUERIES = {
    "search": "?q=hello",
    "readConditionFields": "?of=service-levels",
    "tryTrigger": "?ticket={ticket}",
    "tryAutomation": "?ticket={ticket}",
    "previewContactMerge": "?contact={other_contact}",
}
# In which noun's address the id stands, where it is not that noun's own.
PLACES = {
    "tickets": "ticket",
    "offers": "ticket",
    "conversations": "conversation",
    "statuses": "status",
    "side-conversations": "side",
    "scheduled-replies": "scheduled_reply",
    "contact-merges": "merge",
}


@dataclass
class World:
    """alice answers in a brand that has one of everything; `ids` are by noun."""

    brand: Brand
    alice: User
    shop: Program
    ids: dict[str, str] = field(default_factory=dict)

    def filled(self, value: Any) -> Any:
        """Put ids into the places for them."""
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        return value.format(**self.ids) if isinstance(value, str) else value

    def address(self, path: str) -> str:
        """Give an operation's address with the id of what stands there."""
        noun = path.split("/")[1]
        return path.replace("{public_id}", self.ids.get(PLACES.get(noun, noun.rstrip("s").replace("-", "_")), "x"))

    def body(self, operation: str) -> Any:
        """Give a body that the operation takes; None for one without."""
        noun = next((noun for noun in MADE if operation == f"make{_title(noun)}"), "")
        return self.filled(MADE[noun][1] if noun else BODIES.get(operation, {}))

    def do(self, program: Program, method: str, path: str, operation: str, status: int) -> Any:
        """Call an operation as it is meant."""
        if operation == "uploadFile":
            files = {"file": SimpleUploadedFile("a.txt", b"words")}
            response = program.client.post(f"{BASE}{path}", files, headers=program.headers)
            assert response.status_code == status, response.content
            return response.json()
        body = None if method in {"GET", "DELETE"} else self.body(operation)
        path = self.address(path) + self.filled(QUERIES.get(operation, ""))
        return program.call(method, path, body, status)


def _title(noun: str) -> str:
    return "".join(part.capitalize() for part in noun.split("_"))


def make_world(program: type[Program] = Program) -> World:
    """Make it. carol has written "hello", and nobody has her ticket."""
    brand = make_brand()
    configure(brand, enabled=False)
    agent = make_agent("alice", brand)
    posted = say(make_visitor(make_channel(brand)), "hello")
    relay.publish_pending()
    relay.run_readers()
    conversation = Conversation.objects.select_related("contact").get(pk=posted.message.conversation_id)
    world = World(brand, agent.user, program(system(brand).headers["Authorization"]))
    world.ids |= {
        "agent": agent.user.public_id,
        "conversation": conversation.public_id,
        "contact": conversation.contact.public_id,
        "ticket": Ticket.objects.get().public_id,
    }
    for noun, (address, body) in MADE.items():
        made = world.shop.call("POST", address, world.filled(body), 201)[noun]
        world.ids[noun] = made["id"]
        if noun == "skill_type":
            world.ids["skill"] = made["skills"][0]["id"]
    app = app_of(agent.user)
    side = world.body("openSideConversation")
    told = app.call("POST", f"/tickets/{world.ids['ticket']}/side-conversations", side, 201)
    world.ids["side"] = told["side_conversation"]["id"]
    later = world.body("scheduleReply") | {"client_id": "later-1"}
    told = app.call("POST", f"/conversations/{conversation.public_id}/scheduled-replies", later, 201)
    world.ids["scheduled_reply"] = told["scheduled_reply"]["id"]
    for noun, name in (("twin", "Twin"), ("other_contact", "Other")):
        world.ids[noun] = world.shop.call("POST", "/contacts", {"name": name}, 201)["contact"]["id"]
    merged = app.call("POST", f"/contacts/{world.ids['contact']}/merge", {"contact": world.ids["twin"]})
    world.ids["merge"] = merged["merge"]["id"]
    world.ids["other_ticket"] = "0" * 24
    world.ids["token"] = app.call("GET", "/tokens")["tokens"][0]["id"]
    return world


def strangers() -> Iterator[tuple[Program, bool]]:
    """Give a system and a person of another brand; the latter speaks in person."""
    other = make_brand("other")
    yield system(other), False
    yield app_of(make_user("charlie", other, role=Role.ADMIN)), True
