"""What the log says of changed conditions, steps, weeks, targets and shares: before and after, in both languages."""

from typing import Any

import pytest
from django.utils.translation import override

from conversations.changes import MAX_WORDS
from conversations.events import SYSTEM
from conversations.models import Brand, Event
from conversations.trail import change_words
from routing.actions.queues import ShareEntry, save_queue
from routing.actions.rules import save_rule
from routing.actions.schedules import save_schedule
from routing.actions.service_levels import TargetEntry, save_policy
from routing.decide.hours import Opening
from routing.models import Group, Queue, Schedule, SlaPolicy, Trigger
from tests.routing.rule_cast import make_trigger, when

WEEK = [Opening(day, 540, 1080) for day in range(5)]


def told() -> tuple[str, str]:
    """Give the newest line of the audit trail, in English and in Korean."""
    payload = Event.objects.filter(type="configuration.changed").order_by("-pk")[0].payload
    with override("ko"):
        korean = change_words(payload)
    with override("en"):
        return change_words(payload), korean


def test_conditions_and_steps(brand: Brand) -> None:
    support = Group.objects.create(brand=brand, name="Support")
    to_support = {"do": "set_group", "value": support.public_id}
    rule = make_trigger(brand, "Route", ["ticket.opened"], [when("ticket.priority", "is", "urgent")], to_support)
    rule = Trigger.objects.get(pk=rule.pk)
    rule.conditions = {"all": [when("ticket.group", "is", support.public_id)]}
    rule.steps = [{"do": "send_message", "text": "Hello"}]
    save_rule(rule=rule, fields=["conditions", "steps"], by=SYSTEM)
    support.delete()
    english, korean = told()
    assert english == (
        "conditions: Priority is Urgent → Group is Support; steps: set the group to Support → send a message: Hello"
    )
    assert "긴급" in korean and "Support" in korean and "Urgent" not in korean


def test_week_targets_and_shares(brand: Brand) -> None:
    schedule = Schedule(brand=brand, name="Office", time_zone="Asia/Seoul")
    save_schedule(schedule=schedule, week=WEEK, fields=(), by=SYSTEM)
    save_schedule(schedule=schedule, week=WEEK[:4], fields=["week"], by=SYSTEM)
    english, korean = told()
    assert english == "weekly hours: Mon–Fri 09:00–18:00 → Mon–Thu 09:00–18:00"
    assert "월" in korean

    policy = SlaPolicy(brand=brand, name="All", schedule=schedule)
    save_policy(policy=policy, targets=[TargetEntry("first_reply", 4, 30, True)], by=SYSTEM)
    save_policy(policy=policy, targets=[TargetEntry("first_reply", 4, 90)], fields=["targets"], by=SYSTEM)
    english, korean = told()
    assert english == "targets: First reply: Urgent 30m (in business hours) → First reply: Urgent 1h 30m"
    assert "긴급" in korean

    first, second = (Group.objects.create(brand=brand, name=name) for name in ("A", "B"))
    queue = Queue(brand=brand, name="All")

    def save(*shares: ShareEntry) -> None:
        save_queue(queue=queue, primary=[], secondary=[], shares=shares, fields=["shares"], by=SYSTEM)

    save(ShareEntry(60, frozenset({first.pk})), ShareEntry(40, frozenset({second.pk})))
    save(ShareEntry(100, frozenset({first.pk, second.pk})))
    assert told()[0] == "shares: 60 % A · 40 % B → 100 % A, B"
    before = Event.objects.count()
    save(ShareEntry(100, frozenset({first.pk, second.pk})))
    assert Event.objects.count() == before + 1
    assert told()[0] == "shares changed"


def test_words_are_bounded(brand: Brand) -> None:
    rows = [when("ticket.subject", "contains", "x" * 100) for _ in range(10)]
    rule = make_trigger(brand, "Route", ["ticket.opened"], rows, {"do": "set_priority", "value": "high"})
    rule.conditions = {}
    save_rule(rule=rule, fields=["conditions"], by=SYSTEM)
    change: dict[str, Any] = Event.objects.filter(type="configuration.changed").order_by("-pk")[0].payload["changes"][0]
    assert {language: len(words) for language, words in change["before"].items()} == {"en": MAX_WORDS, "ko": MAX_WORDS}


@pytest.mark.parametrize("names", [[], ["name"]])
def test_what_was_not_changed_is_not_told(brand: Brand, names: list[str]) -> None:
    rule = make_trigger(brand, "Route", ["ticket.opened"], [], {"do": "set_priority", "value": "high"})
    rule.name = "Way"
    save_rule(rule=rule, fields=names, by=SYSTEM)
    assert "conditions" not in told()[0]
