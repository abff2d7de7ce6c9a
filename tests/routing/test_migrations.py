"""What migrations do to the rows of those who ran Madang before."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from routing.models import Group, RoutingConfig
from tests.factories import make_brand, make_user

BEFORE, AFTER = [("routing", "0003_when_the_status_was_set")], [("routing", "0004_one_group_gets_new_tickets")]


@pytest.fixture
def migrated(transactional_db: None) -> Iterator[None]:
    """Leave the database as all others expect it, whatever the test migrated it to."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.usefixtures("migrated")
def test_of_several_default_groups_the_oldest_stays() -> None:
    brand, other = make_brand(), make_brand("other")
    try:
        old = MigrationExecutor(connection).migrate(BEFORE).apps.get_model("routing", "Group")
        for name, brand_id in (("a", brand.pk), ("b", brand.pk), ("c", other.pk), ("d", brand.pk)):
            old.objects.create(name=name, brand_id=brand_id, is_default=True)
    finally:
        new = MigrationExecutor(connection).migrate(AFTER).apps.get_model("routing", "Group")
    assert set(new.objects.filter(is_default=True).values_list("name", flat=True)) == {"a", "c"}
    assert new.objects.count() == 4


@pytest.mark.usefixtures("migrated")
def test_who_is_offline_for_nothing_but_chats_is_present() -> None:
    brand = make_brand()
    users = {name: make_user(name).pk for name in ("online", "away", "offline", "emails", "nothing")}
    try:
        old = MigrationExecutor(connection).migrate([("routing", "0026_when_a_status_was_chosen")]).apps
        makes = old.get_model("routing", "CustomStatus").objects
        emails = makes.create(brand_id=brand.pk, name="Emails", messaging="offline", email="online", voice="offline")
        nothing = makes.create(brand_id=brand.pk, name="Lunch", messaging="offline", email="offline", voice="offline")
        own = {"emails": emails.pk, "nothing": nothing.pk}
        for name, user in users.items():
            status = "offline" if name in own else name
            old.get_model("routing", "Agent").objects.create(
                user_id=user, status=status, custom_status_id=own.get(name)
            )
    finally:
        new = MigrationExecutor(connection).migrate([("routing", "0027_who_is_present")]).apps
    present = new.get_model("routing", "Agent").objects.filter(is_present=True)
    assert set(present.values_list("user_id", flat=True)) == {users["online"], users["away"], users["emails"]}


@pytest.mark.usefixtures("migrated")
def test_each_group_gets_an_id_of_its_own_and_so_do_those_that_old_processes_make() -> None:
    brand = make_brand()
    try:
        old = MigrationExecutor(connection).migrate([("routing", "0005_own_work_counted_by_index")])
        before = old.apps.get_model("routing", "Group")
        for number in range(3):
            before.objects.create(name=f"{number}", brand_id=brand.pk)
    finally:
        MigrationExecutor(connection).migrate([("routing", "0006_groups_have_public_ids")])
    before.objects.create(name="late", brand_id=brand.pk)
    ids = set(Group.objects.values_list("public_id", flat=True))
    assert len(ids) == 4 and all(re.fullmatch("[0-9a-f]{24}", each) for each in ids)
    # The tests that follow need the tables as they are now.
    now = MigrationExecutor(connection)
    now.migrate(now.loader.graph.leaf_nodes())


@pytest.mark.usefixtures("migrated")
def test_chats_and_email_come_back_by_what_was_one_rule() -> None:
    brand = make_brand()
    try:
        old = MigrationExecutor(connection).migrate([("routing", "0039_silent_work_that_is_given_takes_room")]).apps
        old.get_model("routing", "RoutingConfig").objects.create(
            brand_id=brand.pk,
            reassignment_reopened_statuses=["away"],
            reassignment_agent_statuses=["away", "offline"],
            reassignment_ticket_priorities=[3],
        )
    finally:
        after = [("routing", "0040_chats_and_email_come_back_by_their_own_rules")]
        MigrationExecutor(connection).migrate(after)
    config = RoutingConfig.objects.get()
    assert config.reassignment_reopened_tickets_messaging_statuses == ["away"]
    assert config.reassignment_reopened_tickets_support_statuses == ["away"]
    for name in ("messaging", "support"):
        assert getattr(config, f"reassignment_agent_status_change_{name}_agent_statuses") == ["away", "offline"]
        assert getattr(config, f"reassignment_agent_status_change_{name}_ticket_priorities") == [3]
        assert getattr(config, f"reassignment_agent_status_change_{name}_enabled")
    with connection.cursor() as cursor:
        # As a process of the version before does.
        cursor.execute("SELECT reassignment_reopened_statuses FROM routing_routingconfig")
        assert cursor.fetchone()
