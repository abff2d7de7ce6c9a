"""The console's pages of routing: what they keep, refuse, warn of, and leave in the audit trail."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.models import Brand, Event, Role, User
from routing.models import (
    Agent,
    AgentSkill,
    CapacityRule,
    CustomStatus,
    Group,
    Queue,
    Requeue,
    RoutingConfig,
    Skill,
    SkillRule,
    SkillType,
    Waiting,
)
from tests.factories import make_brand, make_channel, make_user, signed_in
from tests.routing.cast import configure, make_agent, wait_in_line


@pytest.fixture
def client(brand: Brand) -> Client:
    return signed_in(make_user("ada", brand, role=Role.ADMIN))


def url(model: str, what: str = "add", *args: int) -> str:
    return reverse(f"admin:routing_{model}_{what}", args=args)


def refused(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, list(map(str, get_messages(answer.wsgi_request)))
    return {name: str(said[0]) for name, said in answer.context["adminform"].form.errors.items()}


def told(answer: Any) -> list[str]:
    """Give the warnings that a saved form left."""
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return [str(each) for each in get_messages(answer.wsgi_request) if each.level_tag == "warning"]


def changes(of: str) -> list[tuple[str, str]]:
    found = Event.objects.filter(type="configuration.changed", payload__model=of).order_by("pk")
    return [(event.payload["label"], event.payload["change"]) for event in found]


def group(brand: Brand, name: str, **given: Any) -> Group:
    return Group.objects.create(brand=brand, name=name, **given)


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"share_1_percent": "150"}, "share_1_percent"),
        ({"share_1_percent": "-5"}, "share_1_percent"),
        ({"share_1_percent": "50", "share_2_percent": "40"}, "share_1_percent"),
        ({"share_1_percent": "60", "share_2_percent": "40", "share_2_groups": []}, "share_2_groups"),
    ],
)
def test_a_refused_share_is_seen(client: Client, brand: Brand, wrong: dict[str, Any], at: str) -> None:
    one, two = group(brand, "One"), group(brand, "Two")
    given = queue(brand) | {"share_1_groups": [one.pk], "share_2_groups": [two.pk]} | wrong
    answer = client.post(url("queue"), given)
    assert at in refused(answer)
    assert b"<details>" not in answer.content
    assert b"<details>" in client.get(url("queue")).content


# --- assignment ---------------------------------------------------------------------------------------------------


def settings(brand: Brand, **given: Any) -> dict[str, Any]:
    fields = {field.name: field.get_default() for field in RoutingConfig._meta.fields if field.name != "id"}
    kept = {name: value for name, value in fields.items() if value not in (None, False, [])}
    return {**kept, "brand": brand.pk, **given}


def test_assignment_is_made_by_the_first_save_and_changed_by_the_next(client: Client, brand: Brand) -> None:
    page = client.get(url("routingconfig", "changelist"))
    assert page.status_code == 200 and f'action="{url("routingconfig")}"' in page.content.decode()
    client.post(
        url("routingconfig"),
        settings(brand, reassignment_agent_status_change_messaging_agent_statuses=["offline", "away"]),
    )
    config = RoutingConfig.objects.get()
    assert (
        config.reassignment_agent_status_change_messaging_agent_statuses == ["away", "offline"]
        and Requeue.objects.filter(brand=brand).exists()
    )
    page = client.get(url("routingconfig", "changelist"))
    assert url("routingconfig", "change", config.pk) in page.content.decode()
    given = settings(
        brand,
        enabled="",
        reassignment_agent_status_change_messaging_ticket_priorities=[4, 3],
        assignment_method="round_robin",
    )
    client.post(url("routingconfig", "change", config.pk), given)
    config.refresh_from_db()
    assert (config.enabled, config.assignment_method) == (False, "round_robin")
    assert config.reassignment_agent_status_change_messaging_ticket_priorities == [3, 4]
    assert [change.split(", ")[0] for _label, change in changes("routingconfig")] == ["created", "enabled"]


def test_brand_has_one_assignment(client: Client, brand: Brand) -> None:
    configure(brand)
    assert client.post(url("routingconfig"), settings(brand)).status_code == 403
    assert RoutingConfig.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reassignment_messaging_timeout", "4"),
        ("idle_after_minutes", "1441"),
        ("disconnect_status", "online"),
        ("reassignment_agent_status_change_messaging_agent_statuses", ["sleeping"]),
        ("reassignment_agent_status_change_messaging_ticket_priorities", ["9"]),
        ("fair_start_seconds", "-1"),
    ],
)
def test_assignment_refuses(client: Client, brand: Brand, field: str, value: Any) -> None:
    assert list(refused(client.post(url("routingconfig"), settings(brand, **{field: value})))) == [field]
    assert not RoutingConfig.objects.exists()


# --- queues -------------------------------------------------------------------------------------------------------


def queue(brand: Brand, **given: Any) -> dict[str, Any]:
    return {"brand": brand.pk, "name": "Urgent", "is_active": "on", "priority": "50", "conditions": "{}", **given}


def test_queue_keeps_its_groups_and_shares(client: Client, brand: Brand) -> None:
    configure(brand)
    one, two = group(brand, "One"), group(brand, "Two")
    for each in (one, two):
        make_agent(each.name.lower(), brand, each)
    given = queue(brand, primary_groups=[one.pk], share_1_percent="70", share_1_groups=[one.pk])
    given |= {"share_2_percent": "20", "share_2_groups": [two.pk]}
    said = refused(client.post(url("queue"), given))
    assert said == {"share_1_percent": "The shares are 90 percent together. They must be 100, or there must be none."}
    given["share_2_percent"] = "30"
    assert told(client.post(url("queue"), given)) == []
    made = Queue.objects.get()
    assert [(share.percent, share.groups.get()) for share in made.shares.order_by("pk")] == [(70, one), (30, two)]
    assert list(made.primary_groups.all()) == [one]
    page = client.get(url("queue", "changelist")).content.decode()
    assert "70 % One · 30 % Two" in page
    whole = {name: value for name, value in given.items() if not name.startswith("share_")}
    told(client.post(url("queue", "change", made.pk), whole))
    assert not made.shares.exists()
    assert changes("queue") == [("Urgent", "created"), ("Urgent", "shares")]


def test_queue_refuses(client: Client, brand: Brand) -> None:
    one, far = group(brand, "One"), group(make_brand("other"), "Far")
    Queue.objects.create(brand=brand, name="There")
    for given, said in (
        ({"priority": "101"}, ["priority"]),
        ({"secondary_groups": [one.pk]}, ["primary_groups"]),
        ({"primary_groups": [one.pk], "secondary_groups": [one.pk]}, ["secondary_groups"]),
        ({"primary_groups": [far.pk]}, ["primary_groups"]),
        ({"share_1_percent": "100"}, ["share_1_groups"]),
        ({"conditions": '{"all": [{"field": "nothing", "operator": "is", "value": 1}]}'}, ["conditions"]),
        ({"name": ""}, ["name"]),
        ({"name": "There"}, ["name"]),
    ):
        assert list(refused(client.post(url("queue"), queue(brand, **given)))) == said
    assert Queue.objects.count() == 1


def test_queues_are_moved_and_what_waits_follows(client: Client, brand: Brand) -> None:
    for name in ("First", "Second"):
        client.post(url("queue"), queue(brand, name=name))
    second = Queue.objects.get(name="Second")
    assert client.get(url("queue", "move", second.pk)).status_code == 404
    Requeue.objects.all().delete()
    client.post(url("queue", "move", second.pk), {"to": "up"})
    assert list(Queue.objects.order_by("order").values_list("name", flat=True)) == ["Second", "First"]
    assert Requeue.objects.filter(brand=brand).exists() and changes("queue")[-1] == ("Second", "order")


def test_queue_in_which_work_waits_is_deleted_and_the_work_stays(client: Client, brand: Brand) -> None:
    made = Queue.objects.create(brand=brand, name="All")
    (ticket,) = wait_in_line(make_channel(brand), "carol")
    assert Waiting.objects.get(ticket=ticket).lane.queue == made
    page = client.get(url("queue", "changelist")).content.decode()
    assert '<td class="field-waiting_now"><span class="num">1</span></td>' in page
    gone = url("queue", "delete", made.pk)
    assert "Nothing is lost." in client.get(gone).content.decode()
    client.post(gone, {"post": "yes"})
    assert not Queue.objects.exists() and Waiting.objects.get(ticket=ticket).lane.queue is None


def test_queues_cost_the_same_however_many(client: Client, brand: Brand) -> None:
    def cost(rows: int) -> int:
        for number in range(Queue.objects.count(), rows):
            made = Queue.objects.create(brand=brand, name=f"Q{number}", order=number)
            made.primary_groups.add(group(brand, f"G{number}"))
            made.shares.create(percent=100).groups.add(group(brand, f"S{number}"))
        with CaptureQueriesContext(connection) as counted:
            client.get(url("queue", "changelist"))
        return len(counted)

    assert cost(2) == cost(12) <= 55


# --- skills -------------------------------------------------------------------------------------------------------


def test_type_is_added_with_its_skills_and_they_are_renamed(client: Client, brand: Brand) -> None:
    given = {"brand": brand.pk, "name": "Language", "new_skills": "Korean\n English \n\nJapanese"}
    assert [each.split(":")[0] for each in told(client.post(url("skilltype"), given))] == [
        "English",
        "Japanese",
        "Korean",
    ]
    kind = SkillType.objects.get()
    korean, english, japanese = (Skill.objects.get(name=name) for name in ("Korean", "English", "Japanese"))
    swapped = {f"skill_{korean.pk}": "English", f"skill_{english.pk}": "Korean", f"skill_{japanese.pk}": "Japanese"}
    change = url("skilltype", "change", kind.pk)
    told(client.post(change, {"name": "Language", "new_skills": "Thai", **swapped}))
    assert list(kind.skills.order_by("pk").values_list("name", flat=True)) == ["English", "Korean", "Japanese", "Thai"]
    emptied = {**swapped, f"skill_{korean.pk}": ""}
    thai = Skill.objects.get(name="Thai")
    assert (
        next(iter(refused(client.post(change, {"name": "Language", f"skill_{thai.pk}": "Thai", **emptied}))))
        == f"skill_{korean.pk}"
    )
    again = {"brand": brand.pk, "name": "Product", "new_skills": "Boots\nBoots"}
    assert refused(client.post(url("skilltype"), again)) == {"new_skills": "Boots stands here twice."}
    many = {**again, "new_skills": "\n".join(map(str, range(31)))}
    assert refused(client.post(url("skilltype"), many)) == {"new_skills": "A type has at most 30 skills."}
    assert changes("skilltype") == [("Language", "created"), ("Language", "skills")]


def test_holders_come_and_go_with_levels(client: Client, brand: Brand) -> None:
    alice, bob = make_agent("alice", brand), make_agent("bob", brand)
    far = make_agent("charlie", make_brand("other"))
    skill = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    change = url("skill", "change", skill.pk)
    assert list(refused(client.post(change, {"add": [far.pk], "add_level": "3"}))) == ["add"]
    assert told(client.post(change, {"add": [alice.pk, bob.pk], "add_level": "4"})) == []
    client.post(change, {f"level_{alice.pk}": "5", f"level_{bob.pk}": "", "add_level": "3"})
    assert list(AgentSkill.objects.values_list("agent", "level")) == [(alice.pk, 5)]
    assert changes("skill") == [("Korean", "holders"), ("Korean", "holders")]
    warned = told(client.post(change, {f"level_{alice.pk}": "", "add_level": "3"}))
    assert len(warned) == 1 and warned[0].startswith("Korean: Nobody who answers holds this skill.")
    assert "Nobody who answers holds this skill." in client.get(url("skill", "changelist")).content.decode()


def test_rule_asks_for_skills_of_its_brand(client: Client, brand: Brand) -> None:
    kind = SkillType.objects.create(brand=brand, name="Language")
    korean, english = (Skill.objects.create(type=kind, name=name) for name in ("Korean", "English"))
    far = Skill.objects.create(type=SkillType.objects.create(brand=make_brand("other"), name="Language"), name="Far")
    given = {"brand": brand.pk, "name": "Korean words", "is_active": "on", "conditions": "{}"}
    for more, said in (
        ({}, "requires"),
        ({"requires": [far.pk]}, "requires"),
    ):
        assert list(refused(client.post(url("skillrule"), {**given, **more}))) == [said]
    warned = told(client.post(url("skillrule"), {**given, "requires": [korean.pk], "prefers": [english.pk]}))
    assert warned[0].startswith("Korean words: It requires what nobody who answers holds: Korean.")
    rule = SkillRule.objects.get()
    assert (rule.requires.get(), rule.prefers.get()) == (korean, english)
    client.post(url("skillrule", "delete", rule.pk), {"post": "yes"})
    assert changes("skillrule") == [("Korean words", "created"), ("Korean words", "deleted")]


# --- capacity and statuses ----------------------------------------------------------------------------------------

ROOM = {"max_messaging": "3", "max_email": "5", "max_voice": "1", "weight_messaging": "1"}
ROOM |= {"weight_email": "1", "weight_voice": "1"}


def test_agent_is_in_one_rule_and_the_default_moves(client: Client, brand: Brand) -> None:
    alice = make_agent("alice", brand)
    first = {"brand": brand.pk, "name": "Usual", "is_default": "on", "members": [alice.pk], **ROOM}
    assert told(client.post(url("capacityrule"), first)) == []
    told(client.post(url("capacityrule"), {**first, "name": "Newcomers", "max_messaging": "1"}))
    usual, newcomers = CapacityRule.objects.get(name="Usual"), CapacityRule.objects.get(name="Newcomers")
    alice.refresh_from_db()
    assert alice.capacity_rule == newcomers and (usual.is_default, newcomers.is_default) == (False, True)
    nothing = {**first, "name": "Newcomers", "max_messaging": "0", "max_email": "0", "max_voice": "0"}
    warned = told(client.post(url("capacityrule", "change", newcomers.pk), nothing))
    assert "who is in it is given no work" in warned[0]
    assert list(refused(client.post(url("capacityrule"), {**first, "name": "Usual"}))) == ["name"]
    assert list(refused(client.post(url("capacityrule"), {**first, "name": "Much", "max_messaging": "501"}))) == [
        "max_messaging"
    ]


def test_rule_of_another_brand_keeps_its_people(client: Client, brand: Brand) -> None:
    other = make_brand("other")
    both = make_agent("bob", brand, status="offline")
    make_user("extra", other)
    both.user.memberships.create(brand=other, role=Role.AGENT)
    theirs = CapacityRule.objects.create(brand=other, name="Theirs")
    both.capacity_rule = theirs
    both.save()
    given = {"brand": brand.pk, "name": "Ours", "members": [both.pk], **ROOM}
    assert "in a rule of another brand" in refused(client.post(url("capacityrule"), given))["members"]


def test_status_changes_those_who_have_it(client: Client, brand: Brand) -> None:
    given = {
        "brand": brand.pk,
        "name": "Training",
        "messaging": "transfers_only",
        "email": "online",
        "voice": "offline",
    }
    assert client.post(url("customstatus"), given).status_code == 302
    status, alice = CustomStatus.objects.get(), make_agent("alice", brand)
    alice.custom_status, alice.status = status, status.messaging
    alice.save()
    client.post(url("customstatus", "change", status.pk), {**given, "messaging": "online"})
    alice.refresh_from_db()
    assert (alice.status, alice.custom_status) == ("online", status)
    client.post(url("customstatus", "delete", status.pk), {"post": "yes"})
    assert Agent.objects.filter(pk=alice.pk, status="online", custom_status=None).exists()
    assert list(refused(client.post(url("customstatus"), {**given, "email": "away"}))) == ["email"]
    assert [change for _label, change in changes("customstatus")] == ["created", "messaging", "deleted"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("idle_after_minutes", 4),
        ("idle_after_minutes", 1441),
        ("disconnect_after_seconds", 29),
        ("idle_status", "online"),
        ("disconnect_status", "gone"),
    ],
)
def test_status_says_within_limits_when_nobody_is_there(client: Client, brand: Brand, field: str, value: Any) -> None:
    given = {"brand": brand.pk, "name": "Training", "messaging": "offline", "email": "online", "voice": "offline"}
    absent = {
        "idle_after_minutes": 60,
        "idle_status": "transfers_only",
        "disconnect_after_seconds": 600,
        "disconnect_status": "away",
    }
    assert list(refused(client.post(url("customstatus"), {**given, **absent, field: value}))) == [field]
    assert client.post(url("customstatus"), {**given, **absent}).status_code == 302
    assert CustomStatus.objects.filter(**absent).count() == 1


# --- groups and people --------------------------------------------------------------------------------------------


def test_escalation_makes_no_circle(client: Client, brand: Brand) -> None:
    one = group(brand, "One")
    two = group(brand, "Two", escalates_to=one)
    far = group(make_brand("other"), "Far")
    for to in (one, two, far):
        given = {"brand": brand.pk, "name": "One", "escalates_to": to.pk}
        assert list(refused(client.post(url("group", "change", one.pk), given))) == ["escalates_to"]
    client.post(url("group", "change", two.pk), {"brand": brand.pk, "name": "Two", "escalates_to": ""})
    told(client.post(url("group", "change", one.pk), {"brand": brand.pk, "name": "One", "escalates_to": two.pk}))
    one.refresh_from_db()
    assert one.escalates_to == two


def test_group_that_loses_its_last_agent_says_which_queue_it_leaves_alone(client: Client, brand: Brand) -> None:
    configure(brand)
    one = group(brand, "One")
    agent = make_agent("alice", brand, one)
    Queue.objects.create(brand=brand, name="Urgent").primary_groups.add(one)
    given = {"brand": brand.pk, "name": "One"}
    warned = told(client.post(url("group", "change", one.pk), given))
    assert len(warned) == 2 and warned[0].startswith("Urgent: No agent can serve it")
    assert warned[1].startswith("One: Nobody who answers is in it, but it takes work of the queue Urgent.")
    assert url("queue", "change", Queue.objects.get().pk) in warned[0]
    assert "No agent can serve it" in client.get(url("queue", "changelist")).content.decode()
    home = client.get(reverse("admin:index")).content.decode()
    assert "2 things in routing need attention" in home and "No agent can serve it" in home
    assert told(client.post(url("group", "change", one.pk), {**given, "members": [agent.pk]})) == []
    assert "in routing need" not in client.get(reverse("admin:index")).content.decode()


def test_person_gets_a_rule_and_skills(client: Client, brand: Brand) -> None:
    user = make_user("alice", brand)
    rule = CapacityRule.objects.create(brand=brand, name="Usual")
    skill = Skill.objects.create(type=SkillType.objects.create(brand=brand, name="Language"), name="Korean")
    page = reverse("admin:conversations_user_change", args=[user.pk])
    given = {"name": "Alice", "email": user.email, "is_active": "on", "locale": "", f"role_{brand.pk}": "agent"}
    answer = client.post(page, {**given, "capacity_rule": rule.pk, f"skill_{skill.pk}": "4"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    agent = User.objects.get(pk=user.pk).agent
    assert agent.capacity_rule == rule and dict(agent.held_skills.values_list("skill", "level")) == {skill.pk: 4}
    assert changes("user") == [("Alice", "capacity rule"), ("Alice", "skills")]
    client.post(page, {**given, "capacity_rule": "", f"skill_{skill.pk}": ""})
    assert Agent.objects.filter(pk=agent.pk, capacity_rule=None, held_skills=None).exists()
