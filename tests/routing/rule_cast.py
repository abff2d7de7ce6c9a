"""What tests of rules share: making them, and doing the worker's work until nothing is left."""

from typing import Any

from conversations.events import SYSTEM
from conversations.models import Brand
from routing.actions.firing import run_triggers
from routing.actions.rules import save_rule
from routing.models import Automation, Cause, Firing, Trigger
from tests.routing.cast import settle

MOST_ROUNDS = 60


def settle_rules() -> int:
    """Run the log's readers and the triggers until both have nothing to do; give in how many rounds."""
    for rounds in range(1, MOST_ROUNDS):
        settle()
        if not Cause.objects.exists():
            return rounds
        run_triggers()
    raise AssertionError("It does not end.")


def when(field: str, operator: str, value: object = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def make_trigger(brand: Brand, name: str, events: list[str], rows: list[dict[str, Any]], *steps: Any) -> Trigger:
    rule = Trigger(brand=brand, name=name, events=events, conditions={"all": rows}, steps=list(steps))
    save_rule(rule=rule, by=SYSTEM)
    return rule


def make_automation(brand: Brand, name: str, rows: list[dict[str, Any]], *steps: Any, once: bool = False) -> Automation:
    rule = Automation(brand=brand, name=name, conditions={"all": rows}, steps=list(steps), is_once=once)
    save_rule(rule=rule, by=SYSTEM)
    return rule


def outcomes() -> list[tuple[str, str]]:
    """Give what was done, in order: the rule's name and the outcome."""
    return list(Firing.objects.order_by("pk").values_list("rule__name", "outcome"))
