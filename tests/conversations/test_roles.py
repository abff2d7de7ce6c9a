"""Roles: the one check, the standard sets, and roles of a brand's own."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.actions.people import roles_of, save_person
from conversations.actions.roles import delete_role, save_role
from conversations.errors import InvalidContent
from conversations.events import SYSTEM, Actor
from conversations.models import Brand, CustomRole, Event, Membership, Role, User
from conversations.permissions import AGENT, GRANTED, STANDARD, Permission, Sees, nearest_role, permissions_of
from conversations.queries import viewer_of
from routing.actions.agents import agent_of
from routing.queries import answering
from tests.factories import make_brand, make_user


@pytest.fixture
def alice(brand: Brand) -> User:
    return make_user("alice", brand)


def make_role(brand: Brand, *permissions: Permission, sees: Sees = Sees.ALL, name: str = "Desk") -> CustomRole:
    role = CustomRole(brand=brand, name=name, sees=sees)
    return save_role(role=role, permissions=[each.value for each in permissions], fields=(), by=SYSTEM)


def give(person: User, brand: Brand, role: str) -> None:
    save_person(person=person, roles={brand.pk: role}, fields=(), by=SYSTEM)


def test_standard_roles_grow_and_only_admins_configure() -> None:
    light, agent, supervisor, admin = (STANDARD[role] for role in (Role.LIGHT, Role.AGENT, Role.SUPERVISOR, Role.ADMIN))
    assert light < agent < supervisor < admin == set(Permission)
    assert set(Permission) - GRANTED == {Permission.CONFIGURE}
    assert all(nearest_role(STANDARD[role]) == role for role in (Role.LIGHT, Role.AGENT, Role.SUPERVISOR))


@pytest.mark.parametrize("role", Role.values)
def test_one_check_asks_the_role(brand: Brand, role: Role) -> None:
    viewer = viewer_of(make_user("somebody", brand, role=role))
    assert {each for each in Permission if viewer.may(brand.pk, each)} == STANDARD[Role(role)]
    elsewhere = make_brand("other").pk
    assert not any(viewer.may(elsewhere, each) for each in Permission)


def test_names_that_are_no_permissions_grant_nothing() -> None:
    assert permissions_of("agent", ["messages.reply", "configure", "gone"]) == {Permission.REPLY}


def test_custom_role_holds_instead_of_the_standard_one(brand: Brand, alice: User) -> None:
    role = make_role(brand, Permission.REPLY, sees=Sees.GROUPS)
    give(alice, brand, role.public_id)
    with CaptureQueriesContext(connection) as counted:
        viewer = viewer_of(alice)
    assert len(counted) == 1 and viewer.is_restricted
    assert [each for each in Permission if viewer.may(brand.pk, each)] == [Permission.REPLY]
    assert roles_of(alice, [brand.pk]) == {brand.pk: role.public_id}
    changes = Event.objects.filter(type="configuration.changed").order_by("pk")
    assert [event.payload["change"] for event in changes] == ["created", "roles"]


def test_work_is_given_to_whom_the_role_lets_answer(brand: Brand, alice: User) -> None:
    role = make_role(brand, Permission.REPLY, Permission.SUPERVISE)
    give(alice, brand, role.public_id)
    agent = agent_of(alice)
    assert role.base == Role.SUPERVISOR and agent in answering(brand.pk)
    save_role(role=role, permissions=["notes.write"], fields=["permissions"], by=SYSTEM)
    assert Membership.objects.get(user=alice).role == Role.LIGHT and agent not in answering(brand.pk)


@pytest.mark.parametrize(
    ("permissions", "sees", "field"),
    [(["configure"], "all", "permissions"), (["x"], "all", "permissions"), ([], "everything", "sees")],
)
def test_what_no_role_may_have_is_refused(brand: Brand, permissions: list[str], sees: str, field: str) -> None:
    with pytest.raises(InvalidContent) as refused:
        save_role(role=CustomRole(brand=brand, name="x", sees=sees), permissions=permissions, fields=(), by=SYSTEM)
    assert refused.value.field == field and not CustomRole.objects.exists()


def test_roles_of_a_brand_are_bounded(brand: Brand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.actions.roles.MAX_ROLES", 1)
    make_role(brand)
    with pytest.raises(InvalidContent):
        make_role(brand, name="One more")


def test_role_of_another_brand_cannot_be_given(brand: Brand, alice: User) -> None:
    foreign = make_role(make_brand("other"), *AGENT)
    with pytest.raises(InvalidContent):
        give(alice, brand, foreign.public_id)
    assert roles_of(alice, [brand.pk]) == {brand.pk: Role.AGENT}


def test_role_that_somebody_has_stays(brand: Brand, alice: User) -> None:
    role = make_role(brand)
    give(alice, brand, role.public_id)
    with pytest.raises(InvalidContent):
        delete_role(role=role, by=SYSTEM)
    give(alice, brand, Role.AGENT)
    delete_role(role=role, by=SYSTEM)
    assert not CustomRole.objects.exists()
    assert Event.objects.order_by("-pk")[0].payload["change"] == "deleted"


def test_admin_makes_a_role_and_gives_it(brand: Brand, alice: User) -> None:
    ada = make_user("ada", brand, role=Role.ADMIN)
    client = Client()
    client.force_login(ada)
    form = client.get(reverse("admin:conversations_customrole_add"))
    assert form.content.decode().count('name="permissions"') == len(GRANTED)
    given = {"brand": brand.pk, "name": "Returns desk", "sees": "groups", "permissions": ["messages.reply"]}
    client.post(reverse("admin:conversations_customrole_add"), given)
    role = CustomRole.objects.get()
    assert (role.permissions, role.sees, role.base) == (["messages.reply"], "groups", "agent")
    address = reverse("admin:conversations_user_change", args=[alice.pk])
    assert "Returns desk" in client.get(address).content.decode()
    person = {"name": "Alice", "email": alice.email, "is_active": "on", f"role_{brand.pk}": role.public_id}
    client.post(address, person)
    assert Membership.objects.get(user=alice).custom_role == role
    assert "Returns desk" in client.get(reverse("admin:conversations_user_changelist")).content.decode()
    client.post(reverse("admin:conversations_customrole_delete", args=[role.pk]), {"post": "yes"})
    assert CustomRole.objects.exists()
    by = Actor.of_user(ada)
    assert {event.actor_id for event in Event.objects.filter(type="configuration.changed")} == {by.id}


def test_brand_without_an_admin_is_pointed_out(brand: Brand) -> None:
    root = User.objects.create_superuser("root@example.test", "correct horse battery", name="Root")
    client = Client()
    client.force_login(root)
    address = reverse("admin:conversations_user_changelist")
    assert "Sopoong has no active admin." in client.get(address).content.decode()
    make_user("ada", brand, role=Role.ADMIN)
    assert "has no active admin" not in client.get(address).content.decode()
