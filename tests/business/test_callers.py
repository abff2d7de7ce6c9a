"""Who calls the business API: keys and their scopes, people's tokens, signing in, limits, calls that come twice."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from conversations.actions.keys import create_api_key, delete_key
from conversations.actions.personal_tokens import drop_expired_tokens, make_token
from conversations.errors import InvalidContent
from conversations.events import SYSTEM
from conversations.models import ApiKey, Block, Brand, Event, KeptAnswer, Message, PersonalToken
from conversations.permissions import Role
from conversations.tasks import drop_leftovers
from tests.business.calling import Program, app_of, system
from tests.factories import PASSWORD, make_channel, make_user, make_visitor, say


def test_key_lets_in_by_basic_and_by_bearer_and_is_marked_as_used(brand: Brand) -> None:
    key, secret = create_api_key(brand=brand, name="Shop", by=SYSTEM)
    for authorization in (
        "Basic " + base64.b64encode(f"{key.key_id}:{secret}".encode()).decode(),
        f"Bearer {key.key_id}:{secret}",
    ):
        Program(authorization).call("GET", "/contacts")
    assert ApiKey.objects.get().last_used_at is not None
    delete_key(key=key, by=SYSTEM)
    Program(f"Bearer {key.key_id}:{secret}").call("GET", "/contacts", status=401)


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic x", "Basic " + "€", "Bearer", "Bearer mad_x", "Bearer a:b", "Digest a", "Bearer \x01:é"],
)
def test_nobody_else_is_let_in(brand: Brand, authorization: str) -> None:
    create_api_key(brand=brand, name="Shop", by=SYSTEM)
    refused = Program(authorization).call("GET", "/contacts", status=401)
    assert refused["error"]["code"] == "unauthorized"


def test_scopes_bound_what_a_key_reaches(brand: Brand) -> None:
    reader = system(brand, ["contacts:read"])
    reader.call("GET", "/contacts")
    reader.call("POST", "/blocks", {"kind": "email", "value": "a@b.example"}, 403)
    reader.call("GET", "/conversations", status=403)
    writer = system(brand, ["contacts:write"])
    writer.call("POST", "/blocks", {"kind": "email", "value": "a@b.example"}, 201)
    writer.call("GET", "/blocks")
    with pytest.raises(InvalidContent):
        create_api_key(brand=brand, name="x", by=SYSTEM, scopes=["contacts:read", "everything"])


def test_token_acts_as_its_person_until_it_ends(brand: Brand) -> None:
    alice, rita = make_user("alice", brand), make_user("rita", brand, role=Role.LIGHT)
    own = say(make_visitor(make_channel(brand)), "hello").message.conversation.public_id
    told = app_of(alice).call(
        "POST", f"/conversations/{own}/messages", {"content": {"type": "text", "text": "Hi"}}, 201
    )
    assert told["message"]["author"] == {"type": "agent", "id": alice.public_id, "name": "Alice"}
    light = app_of(rita)
    light.call("POST", f"/conversations/{own}/messages", {"content": {"type": "text", "text": "Hi"}}, 403)
    note = {"content": {"type": "text", "text": "@Alice look"}, "audience": "internal"}
    light.call("POST", f"/conversations/{own}/messages", note, 201)
    assert list(Message.objects.get(audience="internal").mentions.all()) == [alice]
    _token, secret = make_token(user=alice, name="Phone", expires_at=timezone.now() + timedelta(hours=1))
    phone = Program(f"Bearer {secret}")
    assert phone.call("GET", "/me")["person"]["brands"][0]["role"] == "agent"
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        phone.call("GET", "/me", status=401)
        assert drop_expired_tokens() == 1
    other = app_of(alice)
    alice.is_active = False
    alice.save()
    other.call("GET", "/me", status=401)


@time_machine.travel("2026-03-02T09:00:05Z", tick=False)
def test_app_signs_in_and_out(brand: Brand, settings: Any) -> None:
    alice = make_user("alice", brand)
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in": 2}
    nobody = Program()
    given = {"email": " Alice@example.test ", "password": PASSWORD, "name": "Phone"}
    told = nobody.call("POST", "/sign-in", given, 201)
    assert told["person"]["id"] == alice.public_id and told["socket"] == "/ws/agent/"
    phone = Program(f"Bearer {told['token']}")
    assert [each["name"] for each in phone.call("GET", "/tokens")["tokens"]] == ["Phone"]
    for _try in range(2):
        nobody.call("POST", "/sign-in", given | {"password": "wrong"}, 401)
    refused = nobody.call("POST", "/sign-in", given, 429)
    assert 0 < refused["error"]["limit"] <= 60
    phone.call("POST", "/sign-out", status=204)
    phone.call("GET", "/me", status=401)
    assert PersonalToken.objects.count() == 0


def test_new_password_ends_what_the_old_one_let_in(brand: Brand) -> None:
    alice = make_user("alice", brand)
    told = Program().call("POST", "/sign-in", {"email": alice.email, "password": PASSWORD}, 201)
    made_by_hand = app_of(alice)
    alice.set_password("another horse battery")
    alice.save()
    Program(f"Bearer {told['token']}").call("GET", "/me", status=401)
    made_by_hand.call("GET", "/me")


def test_person_without_a_brand_is_not_let_in(db: None) -> None:
    nobody = make_user("nobody")
    Program().call("POST", "/sign-in", {"email": nobody.email, "password": PASSWORD}, 403)
    app_of(nobody).call("GET", "/me", status=401)


@pytest.mark.usefixtures("standing_window")
def test_limits_are_of_each_key(brand: Brand, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"api": 1}
    shop, stock = system(brand), system(brand)
    shop.call("GET", "/contacts")
    refused = shop.client.get("/api/v1/contacts", headers=shop.headers)
    assert refused.status_code == 429 and 0 < int(refused["Retry-After"]) <= 60
    stock.call("GET", "/contacts")


def test_call_that_comes_twice_is_done_once(brand: Brand) -> None:
    shop, body = system(brand), {"kind": "email", "value": "a@b.example"}
    first = shop.call("POST", "/blocks", body, 201, Idempotency_Key="k-1")
    assert shop.call("POST", "/blocks", body, 201, Idempotency_Key="k-1") == first
    assert Block.objects.count() == 1
    refused = shop.call("POST", "/blocks", body | {"reason": "x"}, 409, Idempotency_Key="k-1")
    assert refused["error"]["code"] == "idempotency_key_reused"
    system(brand).call("POST", "/blocks", body, 201, Idempotency_Key="k-1")
    shop.call("POST", "/blocks", {"kind": "email", "value": "nonsense"}, 400, Idempotency_Key="k-2")
    shop.call("POST", "/blocks", {"kind": "email", "value": "c@d.example"}, 201, Idempotency_Key="k-2")
    shop.call("POST", "/blocks", body, 400, Idempotency_Key="k" * 65)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        drop_leftovers()
    assert KeptAnswer.objects.count() == 0


def test_what_a_key_does_stands_in_the_log_as_its_own(brand: Brand) -> None:
    own = say(make_visitor(make_channel(brand)), "hello").message.conversation.public_id
    body = {"content": {"type": "text", "text": "It is on its way."}, "client_id": "m-1"}
    shop = system(brand)
    told = shop.call("POST", f"/conversations/{own}/messages", body, 201)
    assert told["message"]["author"] == {"type": "agent", "id": "", "name": "Sopoong"}
    shop.call("POST", f"/conversations/{own}/messages", body, 200)
    assert Event.objects.filter(type="message.posted").latest("pk").actor_kind == "api"
    shop.call("POST", f"/conversations/{own}/read", {}, 403)


def test_body_with_what_there_is_not_is_refused(brand: Brand) -> None:
    refused = system(brand).call("POST", "/blocks", {"kind": "email", "value": "a@b.example", "colour": 1}, 400)
    assert refused["error"]["field"] == "colour"


def test_lists_page_by_cursor(brand: Brand) -> None:
    shop = system(brand)
    for number in range(3):
        shop.call("POST", "/blocks", {"kind": "email", "value": f"a{number}@b.example"}, 201)
    first = shop.call("GET", "/blocks?limit=2")
    assert first["meta"]["has_more"] is True and len(first["blocks"]) == 2
    rest = shop.call("GET", f"/blocks?limit=2&after={first['meta']['after']}")
    assert [each["value"] for each in rest["blocks"]] == ["a2@b.example"] and not rest["meta"]["has_more"]
    assert shop.call("GET", "/blocks?limit=101", status=400)["error"]["limit"] == 100
