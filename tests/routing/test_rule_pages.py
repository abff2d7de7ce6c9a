"""The pages of triggers and automations: saving, order, switching, trying on a ticket, and what was done."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.actions.roles import save_role
from conversations.events import SYSTEM
from conversations.models import Brand, CustomRole, Event, Membership, Role
from conversations.permissions import AGENT, Permission, Sees
from routing.actions.agents import agent_of
from routing.actions.tickets import assign_ticket, change_ticket
from routing.models import Automation, Firing, Ticket, Trigger
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import settle, wait_in_line
from tests.routing.rule_cast import make_automation, make_trigger, settle_rules, when

OLD = when("ticket.created_at", "older_than_minutes", 60)
TAG = {"do": "add_tags", "value": ["late"]}
NOTE = {"do": "write_note", "text": "Look"}


@pytest.fixture
def ada(brand: Brand) -> Client:
    return signed_in(make_user("ada", brand, role=Role.ADMIN))


@pytest.fixture
def ticket(brand: Brand) -> Ticket:
    found = wait_in_line(make_channel(brand), "carol")[0]
    settle()
    return found


def address(page: str, *args: Any, kind: str = "trigger") -> str:
    return reverse(f"admin:routing_{kind}_{page}", args=args)


def form(brand: Brand, **given: Any) -> dict[str, Any]:
    fields = {"brand": brand.pk, "name": "Late", "is_active": "on", "events": ["ticket.opened"], **given}
    return fields | {name: json.dumps(given.get(name, [])) for name in ("steps", "conditions") if name in given}


def errors(answer: Any) -> Any:
    return answer.context["adminform"].form.errors


def test_trigger_is_made_changed_and_deleted_with_its_audit_lines(ada: Client, brand: Brand) -> None:
    given = form(brand, conditions={"all": [OLD]}, steps=[TAG, NOTE])
    ada.post(address("add"), given)
    rule = Trigger.objects.get()
    assert (rule.kind, rule.events, rule.steps) == ("trigger", ["ticket.opened"], [TAG, NOTE])
    ada.post(address("change", rule.pk), {**given, "name": "Later", "events": ["ticket.changed"]})
    rule.refresh_from_db()
    assert (rule.name, rule.events) == ("Later", ["ticket.changed"])
    ada.post(address("delete", rule.pk), {"post": "yes"})
    assert not Trigger.objects.exists()
    said = Event.objects.filter(type="configuration.changed", payload__model="trigger").order_by("pk")
    assert [each.payload["change"] for each in said] == ["created", "name, events", "deleted"]


def test_refusals_stand_at_their_fields_and_keep_what_was_typed(ada: Client, brand: Brand) -> None:
    make_trigger(brand, "Late", ["ticket.opened"], [], TAG)
    wrong = form(brand, events=[], steps=[TAG, {"do": "write_note", "text": "{{nobody}}"}], conditions={})
    answer = ada.post(address("add"), wrong)
    assert {"name", "events", "steps"} <= errors(answer).keys()
    assert "{{nobody}} is no placeholder" in answer.content.decode().replace("\\u0022", '"')
    assert "steps" in errors(ada.post(address("add"), form(brand, name="B", steps=[], conditions={})))
    assert "steps" in errors(ada.post(address("add"), {**form(brand, name="C"), "steps": "{", "conditions": "{}"}))
    assert Trigger.objects.count() == 1


def test_automation_that_never_ends_is_refused_beside_the_way_out(ada: Client, brand: Brand) -> None:
    given = form(brand, conditions={"all": [OLD]}, steps=[NOTE])
    answer = ada.post(address("add", kind="automation"), given)
    assert "is_once" in errors(answer) and not Automation.objects.exists()
    ada.post(address("add", kind="automation"), {**given, "is_once": "on"})
    assert Automation.objects.get().is_once


def test_rules_change_places_and_are_switched(ada: Client, brand: Brand) -> None:
    one, two = (make_trigger(brand, name, ["ticket.opened"], [], TAG) for name in ("One", "Two"))
    make_automation(brand, "Apart", [OLD], NOTE, once=True)
    ada.post(address("move", two.pk), {"to": "up"})
    assert list(Trigger.objects.order_by("order").values_list("name", flat=True)) == ["Two", "One"]
    ada.post(address("switch", one.pk), {"to": "off"})
    ada.post(address("switch", one.pk), {"to": "off"})
    one.refresh_from_db()
    assert not one.is_active
    assert Event.objects.filter(payload__change="is_active").count() == 1
    assert ada.get(address("switch", one.pk)).status_code == 404


def test_dry_run_says_what_holds_and_what_would_be_done_and_changes_nothing(
    ada: Client, brand: Brand, ticket: Ticket
) -> None:
    rule = make_trigger(
        brand,
        "Late",
        ["ticket.changed"],
        [when("ticket.priority", "is", "normal"), when("ticket.tags", "include_any", ["go"])],
        TAG,
        {"do": "set_status", "value": "solved"},
        {"do": "set_priority", "value": "urgent"},
    )
    before = list(Ticket.objects.values()), Event.objects.count(), Firing.objects.count()
    page = address("firings", rule.pk)
    trial = ada.get(page, {"ticket": f"#{ticket.number}"}).context["trial"]
    assert [holds for _, holds in trial.all] == [True, False] and not trial.holds
    assert [(text, bool(why)) for text, why in trial.steps] == [
        ("add tags: late", False),
        ("set the status to Solved", False),
        ("set the priority to Urgent", True),
    ]
    assert (list(Ticket.objects.values()), Event.objects.count(), Firing.objects.count()) == before
    for number in ("99", "x", "9" * 30, "٣"):
        answer = ada.get(page, {"ticket": number})
        assert answer.context["trial"] is None and "no ticket of this number" in answer.content.decode()
    change_ticket(ticket=ticket, add_tag="go", by=SYSTEM)
    assert ada.get(page, {"ticket": ticket.number}).context["trial"].holds
    settle_rules()
    done = [step["do"] for step in Firing.objects.get().steps if "why" not in step]
    assert done == ["add_tags", "set_status"]


def test_ticket_of_another_brand_cannot_be_tried(ada: Client, brand: Brand) -> None:
    rule = make_trigger(brand, "Late", ["ticket.changed"], [], TAG)
    theirs = wait_in_line(make_channel(make_brand("other")), "dave")[0]
    assert ada.get(address("firings", rule.pk), {"ticket": theirs.number}).context["trial"] is None


def test_what_was_done_comes_in_pages_and_costs_the_same(ada: Client, brand: Brand, ticket: Ticket) -> None:
    rule = make_trigger(brand, "Late", ["ticket.changed"], [], TAG)
    page = address("firings", rule.pk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert ada.get(page).status_code == 200
        return len(counted)

    def fire(first: int, last: int) -> None:
        Firing.objects.bulk_create(
            Firing(rule=rule, ticket=ticket, position=n, pass_id=str(n), at=ticket.created_at, steps=[TAG])
            for n in range(first, last)
        )

    fire(1, 3)
    few = cost()
    fire(3, 61)
    assert cost() == few
    answer = ada.get(page)
    older = answer.context["older"]
    assert len(answer.context["rows"]) == 50 and f"?before={older}#" in answer.content.decode()
    assert len(ada.get(page, {"before": older}).context["rows"]) == 10


def test_who_sees_only_their_own_work_sees_what_was_done_to_it_alone(brand: Brand, ticket: Ticket) -> None:
    rule = make_trigger(brand, "Late", ["ticket.changed"], [], TAG)
    Firing.objects.create(rule=rule, ticket=ticket, position=1, pass_id="1", at=ticket.created_at, steps=[TAG])
    user = make_user("gus", brand)
    role = CustomRole(brand=brand, name="Own work, and rules", sees=Sees.ASSIGNED)
    granted = [*AGENT, Permission.CONFIGURE_ROUTING]
    save_role(role=role, permissions=[each.value for each in granted], fields=(), by=SYSTEM)
    Membership.objects.filter(user=user).update(custom_role=role)
    page = address("firings", rule.pk)
    assert signed_in(user).get(page).context["rows"] == []
    assign_ticket(ticket=ticket, agent=agent_of(user), by=SYSTEM)
    assert [row["number"] for row in signed_in(user).get(page).context["rows"]] == [ticket.number]


def test_list_costs_the_same_with_one_and_with_twenty(ada: Client, brand: Brand) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert ada.get(address("changelist")).status_code == 200
        return len(counted)

    make_trigger(brand, "One", ["ticket.opened"], [OLD], TAG)
    few = cost()
    for n in range(20):
        make_trigger(brand, f"r{n}", ["ticket.opened"], [OLD], TAG, NOTE)
    assert cost() == few
