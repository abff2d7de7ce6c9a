"""Malformed input is refused, never a failure of ours: numbers, moments, JSON, tokens, frames, metadata."""

import json
from typing import Any

import jwt
import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.asgi import application
from conversations import relay
from conversations.actions import keys, visitors
from conversations.decide import metadata_problem
from conversations.events import SYSTEM
from conversations.incoming import MAX_SEQ, moment_in, number_in
from conversations.models import Channel, Contact, Message
from tests.conversations.test_client_api import API, EndUser
from tests.conversations.test_sockets import keep_test_connection
from tests.factories import PASSWORD, make_user, make_visitor, say

__all__ = ["keep_test_connection"]
NO_NUMBERS = ["²", "٣", "-1", "1.5", "", " 1", "9" * 30, "9" * 5000]
DEEP = "[" * 3000
ODD_TIMES: list[Any] = ["9999999999", "x", 1e18, 1e300, float("inf"), float("nan"), None, [], {}, 10**30]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_within_bounds_is_none(text: str) -> None:
    assert number_in(text) is None


def test_number_of_ascii_digits_is_given() -> None:
    assert [number_in(text) for text in ("0", "7", "007", str(MAX_SEQ))] == [0, 7, 7, MAX_SEQ]
    assert number_in(str(MAX_SEQ + 1)) is None


@pytest.mark.parametrize("text", ["x", "", "2026-01-01T00:00:00", "0001-01-01T00:00:00+23:59", "2026-99-01T00:00:00Z"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment_in(text) is None


@pytest.mark.parametrize("number", ["²", "9" * 30])
def test_workspace_takes_no_superscript_for_a_number(channel: Channel, number: str) -> None:
    conversation = say(make_visitor(channel), "hello").message.conversation
    make_user("alice", channel.brand)
    relay.publish_pending()
    relay.run_readers()
    http = Client()
    assert http.login(username="alice@example.test", password=PASSWORD)
    place = f"/workspace/conversations/{conversation.public_id}"
    asked = [
        ("GET", f"{place}/messages/", {"after": number, "before": number}),
        ("POST", f"{place}/post/", {"text": "x", "seen_seq": number}),
        ("POST", f"{place}/read/", {"seq": number}),
        ("GET", "/workspace/parts/contacts/", {"before": number}),
        ("GET", "/workspace/parts/list/open/", {"rows": number, "after": f"r_2026-01-01T00:00:00+00:00_{number}"}),
        ("POST", f"/workspace/tickets/{conversation.public_id}/fields/", {"priority": number, "subject": "x"}),
        ("POST", f"/workspace/tickets/{conversation.public_id}/fields/", {"group": number, "subject": "x"}),
    ]
    for method, path, fields in asked:
        answer = http.get(path, fields) if method == "GET" else http.post(path, fields)
        assert answer.status_code in {200, 201, 204, 400, 422}, (path, answer.status_code)


@pytest.mark.parametrize(
    "after", ['{"x":Infinity}', '{"x":1e400}', '{"x":NaN}', '{"x":"²"}', '{"x":-1}', '{"x":1.5}', "7", DEEP]
)
def test_poll_refuses_what_is_no_seq(channel: Channel, after: str) -> None:
    carol = EndUser(channel, "carols-browser-0001")
    answer = carol.http.get(f"{API}/poll", {"after": after}, headers={"Authorization": f"Bearer {carol.token}"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "after")


@pytest.mark.parametrize("query", ["before=²", "before=2026-01-01T00:00:00Z_²", "before=0001-01-01T00:00:00%2B23:59_1"])
def test_cursor_that_is_none_is_refused(channel: Channel, query: str) -> None:
    assert EndUser(channel, "carols-browser-0001").call("GET", f"conversations?{query}").status_code == 400


@pytest.mark.parametrize(
    "body", [DEEP, '{"name": Infinity}', '{"metadata": {"a": 1e400}}', '{"metadata": {"a": "\\u0000"}}']
)
def test_body_that_cannot_be_kept_is_refused(channel: Channel, body: str) -> None:
    carol = EndUser(channel, "carols-browser-0001")
    headers = {"Authorization": f"Bearer {carol.token}"}
    answer = carol.http.generic("POST", f"{API}/conversations", body, content_type="application/json", headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "metadata", [{"a": "\x00"}, {"a\x00": 1}, {"a": "\ud83d"}, {"a": float("inf")}, {"a": float("nan")}], ids=ascii
)
def test_metadata_that_cannot_be_kept_is_refused(metadata: dict[str, Any]) -> None:
    assert metadata_problem(metadata)


@pytest.mark.parametrize(
    "claims",
    [
        *({"exp": exp} for exp in ODD_TIMES),
        {"nbf": float("inf")},
        {"iat": "x"},
        {"name": "\x00"},
        {"external_id": "\ud83d"},
        {"external_id": "a\x00"},
    ],
    ids=ascii,
)
def test_token_of_odd_claims_is_refused(channel: Channel, claims: dict[str, Any]) -> None:
    key, secret = keys.create_signing_key(brand=channel.brand, name="site", by=SYSTEM)
    payload = json.dumps({"scope": "user", "external_id": "u-1"} | claims).encode()
    token = jwt.api_jws.encode(payload, secret, "HS256", headers={"kid": key.kid})
    answer = Client().post(f"{API}/session", {"key": channel.key, "jwt": token}, content_type="application/json")
    assert answer.status_code == 401, answer.content
    assert Contact.objects.count() == 0


ODD = ["\x00", "\ud83d", "²", "default", "new", "", "x" * 70, "0" * 24]
TEXTS = st.sampled_from(ODD) | st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
KINDS = ["send", "typing", "read", "delivered", "postback", "resume", "hello"]
NAMES = [
    "client_id",
    "conversation",
    "content",
    "metadata",
    "seq",
    "after",
    "state",
    "message",
    "payload",
    "token",
    "seen",
]
CONTENT = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "location", "formResponse", "file"])},
    optional={
        "text": VALUES,
        "coordinates": VALUES,
        "fields": VALUES,
        "mediaUrl": VALUES,
        "metadata": VALUES,
        "actions": VALUES,
    },
)
FRAMES = st.builds(
    lambda kind, fields, content: {"client_id": "c-1", "conversation": "default"} | fields | content | {"type": kind},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
    st.fixed_dictionaries({}, optional={"content": CONTENT}),
)
PAINFUL = [
    '{"type": "read", "seq": Infinity}',
    '{"type": "read", "seq": 1e400}',
    '{"type":' * 3000,
    '{"type": "x\\ud83d"}',
]


def test_socket_outlives_every_frame(channel: Channel) -> None:
    token = visitors.admit_visitor(channel=channel, client_id="carols-browser-0001").token

    async def story(texts: list[str]) -> None:
        line = WebsocketCommunicator(application, "/ws/client/")
        assert (await line.connect())[0]
        await line.send_json_to({"type": "hello", "token": token})
        for text in texts:
            await line.send_to(text_data=text)
        await line.send_json_to({"type": "ping"})
        while (await line.receive_json_from(timeout=5))["type"] != "pong":
            pass
        await line.disconnect()

    run = async_to_sync(story)
    run(PAINFUL)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(st.lists(FRAMES, min_size=1, max_size=8))
    def fuzz(frames: list[dict[str, Any]]) -> None:
        run([json.dumps(frame) for frame in frames])

    fuzz()
    assert all(json.dumps(row.content) for row in Message.objects.all())


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.dictionaries(TEXTS, SCALARS, max_size=4) | VALUES)
def test_metadata_is_storable_or_refused(metadata: Any) -> None:
    if not metadata_problem(metadata):
        kept = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
        assert "\\u0000" not in kept
        assert len(kept.encode()) <= 4096
