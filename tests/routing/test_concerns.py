"""What is wrong with a brand's routing: each thing alone, and nothing where nothing is wrong."""

from dataclasses import replace

import pytest

from routing.decide.capacity import Capacity
from routing.decide.concerns import (
    Answerer,
    CapacitySetup,
    GroupSetup,
    QueueSetup,
    RuleSetup,
    Setup,
    concerns,
    implies,
)
from routing.decide.conditions import Conditions, read
from routing.decide.fields import FIELDS

SALES, CARE, KOREAN, REFUNDS = 1, 2, 11, 12


def asked(*rows: tuple[str, object], any_of: tuple[tuple[str, object], ...] = ()) -> Conditions:
    def stored(given: tuple[tuple[str, object], ...]) -> list[dict[str, object]]:
        return [{"field": field, "operator": "is", "value": value} for field, value in given]

    return read({"all": stored(rows), "any": stored(any_of)}, FIELDS)


URGENT, NAMED = ("ticket.priority", "urgent"), ("contact.name", "Carol")
QUEUE = QueueSetup(1, "Urgent", asked(URGENT), frozenset([SALES]))
RULE = RuleSetup(1, "Korean", asked(NAMED), frozenset([KOREAN]))
SOUND = Setup(
    config=1,
    is_assigned=True,
    people=[
        Answerer(1, frozenset([SALES]), frozenset([KOREAN]), 1),
        Answerer(2, frozenset([CARE]), frozenset([REFUNDS])),
    ],
    queues=[QUEUE],
    rules=[RULE],
    skills={KOREAN: "Korean", REFUNDS: "Refunds"},
    groups=[GroupSetup(SALES, "Sales", is_default=True), GroupSetup(CARE, "Care")],
    capacities=[CapacitySetup(1, "Usual", Capacity({"messaging": 1}))],
)


def test_nothing_is_wrong_where_nothing_is_wrong() -> None:
    assert concerns(SOUND) == []
    assert concerns(Setup()) == []


NOBODY = frozenset([99])


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (replace(SOUND, is_assigned=False), [("assignment_off", 1)]),
        (replace(SOUND, queues=[], groups=[GroupSetup(CARE, "Care")]), [("nowhere_to_go", None)]),
        (replace(SOUND, queues=[replace(QUEUE, primary=NOBODY)]), [("queue_unserved", 1)]),
        (replace(SOUND, queues=[replace(QUEUE, primary=NOBODY, secondary=frozenset([CARE]))]), []),
        (replace(SOUND, queues=[replace(QUEUE, primary=frozenset())]), []),
        (replace(SOUND, queues=[replace(QUEUE, shares=[frozenset([SALES]), NOBODY])]), [("share_unserved", 1)]),
        (replace(SOUND, queues=[replace(QUEUE, conditions=asked()), replace(QUEUE, key=2)]), [("queue_unreached", 2)]),
        (
            replace(SOUND, rules=[replace(RULE, conditions=asked(), requires=frozenset([REFUNDS]))]),
            [("queue_unskilled", 1)],
        ),
        (
            replace(SOUND, uses_skills=False, rules=[replace(RULE, conditions=asked(), requires=frozenset([REFUNDS]))]),
            [],
        ),
        (replace(SOUND, groups=[GroupSetup(9, "New", is_default=True)]), [("default_group_empty", 9)]),
        (replace(SOUND, capacities=[CapacitySetup(1, "None", Capacity({"messaging": 0}))]), [("capacity_nothing", 1)]),
        (replace(SOUND, capacities=[CapacitySetup(2, "None", Capacity({}))]), []),
        (
            replace(
                SOUND,
                capacities=[CapacitySetup(1, "None", Capacity({"messaging": 3}, total=1, weights={"messaging": 2}))],
            ),
            [("capacity_nothing", 1)],
        ),
        (replace(SOUND, rules=[replace(RULE, requires=frozenset())]), [("rule_empty", 1)]),
        (
            replace(SOUND, rules=[replace(RULE, requires=frozenset([KOREAN, REFUNDS]))]),
            [("rule_unheld_together", 1)],
        ),
        (
            replace(SOUND, skills={**SOUND.skills, 13: "Tax"}, rules=[replace(RULE, requires=frozenset([13]))]),
            [("rule_unheld", 1), ("skill_unheld", 13)],
        ),
        (replace(SOUND, closed={5: "Nights"}), [("schedule_closed", 5)]),
    ],
)
def test_each_thing_is_said_once(setup: Setup, said: list[tuple[str, int | None]]) -> None:
    assert [(each.code, each.key) for each in concerns(setup)] == said


@pytest.mark.parametrize(
    ("given", "wanted", "is_sure"),
    [
        (asked(URGENT), asked(), True),
        (asked(URGENT), asked(URGENT), True),
        (asked(URGENT), asked(URGENT, NAMED), False),
        (asked(URGENT, NAMED), asked(URGENT), True),
        (asked(URGENT), asked(any_of=(URGENT, NAMED)), True),
        (asked(any_of=(URGENT,)), asked(any_of=(URGENT, NAMED)), True),
        (asked(any_of=(URGENT, NAMED)), asked(any_of=(URGENT,)), False),
        (asked(), asked(URGENT), False),
    ],
)
def test_conditions_that_surely_follow(given: Conditions, wanted: Conditions, is_sure: bool) -> None:
    assert implies(given, wanted) is is_sure
