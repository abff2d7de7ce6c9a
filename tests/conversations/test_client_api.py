"""The client API: what an end user may do, and that nobody else's is theirs."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from conversations.actions.conversations import start_conversation
from conversations.models import Attachment, Channel, ClientToken, Contact, Conversation, Identity, Message
from tests.factories import make_user, note, reply, say

API = "/client/v1"


class EndUser:
    """One browser that speaks to the client API."""

    def __init__(self, channel: Channel, client_id: str) -> None:
        self.http = Client()
        started = self.http.post(
            f"{API}/session", {"key": channel.key, "client_id": client_id}, content_type="application/json"
        )
        assert started.status_code == 201, started.content
        self.token = started.json()["token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.http.generic(
            method,
            f"{API}/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"} | headers,
        )

    def send(self, text: str, client_id: str = "c-1", conversation: str = "default") -> Any:
        body = {"client_id": client_id, "content": {"type": "text", "text": text}}
        return self.call("POST", f"conversations/{conversation}/messages", body)

    def upload(self, name: str, content: bytes) -> Any:
        return self.http.post(
            f"{API}/attachments",
            {"file": SimpleUploadedFile(name, content)},
            headers={"Authorization": f"Bearer {self.token}"},
        )


@pytest.fixture
def carol(channel: Channel) -> EndUser:
    return EndUser(channel, "carols-browser-0001")


@pytest.fixture
def dave(channel: Channel) -> EndUser:
    return EndUser(channel, "daves-browser-00001")


def test_story_of_a_message(carol: EndUser) -> None:
    sent = carol.send("hello")
    assert sent.status_code == 201
    message = sent.json()["message"]
    again = carol.send("hello")
    assert (again.status_code, again.json()["message"]) == (200, message)
    listed = carol.call("GET", "conversations").json()["conversations"]
    assert [(each["id"], each["last_seq"], each["session"]["state"]) for each in listed] == [
        (message["conversation"], 1, "active")
    ]
    thread = carol.call("GET", f"conversations/{message['conversation']}/messages").json()
    assert thread == {"messages": [message], "meta": {"has_before": False, "has_after": False}}


def test_unread_counts_business_words_until_read(carol: EndUser, channel: Channel) -> None:
    conversation_id = carol.send("hello").json()["message"]["conversation"]
    conversation = Message.objects.get().conversation
    reply(conversation, make_user("alice", channel.brand), "hi")
    assert carol.call("GET", "poll").json()["unread"] == 1
    read = carol.call("POST", f"conversations/{conversation_id}/activity", {"type": "conversation:read", "seq": 2})
    assert read.status_code == 204
    assert carol.call("GET", "poll").json()["unread"] == 0


def test_poll_gives_what_came_after(carol: EndUser) -> None:
    conversation = carol.send("one", "c-1").json()["message"]["conversation"]
    second = carol.send("two", "c-2").json()["message"]
    polled = carol.call("GET", f'poll?after={{"{conversation}":1}}').json()
    assert polled["messages"] == [second]


def test_history_pages_both_ways(carol: EndUser) -> None:
    for n in range(1, 8):
        conversation = carol.send(f"m{n}", f"c-{n}").json()["message"]["conversation"]

    def seqs(query: str) -> tuple[list[int], dict[str, bool]]:
        page = carol.call("GET", f"conversations/{conversation}/messages?{query}").json()
        return [message["seq"] for message in page["messages"]], page["meta"]

    assert seqs("limit=3") == ([5, 6, 7], {"has_before": True, "has_after": False})
    assert seqs("before=5&limit=3") == ([2, 3, 4], {"has_before": True, "has_after": True})
    assert seqs("after=5&limit=3") == ([6, 7], {"has_before": True, "has_after": False})


def test_ending_session_keeps_history(carol: EndUser) -> None:
    conversation = carol.send("one").json()["message"]["conversation"]
    ended = carol.call("POST", f"conversations/{conversation}/end")
    assert ended.json()["conversation"]["session"] == {"state": "none", "ended_by": "contact"}
    assert carol.call("POST", f"conversations/{conversation}/end").status_code == 409
    assert carol.send("two", "c-2").json()["message"]["seq"] == 2


# Every address of the API, as another visitor would try it on carol's conversation and message.
STRANGER = [
    ("GET", "conversations/{c}", None),
    ("GET", "conversations/{c}/messages", None),
    ("POST", "conversations/{c}/messages", {"client_id": "x", "content": {"type": "text", "text": "x"}}),
    ("POST", "conversations/{c}/activity", {"type": "conversation:read", "seq": 1}),
    ("POST", "conversations/{c}/activity", {"type": "typing:start"}),
    ("POST", "conversations/{c}/postback", {"message": "{m}", "payload": "x"}),
    ("POST", "conversations/{c}/end", None),
]


def test_list_says_who_of_the_business_answered_last(channel: Channel, carol: EndUser) -> None:
    def author() -> Any:
        (told,) = carol.call("GET", "conversations").json()["conversations"]
        return told["author"]

    carol.send("hello")
    assert author() is None
    conversation, alice = Conversation.objects.get(), make_user("alice", channel.brand)
    reply(conversation, alice, "Hi")
    assert author() == {"type": "agent", "name": "Alice"}
    note(conversation, make_user("bob", channel.brand), "between us")
    carol.send("thanks", "c-2")
    assert author() == {"type": "agent", "name": "Alice"}


@pytest.mark.parametrize(("method", "path", "body"), STRANGER)
def test_another_visitor_finds_nothing(carol: EndUser, dave: EndUser, method: str, path: str, body: Any) -> None:
    message = carol.send("secret").json()["message"]
    answer = dave.call(method, path.format(c=message["conversation"], m=message["id"]), body)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *STRANGER,
        ("GET", "conversations", None),
        ("POST", "conversations", {}),
        ("PATCH", "me", {}),
        ("GET", "poll", None),
        ("POST", "attachments", None),
        ("DELETE", "session", None),
    ],
)
@pytest.mark.parametrize("token", ["", "nonsense"])
def test_without_token_nobody_gets_in(carol: EndUser, method: str, path: str, body: Any, token: str) -> None:
    carol.token = token
    answer = carol.call(method, path.format(c="0" * 24, m="0" * 24), body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


def test_lists_show_only_own(carol: EndUser, dave: EndUser) -> None:
    carol.send("secret")
    assert dave.call("GET", "conversations").json()["conversations"] == []
    assert dave.call("GET", "poll?after={}").json()["conversations"] == []


def test_unknown_key_lets_nobody_in(db: None) -> None:
    answer = Client().post(f"{API}/session", {"key": "nope", "client_id": "x" * 20}, content_type="application/json")
    assert (answer.status_code, Contact.objects.count()) == (404, 0)


def test_token_that_does_not_hold_leaves_nobody_behind(channel: Channel) -> None:
    body = {"key": channel.key, "client_id": "carols-browser-0001", "jwt": "nonsense"}
    answer = Client().post(f"{API}/session", body, content_type="application/json")
    assert answer.status_code == 401
    assert (Contact.objects.count(), ClientToken.objects.count()) == (0, 0)


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(microseconds=7)])
def test_conversations_of_one_moment_are_all_listed_once(carol: EndUser, apart: timedelta) -> None:
    identity = Identity.objects.get()
    made = [start_conversation(identity=identity) for _ in range(60)]
    moment = datetime(2026, 11, 24, 9, 30, 0, 123_456, tzinfo=UTC)
    for n, each in enumerate(made):
        Conversation.objects.filter(pk=each.pk).update(last_message_at=moment + n * apart)
    first = carol.call("GET", "conversations").json()
    second = carol.call("GET", f"conversations?before={first['meta']['before']}").json()
    listed = [each["id"] for page in (first, second) for each in page["conversations"]]
    assert listed == [each.public_id for each in reversed(made)]
    assert second["meta"] == {"has_more": False, "before": None}


@pytest.mark.parametrize("path", ["conversations/default", "conversations/default/messages"])
def test_reading_writes_nothing(carol: EndUser, path: str) -> None:
    assert carol.call("GET", path).status_code == 404
    assert Conversation.objects.count() == 0
    own = carol.send("hello").json()["message"]["conversation"]
    assert carol.call("GET", path).status_code == 200
    assert carol.call("GET", "conversations/default").json()["conversation"]["id"] == own


def test_lists_ask_the_database_as_often_for_many_conversations(carol: EndUser) -> None:
    identity = Identity.objects.get()
    counts = []
    for wanted in (2, 20):
        while Conversation.objects.count() < wanted:
            say(identity, "hello", conversation=start_conversation(identity=identity))
        own = list(Conversation.objects.values_list("public_id", flat=True))
        asked = {"conversations": {}, "poll": {"after": json.dumps(dict.fromkeys(own, 0))}}
        for path, query in asked.items():
            with CaptureQueriesContext(connection) as captured:
                answer = carol.call("GET", f"{path}?{urlencode(query)}").json()
            counts.append((path, len(captured)))
            assert len(answer["conversations"]) == wanted
        assert len(answer["messages"]) == wanted
    assert counts[:2] == counts[2:]


def test_poll_gives_a_page_of_each_conversation(carol: EndUser) -> None:
    identity = Identity.objects.get()
    made = [start_conversation(identity=identity) for _ in range(2)]
    for conversation, words in zip(made, (52, 3), strict=True):
        for n in range(words):
            say(identity, f"m{n}", conversation=conversation)
    after = json.dumps({made[0].public_id: 0, made[1].public_id: 1})
    messages = carol.call("GET", f"poll?{urlencode({'after': after})}").json()["messages"]
    seqs = {each.public_id: [row["seq"] for row in messages if row["conversation"] == each.public_id] for each in made}
    assert list(seqs.values()) == [list(range(1, 51)), [2, 3]]


@pytest.mark.usefixtures("standing_window")
def test_too_many_starts_are_told_to_wait(channel: Channel, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"session": 2}
    body = {"key": channel.key, "client_id": "carols-browser-0001"}
    answers = [Client().post(f"{API}/session", body, content_type="application/json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60


def test_error_names_field_and_limit(carol: EndUser) -> None:
    answer = carol.send("x" * 4097)
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "invalid_content",
        "title": "This is too long.",
        "field": "text",
        "limit": "4096",
    }


def png(width: int = 4, height: int = 3) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    out = BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


def test_image_is_kept_and_handed_out_safely(carol: EndUser) -> None:
    kept = carol.upload("../../휴가 사진.png", png())
    assert kept.status_code == 201
    shape = kept.json()["attachment"]
    assert (shape["name"], shape["media_type"], shape["width"], shape["height"]) == ("휴가 사진.png", "image/png", 4, 3)
    path = shape["url"].removeprefix("http://testserver")
    got = Client().get(path)
    assert b"".join(got.streaming_content) == png()  # type: ignore[attr-defined]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    attachment = Attachment.objects.get()
    assert "사진" not in str(attachment.file.name)
    assert Client().get(path.replace(attachment.key, "x" * 43)).status_code == 404


def send_file(who: EndUser, url: str, kind: str = "image") -> Any:
    content = {"type": kind, "mediaUrl": url, "altText": "invoice", "mediaType": "text/html", "mediaSize": 1}
    return who.call("POST", "conversations/default/messages", {"client_id": "c-1", "content": content})


def test_sent_file_is_described_by_what_is_stored(carol: EndUser) -> None:
    kept = carol.upload("a.png", png()).json()["attachment"]
    elsewhere = kept["url"].replace("http://testserver", "https://evil.test")
    content = send_file(carol, elsewhere).json()["message"]["content"]
    assert content["mediaUrl"] == kept["url"].removeprefix("http://testserver")
    assert (content["altText"], content["mediaType"], content["mediaSize"]) == ("a.png", "image/png", len(png()))


def test_visitor_sends_only_files_they_uploaded(carol: EndUser, dave: EndUser) -> None:
    kept = carol.upload("a.png", png()).json()["attachment"]
    words = carol.upload("a.txt", b"words").json()["attachment"]
    tries = [
        (dave, kept["url"], "image"),
        (carol, "https://elsewhere.test/pixel.png", "image"),
        (carol, kept["url"].replace(kept["id"], "0" * 24), "image"),
        (carol, words["url"], "image"),
    ]
    for who, url, kind in tries:
        answer = send_file(who, url, kind)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_content")
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("script.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("script.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("program.pdf", b"MZ\x90\x00" + b"\x00" * 100),
        ("notes.pdf", b"just words"),
        ("broken.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50),
        ("bomb.png", bomb()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_harmful_upload_is_refused(carol: EndUser, name: str, content: bytes) -> None:
    answer = carol.upload(name, content)
    assert answer.status_code == 400, answer.json()
    assert answer.json()["error"]["field"] == "file"
    assert Attachment.objects.count() == 0


def test_upload_over_limit_names_the_limit(carol: EndUser, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 10
    answer = carol.upload("long.txt", b"x" * 11)
    assert (answer.status_code, answer.json()["error"]["limit"]) == (400, 10)


def test_schema_names_every_operation(db: None) -> None:
    schema = Client().get(f"{API}/schema/", headers={"Accept": "application/json"})
    assert schema.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["nowhere", "nowhere/else", "conversations/a%0Ab/messages"])
def test_addresses_that_are_none_are_answered_in_json(path: str, client: Client) -> None:
    answer = client.post(f"/client/v1/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
