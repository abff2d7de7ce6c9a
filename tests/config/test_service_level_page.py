"""The console's page of service levels: what its table takes, refuses, warns of, and what a change reaches."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from conversations.events import SYSTEM
from conversations.models import Brand, Event, Role
from routing.actions import sla
from routing.actions.schedules import delete_schedule, save_schedule
from routing.actions.service_levels import MAX_POLICIES, TargetEntry, save_policy
from routing.admin.target_fields import minutes_in
from routing.decide.hours import Opening
from routing.decide.setting_words import time_words
from routing.errors import InvalidChange
from routing.models import Promise, Reapply, Schedule, SlaPolicy, SlaTarget
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import wait_in_line

ASKS_STATUS = '{"all": [{"field": "ticket.status", "operator": "is", "value": "new"}]}'
LIST, ADD = "/admin/routing/slapolicy/", "/admin/routing/slapolicy/add/"


@pytest.fixture
def client(brand: Brand) -> Client:
    return signed_in(make_user("ada", brand, role=Role.ADMIN))


def form(brand: Brand, **given: Any) -> dict[str, Any]:
    return {
        "brand": brand.pk,
        "name": "Premium",
        "is_active": "on",
        "conditions": "{}",
        "targets_first_reply_4": "15m",
        "targets_first_reply_2": "1h 30m",
        "targets_resolution_2": "3d",
        "targets_first_reply_counts": "calendar",
        **given,
    }


def errors(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200
    return {name: str(said) for name, said in answer.context["adminform"].form.errors.items()}


def office(brand: Brand, *week: Opening) -> Schedule:
    schedule = Schedule(brand=brand, name="Office", time_zone="UTC")
    return save_schedule(schedule=schedule, week=week, fields=(), by=SYSTEM)


def policies(brand: Brand, *names: str) -> list[SlaPolicy]:
    entry = TargetEntry("first_reply", 2, 60)
    return [save_policy(policy=SlaPolicy(brand=brand, name=name), targets=[entry], by=SYSTEM) for name in names]


def test_policy_is_made_with_its_table_and_reaches_open_tickets(client: Client, brand: Brand) -> None:
    (ticket,) = wait_in_line(make_channel(brand), "carol")
    made = client.post(ADD, form(brand), follow=True)
    assert "Service level added: Premium" in made.content.decode() and not made.context.get("errors")
    found = {(row.metric, row.priority): (row.minutes, row.is_business) for row in SlaTarget.objects.all()}
    assert found == {
        ("first_reply", 4): (15, False),
        ("first_reply", 2): (90, False),
        ("resolution", 2): (4320, False),
    }
    assert sla.reapply(brand.pk) == 1
    assert Promise.objects.get(ticket=ticket, metric="first_reply").target_minutes == 90
    listed = client.get(LIST).content.decode()
    assert "First reply 15m to 1h 30m · Resolution 72h" in listed
    page = client.get(f"{LIST}{SlaPolicy.objects.get().pk}/change/").content.decode()
    assert 'name="targets_first_reply_2" value="1h 30m"' in page


def test_change_is_recorded_once_and_nothing_is_recorded_for_nothing(client: Client, brand: Brand) -> None:
    client.post(ADD, form(brand))
    page = f"{LIST}{SlaPolicy.objects.get().pk}/change/"
    Reapply.objects.all().delete()
    client.post(page, form(brand))
    assert not Reapply.objects.exists()
    client.post(page, form(brand, targets_first_reply_4="20m"))
    last = Event.objects.filter(type="configuration.changed").latest("pk")
    assert last.payload["change"] == "targets" and Reapply.objects.count() == 1
    told = "targets: First reply: Urgent 15m, Normal 1h 30m · Resolution: Normal 72h → First reply: Urgent 20m,"
    assert f"Service level “Premium”: {told}" in client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"targets_first_reply_4": "soon"}, "targets", "First reply, Urgent: soon is no time"),
        ({"targets_first_reply_4": "0"}, "targets", "give 1 minute to 8784 hours"),
        ({"targets_first_reply_4": "9000h"}, "targets", "give 1 minute to 8784 hours"),
        ({"targets_first_reply_counts": "business"}, "schedule", "Choose the schedule"),
        (
            {"conditions": '{"all": [{"field": "ticket.status", "operator": "is", "value": "new"}]}'},
            "conditions",
            "One",
        ),
        ({"name": ""}, "name", "required"),
    ],
)
def test_what_is_refused_names_its_field_and_changes_nothing(
    client: Client, brand: Brand, given: dict[str, str], field: str, said: str
) -> None:
    answer = client.post(ADD, form(brand, **given))
    assert said in errors(answer)[field]
    assert not SlaPolicy.objects.exists() and not SlaTarget.objects.exists()
    # What was typed stays.
    assert f'value="{given.get("targets_first_reply_4", "15m")}"' in answer.content.decode()


def test_names_and_schedules_are_the_brands_own(client: Client, brand: Brand) -> None:
    client.post(ADD, form(brand))
    assert "of this name already" in errors(client.post(ADD, form(brand)))["name"]
    foreign = office(make_brand("other"))
    with pytest.raises(InvalidChange) as refused:
        save_policy(policy=SlaPolicy(brand=brand, name="Mine", schedule=foreign), targets=[], by=SYSTEM)
    assert refused.value.field == "schedule"
    assert "schedule" in errors(client.post(ADD, form(brand, name="Mine", schedule=foreign.pk)))


def test_a_policy_that_cannot_mean_it_is_pointed_out(client: Client, brand: Brand) -> None:
    empty = {f"targets_{name}": "" for name in ("first_reply_4", "first_reply_2", "resolution_2")}
    said = client.post(ADD, form(brand, **empty), follow=True).content.decode()
    assert "It has no targets" in said and said.count("It has no targets") == 2, "after saving, and on its row"
    never = office(brand)
    given = form(brand, name="Night", schedule=never.pk, targets_first_reply_counts="business")
    assert "never opens" in client.post(ADD, given, follow=True).content.decode()
    delete_schedule(schedule=never, by=SYSTEM)
    assert "Its schedule is gone" in client.get(LIST).content.decode()


def test_hours_that_change_reach_what_counts_them(brand: Brand) -> None:
    schedule = office(brand)
    assert not Reapply.objects.exists()
    policy = SlaPolicy(brand=brand, name="Office", schedule=schedule)
    save_policy(policy=policy, targets=[TargetEntry("first_reply", 2, 60, True)], by=SYSTEM)
    Reapply.objects.all().delete()
    save_schedule(schedule=schedule, week=[Opening(1, 540, 1080)], fields=["week"], by=SYSTEM)
    assert Reapply.objects.count() == 1


def test_order_is_changed_and_what_is_deleted_lets_go(client: Client, brand: Brand) -> None:
    one, two = policies(brand, "One", "Two")
    (ticket,) = wait_in_line(make_channel(brand), "carol")
    client.post(f"{LIST}{two.pk}/move/", {"to": "up"})
    assert [each.name for each in SlaPolicy.objects.order_by("order")] == ["Two", "One"]
    client.post(f"{LIST}{two.pk}/move/", {"to": "up"})
    sla.reapply(brand.pk)
    assert Promise.objects.get(metric="first_reply").policy == two
    client.post(f"{LIST}{two.pk}/delete/", {"post": "yes"})
    assert sla.reapply(brand.pk) == 1
    assert Promise.objects.get(metric="first_reply").policy == one
    client.post(f"{LIST}{one.pk}/delete/", {"post": "yes"})
    sla.reapply(brand.pk)
    ticket.refresh_from_db()
    assert (Promise.objects.get(metric="first_reply").target_minutes, ticket.sla_state) == (None, None)


def test_there_is_an_end_to_policies(brand: Brand) -> None:
    SlaPolicy.objects.bulk_create(SlaPolicy(brand=brand, name=str(n)) for n in range(MAX_POLICIES))
    with pytest.raises(InvalidChange) as refused:
        policies(brand, "One more")
    assert (refused.value.field, refused.value.limit) == ("brand", MAX_POLICIES)


def test_many_rows_cost_as_many_queries_as_two(client: Client, brand: Brand) -> None:
    policies(brand, "One", "Two")
    counts = []
    for more in ((), ("Three", "Four", "Five", "Six")):
        policies(brand, *more)
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("text", "minutes"), [("45", 45), ("45m", 45), ("1h 30m", 90), ("2d", 2880), (" 1시간 30분 ", 90), ("1H30", 90)]
)
def test_times_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert minutes_in(text) == minutes
    for language in ("en", "ko"):
        with override(language):
            assert minutes_in(time_words(minutes)) == minutes
