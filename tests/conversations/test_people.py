"""People and their roles: what an action refuses, also when two admins act at once."""

import threading

import pytest
from django.db import connection

from conversations.actions.people import save_person
from conversations.errors import LastAdmin, OwnAccess
from conversations.events import Actor
from conversations.models import Brand, Event, Membership, Role, User
from tests.factories import make_brand, make_user


def demote(person: User, brand: Brand, by: User) -> None:
    save_person(person=person, roles={brand.pk: Role.AGENT}, fields=(), by=Actor.of_user(by))


def test_role_changes_once_and_is_recorded_once(brand: Brand) -> None:
    ada, alice = make_user("ada", brand, role=Role.ADMIN), make_user("alice", brand)
    for _ in range(2):
        save_person(person=alice, roles={brand.pk: Role.SUPERVISOR}, fields=(), by=Actor.of_user(ada))
    assert alice.memberships.get().role == Role.SUPERVISOR
    assert [event.payload["change"] for event in Event.objects.filter(type="configuration.changed")] == ["roles"]


def test_switched_off_admin_does_not_count(brand: Brand) -> None:
    ada, bea = make_user("ada", brand, role=Role.ADMIN), make_user("bea", brand, role=Role.ADMIN)
    bea.is_active = False
    bea.save()
    root = make_user("root")
    with pytest.raises(LastAdmin):
        demote(ada, brand, by=root)
    with pytest.raises(OwnAccess):
        demote(ada, brand, by=ada)
    assert ada.memberships.get().role == Role.ADMIN and not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_demote_each_other_one_stays() -> None:
    for number in range(5):
        brand = make_brand(f"brand-{number}")
        ada = make_user(f"ada{number}", brand, role=Role.ADMIN)
        bea = make_user(f"bea{number}", brand, role=Role.ADMIN)
        start = threading.Barrier(2)
        refused: list[str] = []

        def act(person: User, by: User, start: threading.Barrier = start, refused: list[str] = refused) -> None:
            start.wait()
            try:
                demote(person, person.memberships.get().brand, by)
            except LastAdmin as error:
                refused.append(error.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=act, args=pair) for pair in ((ada, bea), (bea, ada))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert refused == ["last_admin"]
        assert Membership.objects.filter(brand=brand, role=Role.ADMIN).count() == 1
