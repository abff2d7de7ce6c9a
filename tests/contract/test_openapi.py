"""Live answers against the OpenAPI document: every operation, and every status it declares that a client can cause."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations.actions.keys import create_signing_key
from conversations.actions.messages import Author, post_message
from conversations.content import parse_content
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Conversation, Message
from tests.contract.documents import OPEN, Documents
from tests.factories import make_channel, make_user, reply

API = "/client/v1"
PAGE = Path(__file__).parent.parent.parent / "docs" / "openapi.yaml"
# Content of every type a business writes, with every action; and what contacts send.
BUTTONS = [
    {"type": "link", "text": "See", "uri": "https://a.example/"},
    {"type": "webview", "text": "Open", "uri": "https://a.example/", "fallback": "https://a.example/", "size": "tall"},
    {"type": "reply", "text": "Yes", "payload": "yes"},
    {"type": "postback", "text": "Choose", "payload": "choose", "metadata": {"a": 1}},
    {"type": "buy", "text": "Buy", "amount": 1000, "currency": "krw"},
    {"type": "locationRequest", "text": "Where?"},
]
ITEM = {"title": "Tent", "description": "2 person", "actions": BUTTONS[:2], "size": "large"}
BUSINESS: list[dict[str, Any]] = [
    {"type": "text", "text": "Hello", "actions": BUTTONS},
    {"type": "text", "markdownText": "**Hello**"},
    {"type": "text", "htmlText": "<b>Hello</b>", "blockChatInput": True},
    {"type": "image", "mediaUrl": "https://a.example/a.png", "altText": "A tent"},
    {"type": "file", "mediaUrl": "https://a.example/a.pdf", "mediaSize": 12, "mediaType": "application/pdf"},
    {"type": "carousel", "items": [ITEM], "displaySettings": {"imageAspectRatio": "square"}},
    {"type": "list", "items": [ITEM], "actions": BUTTONS[:1]},
    {
        "type": "form",
        "fields": [{"type": "select", "name": "s", "label": "S", "options": [{"name": "a", "label": "A"}]}],
    },
    {"type": "location", "coordinates": {"lat": 37.5, "long": 127}, "location": {"name": "Store"}},
    {"type": "template", "template": {"name": "welcome"}},
]


class Caller:
    """A client whose every call and answer is held against the document; remembers which it made."""

    def __init__(self, documents: Documents, channel: Channel) -> None:
        self.documents, self.channel, self.http = documents, channel, Client()
        self.token = ""
        self.made: set[tuple[str, int]] = set()

    def call(self, method: str, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if "file" in more:
            answer = self.http.post(f"{API}{path}", {"file": more["file"]}, headers=headers)
        else:
            sent = json.dumps(body) if body is not None else ""
            kind = more.get("content_type", "application/json")
            answer = self.http.generic(method, f"{API}{path}", sent, content_type=kind, headers=headers)
        assert answer.status_code == status, (method, path, answer.content)
        route, operation = self.operation(method, path.split("?")[0])
        responses = operation["responses"]
        assert str(status) in responses, f"{operation['operationId']} answers {status}, which it does not declare."
        self.made.add((operation["operationId"], status))
        if status == 204:
            return None
        self.documents.check(
            answer.json(), OPEN, "paths", route, method.lower(), "responses", str(status), "content",
            "application/json", "schema",
        )  # fmt: skip
        if "requestBody" in operation and status < 300 and body is not None:
            place = ("requestBody", "content", "application/json", "schema")
            self.documents.check(body, OPEN, "paths", route, method.lower(), *place)
        return answer.json()

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        for route, methods in self.documents.open["paths"].items():
            ours, theirs = f"{API}{path}".split("/"), route.split("/")
            fits = len(ours) == len(theirs) and all(
                b.startswith("{") or a == b for a, b in zip(ours, theirs, strict=True)
            )
            if fits and method.lower() in methods:
                return route, methods[method.lower()]
        raise AssertionError(f"the document has no {method} {path}")


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents()


@pytest.fixture
def caller(documents: Documents, brand: Brand) -> Caller:
    return Caller(documents, make_channel(brand))


def conversations(caller: Caller) -> Iterator[Conversation]:
    yield from Conversation.objects.filter(brand=caller.channel.brand).order_by("pk")


def test_live_answers_of_every_operation_are_as_documented(caller: Caller, brand: Brand) -> None:
    start = {
        "key": caller.channel.key,
        "client_id": "carols-browser-0001",
        "locale": "en",
        "page": "https://a.example/",
    }
    caller.token = caller.call("POST", "/session", start, 201)["token"]
    caller.call("PATCH", "/me", {"name": "Carol", "email": "carol@example.test"})
    hello = {"client_id": "m-1", "content": {"type": "text", "text": "hello"}, "metadata": {"page": "home"}}
    own = caller.call("POST", "/conversations/default/messages", hello, 201)["message"]["conversation"]
    caller.call("POST", "/conversations/default/messages", hello, 200)
    place = {"type": "location", "coordinates": {"lat": 37.5, "long": 127}}
    caller.call("POST", f"/conversations/{own}/messages", {"client_id": "m-2", "content": place}, 201)
    caller.call("POST", "/conversations/new/messages", {**hello, "client_id": "m-9"}, 201)
    upload = caller.call("POST", "/attachments", None, 201, file=SimpleUploadedFile("a.txt", b"words"))["attachment"]
    file = {"type": "file", "mediaUrl": upload["url"]}
    caller.call("POST", f"/conversations/{own}/messages", {"client_id": "m-3", "content": file}, 201)
    alice = make_user("alice", brand)
    conversation = Conversation.objects.get(public_id=own)
    for content in BUSINESS:
        reply(conversation, alice, content=content)
    thread = caller.call("GET", f"/conversations/{own}/messages?limit=100")["messages"]
    assert {each["content"]["type"] for each in thread} >= {content["type"] for content in BUSINESS}
    asked = parse_content({"type": "rating", "text": "How?", "scale": 5, "until": "2100-01-01T00:00:00Z"}, by="system")
    asking = post_message(conversation=conversation, author=Author.system(), content=asked, is_parsed=True).message
    for _twice in range(2):
        caller.call("POST", f"/conversations/{own}/rating", {"message": asking.public_id, "score": 4, "comment": "ok"})
    form = Message.objects.get(conversation=conversation, content__type="form")
    answer = {
        "type": "formResponse",
        "quotedMessageId": form.public_id,
        "fields": [{"type": "select", "name": "s", "label": "S", "select": [{"name": "a", "label": "A"}]}],
    }
    caller.call("POST", f"/conversations/{own}/messages", {"client_id": "m-4", "content": answer}, 201)
    caller.call("GET", f"/conversations/{own}/messages?after=2&limit=3")
    caller.call("GET", f"/conversations/{own}/messages?before=2")
    caller.call("GET", f'/poll?after={{"{own}":1}}')
    caller.call("GET", f"/conversations/{own}")
    for kind in ("typing:start", "typing:stop", "conversation:read", "conversation:delivered"):
        caller.call("POST", f"/conversations/{own}/activity", {"type": kind, "seq": 4}, 204)
    pressed = next(each for each in thread if each["content"].get("actions"))
    caller.call("POST", f"/conversations/{own}/postback", {"message": pressed["id"], "payload": "choose"}, 204)
    caller.call("POST", "/conversations", {"client_id": "c-1", "metadata": {"from": "app"}}, 201)
    caller.call("GET", "/conversations")
    caller.call("POST", f"/conversations/{own}/end", None, 200)
    caller.call("GET", f"/conversations/{own}")
    caller.call("DELETE", "/session", None, 204)
    every = {
        (operation["operationId"], int(status))
        for methods in caller.documents.open["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
        if int(status) < 300
    }
    assert caller.made == every


def test_refusals_are_as_documented(caller: Caller, settings: Any) -> None:
    start = {"key": caller.channel.key, "client_id": "carols-browser-0001"}
    hello = {"client_id": "m-1", "content": {"type": "text", "text": "hello"}}
    for method, path in (
        ("GET", "/conversations"),
        ("GET", "/conversations/x"),
        ("GET", "/conversations/x/messages"),
        ("POST", "/conversations/x/messages"),
        ("POST", "/conversations/x/end"),
        ("POST", "/conversations/x/activity"),
        ("POST", "/conversations/x/postback"),
        ("POST", "/conversations"),
        ("PATCH", "/me"),
        ("GET", "/poll"),
        ("POST", "/attachments"),
        ("DELETE", "/session"),
    ):
        caller.call(method, path, None, 401)
    caller.call("POST", "/session", {**start, "client_id": "short"}, 400)
    caller.call("POST", "/session", {**start, "jwt": "nonsense"}, 401)
    caller.call("POST", "/session", {**start, "key": "nope"}, 404)
    caller.call("POST", "/session", {}, 415, content_type="text/plain")
    caller.token = caller.call("POST", "/session", start, 201)["token"]
    for path in ("/conversations?before=x", "/conversations/default/messages?limit=x", "/poll?after=x"):
        caller.call("GET", path, None, 400)
    caller.call("PATCH", "/me", {"name": "x" * 129}, 400)
    caller.call("POST", "/conversations", {"metadata": {"deep": {"a": 1}}}, 400)
    caller.call("POST", "/attachments", None, 400, file=SimpleUploadedFile("a.svg", b"<svg/>"))
    caller.call("POST", "/conversations/default/messages", {"client_id": "m-1", "content": {"type": "share"}}, 400)
    caller.call("POST", "/conversations/default/activity", {"type": "dancing"}, 400)
    for method, path, body in (
        ("GET", "/conversations/x", None),
        ("GET", "/conversations/x/messages", None),
        ("POST", "/conversations/x/messages", hello),
        ("POST", "/conversations/x/end", None),
        ("POST", "/conversations/x/activity", {"type": "typing:start"}),
        ("POST", "/conversations/default/end", None),
        ("POST", "/conversations/default/activity", {"type": "typing:start"}),
        ("POST", "/conversations/default/postback", {"message": "x", "payload": "x"}),
    ):
        caller.call(method, path, body, 404)
    assert Conversation.objects.count() == 0
    silent = caller.call("POST", "/conversations", {}, 201)["conversation"]["id"]
    caller.call("POST", f"/conversations/{silent}/end", None, 409)
    caller.call("POST", "/conversations/default/messages", hello, 415, content_type="text/plain")
    settings.API_RATE_LIMITS = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 0)
    for method, path in (("GET", "/poll"), ("POST", "/conversations"), ("POST", "/session"), ("POST", "/attachments")):
        caller.call(method, path, start, 429)


def test_signed_in_user_gets_a_session(caller: Caller, brand: Brand) -> None:
    key, secret = create_signing_key(brand=brand, name="Website", by=SYSTEM)
    claims = {"scope": "user", "external_id": "customer-42", "name": "Maya"}
    token = jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key.kid})
    started = caller.call("POST", "/session", {"key": caller.channel.key, "jwt": token}, 201)
    assert started["contact"]["signed_in"] is True


@pytest.mark.parametrize("content", BUSINESS, ids=lambda content: str(content["type"]))
def test_stored_content_is_as_documented(documents: Documents, content: dict[str, Any]) -> None:
    documents.check(parse_content(content, by="business"), OPEN, "components", "schemas", "content.Any")


@pytest.mark.parametrize(
    "content",
    [
        {"type": "text", "text": "x" * 4097},
        {"type": "text", "text": "x", "actions": []},
        {"type": "carousel", "items": []},
        {"type": "location", "coordinates": {"lat": 91, "long": 0}},
        {"type": "share", "text": "x"},
    ],
    ids=str,
)
def test_what_the_code_refuses_the_document_refuses(documents: Documents, content: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        documents.check(content, OPEN, "components", "schemas", "content.Any")


def test_every_operation_is_described(documents: Documents) -> None:
    for methods in documents.open["paths"].values():
        for operation in methods.values():
            name = operation["operationId"]
            assert operation["summary"] and operation["description"] and operation["tags"], name
            assert "429" in operation["responses"], name
            for parameter in operation.get("parameters", []):
                assert parameter["description"], (name, parameter["name"])
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in body.get("examples", {}).values():
                documents.check(
                    example["value"], OPEN, "components", "schemas", body["schema"]["$ref"].rsplit("/", 1)[1]
                )


def test_page_in_docs_is_what_the_code_makes(documents: Documents) -> None:
    kept = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(documents.open)), "Run: manage.py spectacular --file docs/openapi.yaml"


def test_page_of_the_business_api_is_what_the_code_makes(documents: Documents) -> None:
    kept = yaml.safe_load(PAGE.with_name("business-openapi.yaml").read_text(encoding="utf-8"))
    settings = "conversations.business.document.SETTINGS"
    told = f"Run: manage.py spectacular --custom-settings {settings} --file docs/business-openapi.yaml"
    assert kept == json.loads(json.dumps(documents.business)), told


def test_field_that_is_not_documented_fails(documents: Documents) -> None:
    marks = {"delivered_seq": 1, "read_seq": 1}
    documents.check(marks, OPEN, "components", "schemas", "Marks")
    with pytest.raises(AssertionError):
        documents.check(marks | {"leak": 2}, OPEN, "components", "schemas", "Marks")
    author = {"type": "agent", "id": "", "name": "Maya"}
    documents.check(author, OPEN, "components", "schemas", "Author")
    with pytest.raises(AssertionError):
        documents.check(author | {"email": "maya@example.test"}, OPEN, "components", "schemas", "Author")
