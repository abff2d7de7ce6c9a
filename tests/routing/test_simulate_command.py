"""`manage.py simulate_routing`: a past period told again, as it was and as it would have been."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand
from routing.actions import assignment
from routing.actions.tickets import set_status
from routing.models import CapacityRule, Group, Queue, SlaPolicy, SlaTarget
from tests.factories import make_brand, make_channel
from tests.routing.cast import configure, make_agent, wait_in_line


@pytest.fixture
def brand(db: None) -> Brand:
    """A brand of which one agent, one chat at a time, worked off three that came at once, 10 minutes each."""
    brand = make_brand()
    channel = make_channel(brand)
    configure(brand)
    CapacityRule.objects.create(brand=brand, name="All", is_default=True, max_messaging=1)
    begun = timezone.now() - timedelta(hours=2)
    with time_machine.travel(begun, tick=False) as clock:
        make_agent("alice", brand)
        tickets = wait_in_line(channel, "one", "two", "three")
        for ticket in tickets:
            assignment.assign(brand.pk)
            clock.shift(timedelta(minutes=10))
            set_status(ticket=ticket, status="solved", by=SYSTEM)
    return brand


def told(*given: str) -> Any:
    out = StringIO()
    call_command("simulate_routing", "--brand", "sopoong", "--json", *given, stdout=out)
    return json.loads(out.getvalue())


def test_told_again_as_configured_it_ends_as_it_did(brand: Brand) -> None:
    runs = told("--promise", "300")
    assert runs["as it was"] == runs["configured now"] | {"agents": {"Alice": {"tickets": 3, "at once": 0}}}
    assert (runs["as it was"]["waited, median s"], runs["as it was"]["late"]) == (600, 2)


def test_without_a_promise_service_levels_say_what_is_late(brand: Brand) -> None:
    assert told()["configured now"]["late"] == 0
    policy = SlaPolicy.objects.create(brand=brand, name="All")
    SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=15)
    runs = told()
    assert (runs["as it was"]["late"], runs["configured now"]["late"]) == (1, 1), "at once, after 10 minutes, after 20"


def test_with_more_room_nobody_would_have_waited_and_nothing_is_changed(brand: Brand, tmp_path: Path) -> None:
    changes = tmp_path / "changes.json"
    group = Group.objects.create(brand=brand, name="First line")
    changes.write_text(
        json.dumps(
            {
                "capacity_rules": {"All": {"max_messaging": 3}},
                "groups": {"First line": ["alice@example.test"]},
                "queues": {"Everything": {"priority": 5, "primary_groups": ["First line"]}},
            }
        )
    )
    runs = told("--changes", str(changes), "--promise", "300")
    assert (runs["as changed"]["waited, longest s"], runs["as changed"]["late"]) == (0, 0)
    assert runs["as changed"]["agents"] == {"Alice": {"tickets": 3, "at once": 3}}
    assert CapacityRule.objects.get().max_messaging == 1
    assert not Queue.objects.exists()
    assert not group.members.exists()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": {}}, "colour"),
        ({"config": {"colour": 1}}, "config.colour"),
        ({"capacity_rules": {"All": {"max_messaging": 9000}}}, "capacity_rules.All.max_messaging"),
        ({"queues": {"New": {"primary_groups": ["Nobody"]}}}, "queues.New.primary_groups.Nobody"),
        ({"agents": {"nobody@example.test": {}}}, "agents.nobody@example.test"),
    ],
)
def test_what_is_not_known_is_named(brand: Brand, tmp_path: Path, changes: Any, named: str) -> None:
    path = tmp_path / "changes.json"
    path.write_text(json.dumps(changes))
    with pytest.raises(CommandError, match=named):
        told("--changes", str(path))


def test_a_table_for_people(brand: Brand) -> None:
    out = StringIO()
    call_command("simulate_routing", "--brand", "sopoong", stdout=out)
    assert "configured now" in out.getvalue()
    assert "Alice" in out.getvalue()
    with pytest.raises(CommandError, match="no brand"):
        call_command("simulate_routing", "--brand", "nobody")


def test_example_of_the_docs_is_understood_and_nothing_of_it_stays(brand: Brand, tmp_path: Path) -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "routing.md").read_text(encoding="utf-8")
    given = page.split("```json")[1].split("```")[0].replace("agent@demo.test", "alice@example.test")
    (tmp_path / "changes.json").write_text(given, encoding="utf-8")
    Queue.objects.create(brand=brand, name="Old queue")
    Group.objects.create(brand=brand, name="Orders")
    before = [list(model.objects.values()) for model in (Queue, Group, CapacityRule)]
    runs = told("--changes", str(tmp_path / "changes.json"))
    assert runs["as changed"]["tickets"] == 3
    assert [list(model.objects.values()) for model in (Queue, Group, CapacityRule)] == before
