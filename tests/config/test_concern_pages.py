"""What is wrong with a configuration is told where it is made: after saving, on the row, in the list and on Home."""

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conversations.events import SYSTEM
from conversations.models import Brand, Membership, Role, User
from routing.actions.fields import save_field
from routing.actions.rules import save_rule
from routing.actions.schedules import save_schedule
from routing.decide.hours import Opening
from routing.models import (
    Automation,
    CustomField,
    Firing,
    Group,
    Macro,
    Queue,
    RoutingConfig,
    Schedule,
    Skill,
    SkillRule,
    SkillType,
    SlaPolicy,
    SlaTarget,
    Survey,
    TicketForm,
    Trigger,
)
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import wait_in_line


@pytest.fixture
def sue(brand: Brand) -> User:
    return make_user("sue", brand, role=Role.SUPERVISOR)


@pytest.fixture
def client(sue: User) -> Client:
    return signed_in(sue)


def url(model: str, what: str = "changelist", *args: int) -> str:
    return reverse(f"admin:routing_{model}_{what}", args=args)


def told(answer: Any) -> list[str]:
    assert answer.status_code == 302
    return [str(each) for each in get_messages(answer.wsgi_request) if each.level_tag == "warning"]


def chips(client: Client, address: str) -> int:
    return client.get(address).content.decode().count("m-chip warn wrap")


def test_deleting_a_group_tells_what_named_it(client: Client, brand: Brand) -> None:
    group = Group.objects.create(brand=brand, name="Money")
    steps = [{"do": "set_group", "value": group.public_id}]
    asks = {"all": [{"field": "ticket.group", "operator": "is", "value": group.public_id}]}
    rule = Trigger.objects.create(brand=brand, name="Refunds", events=["ticket.opened"], steps=steps)
    aged = Automation.objects.create(brand=brand, name="Ages", conditions=asks, steps=[{"do": "end_session"}])
    macro = Macro.objects.create(brand=brand, name="Hand over", group=group)
    pages = {"trigger": rule.pk, "automation": aged.pk, "macro": macro.pk}
    for model, pk in pages.items():
        assert chips(client, url(model)) == chips(client, url(model, "change", pk)) == 0, model
    said = told(client.post(url("group", "delete", group.pk), {"post": "yes"}))
    assert len(said) == 3 and all(any(name in each for each in said) for name in ("Refunds", "Ages", "Hand over"))
    for model, pk in pages.items():
        assert chips(client, url(model)) == chips(client, url(model, "change", pk)) == 1, model
    home = client.get("/admin/").content.decode()
    assert all(url(model, "change", pk) in home for model, pk in pages.items())


def test_closing_the_hours_tells_of_what_is_promised_in_them(client: Client, brand: Brand) -> None:
    schedule = Schedule(brand=brand, name="Office", time_zone="UTC", is_default=True)
    save_schedule(schedule=schedule, week=[Opening(0, 540, 1080)], fields=(), by=SYSTEM)
    policy = SlaPolicy.objects.create(brand=brand, name="All", schedule=schedule)
    later = SlaPolicy.objects.create(brand=brand, name="Late", order=1)
    for priority in (1, 2, 3, 4):
        SlaTarget.objects.create(policy=policy, metric="first_reply", priority=priority, minutes=60, is_business=True)
        SlaTarget.objects.create(policy=later, metric="first_reply", priority=priority, minutes=60)
    # The second stands behind one that takes every ticket.
    assert chips(client, url("slapolicy")) == chips(client, url("slapolicy", "change", later.pk)) == 1
    given = {"name": "Office", "time_zone": "UTC", "is_default": "on"}
    said = told(client.post(url("schedule", "change", schedule.pk), given))
    assert any("It has no hours" in each for each in said)
    assert any(each.startswith("All: ") and "never due" in each for each in said), said
    assert chips(client, url("slapolicy")) == 2


def test_circle_is_told_until_one_of_its_rules_is_changed(client: Client, brand: Brand) -> None:
    ping, pong = (
        Trigger.objects.create(brand=brand, name=name, events=["ticket.changed"], steps=[{"do": "end_session"}])
        for name in ("Ping", "Pong")
    )
    ticket = wait_in_line(make_channel(brand), "carol")[0]
    chain = [{"rule": each.public_id, "name": each.name} for each in (ping, pong, ping)]
    Firing.objects.create(rule=ping, ticket=ticket, outcome="cut", chain=chain, pass_id="1", at=timezone.now())
    assert chips(client, url("trigger")) == chips(client, url("trigger", "change", ping.pk)) == 1
    assert "Ping → Pong → Ping" in client.get("/admin/").content.decode()
    assert "Ping → Pong → Ping" in client.get(url("trigger", "firings", ping.pk)).content.decode()
    save_rule(rule=pong, fields=["steps"], by=SYSTEM)
    assert chips(client, url("trigger")) == 0


def test_a_plain_no_is_no_error_and_is_read_aloud(client: Client, brand: Brand) -> None:
    Group.objects.create(brand=brand, name="Care", is_default=True)
    Group.objects.create(brand=brand, name="Sales")
    page = client.get(url("group")).content.decode()
    assert "icon-no" not in page and "icon-yes" not in page
    assert page.count('<span class="vh">No</span>') == page.count('<span class="vh">Yes</span>') == 1


def test_what_was_changed_is_named_with_its_kind(client: Client, brand: Brand) -> None:
    answer = client.post(url("group", "add"), {"brand": brand.pk, "name": "Care"}, follow=True)
    assert "Group added: Care" in answer.content.decode()
    ada = signed_in(make_user("ada", brand, role=Role.ADMIN))
    log = ada.get(reverse("admin:conversations_event_changelist")).content.decode()
    assert "Configuration changed: Group “Care”, added" in log and "Sue (Team member)" in log
    assert "Group “Care”: added" in ada.get("/admin/").content.decode()


def test_no_link_leads_where_one_may_not_go(client: Client, brand: Brand) -> None:
    queue = Queue.objects.create(brand=brand, name="All")
    place = reverse("admin:conversations_brand_change", args=[brand.pk])
    assert place not in client.get(url("queue", "change", queue.pk)).content.decode()
    ada = signed_in(make_user("ada", brand, role=Role.ADMIN))
    assert place in ada.get(url("queue", "change", queue.pk)).content.decode()
    refused = client.get(place)
    assert refused.status_code == 403 and 'href="/admin/"' in refused.content.decode()


def test_health_is_not_well_while_routing_needs_attention(client: Client, brand: Brand) -> None:
    assert "All well" in client.get("/admin/").content.decode()
    Group.objects.create(brand=brand, name="Care", is_default=True)
    page = client.get("/admin/").content.decode()
    assert "All well" not in page and "1 thing in routing" in page


def test_skills_say_where_they_are_made(client: Client, brand: Brand) -> None:
    assert url("skilltype") in client.get(url("skill")).content.decode().split('id="content"')[1]


def test_whoever_deletes_reads_what_it_is_used_for(client: Client, brand: Brand) -> None:
    care = Group.objects.create(brand=brand, name="Care", is_default=True)
    Group.objects.create(brand=brand, name="Sales", escalates_to=care)
    Queue.objects.create(brand=brand, name="Urgent").primary_groups.add(care)
    office = Schedule.objects.create(brand=brand, name="Office", time_zone="UTC")
    SlaPolicy.objects.create(brand=brand, name="Premium", schedule=office)
    korean = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    SkillRule.objects.create(brand=brand, name="Writes Korean").requires.add(korean)
    for model, pk, words in (
        ("group", care.pk, ("no group does", "Queue Urgent", "Tickets of Sales")),
        ("schedule", office.pk, ("Service level Premium",)),
        ("skill", korean.pk, ("Skill rule Writes Korean",)),
    ):
        page = client.get(url(model, "delete", pk)).content.decode()
        assert all(each in page for each in words), model


def test_what_is_ticked_and_does_nothing_is_said(client: Client, brand: Brand) -> None:
    page = client.get(url("routingconfig", "add")).content.decode()
    # As delivered it does something: work comes off whoever is offline.
    assert len(re.findall(r'value="offline"[^>]* checked', page)) == 4
    statuses = "reassignment_reopened_tickets_{}_statuses"
    config = RoutingConfig.objects.create(brand=brand, enabled=True, **{statuses.format("messaging"): []})
    assert chips(client, url("routingconfig", "change", config.pk)) == 0
    RoutingConfig.objects.update(**{statuses.format("support"): []})
    assert chips(client, url("routingconfig", "change", config.pk)) == 1


def test_form_tells_of_a_deleted_field_to_whom_it_is_open(client: Client, brand: Brand, sue: User) -> None:
    field = save_field(field=CustomField(brand=brand, key="order", label="Order", kind="text", of="ticket"), by=SYSTEM)
    form = TicketForm.objects.create(brand=brand, name="Returns", field_keys=["order"])
    admin = Client()
    admin.force_login(make_user("ada", brand, role=Role.ADMIN))
    assert "Returns" in told(admin.post(url("customfield", "delete", field.pk), {"post": "yes"}))[0]
    assert chips(admin, url("ticketform")) == 1
    address = url("ticketform", "change", form.pk)
    assert address in admin.get("/admin/").content.decode()
    # Forms are not a supervisor's: they are told nothing of what they cannot mend.
    assert address not in client.get("/admin/").content.decode()


def test_home_tells_of_all_brands_one_sets_up(client: Client, brand: Brand, sue: User) -> None:
    other, shut = make_brand("other"), make_brand("shut")
    Membership.objects.create(user=sue, brand=other, role=Role.SUPERVISOR)
    Membership.objects.create(user=sue, brand=shut, role=Role.AGENT)
    for each in (brand, other, shut):
        queue = Queue.objects.create(brand=each, name=f"Queue of {each.slug}")
        queue.primary_groups.add(Group.objects.create(brand=each, name="Nobody"))
    shown = client.get("/admin/").context["concerns"]
    found = {(row["about"].name, row["brand"]) for row in shown if row["about"].code == "queue_unserved"}
    assert found == {("Queue of sopoong", "Sopoong"), ("Queue of other", "Other")}


def test_first_steps_are_hours_a_queue_and_a_promise_too(client: Client, brand: Brand) -> None:
    def done() -> dict[str, bool]:
        return {step["url"]: step["done"] for step in client.get("/admin/").context["steps"]}

    before = done()
    assert url("schedule", "add") in before and not any(before.values())
    # An admin's steps are not a supervisor's.
    assert reverse("admin:conversations_apikey_add") not in before
    schedule = Schedule(brand=brand, name="Office", time_zone="UTC", is_default=True)
    save_schedule(schedule=schedule, week=[Opening(0, 540, 1080)], fields=(), by=SYSTEM)
    Queue.objects.create(brand=brand, name="All")
    policy = SlaPolicy.objects.create(brand=brand, name="All")
    SlaTarget.objects.create(policy=policy, metric="first_reply", priority=2, minutes=60)
    RoutingConfig.objects.create(brand=brand, enabled=True)
    after = done()
    for address in (url("schedule"), url("queue", "add"), url("slapolicy", "add"), url("routingconfig")):
        assert after[address], address


def test_home_costs_the_same_however_much_there_is(client: Client, brand: Brand) -> None:
    def cost(rows: int) -> int:
        for number in range(Trigger.objects.count(), rows):
            steps = [{"do": "set_group", "value": f"gone-{number}"}]
            Trigger.objects.create(brand=brand, name=f"T{number}", events=["ticket.opened"], steps=steps)
            SlaPolicy.objects.create(brand=brand, name=f"P{number}", order=number)
            TicketForm.objects.create(brand=brand, name=f"F{number}", for_customers=True)
            Macro.objects.create(brand=brand, name=f"M{number}")
        with CaptureQueriesContext(connection) as counted:
            client.get("/admin/")
        return len(counted)

    assert cost(2) == cost(12) <= 65


def test_survey_asks_as_it_is_made_and_says_where_it_does_not(client: Client, brand: Brand) -> None:
    assert client.get(url("survey", "add")).context["adminform"].form.initial["is_on"]
    given = {"brand": brand.pk, "when": "solved", "scale": "5"}
    answer = client.post(url("survey", "add"), given)
    assert told(answer) == ["Nobody is asked: “Ask for ratings” is off."]
    survey = Survey.objects.get()
    client.get(url("survey", "change", survey.pk))
    assert told(client.post(url("survey", "change", survey.pk), {**given, "is_on": "on"})) == []
