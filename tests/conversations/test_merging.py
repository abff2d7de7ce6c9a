"""Signing in gives a visitor's history to whom it belongs, whatever they write at the same moment."""

import threading
from typing import Any

import jwt
import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError

from conversations import live
from conversations.actions import contacts, keys, visitors
from conversations.errors import NotSignedIn
from conversations.events import SYSTEM
from conversations.models import Channel, Contact, Conversation, Identity, Message
from tests.factories import make_brand, make_channel, make_visitor, say
from tests.threads import in_threads

LATE = "written while signing in"


def token_for(channel: Channel, external_id: str = "u-1") -> str:
    key, secret = keys.create_signing_key(brand=channel.brand, name="site", by=SYSTEM)
    return jwt.encode({"scope": "user", "external_id": external_id}, secret, "HS256", headers={"kid": key.kid})


def at_the_last_moment(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Have `act` done once, when all has been moved and the discarded contact is about to go."""
    announce = live.announce_signed_out
    left = [act]

    def announce_signed_out(contact_pk: int, token_hash: str = "") -> None:
        if left:
            left.pop()()
        announce(contact_pk, token_hash)

    monkeypatch.setattr(live, "announce_signed_out", announce_signed_out)


def test_contact_who_still_has_a_conversation_does_not_go(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    known = visitors.sign_in(channel=channel, jwt=token_for(channel)).identity
    phone = make_visitor(channel, "carols-phone-000001")
    at_the_last_moment(monkeypatch, lambda: say(phone, LATE))
    with pytest.raises(ProtectedError), transaction.atomic():
        contacts.merge_contact(surviving=known.contact, discarded=phone.contact)
    assert Contact.objects.filter(pk=phone.contact_id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("has_written", [False, True], ids=["first word", "a later word"])
def test_word_written_while_signing_in_is_kept_or_refused(has_written: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = make_channel(make_brand())
    token = token_for(channel)
    known = visitors.sign_in(channel=channel, jwt=token).identity
    phone = make_visitor(channel, "carols-phone-000001")
    if has_written:
        say(phone, "before")
    outcomes: list[str] = []

    def write() -> None:
        try:
            outcomes.append(say(phone, LATE).message.public_id)
        except NotSignedIn:
            outcomes.append("refused")
        finally:
            connection.close()

    writer = threading.Thread(target=write)

    def write_meanwhile() -> None:
        writer.start()
        writer.join(1)  # long enough to commit where nothing holds it back

    at_the_last_moment(monkeypatch, write_meanwhile)
    visitors.sign_in(channel=channel, jwt=token, identity=phone)
    writer.join()
    stored = list(Message.objects.filter(author_contact=known.contact).values_list("public_id", flat=True))
    assert len(outcomes) == 1
    assert outcomes == ["refused"] or outcomes[0] in stored
    assert Message.objects.filter(content__text=LATE).count() == (0 if outcomes == ["refused"] else 1)
    assert Conversation.objects.filter(contact=known.contact).count() == int(has_written or outcomes != ["refused"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_signing_in_gives_way_to_who_writes() -> None:
    """The visitor's first words come between the locks: each side then holds what the other waits for."""
    channel = make_channel(make_brand())
    token = token_for(channel)
    known = visitors.sign_in(channel=channel, jwt=token).identity
    phone = make_visitor(channel, "carols-phone-000001")
    has_written, may_commit = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    def write() -> None:
        try:
            say(phone, "first")
            with transaction.atomic():
                say(phone, "second")
                has_written.set()
                may_commit.wait(5)
        except BaseException as error:
            problems.append(error)
        finally:
            has_written.set()
            connection.close()

    writer = threading.Thread(target=write)

    def between_the_locks(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        is_second_lock = 'FROM "conversations_contact"' in sql and "FOR UPDATE" in sql and writer.ident is None
        if not is_second_lock:
            return execute(sql, params, many, context)
        writer.start()
        has_written.wait(5)
        result = execute(sql, params, many, context)
        may_commit.set()
        writer.join(0.3)  # long enough to stand in the queue for the contact
        return result

    with connection.execute_wrapper(between_the_locks):
        visitors.sign_in(channel=channel, jwt=token, identity=phone)
    writer.join()
    assert problems == []
    kept = Message.objects.filter(conversation__contact=known.contact).order_by("pk")
    assert [message.content["text"] for message in kept] == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_nothing_acknowledged_is_lost_while_signing_in() -> None:
    channel = make_channel(make_brand())
    token = token_for(channel)
    known = visitors.sign_in(channel=channel, jwt=token).identity
    phones = [make_visitor(channel, f"carols-phone-{n:06}") for n in range(4)]
    kept: list[str] = []

    def act(n: int) -> None:
        phone = phones[n // 2]
        if n % 2:
            visitors.sign_in(channel=channel, jwt=token, identity=phone)
            return
        for word in range(5):
            try:
                kept.append(say(phone, f"{n} {word}").message.public_id)
            except NotSignedIn:
                return

    assert in_threads(8, act) == []
    found = Message.objects.filter(conversation__contact=known.contact).values_list("public_id", flat=True)
    assert set(kept) <= set(found)
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_visited", [False, True], ids=["new browsers", "browsers that wrote before"])
def test_six_devices_that_sign_in_at_once_are_one_person(has_visited: bool) -> None:
    channel = make_channel(make_brand())
    token = token_for(channel)
    known: list[Identity | None] = [None] * 6
    if has_visited:
        known = [make_visitor(channel, f"carols-device-{n:06}") for n in range(6)]
        for device in known:
            say(device, "hello")  # type: ignore[arg-type]  # each is one
    assert in_threads(6, lambda n: visitors.sign_in(channel=channel, jwt=token, identity=known[n])) == []
    assert Contact.objects.get().external_id == "u-1"
    assert Conversation.objects.count() == (6 if has_visited else 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_vouched_for_by_one_email_at_once_one_gets_in() -> None:
    channel = make_channel(make_brand())
    key, secret = keys.create_signing_key(brand=channel.brand, name="site", by=SYSTEM)
    email = {"email": "carol@example.test", "email_verified": True}

    def come(n: int) -> None:
        claims = {"scope": "user", "external_id": f"u-{n}", **email}
        visitors.sign_in(channel=channel, jwt=jwt.encode(claims, secret, "HS256", headers={"kid": key.kid}))

    refused = in_threads(6, come)
    assert [getattr(error, "code", error) for error in refused] == ["identity_conflict"] * 5
    assert Contact.objects.exclude(verified_email="").count() == 1


@pytest.mark.parametrize("begins_new", [False, True], ids=["default", "new"])
def test_retry_after_signing_in_is_the_same_message(channel: Channel, begins_new: bool) -> None:
    token = token_for(channel)
    known = visitors.sign_in(channel=channel, jwt=token).identity
    say(known, "on the first device", client_id="c-0")
    phone = make_visitor(channel, "carols-phone-000001")
    first = say(phone, "on the phone", client_id="c-1", begins_new=begins_new).message
    merged = visitors.sign_in(channel=channel, jwt=token, identity=phone).identity
    again = say(merged, "on the phone", client_id="c-1", begins_new=begins_new)
    assert (again.message.pk, again.created) == (first.pk, False)
    assert Message.objects.count() == 2


def test_one_client_id_of_two_contacts_stays_with_whom_they_become(channel: Channel) -> None:
    token = token_for(channel)
    known = visitors.sign_in(channel=channel, jwt=token).identity
    own = say(known, "mine", client_id="c-1", begins_new=True).message.conversation
    phone = make_visitor(channel, "carols-phone-000001")
    other = say(phone, "theirs", client_id="c-1", begins_new=True).message.conversation
    visitors.sign_in(channel=channel, jwt=token, identity=phone)
    found = dict(Conversation.objects.filter(contact=known.contact).values_list("pk", "client_id"))
    assert found == {own.pk: "c-1", other.pk: ""}
