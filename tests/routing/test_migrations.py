"""What migrations do to the rows of those who ran Madang before."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import make_brand

BEFORE, AFTER = [("routing", "0003_when_the_status_was_set")], [("routing", "0004_one_group_gets_new_tickets")]


@pytest.mark.django_db(transaction=True)
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
    # The tests that follow need the tables as they are now.
    now = MigrationExecutor(connection)
    now.migrate(now.loader.graph.leaf_nodes())
