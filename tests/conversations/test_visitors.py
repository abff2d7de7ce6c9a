import time
from typing import Any

import jwt
import pytest
from django.test import Client

from conversations.actions import keys, visitors
from conversations.errors import InvalidContent, NotSignedIn, TokenRefused
from conversations.events import SYSTEM
from conversations.models import Attachment, Channel, ClientToken, Contact, Conversation, Identity
from tests.factories import make_brand, make_visitor, say


@pytest.fixture
def signer(channel: Channel) -> tuple[str, str]:
    key, secret = keys.create_signing_key(brand=channel.brand, name="site", by=SYSTEM)
    return key.kid, secret


def signed(signer: tuple[str, str], **claims: Any) -> str:
    kid, secret = signer
    return jwt.encode({"scope": "user", "external_id": "u-1"} | claims, secret, "HS256", headers={"kid": kid})


def test_same_browser_is_same_contact(channel: Channel) -> None:
    assert make_visitor(channel) == make_visitor(channel)
    assert Contact.objects.count() == 1


def test_token_lets_in_and_only_its_hash_is_kept(channel: Channel) -> None:
    admitted = visitors.admit_visitor(channel=channel, client_id="x" * 16)
    assert visitors.identity_of_token(admitted.token) == admitted.identity
    assert not ClientToken.objects.filter(token_hash=admitted.token).exists()
    with pytest.raises(NotSignedIn):
        visitors.identity_of_token(admitted.token + "x")


@pytest.mark.parametrize("client_id", ["", "x" * 15, "x" * 129])
def test_guessable_client_id_is_refused(channel: Channel, client_id: str) -> None:
    with pytest.raises(InvalidContent):
        visitors.admit_visitor(channel=channel, client_id=client_id)
    assert Contact.objects.count() == 0


def test_sign_in_keeps_the_visitors_contact(channel: Channel, signer: tuple[str, str]) -> None:
    carol = make_visitor(channel)
    say(carol, "before")
    admitted = visitors.sign_in(channel=channel, jwt=signed(signer, name="Carol Kim"), identity=carol)
    contact = admitted.identity.contact
    assert (contact.pk, contact.external_id, contact.name) == (carol.contact_id, "u-1", "Carol Kim")
    assert contact.is_verified


def test_device_alone_does_not_resume_a_signed_in_person(channel: Channel, signer: tuple[str, str]) -> None:
    carol = make_visitor(channel)
    visitors.sign_in(channel=channel, jwt=signed(signer), identity=carol)
    assert make_visitor(channel).contact_id != carol.contact_id


def test_sign_in_on_second_device_merges_its_history(channel: Channel, signer: tuple[str, str]) -> None:
    known = visitors.sign_in(channel=channel, jwt=signed(signer)).identity
    say(known, "on the first device")
    phone = make_visitor(channel, "carols-phone-000001")
    say(phone, "on the phone")
    picture = Attachment.objects.create(brand=channel.brand, contact=phone.contact, key="k", name="a.png", size=1)
    merged = visitors.sign_in(channel=channel, jwt=signed(signer), identity=phone).identity
    assert merged.contact_id == known.contact_id
    assert Conversation.objects.filter(contact=known.contact).count() == 2
    assert Contact.objects.count() == 1
    picture.refresh_from_db()
    assert picture.contact == known.contact
    assert not Identity.objects.filter(pk=phone.pk).exists()
    assert Conversation.objects.exclude(client_id="").count() == 0


def test_two_verified_people_are_never_merged(channel: Channel, signer: tuple[str, str]) -> None:
    first = visitors.sign_in(channel=channel, jwt=signed(signer)).identity
    second = visitors.sign_in(channel=channel, jwt=signed(signer, external_id="u-2"), identity=first).identity
    assert first.contact_id != second.contact_id
    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": time.time() - 3600}, "expired_token"),
        ({"scope": "app"}, "invalid_scope"),
        ({"external_id": 7}, "missing_external_id"),
        ({"external_id": ""}, "missing_external_id"),
    ],
)
def test_token_that_does_not_hold_is_refused(
    channel: Channel, signer: tuple[str, str], claims: dict[str, Any], reason: str
) -> None:
    with pytest.raises(TokenRefused) as refused:
        visitors.sign_in(channel=channel, jwt=signed(signer, **claims))
    assert refused.value.code == reason
    assert Contact.objects.count() == 0


def test_token_of_another_brands_key_is_refused(channel: Channel) -> None:
    other, secret = keys.create_signing_key(brand=make_brand("other"), name="site", by=SYSTEM)
    with pytest.raises(TokenRefused) as refused:
        visitors.sign_in(channel=channel, jwt=signed((other.kid, secret)))
    assert refused.value.code == "unknown_key"


def test_verified_email_of_another_person_is_a_conflict(channel: Channel, signer: tuple[str, str]) -> None:
    email = {"email": "carol@example.test", "email_verified": True}
    visitors.sign_in(channel=channel, jwt=signed(signer, **email))
    with pytest.raises(TokenRefused) as refused:
        visitors.sign_in(channel=channel, jwt=signed(signer, external_id="u-2", **email))
    assert refused.value.code == "identity_conflict"


def test_conflict_leaves_no_anonymous_contact_behind(channel: Channel, signer: tuple[str, str]) -> None:
    email = {"email": "carol@example.test", "email_verified": True}
    visitors.sign_in(channel=channel, jwt=signed(signer, **email))
    refused = Client().post(
        "/client/v1/session",
        {"key": channel.key, "client_id": "x" * 16, "jwt": signed(signer, external_id="u-2", **email)},
        content_type="application/json",
    )
    assert (refused.status_code, Contact.objects.count(), ClientToken.objects.count()) == (401, 1, 1)


def test_signed_out_token_lets_nobody_in(channel: Channel) -> None:
    token = visitors.admit_visitor(channel=channel, client_id="x" * 16).token
    visitors.sign_out(token=token)
    with pytest.raises(NotSignedIn):
        visitors.identity_of_token(token)
