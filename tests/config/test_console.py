"""The console: who gets in, whose rows they see, and that secrets are shown once."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.models import ApiKey, Brand, Event, Role, SigningKey
from routing.models import Group
from tests.factories import make_brand, make_channel, make_user, make_visitor, say


@pytest.fixture
def brand(db: None) -> Brand:
    brand = make_brand()
    say(make_visitor(make_channel(brand), name="Carol"), "Hello")
    return brand


@pytest.fixture
def client(brand: Brand) -> Client:
    client = Client()
    client.force_login(make_user("ada", brand, role=Role.ADMIN))
    return client


def pages() -> list[str]:
    return [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]


def test_home_and_every_list_open_for_admin_under_strict_policy(client: Client) -> None:
    for name in ["admin:index", *pages()]:
        answer = client.get(reverse(name))
        assert answer.status_code == 200, name
        assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.READ_ONLY])
def test_nobody_but_admins_gets_in(brand: Brand, role: Role) -> None:
    client = Client()
    client.force_login(make_user("alice", brand, role=role))
    for name in ["admin:index", *pages()]:
        assert client.get(reverse(name)).status_code == 302, name


def test_admin_of_another_brand_sees_none_of_it(brand: Brand) -> None:
    client = Client()
    client.force_login(make_user("charlie", make_brand("other"), role=Role.ADMIN))
    assert "Carol" not in client.get(reverse("admin:conversations_contact_changelist")).content.decode()
    url = reverse("admin:conversations_brand_change", args=[brand.pk])
    assert client.get(url).status_code == 302
    client.post(reverse("admin:routing_group_add"), {"brand": brand.pk, "name": "Mine now"})
    assert not Group.objects.exists()


@pytest.mark.parametrize("model", [ApiKey, SigningKey])
def test_secret_is_shown_once(client: Client, brand: Brand, model: Any) -> None:
    name = model._meta.model_name
    added = client.post(reverse(f"admin:conversations_{name}_add"), {"brand": brand.pk, "name": "Shop"}, follow=True)
    assert added.status_code == 200
    secret = added.content.decode().split("Secret: ")[1].split("<")[0].strip()
    assert len(secret) >= 43
    key = model.objects.get()
    for url in (
        reverse(f"admin:conversations_{name}_changelist"),
        reverse(f"admin:conversations_{name}_change", args=[key.pk]),
    ):
        assert secret not in client.get(url).content.decode()
    assert Event.objects.filter(type="configuration.changed").count() == 1


def test_change_stands_in_the_audit_trail(client: Client, brand: Brand) -> None:
    client.post(reverse("admin:routing_group_add"), {"brand": brand.pk, "name": "Exchanges"})
    event = Event.objects.get(type="configuration.changed")
    assert (event.payload["label"], event.payload["change"]) == ("Exchanges", "created")
    assert "Exchanges: created" in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("rows", [2, 20])
def test_event_log_costs_the_same_however_long(client: Client, brand: Brand, rows: int) -> None:
    for number in range(rows):
        say(make_visitor(brand.channels.get(), f"browser-number-{number:04}"), "Hello")
    with CaptureQueriesContext(connection) as counted:
        client.get(reverse("admin:conversations_event_changelist"))
    # session, user, brands, bounded count, page
    assert len(counted) == 5
