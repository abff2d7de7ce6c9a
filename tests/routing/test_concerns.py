"""What is wrong with a brand's routing: each thing alone, and nothing where nothing is wrong."""

from dataclasses import replace

import pytest

from routing.decide.capacity import Capacity
from routing.decide.concerns import concerns, implies
from routing.decide.conditions import Conditions, read
from routing.decide.fields import FIELDS
from routing.decide.setup import (
    Answerer,
    Asker,
    CapacitySetup,
    Circle,
    FormSetup,
    GroupSetup,
    PolicySetup,
    QueueSetup,
    RuleSetup,
    Setup,
)
from routing.decide.steps import Known, Step

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
HOURS = PolicySetup(1, "Office", asked(), counts_hours=True, never_opens=False)
ASKER = Asker("trigger", 1, "Refunds", asked(URGENT))
LOST = read({"all": [{"field": "ticket.own.gone", "operator": "is", "value": "x"}]}, FIELDS)


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
        (replace(SOUND, groups=[*SOUND.groups, GroupSetup(9, "New")]), [("group_empty", 9)]),
        (replace(SOUND, groups=[GroupSetup(CARE, "Care")]), [("no_default_group", None)]),
        (replace(SOUND, groups=[GroupSetup(CARE, "Care")], queues=[replace(QUEUE, conditions=asked())]), []),
        (replace(SOUND, inert=["Ticked"]), [("inert", 1)]),
        (replace(SOUND, circles=[Circle("trigger", 3, "Ping", ("Ping", "Pong", "Ping"))]), [("rule_circle", 3)]),
        (replace(SOUND, policies=[replace(HOURS, bare={"low": "Low"})]), [("policy_partial", 1)]),
        (replace(SOUND, policies=[replace(HOURS, bare={"low": "Low"}, conditions=asked(URGENT))]), []),
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
        (
            replace(SOUND, policies=[PolicySetup(1, "All", asked()), PolicySetup(2, "VIP", asked(NAMED))]),
            [("policy_unreached", 2)],
        ),
        (replace(SOUND, policies=[PolicySetup(2, "VIP", asked(NAMED)), PolicySetup(1, "All", asked())]), []),
        (replace(SOUND, policies=[PolicySetup(1, "All", asked(), has_targets=False)]), [("policy_empty", 1)]),
        (replace(SOUND, policies=[replace(HOURS, never_opens=True)]), [("policy_never_due", 1)]),
        (replace(SOUND, policies=[replace(HOURS, never_opens=None)]), [("policy_without_schedule", 1)]),
        (replace(SOUND, policies=[replace(HOURS, never_opens=False)]), []),
        (replace(SOUND, policies=[replace(HOURS, counts_hours=False, never_opens=True)]), []),
        (replace(SOUND, askers=[replace(ASKER, conditions=LOST)]), [("condition_gone", 1)]),
        (
            replace(SOUND, askers=[replace(ASKER, conditions=LOST, steps=[Step("set_group", "g1")])]),
            [("condition_gone", 1)],
        ),
        (replace(SOUND, askers=[replace(ASKER, steps=[Step("set_group", "g1")])]), [("step_gone", 1)]),
        (replace(SOUND, askers=[replace(ASKER, steps=[Step("set_group", "g1")])], known=Known({"g1": "Sales"})), []),
        (replace(SOUND, askers=[replace(ASKER, steps=[Step("set_group", "none"), Step("end_session")])]), []),
        (replace(SOUND, idle={3: "Hand over"}), [("macro_idle", 3)]),
        (replace(SOUND, forms=[FormSetup(1, "Returns", lost=["order"])]), [("form_field_gone", 1)]),
        (replace(Setup(), forms=[FormSetup(1, "Returns", for_customers=True)]), [("form_unanswered", 1)]),
        (replace(SOUND, forms=[FormSetup(1, "Returns", for_customers=True)]), []),
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
