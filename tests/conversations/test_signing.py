from typing import Any

import pytest
from django.test import Client

from conversations.models import User
from tests.factories import PASSWORD, make_brand, make_user


@pytest.fixture
def alice(db: None) -> User:
    return make_user("alice", make_brand())


def sign_in(alice: User, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/workspace/sign-in/", {"username": alice.email.upper(), "password": password})
    return client


def test_signed_in_person_reaches_the_inbox(alice: User) -> None:
    assert sign_in(alice).get("/workspace/inbox/mine/").status_code == 200
    assert sign_in(alice, "wrong").get("/workspace/inbox/mine/").status_code == 302


def test_switched_off_person_is_kept_out(alice: User) -> None:
    client = sign_in(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get("/workspace/inbox/mine/").status_code == 302
    assert sign_in(alice).get("/workspace/inbox/mine/").status_code == 302


def guess(email: str, password: str = "wrong") -> Any:
    return Client().post("/workspace/sign-in/", {"username": email, "password": password})


@pytest.mark.usefixtures("standing_window")
def test_wrong_guesses_at_one_account_lock_out_nobody_else_here(alice: User, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in": 3}
    bob = make_user("bob", make_brand("other"))
    # A right password is not counted, however often.
    assert [guess(alice.email, PASSWORD).status_code for _ in range(5)] == [302] * 5
    assert [guess(alice.email).status_code for _ in range(4)] == [422, 422, 422, 429]
    refused = guess(alice.email, PASSWORD)
    assert refused.status_code == 429 and refused.content.decode().count('role="alert"') == 1
    assert "Too many requests" in refused.content.decode()
    assert guess(bob.email, PASSWORD).status_code == 302


@pytest.mark.usefixtures("standing_window")
def test_guessing_through_many_accounts_is_slowed_down(alice: User, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in-address": 3}
    assert [guess(f"person{n}@example.com").status_code for n in range(4)] == [422, 422, 422, 429]


@pytest.mark.usefixtures("standing_window")
def test_guessing_at_one_account_is_slowed_down_from_any_address(alice: User, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign-in-account": 3}
    settings.TRUSTED_PROXIES = 1
    answers = [
        Client().post(
            "/workspace/sign-in/",
            {"username": alice.email, "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"},
        )
        for n in range(4)
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]


def change(client: Client, old: str, new: str) -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/workspace/password/", fields)


def test_changed_password_keeps_this_place_signed_in_and_no_other(alice: User) -> None:
    here, there = sign_in(alice), sign_in(alice)
    assert change(here, PASSWORD, "a new long password").status_code == 302
    assert here.get("/workspace/inbox/mine/").status_code == 200
    assert there.get("/workspace/inbox/mine/").status_code == 302
    assert sign_in(alice, "a new long password").get("/workspace/inbox/mine/").status_code == 200


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", "a new long password"), (PASSWORD, "short"), (PASSWORD, "1234567890")]
)
def test_bad_change_of_password_changes_nothing(alice: User, old: str, new: str) -> None:
    assert change(sign_in(alice), old, new).status_code == 422
    assert sign_in(alice).get("/workspace/inbox/mine/").status_code == 200


def test_language_goes_back_to_own_pages_only(db: None) -> None:
    answer = Client().post("/workspace/language/", {"language": "ko", "next": "https://evil.test/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/workspace/")
    assert answer.cookies["django_language"].value == "ko"
    assert "django_language" not in Client().post("/workspace/language/", {"language": "xx"}).cookies
