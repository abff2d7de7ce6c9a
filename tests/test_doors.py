"""Every door of Madang, tried by those who may not pass: no address and no socket frame can be forgotten here.

carol writes to alice's brand. dave is another of its visitors, charlie an agent of another brand. gus answers in hers
and sees only what is assigned to him, which carol's is not: he is answered as charlie is. rita is a light agent.
Each address stands in DOORS with what the wrong people are answered; a new address fails the first test until it does.
The console's addresses have a table of their own (tests/config); the business API's are tried in tests/business.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from config.asgi import application
from conversations.actions import visitors
from conversations.actions.attachments import store_upload
from conversations.actions.blocking import block
from conversations.actions.merging import merge_customers
from conversations.actions.personal_tokens import make_token
from conversations.actions.roles import save_role
from conversations.actions.scheduled import schedule_reply
from conversations.consumers import AgentSocket, ClientSocket
from conversations.events import SYSTEM
from conversations.models import (
    Block,
    Contact,
    ContactMerge,
    Conversation,
    CustomRole,
    Draft,
    Event,
    Membership,
    Message,
    Participant,
    PersonalToken,
    Role,
    ScheduledReply,
)
from conversations.permissions import AGENT, Sees
from routing.actions.agents import agent_of
from routing.actions.many import Changes, apply_changes
from routing.actions.sides import open_side
from routing.actions.tickets import open_ticket
from routing.models import CustomField, Macro, SideConversation, SideMessage, Ticket, View
from routing.workspace.undoing import undo_token
from tests.conversations.test_sockets import agent_line
from tests.factories import make_brand, make_channel, make_user, make_visitor, reply, say

SECRET = "the secret word is persimmon"
PUBLIC = {
    "",
    "healthz",
    "readyz",
    "w.js",
    "ekr/snippet.js",
    "demo/",
    "api/docs/",
    "api/docs/business/",
    "client/v1/schema/",
    r"client/v1/^(?P<path>[\s\S]+)$",
    "widget/<slug:key>/",
    "forms/<slug:public_id>/",
    "forms/<slug:public_id>/sent/",
    "widget/app.js",
    "widget/app.css",
    "demo/<slug:item>/",
    "workspace/",
    "workspace/sign-in/",
    "workspace/sign-out/",
    "workspace/language/",
    "workspace/password/",
    "client/v1/session",
}


@dataclass(frozen=True)
class Door:
    """One method of one address, and the answers to the wrong people; gus is answered as charlie unless said."""

    method: str
    body: dict[str, Any] = field(default_factory=dict)
    nobody: int = 302
    stranger: int = 302
    charlie: int = 404
    rita: int = 200
    gus: int | None = None


def client_door(method: str, body: dict[str, Any] | None = None, *, own: int = 404) -> Door:
    """A door of the client API: by token only. `own` is what callers are answered of their own things."""
    return Door(method, body or {}, nobody=401, stranger=own, charlie=401, rita=401)


TEXT = {"client_id": "x-1", "content": {"type": "text", "text": "x"}}
DOORS: dict[str, list[Door]] = {
    "client/v1/me": [client_door("PATCH", {"name": "x"}, own=200)],
    "client/v1/conversations": [client_door("GET", own=200), client_door("POST", own=201)],
    "client/v1/conversations/<slug:public_id>": [client_door("GET")],
    "client/v1/conversations/<slug:public_id>/end": [client_door("POST")],
    "client/v1/conversations/<slug:public_id>/messages": [client_door("GET"), client_door("POST", TEXT)],
    "client/v1/conversations/<slug:public_id>/activity": [
        client_door("POST", {"type": "conversation:read", "seq": 1}),
        client_door("POST", {"type": "conversation:delivered", "seq": 1}),
        client_door("POST", {"type": "typing:start"}),
    ],
    "client/v1/conversations/<slug:public_id>/postback": [
        client_door("POST", {"message": "{message}", "payload": "x"})
    ],
    "client/v1/conversations/<slug:public_id>/rating": [client_door("POST", {"message": "{message}", "score": 1})],
    # Whoever has its address may rate; of one that was never made there is nothing.
    "rate/<str:token>/": [Door("GET", nobody=404, stranger=404, rita=404)],
    "client/v1/attachments": [client_door("POST", own=415)],
    "client/v1/poll": [client_door("GET", own=200)],
    "files/<slug:public_id>/<str:key>/<str:name>": [Door("GET", nobody=404, stranger=404, rita=404)],
    "workspace/conversations/<slug:public_id>/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/messages/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/post/": [Door("POST", {"text": "x"}, rita=403)],
    "workspace/conversations/<slug:public_id>/read/": [Door("POST", {"seq": "1"}, rita=204)],
    "workspace/conversations/<slug:public_id>/customer/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/draft/": [Door("POST", {"text": "x"}, rita=403)],
    "workspace/conversations/<slug:public_id>/blocked/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/ended/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/ended/resume/": [Door("POST", rita=403)],
    "workspace/contacts/<slug:public_id>/block/": [
        Door("POST", {"what": "contact", "hours": "1"}, rita=403),
        Door("POST", {"what": "address:203.0.113.7", "hours": "1"}, rita=403),
    ],
    "workspace/contacts/<slug:public_id>/merge/": [
        Door("GET", rita=403),
        Door("POST", {"with": "x", "sure": "x"}, rita=403),
    ],
    "workspace/merges/<slug:public_id>/undo/": [Door("POST", rita=403)],
    "workspace/blocks/<slug:public_id>/lift/": [Door("POST", rita=403)],
    "workspace/contacts/": [Door("GET", charlie=200)],
    "workspace/contacts/<slug:contact_id>/": [Door("GET")],
    "workspace/contacts/<slug:public_id>/edit/": [Door("POST", {"name": "x"}, rita=403)],
    "workspace/parts/contacts/": [Door("GET", {"q": "Carol"}, charlie=200)],
    "workspace/parts/contacts/<slug:public_id>/": [Door("GET")],
    "workspace/apps/": [Door("GET", charlie=200), Door("POST", {"name": "x"}, charlie=422, rita=422)],
    "workspace/apps/<slug:public_id>/revoke/": [Door("POST", rita=404)],
    "workspace/upload/": [Door("POST", {"conversation": "{conversation}"}, rita=400)],
    "workspace/search/tickets/": [Door("GET", {"q": "1"}, charlie=200)],
    "workspace/moments/": [Door("GET", charlie=200)],
    "workspace/search/": [Door("GET", {"q": "persimmon"}, charlie=200)],
    "workspace/inbox/<slug:view>/": [Door("GET", charlie=200)],
    "workspace/inbox/<slug:view>/<slug:conversation_id>/": [Door("GET")],
    "workspace/live/": [Door("GET", charlie=403, rita=403)],
    # It is alice's: charlie and the others supervise nothing; a supervisor of another brand is in tests/routing.
    "workspace/live/agents/<slug:agent_id>/": [
        Door("GET", charlie=403, rita=403),
        Door("POST", {"to": "away"}, charlie=403, rita=403),
    ],
    "workspace/parts/live/": [Door("GET", charlie=403, rita=403)],
    "workspace/parts/views/": [Door("GET", charlie=200)],
    "workspace/parts/list/<slug:view>/": [Door("GET", charlie=200)],
    "workspace/parts/ticket/<slug:conversation_id>/": [Door("GET")],
    "workspace/parts/ticket-panel/<slug:conversation_id>/": [Door("GET")],
    "workspace/tickets/<slug:conversation_id>/<slug:verb>/": [Door("POST", {"status": "solved"}, rita=403)],
    "workspace/parts/contact-fields/<slug:contact_id>/": [Door("GET")],
    "workspace/parts/contact-fields-of/<slug:conversation_id>/": [Door("GET")],
    "workspace/contacts/<slug:contact_id>/fields/": [Door("POST", {"field:own": "x"}, rita=403)],
    "workspace/views/new/": [
        Door("GET", charlie=200),
        Door("POST", {"name": "x", "order": "secret"}, charlie=422, rita=422),
    ],
    # They are alice's own: nobody else of her brand sees them either.
    "workspace/views/<slug:public_id>/edit/": [Door("GET", rita=404), Door("POST", {"name": "x"}, rita=404)],
    "workspace/views/<slug:public_id>/delete/": [Door("POST", rita=404)],
    "workspace/conversations/<slug:public_id>/later/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/later/add/": [
        Door("POST", {"text": "x", "client_id": "x", "until": "2100-01-01T09:00"}, rita=403)
    ],
    "workspace/later/<slug:reply_id>/<slug:verb>/": [Door("POST", rita=403)],
    "workspace/parts/macros/<slug:conversation_id>/": [Door("GET")],
    "workspace/parts/own-macros/": [Door("GET", charlie=200), Door("GET", {"edit": "{macro}"}, rita=404)],
    "workspace/macros/": [Door("POST", {"name": "", "text": "x", "brand": "{brand}"}, rita=403, gus=422)],
    "workspace/macros/file/": [Door("POST", {"brand": "{brand}"}, rita=403, gus=400)],
    "workspace/macros/<slug:macro_id>/": [Door("POST", {"name": "x", "text": "x"}, rita=404)],
    "workspace/macros/<slug:macro_id>/delete/": [Door("POST", rita=404)],
    "workspace/macros/<slug:macro_id>/use/<slug:conversation_id>/": [Door("POST", rita=404)],
    "workspace/parts/tags/": [Door("GET", charlie=200), Door("GET", {"brand": "{brand}"}, gus=200)],
    "workspace/parts/bulk/": [Door("GET", charlie=200)],
    "workspace/bulk/": [Door("POST", {"ticket": "{ticket}", "do": "priority:1"}, rita=403)],
    "workspace/undo/": [Door("POST", {"token": "{undo}"}, rita=404)],
    "workspace/parts/offers/": [Door("GET", {"had": "{conversation}"}, charlie=200)],
    "workspace/offers/<slug:conversation_id>/<slug:answer>/": [Door("POST", rita=403)],
    "workspace/pass-on/<slug:conversation_id>/": [
        Door("GET", rita=403),
        Door("POST", {"to": "escalate", "note": "x"}, rita=403),
    ],
    "workspace/pass-on/<slug:conversation_id>/back/": [Door("POST", rita=403)],
    "workspace/merge/<slug:conversation_id>/": [
        Door("GET", rita=403),
        Door("POST", {"to": "x", "sure": "x"}, rita=403),
    ],
    "workspace/sides/<slug:conversation_id>/new/": [
        Door("GET", rita=403),
        Door("POST", {"kind": "email", "participants": "x@example.test", "subject": "x", "text": "x"}, rita=403),
    ],
    "workspace/sides/<slug:side_id>/": [Door("GET"), Door("POST", {"text": "x"}, rita=403)],
    "workspace/sides/<slug:side_id>/close/": [Door("POST", rita=403)],
    "workspace/parts/why/<slug:conversation_id>/": [Door("GET")],
    "workspace/take-next/": [Door("POST", charlie=404, rita=403, gus=403)],
    "workspace/parts/status/": [Door("GET", charlie=200)],
    "workspace/me/status/": [Door("POST", {"status": "online"}, charlie=200, rita=403)],
    "workspace/me/preference/": [Door("POST", {"name": "theme", "value": "dark"}, charlie=204, rita=204)],
}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    """Give every address, as it is written in the urls, but the console's and the business API's."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        path = f"{prefix}{each.pattern}"
        if isinstance(each, URLResolver):
            if path not in {"admin/", "api/v1/"}:
                yield from addresses(each.url_patterns, path)
        elif not path.startswith("api/v1/"):
            yield path


def test_every_address_is_tried() -> None:
    assert set(addresses()) == PUBLIC | set(DOORS), "Say in DOORS what the wrong people are answered there."


class House:
    """carol's conversation, and those who want in."""

    def __init__(self) -> None:
        brand = make_brand()
        self.channel = make_channel(brand)
        carol = make_visitor(self.channel, name="Carol", email="carol@example.test")
        self.message: Message = say(carol, SECRET, client_id="c-1").message
        self.conversation: Conversation = self.message.conversation
        self.alice = make_user("alice", brand)
        reply(self.conversation, self.alice, f"note: {SECRET}", audience=Message.Audience.INTERNAL)
        self.ticket = open_ticket(conversation=self.conversation)
        ask = {"subject": SECRET, "text": SECRET, "participants": ["supplier@example.test"]}
        self.side = open_side(ticket=self.ticket, by=self.alice, **ask)  # type: ignore[arg-type]  # each of its kind
        self.view = View.objects.create(brand=brand, owner=agent_of(self.alice), name=SECRET)
        self.later = schedule_reply(
            conversation=self.conversation,
            author=self.alice,
            content={"type": "text", "text": SECRET},
            send_at=timezone.now() + timedelta(hours=1),
            seen_seq=1,
            client_id="later-1",
        )
        self.macro = Macro.objects.create(brand=brand, owner=self.alice, name=SECRET, text=SECRET, priority=4)
        changes = apply_changes(ticket=self.ticket, changes=Changes(priority=3), by=SYSTEM)
        self.undo = undo_token(self.alice, [changes])
        self.file = store_upload(brand=brand, file=SimpleUploadedFile("a.txt", SECRET.encode()), user=self.alice)
        self.token = visitors.admit_visitor(channel=self.channel, client_id="daves-browser-00001").token
        self.app = make_token(user=self.alice, name=SECRET)[0]
        self.charlie = make_user("charlie", make_brand("other"))
        self.gus = make_user("gus", brand)
        own = CustomRole(brand=brand, name="Own work only", sees=Sees.ASSIGNED)
        save_role(role=own, permissions=[each.value for each in AGENT], fields=(), by=SYSTEM)
        Membership.objects.filter(user=self.gus).update(custom_role=own)
        self.rita = make_user("rita", brand, role=Role.LIGHT)
        erin = make_visitor(self.channel, "erins-browser-00001").contact
        self.merge = merge_customers(surviving=self.conversation.contact, discarded=erin, by=self.alice)
        CustomField.objects.create(brand=brand, of="contact", key="own", label="Own")
        self.conversation.contact.field_values = {"own": SECRET}
        self.conversation.contact.save(update_fields=["field_values"])
        self.block = block(brand=brand, kind="contact", contact=self.conversation.contact, by=SYSTEM)

    def fill(self, text: str) -> str:
        return text.format(
            conversation=self.conversation.public_id,
            message=self.message.public_id,
            macro=self.macro.public_id,
            brand=self.conversation.brand_id,
            undo=self.undo,
            ticket=self.ticket.public_id,
        )

    def address(self, route: str) -> str:
        for name, value in {
            "<slug:public_id>": self.public_id(route),
            "<slug:conversation_id>": self.conversation.public_id,
            "<slug:contact_id>": self.conversation.contact.public_id,
            "<slug:agent_id>": self.alice.public_id,
            "<slug:reply_id>": self.later.public_id,
            "<slug:macro_id>": self.macro.public_id,
            "<slug:side_id>": self.side.public_id,
            "<slug:view>": "open",
            "<slug:verb>": "now" if "/later/" in route else "status",
            "<slug:answer>": "accept",
            "<str:key>": "k" * 43,
            "<str:name>": "a.txt",
            "<str:token>": self.message.public_id,
        }.items():
            route = route.replace(name, value)
        return f"/{route}"

    def public_id(self, route: str) -> str:
        if route.startswith("files/"):
            return self.file.public_id
        if route.startswith("workspace/views/"):
            return self.view.public_id
        if "/merges/" in route:
            return self.merge.public_id
        if "/apps/" in route:
            return self.app.public_id
        if "/blocks/" in route:
            return self.block.public_id
        return self.conversation.contact.public_id if "/contacts/" in route else self.conversation.public_id

    def state(self) -> Any:
        """What no door may change for the wrong people."""
        return (
            list(Message.objects.order_by("pk").values_list("pk", "content")),
            list(Ticket.objects.values_list("status", "assignee", "subject", "priority", "field_values", "form")),
            list(Macro.objects.values_list("name", "text")),
            list(Contact.objects.filter(pk=self.conversation.contact_id).values_list("name", "email", "field_values")),
            list(Participant.objects.filter(conversation=self.conversation).order_by("pk").values_list("read_seq")),
            Event.objects.filter(conversation_id=self.conversation.pk).count(),
            Draft.objects.count(),
            PersonalToken.objects.count(),
            list(View.objects.order_by("pk").values_list("name", "conditions")),
            list(ScheduledReply.objects.values_list("state", "content")),
            ContactMerge.objects.count(),
            SideMessage.objects.count(),
            list(SideConversation.objects.values_list("state")),
            list(Block.objects.order_by("pk").values_list("pk", "lifted_at")),
        )

    def call(self, client: Client, route: str, door: Door, **headers: str) -> Any:
        body = {name: self.fill(value) if isinstance(value, str) else value for name, value in door.body.items()}
        if door.method == "GET":
            return client.get(self.address(route), body, headers=headers)
        if route.startswith("client/"):
            sent = json.dumps(body)
            return client.generic(
                door.method, self.address(route), sent, content_type="application/json", headers=headers
            )
        return client.post(self.address(route), body, headers=headers)


@pytest.fixture
def house(db: None) -> House:
    return House()


@pytest.mark.parametrize(("route", "door"), [(route, door) for route, doors in DOORS.items() for door in doors])
def test_wrong_people_learn_and_change_nothing(house: House, route: str, door: Door) -> None:
    before = house.state()
    charlie, gus, rita = Client(), Client(), Client()
    for client, user in ((charlie, house.charlie), (gus, house.gus), (rita, house.rita)):
        client.force_login(user)
    tries = {
        "nobody": (house.call(Client(), route, door), door.nobody),
        "stranger": (house.call(Client(), route, door, Authorization=f"Bearer {house.token}"), door.stranger),
        "charlie": (house.call(charlie, route, door), door.charlie),
        "gus": (house.call(gus, route, door), door.charlie if door.gus is None else door.gus),
    }
    for who, (answer, expected) in tries.items():
        assert SECRET not in b"".join(answer).decode(errors="replace"), who
        assert answer.status_code == expected, who
    assert house.state() == before
    answer = house.call(rita, route, door)
    assert answer.status_code == door.rita
    assert house.state() == before


# What each socket answers a stranger who names carol's conversation: an error, or nothing at all.
CLIENT_FRAMES: dict[str, dict[str, Any]] = {
    "hello": {},
    "send": {**TEXT},
    "typing": {"state": "start"},
    "read": {"seq": 1},
    "delivered": {"seq": 1},
    "postback": {"message": "{message}", "payload": "x"},
    "resume": {"after": 0},
    "ping": {},
}
AGENT_FRAMES: dict[str, dict[str, Any]] = {"watch": {}, "unwatch": {}, "typing": {"state": "start"}, "ping": {}}
AGENT_FRAMES["hello"] = {"token": "mad_x"}
AGENT_FRAMES["list"] = {}
# A hello names no conversation of carol's that counts; an agent's typing is heard only in the thread they watch.
# Of rows they do not see, a list is told nothing.
HARMLESS = {"client": {"hello", "ping"}, "agent": {"hello", "ping", "unwatch", "typing", "list"}}


def test_every_frame_is_tried() -> None:
    assert (frozenset(CLIENT_FRAMES), frozenset(AGENT_FRAMES)) == (ClientSocket.frames, AgentSocket.frames)


@pytest.fixture(autouse=True)
def keep_test_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels closes connections after each database call, and with them the test's own transaction."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)


async def _heard(line: WebsocketCommunicator) -> list[dict[str, Any]]:
    """Give everything the line has to say until it answers a ping."""
    await line.send_json_to({"type": "ping"})
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != "pong":
        frames.append(await line.receive_json_from(5))
    return frames


def _assert_learned_nothing(house: House, line: str, kind: str, frames: list[dict[str, Any]], before: Any) -> None:
    assert SECRET not in json.dumps(frames)
    assert house.state() == before
    errors = [frame["code"] for frame in frames if frame["type"] == "error"]
    assert kind in HARMLESS[line] or errors == ["not_found"], frames


@pytest.mark.parametrize("kind", CLIENT_FRAMES)
def test_stranger_on_the_client_socket_learns_nothing(house: House, kind: str) -> None:
    before = house.state()
    more = {name: house.fill(v) if isinstance(v, str) else v for name, v in CLIENT_FRAMES[kind].items()}

    async def story() -> list[dict[str, Any]]:
        line = WebsocketCommunicator(application, "/ws/client/")
        await line.connect()
        seen = {house.conversation.public_id: 0}
        await line.send_json_to({"type": "hello", "token": house.token, "seen": seen})
        if kind != "hello":
            await line.send_json_to({"type": kind, "conversation": house.conversation.public_id, **more})
        frames = await _heard(line)
        await line.disconnect()
        return frames

    _assert_learned_nothing(house, "client", kind, async_to_sync(story)(), before)


@pytest.mark.parametrize("who", ["charlie", "gus"])
@pytest.mark.parametrize("kind", AGENT_FRAMES)
def test_agent_who_does_not_see_it_on_the_agents_socket_learns_nothing(house: House, kind: str, who: str) -> None:
    before = house.state()

    async def story() -> list[dict[str, Any]]:
        line = agent_line(getattr(house, who))
        await line.connect()
        more = {"conversations": [house.conversation.public_id]} if kind == "list" else AGENT_FRAMES[kind]
        await line.send_json_to({"type": kind, "conversation": house.conversation.public_id, **more})
        frames = await _heard(line)
        await line.disconnect()
        return frames

    _assert_learned_nothing(house, "agent", kind, async_to_sync(story)(), before)
