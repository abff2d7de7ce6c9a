"""Two admins at one form of the console."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Brand, Role
from conversations.stamps import NAME
from routing.actions.agents import agent_of
from routing.models import Group
from tests.factories import make_user, signed_in


@pytest.fixture
def admins(brand: Brand) -> tuple[Client, Client]:
    return signed_in(make_user("ada", brand, role=Role.ADMIN)), signed_in(make_user("bea", brand, role=Role.ADMIN))


@pytest.fixture
def group(brand: Brand) -> Group:
    return Group.objects.create(brand=brand, name="Billing")


def stamp_of(answer: Any) -> str:
    found = re.search(rf'name="{NAME}" value="([^"]*)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def given(group: Group, stamp: str, **values: Any) -> dict[str, Any]:
    return {"brand": group.brand_id, "name": group.name, NAME: stamp, **values}


def test_second_to_save_is_told_what_the_first_changed_and_saves_again(
    admins: tuple[Client, Client], group: Group
) -> None:
    ada, bea = admins
    at = reverse("admin:routing_group_change", args=[group.pk])
    hers, other = stamp_of(ada.get(at)), stamp_of(bea.get(at))
    assert ada.post(at, given(group, hers, name="Invoices")).status_code == 302
    refused = bea.post(at, given(group, other, name="Money"), headers={"Accept-Language": "en"})
    assert refused.status_code == 200
    said = refused.content.decode()
    assert "Somebody else saved this while you were at it, and changed: Name." in said
    # What she typed is still there, and nothing of it is stored.
    assert 'value="Money"' in said
    group.refresh_from_db()
    assert group.name == "Invoices"
    assert bea.post(at, given(group, stamp_of(refused), name="Money")).status_code == 302
    group.refresh_from_db()
    assert group.name == "Money"


def test_members_changed_meanwhile_are_a_change_too(admins: tuple[Client, Client], brand: Brand, group: Group) -> None:
    ada, bea = admins
    dana = agent_of(make_user("dana", brand))
    at = reverse("admin:routing_group_change", args=[group.pk])
    stamp = stamp_of(bea.get(at))
    assert ada.post(at, given(group, stamp_of(ada.get(at)), members=[dana.pk])).status_code == 302
    assert bea.post(at, given(group, stamp)).status_code == 200
    assert list(group.members.all()) == [dana]


def test_own_save_twice_and_a_stamp_of_nonsense_ask_nothing(admins: tuple[Client, Client], group: Group) -> None:
    ada, _bea = admins
    at = reverse("admin:routing_group_change", args=[group.pk])
    for stamp in (stamp_of(ada.get(at)), "", "[1]", "{", '{"gone":"x"}'):
        group.refresh_from_db()
        assert ada.post(at, given(group, stamp, name=f"{group.name}!")).status_code == 302, stamp


def test_new_row_has_no_stamp(admins: tuple[Client, Client]) -> None:
    assert NAME not in admins[0].get(reverse("admin:routing_group_add")).content.decode()
