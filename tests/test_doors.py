"""Every door of Madang, tried by those who may not pass: no address and no socket frame can be forgotten here.

carol writes to alice's brand. dave is another of its visitors, charlie an agent of another brand, rita may only read.
Each address stands in DOORS with what the wrong people are answered; a new address fails the first test until it does.
The console's addresses have a table of their own (tests/config).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from config.asgi import application
from conversations.actions import visitors
from conversations.actions.attachments import store_upload
from conversations.consumers import AgentSocket, ClientSocket
from conversations.models import Contact, Conversation, Draft, Event, Message, Participant, Role
from routing.actions.agents import agent_of
from routing.actions.tickets import open_ticket
from routing.models import Ticket, View
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
    "client/v1/schema/",
    "client/v1/<path:path>",
    "widget/<slug:key>/",
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
    """One method of one address, and the answers to the wrong people."""

    method: str
    body: dict[str, Any] = field(default_factory=dict)
    nobody: int = 302
    stranger: int = 302
    charlie: int = 404
    rita: int = 200


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
    "client/v1/attachments": [client_door("POST", own=415)],
    "client/v1/poll": [client_door("GET", own=200)],
    "files/<slug:public_id>/<str:key>/<str:name>": [Door("GET", nobody=404, stranger=404, rita=404)],
    "workspace/conversations/<slug:public_id>/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/messages/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/post/": [Door("POST", {"text": "x"}, rita=403)],
    "workspace/conversations/<slug:public_id>/read/": [Door("POST", {"seq": "1"}, rita=204)],
    "workspace/conversations/<slug:public_id>/customer/": [Door("GET")],
    "workspace/conversations/<slug:public_id>/draft/": [Door("POST", {"text": "x"}, rita=403)],
    "workspace/contacts/": [Door("GET", charlie=200)],
    "workspace/contacts/<slug:contact_id>/": [Door("GET")],
    "workspace/contacts/<slug:public_id>/edit/": [Door("POST", {"name": "x"}, rita=403)],
    "workspace/parts/contacts/": [Door("GET", {"q": "Carol"}, charlie=200)],
    "workspace/parts/contacts/<slug:public_id>/": [Door("GET")],
    "workspace/upload/": [Door("POST", {"conversation": "{conversation}"}, rita=403)],
    "workspace/search/": [Door("GET", {"q": "persimmon"}, charlie=200)],
    "workspace/inbox/<slug:view>/": [Door("GET", charlie=200)],
    "workspace/inbox/<slug:view>/<slug:conversation_id>/": [Door("GET")],
    "workspace/parts/views/": [Door("GET", charlie=200)],
    "workspace/parts/list/<slug:view>/": [Door("GET", charlie=200)],
    "workspace/parts/ticket/<slug:conversation_id>/": [Door("GET")],
    "workspace/parts/ticket-panel/<slug:conversation_id>/": [Door("GET")],
    "workspace/tickets/<slug:conversation_id>/<slug:verb>/": [Door("POST", {"status": "solved"}, rita=403)],
    "workspace/views/new/": [
        Door("GET", charlie=200),
        Door("POST", {"name": "x", "order": "secret"}, charlie=422, rita=422),
    ],
    # They are alice's own: nobody else of her brand sees them either.
    "workspace/views/<slug:public_id>/edit/": [Door("GET", rita=404), Door("POST", {"name": "x"}, rita=404)],
    "workspace/views/<slug:public_id>/delete/": [Door("POST", rita=404)],
    "workspace/me/status/": [Door("POST", {"status": "online"}, charlie=200)],
    "workspace/me/preference/": [Door("POST", {"name": "theme", "value": "dark"}, charlie=204, rita=204)],
}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[str]:
    """Give every address, as it is written in the urls, but the console's."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        path = f"{prefix}{each.pattern}"
        if isinstance(each, URLResolver):
            if path != "admin/":
                yield from addresses(each.url_patterns, path)
        else:
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
        self.view = View.objects.create(brand=brand, owner=agent_of(self.alice), name=SECRET)
        self.file = store_upload(brand=brand, file=SimpleUploadedFile("a.txt", SECRET.encode()), user=self.alice)
        self.token = visitors.admit_visitor(channel=self.channel, client_id="daves-browser-00001").token
        self.charlie = make_user("charlie", make_brand("other"))
        self.rita = make_user("rita", brand, role=Role.READ_ONLY)

    def fill(self, text: str) -> str:
        return text.format(conversation=self.conversation.public_id, message=self.message.public_id)

    def address(self, route: str) -> str:
        for name, value in {
            "<slug:public_id>": self.public_id(route),
            "<slug:conversation_id>": self.conversation.public_id,
            "<slug:contact_id>": self.conversation.contact.public_id,
            "<slug:view>": "open",
            "<slug:verb>": "status",
            "<str:key>": "k" * 43,
            "<str:name>": "a.txt",
        }.items():
            route = route.replace(name, value)
        return f"/{route}"

    def public_id(self, route: str) -> str:
        if route.startswith("files/"):
            return self.file.public_id
        if route.startswith("workspace/views/"):
            return self.view.public_id
        return self.conversation.contact.public_id if "/contacts/" in route else self.conversation.public_id

    def state(self) -> Any:
        """What no door may change for the wrong people."""
        return (
            list(Message.objects.order_by("pk").values_list("pk", "content")),
            list(Ticket.objects.values_list("status", "assignee", "subject")),
            list(Contact.objects.filter(pk=self.conversation.contact_id).values_list("name", "email")),
            list(Participant.objects.filter(conversation=self.conversation).order_by("pk").values_list("read_seq")),
            Event.objects.filter(conversation_id=self.conversation.pk).count(),
            Draft.objects.count(),
            list(View.objects.order_by("pk").values_list("name", "conditions")),
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
    charlie, rita = Client(), Client()
    charlie.force_login(house.charlie)
    rita.force_login(house.rita)
    tries = {
        "nobody": (house.call(Client(), route, door), door.nobody),
        "stranger": (house.call(Client(), route, door, Authorization=f"Bearer {house.token}"), door.stranger),
        "charlie": (house.call(charlie, route, door), door.charlie),
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
# A hello names no conversation of carol's that counts; an agent's typing is heard only in the thread they watch.
HARMLESS = {"client": {"hello", "ping"}, "agent": {"ping", "unwatch", "typing"}}


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


@pytest.mark.parametrize("kind", AGENT_FRAMES)
def test_agent_of_another_brand_on_the_agents_socket_learns_nothing(house: House, kind: str) -> None:
    before = house.state()

    async def story() -> list[dict[str, Any]]:
        line = agent_line(house.charlie)
        await line.connect()
        await line.send_json_to({"type": kind, "conversation": house.conversation.public_id, **AGENT_FRAMES[kind]})
        frames = await _heard(line)
        await line.disconnect()
        return frames

    _assert_learned_nothing(house, "agent", kind, async_to_sync(story)(), before)
