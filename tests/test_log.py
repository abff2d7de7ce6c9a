"""The log names ids and never contents: a marked secret goes through everything, and none of it is written down."""

import json
import logging
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from conversations import relay
from conversations.models import Message, Role
from tests.factories import PASSWORD, make_brand, make_channel, make_user

SECRET = "persimmon-47-secret"


@pytest.mark.django_db(transaction=True)
def test_no_word_token_or_password_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    # The database's own statements are Django's debugging aid, off unless DEBUG is on.
    logging.getLogger("django.db.backends").setLevel(logging.WARNING)
    brand = make_brand()
    channel = make_channel(brand)
    alice = make_user("alice", brand, role=Role.ADMIN)
    visitor, agent = Client(raise_request_exception=False), Client(raise_request_exception=False)

    def call(path: str, body: dict[str, Any], token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return visitor.post(f"/client/v1/{path}", body, content_type="application/json", headers=headers)

    client_id = f"device-{SECRET}"
    token = call("session", {"key": channel.key, "client_id": client_id}).json()["token"]
    content = {"type": "text", "text": SECRET}
    sent = call("conversations/default/messages", {"client_id": "c-1", "content": content}, token)
    conversation = sent.json()["message"]["conversation"]
    call("conversations/default/messages", {"client_id": "c-2", "content": {"type": SECRET}}, token)
    call("session", {"key": channel.key, "jwt": SECRET})
    visitor.post(
        "/client/v1/attachments",
        {"file": SimpleUploadedFile(f"{SECRET}.svg", b"<svg/>")},
        headers={"Authorization": f"Bearer {token}"},
    )
    agent.post("/workspace/sign-in/", {"username": alice.email, "password": f"wrong {SECRET}"})
    agent.post("/workspace/sign-in/", {"username": alice.email, "password": PASSWORD})
    agent.post(f"/workspace/conversations/{conversation}/post/", {"text": SECRET, "client_id": "a-1"})
    agent.get("/workspace/search/", {"q": SECRET})
    relay.publish_pending()
    relay.run_readers()
    assert Message.objects.count() == 2
    written = json.dumps([record.getMessage() for record in caplog.records]) + caplog.text
    assert written.count(SECRET) == 0
    assert token not in written and PASSWORD not in written
