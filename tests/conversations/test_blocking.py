"""Blocking: who may write nothing, from when to when, and what it costs everybody else."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations import queries
from conversations.actions.blocking import block, lift
from conversations.actions.contacts import merge_contact
from conversations.errors import Blocked, ConversationsError, InvalidContent
from conversations.events import SYSTEM
from conversations.models import Block, Brand, Channel, Contact, Event, Identity, Message
from conversations.networks import network_of, networks_holding
from tests.conversations.test_sockets import Line, carol, keep_test_connection, run, shown, token_of
from tests.factories import make_brand, make_channel, make_visitor, say
from tests.threads import in_threads

__all__ = ["carol", "keep_test_connection"]
CLOSED = {"type": "websocket.close", "code": 4423}


def named(kind: str, identity: Identity, **more: Any) -> Block:
    """Block an end user by one of their names; they come from 127.0.0.1, as the test client does."""
    contact = Contact.objects.get(pk=identity.contact_id)
    values = {"identity": identity.public_id, "email": "Carol@Example.Test", "address": "127.0.0.1"}
    whom = contact if kind == "contact" else None
    return block(brand=contact.brand, kind=kind, value=values.get(kind, ""), by=SYSTEM, contact=whom, **more)


def send(token: str, text: str = "hello") -> Any:
    given = {"client_id": f"c-{time.monotonic_ns()}", "content": shown(text)}
    return Client().post(
        "/client/v1/conversations/default/messages",
        given,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.77/24 ", "203.0.113.0/24"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("2001:db8:0:1::/64", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("fe80::1%eth0", "fe80::1/128"),
        ("", None),
        ("203.0.113", None),
        ("example.test", None),
        ("203.0.113.7/33", None),
    ],
)
def test_address_is_one_network(text: str, network: str | None) -> None:
    assert network_of(text) == network


def test_network_holds_its_addresses_and_no_other() -> None:
    assert "203.0.113.0/25" in networks_holding("203.0.113.127")
    assert "203.0.113.0/25" not in networks_holding("203.0.113.128")
    assert "2001:db8::/48" in networks_holding("2001:db8::ff")
    assert networks_holding("::ffff:203.0.113.7") == networks_holding("203.0.113.7")
    assert networks_holding("nowhere") == []
    assert (len(networks_holding("203.0.113.7")), len(networks_holding("::1"))) == (25, 113)


@pytest.mark.parametrize("kind", Block.Kind.values)
def test_blocked_visitor_reads_and_writes_nothing(channel: Channel, carol: Identity, kind: str) -> None:
    Contact.objects.update(email="carol@example.test")
    conversation = say(carol, "before").message.conversation.public_id
    token = token_of(channel)
    made = named(kind, carol)
    answer = send(token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked")
    visitor = Client(headers={"Authorization": f"Bearer {token}"})
    for path, given in (
        ("conversations", {}),
        (f"conversations/{conversation}/end", {}),
        (f"conversations/{conversation}/activity", {"type": "typing:start"}),
        (f"conversations/{conversation}/postback", {"message": "x", "payload": "x"}),
    ):
        assert visitor.post(f"/client/v1/{path}", given, content_type="application/json").status_code == 403, path
    assert visitor.post("/client/v1/attachments", {}).status_code == 403
    assert visitor.patch("/client/v1/me", {"email": ""}, content_type="application/json").status_code == 403
    thread = visitor.get(f"/client/v1/conversations/{conversation}/messages").json()
    assert [each["content"]["text"] for each in thread["messages"]] == ["before"]
    assert visitor.get("/client/v1/poll").json()["may_write"] is False
    started = Client().post(
        "/client/v1/session", {"key": channel.key, "client_id": "carols-browser-0001"}, content_type="application/json"
    )
    assert (started.status_code, started.json()["may_write"]) == (201, False)
    lift(block=made, by=SYSTEM)
    assert send(token).status_code == 201 and Message.objects.count() == 2
    assert [fact.type for fact in Event.objects.filter(type__contains="block").order_by("pk")] == [
        "contact.blocked",
        "block.lifted",
    ]


@pytest.mark.parametrize("kind", Block.Kind.values)
def test_other_people_and_other_brands_go_on(channel: Channel, carol: Identity, kind: str) -> None:
    Contact.objects.update(email="carol@example.test")
    other = make_channel(make_brand("other"))
    make_visitor(other, email="carol@example.test")
    elsewhere = token_of(other)
    named(kind, carol)
    assert send(elsewhere).status_code == 201
    dave = make_visitor(channel, "daves-browser-00001", email="dave@example.test")
    assert queries.is_blocked(dave, "203.0.113.7") is False


def test_block_ends_at_its_moment(channel: Channel, carol: Identity) -> None:
    with time_machine.travel("2027-01-04 12:00:00Z", tick=False):
        named("contact", carol, expires_at=timezone.now() + timedelta(hours=1))
        carol.channel.brand.refresh_from_db()
        assert queries.is_blocked(carol)
    with time_machine.travel("2027-01-04 12:59:59.999Z", tick=False):
        assert queries.is_blocked(carol)
    with time_machine.travel("2027-01-04 13:00:00Z", tick=False):
        assert not queries.is_blocked(carol)
        # What is over may be made again.
        named("contact", carol)
        assert queries.is_blocked(carol) and Block.objects.filter(lifted_at=None).count() == 1


def test_range_holds_for_new_visitors_too(channel: Channel) -> None:
    block(brand=channel.brand, kind="address", value="127.0.0.0/8", by=SYSTEM)
    asked = {"key": channel.key, "client_id": "a-new-browser-00001"}
    answer = Client().post("/client/v1/session", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "blocked")
    assert not Contact.objects.exists() and not Identity.objects.exists()


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("address", {"value": "example"}, "value"),
        ("address", {"value": "10.0.0.0/7"}, "value"),
        ("address", {"value": "2001::/15"}, "value"),
        ("email", {"value": "nobody"}, "value"),
        ("email", {"value": f"{'x' * 128}@example.test"}, "value"),
        ("identity", {"value": "none"}, "value"),
        ("contact", {}, "value"),
        ("cookie", {"value": "x"}, "kind"),
        ("email", {"value": "a@example.test", "reason": "x" * 201}, "reason"),
        ("email", {"value": "a@example.test", "expires_at": timezone.now() - timedelta(seconds=1)}, "expires_at"),
    ],
)
def test_what_cannot_be_blocked_is_named_and_changes_nothing(
    channel: Channel, kind: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidContent) as refused:
        block(brand=channel.brand, kind=kind, by=SYSTEM, **given)
    assert refused.value.field == field
    assert not Block.objects.exists() and not Event.objects.exists()
    assert not Brand.objects.get(pk=channel.brand_id).has_blocks


def test_identity_of_another_brand_cannot_be_blocked(channel: Channel, carol: Identity) -> None:
    with pytest.raises(InvalidContent):
        block(brand=make_brand("other"), kind="identity", value=carol.public_id, by=SYSTEM)


def test_blocks_of_a_brand_are_bounded(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.actions.blocking.MAX_BLOCKS", 1)
    block(brand=channel.brand, kind="address", value="203.0.113.7", by=SYSTEM)
    with pytest.raises(InvalidContent) as refused:
        block(brand=channel.brand, kind="address", value="203.0.113.8", by=SYSTEM)
    assert refused.value.limit == 1 and Block.objects.count() == 1
    # The same one again takes the place of its own.
    block(brand=channel.brand, kind="address", value="203.0.113.7", by=SYSTEM, reason="again")
    assert Block.objects.get(lifted_at=None).reason == "again"


@pytest.mark.parametrize("kind", ["contact", "identity"])
def test_signing_in_is_no_way_out(channel: Channel, carol: Identity, kind: str) -> None:
    known = Contact.objects.create(brand=channel.brand, external_id="carol", is_verified=True)
    short = timezone.now() + timedelta(hours=1)
    block(brand=channel.brand, kind="contact", contact=known, by=SYSTEM, expires_at=short)
    named(kind, carol)
    merge_contact(surviving=known, discarded=carol.contact)
    own = Identity.objects.create(contact=known, channel=Channel.objects.get(), address="user:carol")
    with pytest.raises(Blocked):
        queries.refuse_blocked(own)
    held = Block.objects.get(lifted_at=None)
    assert (held.kind, held.value, held.contact, held.expires_at) == ("contact", known.public_id, known, None)


def test_merging_keeps_the_longer_block(channel: Channel, carol: Identity) -> None:
    known = Contact.objects.create(brand=channel.brand, external_id="carol", is_verified=True)
    block(brand=channel.brand, kind="contact", contact=known, by=SYSTEM, reason="for good")
    named("contact", carol, expires_at=timezone.now() + timedelta(hours=1))
    merge_contact(surviving=known, discarded=carol.contact)
    assert Block.objects.get(lifted_at=None).reason == "for good"


def cost(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as counted:
        act()
    return len(counted)


def test_without_blocks_nobody_pays(channel: Channel, carol: Identity) -> None:
    token = token_of(channel)
    say(carol, "first")
    before = cost(lambda: send(token))
    assert cost(lambda: queries.is_blocked(carol, "203.0.113.7")) == 0
    block(brand=channel.brand, kind="address", value="203.0.113.0/24", by=SYSTEM)
    assert cost(lambda: send(token)) == before + 1
    for number in range(20):
        block(brand=channel.brand, kind="address", value=f"203.0.{number}.0/24", by=SYSTEM)
    assert cost(lambda: send(token)) == before + 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", Block.Kind.values)
def test_open_socket_is_closed_within_a_second(kind: str) -> None:
    channel = make_channel(make_brand())
    carol = make_visitor(channel, email="carol@example.test")
    token, stranger = token_of(channel), token_of(make_channel(make_brand("other")), "daves-browser-00001")

    async def story() -> None:
        line, beside = Line(), Line()
        for each, shows in ((line, token), (beside, stranger)):
            each.socket.scope["client"] = ["127.0.0.1", 4711]
            await each.open(shows)
        began = time.monotonic()
        await sync_to_async(named)(kind, carol)
        assert await line.socket.receive_output(5) == CLOSED
        assert time.monotonic() - began < 1
        assert await beside.socket.receive_nothing(0.1)
        again = Line()
        again.socket.scope["client"] = ["127.0.0.1", 4712]
        await again.socket.connect()
        await again.tell(type="hello", token=token)
        assert await again.socket.receive_output(5) == CLOSED
        await beside.cut()

    run(story)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("known", "value", "more"),
    [
        ({"email": "", "verified_email": "carol@example.test"}, "Carol@example.test", 0),
        ({"email": "CAROL@example.test"}, "carol@example.test", 3),
    ],
)
def test_socket_of_an_email_is_closed_however_it_is_known_and_however_many_have_it(
    known: dict[str, str], value: str, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.actions.blocking.TOLD_AT_ONCE", 2)
    channel = make_channel(make_brand())
    for number in range(more):
        make_visitor(channel, f"others-browser-{number:05}", **known)
    make_visitor(channel, **known)
    token = token_of(channel)
    make_visitor(channel, "daves-browser-00001")
    stranger = token_of(channel, "daves-browser-00001")

    async def story() -> None:
        line, beside = Line(), Line()
        await line.open(token)
        await beside.open(stranger)
        began = time.monotonic()
        await sync_to_async(block)(brand=channel.brand, kind="email", value=value, by=SYSTEM)
        assert await line.socket.receive_output(5) == CLOSED
        assert time.monotonic() - began < 1
        assert await beside.socket.receive_nothing(0.1)
        await beside.cut()

    run(story)


@pytest.mark.django_db(transaction=True)
def test_network_of_others_closes_nobody() -> None:
    channel = make_channel(make_brand())
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        line.socket.scope["client"] = ["2001:db8::7", 4711]
        await line.open(token)
        await sync_to_async(block)(brand=channel.brand, kind="address", value="2001:db8:1::/48", by=SYSTEM)
        assert await line.socket.receive_nothing(0.2)
        await sync_to_async(block)(brand=channel.brand, kind="address", value="2001:db8::/48", by=SYSTEM)
        assert await line.socket.receive_output(5) == CLOSED

    run(story)


def test_block_that_the_layer_lost_holds_at_the_next_look(channel: Channel, carol: Identity) -> None:
    token = token_of(channel)

    async def story() -> None:
        line = Line()
        await line.open(token)
        # In a test's own transaction nothing is told on commit.
        await sync_to_async(named)("contact", carol)
        await line.tell(type="ping")
        assert await line.socket.receive_output(5) == CLOSED

    run(story)


@pytest.mark.django_db(transaction=True)
def test_many_who_block_the_same_leave_one_block() -> None:
    channel = make_channel(make_brand())
    carol = make_visitor(channel)
    assert in_threads(6, lambda _n: named("contact", carol)) == []
    held = Block.objects.get(lifted_at=None)
    assert Block.objects.count() == 6
    other = block(brand=channel.brand, kind="address", value="203.0.113.7", by=SYSTEM)

    def either(n: int) -> None:
        if n == 0:
            lift(block=held, by=SYSTEM)
        elif n == 1:
            lift(block=other, by=SYSTEM)
        else:
            block(brand=channel.brand, kind="address", value=f"203.0.113.{n + 100}", by=SYSTEM)

    assert in_threads(4, either) == []
    assert Brand.objects.get().has_blocks and Block.objects.filter(lifted_at=None).count() == 2


def test_address_of_a_visitor_is_kept_as_they_come(channel: Channel) -> None:
    asked = {"key": channel.key, "client_id": "a-new-browser-00001"}
    Client(REMOTE_ADDR="::ffff:203.0.113.7").post("/client/v1/session", asked, content_type="application/json")
    identity = Identity.objects.get()
    assert identity.last_address == "203.0.113.7"
    token = token_of(channel, "a-new-browser-00001")
    Identity.objects.update(last_seen_at=timezone.now() - timedelta(minutes=6))
    Client(REMOTE_ADDR="2001:DB8::7", headers={"Authorization": f"Bearer {token}"}).get("/client/v1/conversations")
    identity.refresh_from_db()
    assert identity.last_address == "2001:db8::7"


def test_refusal_says_nothing_alarming() -> None:
    assert str(Blocked().text) == "This conversation is closed."
    assert issubclass(Blocked, ConversationsError)
