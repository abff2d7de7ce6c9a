"""Blocking from the workspace and the console: who is offered what, what is said, and how it is taken back."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.actions.blocking import block
from conversations.events import SYSTEM
from conversations.models import Block, Brand, Contact, Conversation, Identity, Role, User
from tests.factories import make_brand, make_channel, make_user, make_visitor, say

HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(db: None) -> Conversation:
    carol = make_visitor(make_channel(make_brand()), name="Carol", email="Carol@example.test")
    Identity.objects.update(last_address="203.0.113.7")
    return say(carol, "hello").message.conversation


def page_of(user: User) -> Client:
    client = Client(headers=HTMX)
    client.force_login(user)
    return client


@pytest.fixture
def alice(conversation: Conversation) -> Client:
    return page_of(make_user("alice", conversation.brand))


@pytest.fixture
def sue(conversation: Conversation) -> Client:
    return page_of(make_user("sue", conversation.brand, role=Role.SUPERVISOR))


def ask(client: Client, conversation: Conversation, **given: str) -> Any:
    given = {"what": "contact", "hours": "1", "conversation": conversation.public_id} | given
    return client.post(f"/workspace/contacts/{conversation.contact.public_id}/block/", given)


def told(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["told"]
    return found


def banner(client: Client, conversation: Conversation) -> str:
    return client.get(f"/workspace/conversations/{conversation.public_id}/blocked/").content.decode()


def test_agent_blocks_undoes_lifts_and_undoes_that(alice: Client, conversation: Conversation) -> None:
    made = told(ask(alice, conversation, reason="Spam"))
    assert made["text"] == "Carol is blocked."
    held = Block.objects.get(lifted_at=None)
    assert (held.reason, held.made_by and held.made_by.name) == ("Spam", "Alice")
    shown = banner(alice, conversation)
    assert "This customer is blocked." in shown and "Spam" in shown and "By Alice." in shown
    assert alice.post(made["undo"], made["values"] | {"undo": "yes"}).status_code == 200
    assert banner(alice, conversation).strip() == ""
    ask(alice, conversation, reason="Again")
    held = Block.objects.get(lifted_at=None)
    lifted = told(alice.post(f"/workspace/blocks/{held.public_id}/lift/", {"conversation": conversation.public_id}))
    assert lifted["text"] == "Carol may write again."
    assert alice.post(lifted["undo"], lifted["values"] | {"undo": "yes"}).status_code == 200
    back = Block.objects.get(lifted_at=None)
    assert (back.reason, back.expires_at) == ("Again", held.expires_at)
    thread = alice.get(f"/workspace/conversations/{conversation.public_id}/").content.decode()
    assert "<b>Alice</b> blocked <b>Carol</b>" in thread and "let <b>Carol</b> write again" in thread


def test_email_is_blocked_by_whatever_case(alice: Client, conversation: Conversation) -> None:
    assert told(ask(alice, conversation, what="email"))["text"] == "carol@example.test is blocked."
    assert "The email carol@example.test is blocked." in banner(alice, conversation)


def test_addresses_are_for_supervisors(alice: Client, sue: Client, conversation: Conversation) -> None:
    panel = f"/workspace/conversations/{conversation.public_id}/customer/"
    assert "203.0.113.7" not in alice.get(panel).content.decode()
    assert ask(alice, conversation, what="address:203.0.113.7").status_code == 403
    assert not Block.objects.exists()
    assert "The network address 203.0.113.7" in sue.get(panel).content.decode()
    assert told(ask(sue, conversation, what="address:203.0.113.7"))["text"] == "203.0.113.7 is blocked."
    # An agent is told of it, and cannot lift it.
    shown = banner(alice, conversation)
    assert "The network address 203.0.113.7 is blocked." in shown and "hx-post" not in shown
    held = Block.objects.get()
    assert alice.post(f"/workspace/blocks/{held.public_id}/lift/").status_code == 403
    assert "hx-post" in banner(sue, conversation)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "x" * 201}, "(200)"),
        ({"hours": "2"}, "(1, 24, 168)"),
        ({"until": "2020-01-01T00:00:00Z"}, "Choose a moment that is still to come."),
        ({"until": "soon"}, "ct-error-block"),
        ({"what": "address:somewhere"}, "Write an address or a range"),
        ({"what": "cookie"}, "ct-error-block"),
    ],
)
def test_what_is_wrong_stands_in_the_form(
    sue: Client, conversation: Conversation, given: dict[str, str], words: str
) -> None:
    answer = ask(sue, conversation, **given)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Block.objects.exists() and not Brand.objects.get(pk=conversation.brand_id).has_blocks


def test_thread_costs_nothing_more_without_blocks(alice: Client, conversation: Conversation) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            alice.get(f"/workspace/conversations/{conversation.public_id}/")
        return len(counted)

    before = cost()
    block(brand=conversation.brand, kind="address", value="198.51.100.7", by=SYSTEM)
    assert cost() == before + 2
    for number in range(10):
        block(brand=conversation.brand, kind="address", value=f"198.51.100.{number}", by=SYSTEM)
    assert cost() == before + 2


def test_console_lists_finds_makes_and_lifts(conversation: Conversation) -> None:
    brand = conversation.brand
    client = Client()
    client.force_login(make_user("ada", brand, role=Role.ADMIN))
    listed, add = reverse("admin:conversations_block_changelist"), reverse("admin:conversations_block_add")
    given = {"brand": brand.pk, "kind": "address", "value": "203.0.113.99/24", "reason": "Bots"}
    client.post(add, given)
    held = Block.objects.get()
    assert (held.value, held.made_by and held.made_by.name) == ("203.0.113.0/24", "Ada")
    assert "203.0.113.0/24" in client.get(listed, {"q": "Bots"}).content.decode()
    assert "203.0.113.0/24" not in client.get(listed, {"q": "nothing"}).content.decode()
    refused = client.post(add, given | {"value": "10.0.0.0/4"}, follow=True).content.decode()
    assert "The widest is /8." in refused and Block.objects.count() == 1
    block(brand=brand, kind="contact", contact=Contact.objects.get(), by=SYSTEM)
    assert "Carol" in client.get(listed, {"holds": "now"}).content.decode()
    client.post(reverse("admin:conversations_block_delete", args=[held.pk]), {"post": "yes"})
    held.refresh_from_db()
    assert held.lifted_at is not None
    client.get(listed)  # says once that it is gone
    assert "203.0.113.0/24" not in client.get(listed).content.decode()


@pytest.mark.parametrize("rows", [2, 20])
def test_console_costs_the_same_however_many(conversation: Conversation, rows: int) -> None:
    client = Client()
    client.force_login(make_user("ada", conversation.brand, role=Role.ADMIN))
    for number in range(rows):
        block(brand=conversation.brand, kind="address", value=f"198.51.100.{number}", by=SYSTEM)
    with CaptureQueriesContext(connection) as counted:
        client.get(reverse("admin:conversations_block_changelist"))
    # session, user, brands, bounded count, page, the viewer's theme
    assert len(counted) == 6


def test_what_they_write_from_is_blocked_and_nobody_elses(alice: Client, conversation: Conversation) -> None:
    way = Identity.objects.get()
    shown = alice.get(f"/workspace/conversations/{conversation.public_id}/customer/").content.decode()
    assert f'value="identity:{way.public_id}"' in shown
    assert ask(alice, conversation, what=f"identity:{way.public_id}").status_code == 200
    assert Block.objects.get(lifted_at=None).value == way.public_id
    other = make_visitor(conversation.channel, "daves-browser-00001")
    assert ask(alice, conversation, what=f"identity:{other.public_id}").status_code == 422
    assert Block.objects.count() == 1
