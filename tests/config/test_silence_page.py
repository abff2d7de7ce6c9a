"""The console's page of waiting and silence."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Brand, Event, Membership, Role, User
from routing.models import Schedule, SessionSettings
from tests.factories import make_brand, make_user, signed_in


def url(page: str, *args: Any) -> str:
    return reverse(f"admin:routing_sessionsettings_{page}", args=args)


@pytest.fixture
def client(brand: Brand) -> Client:
    return signed_in(make_user("ada", brand, role=Role.ADMIN))


def given(brand: Brand, **more: Any) -> dict[str, Any]:
    chain = {"reminder_0_minutes": 5, "reminder_0_text_en": "Still there?", "reminder_0_tags": "Silent one, b"}
    last = {"reminder_1_minutes": 60, "reminder_1_status": "solved", "reminder_1_ends_session": "on"}
    return {"brand": brand.pk, "close_solved_after_days": 7, "tells_position": "on", **chain, **last, **more}


def test_it_is_made_by_the_first_save_and_changed_by_the_next(client: Client, brand: Brand) -> None:
    page = client.get(url("changelist"))
    assert page.status_code == 200 and f'action="{url("add")}"' in page.content.decode()
    client.post(url("add"), given(brand))
    settings = SessionSettings.objects.get()
    first, second = settings.chain
    assert (first.minutes, first.text_en, first.tags) == (5, "Still there?", ["silent-one", "b"])
    assert (second.minutes, second.status, second.ends_session) == (60, "solved", True)
    page = client.get(url("changelist"))
    assert url("change", settings.pk) in page.content.decode() and "Still there?" in page.content.decode()
    client.post(url("change", settings.pk), given(brand, reminder_0_minutes=10))
    settings.refresh_from_db()
    assert settings.chain[0].minutes == 10
    # What stays as it was is no change.
    client.post(url("change", settings.pk), given(brand, reminder_0_minutes=10))
    found = Event.objects.filter(type="configuration.changed", payload__model="sessionsettings").order_by("pk")
    assert [each.payload["change"] for each in found] == ["created", "reminders"]
    assert client.post(url("add"), given(brand)).status_code == 403


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("reminder_0_minutes", {"reminder_0_minutes": 0}),
        ("reminder_0_minutes", {"reminder_0_minutes": ""}),
        ("reminder_0_text_en", {"reminder_0_text_en": "Hello {{nobody}}"}),
        ("reminder_0_status", {"reminder_0_status": "solved"}),
        ("reminder_0_status", {"reminder_0_status": "closed"}),
        ("reminder_1_minutes", {f"reminder_1_{part}": "" for part in ("minutes", "status", "ends_session")}),
        ("close_solved_after_days", {"close_solved_after_days": 0}),
        ("reopen_solved_for_hours", {"reopen_solved_for_hours": 24 * 365 + 1}),
        ("waiting_text_ko", {"waiting_text_ko": "가" * 201}),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(client: Client, brand: Brand, field: str, more: dict[str, Any]) -> None:
    if field == "reminder_1_minutes":
        more = more | {"reminder_2_minutes": 5, "reminder_2_text_en": "Bye"}
    answer = client.post(url("add"), given(brand, **more))
    assert answer.status_code == 200 and list(answer.context["adminform"].form.errors) == [field]
    assert not SessionSettings.objects.exists()


def test_it_is_read_in_korean_too(client: Client) -> None:
    page = client.get(url("changelist"), headers={"Accept-Language": "ko"}).content.decode()
    assert "대기와 침묵" in page and "첫 번째 알림" in page


def test_the_schedule_of_the_text_outside_hours_is_one_of_the_brand(client: Client, brand: Brand) -> None:
    other = make_brand("other")
    Membership.objects.create(brand=other, user=User.objects.get(), role=Role.ADMIN)
    own, foreign = (Schedule.objects.create(brand=each, name="Night", time_zone="UTC") for each in (brand, other))
    answer = client.post(url("add"), given(brand, closed_schedule=foreign.pk))
    assert list(answer.context["adminform"].form.errors) == ["closed_schedule"]
    assert not SessionSettings.objects.exists()
    assert client.post(url("add"), given(brand, closed_schedule=own.pk)).status_code == 302
    assert SessionSettings.objects.get().closed_schedule == own
    own.delete()
    assert SessionSettings.objects.get().closed_schedule is None
