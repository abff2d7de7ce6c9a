"""Having the worker look for agents: a hint after commit, merged per brand; the sweep finds what a lost one left."""

from functools import lru_cache

from django.db import transaction

from conversations.nudge import Nudge


@lru_cache(maxsize=4096)
def _nudge(brand_id: int, task: str = "routing.tasks.assign") -> Nudge:
    return Nudge(task, brand_id)


def ask_to_assign(brand_id: int) -> None:
    """Have the brand's waiting work offered round once the caller's transaction committed."""
    transaction.on_commit(_nudge(brand_id), robust=True)


def ask_to_keep_promises(brand_id: int) -> None:
    """Have the brand's open tickets looked at again once the caller's transaction committed."""
    transaction.on_commit(_nudge(brand_id, "routing.tasks.reapply"), robust=True)


_rules = Nudge("routing.tasks.run_triggers")


def ask_for_rules() -> None:
    """Have the triggers run for what was noted down, once the caller's transaction committed."""
    transaction.on_commit(_rules, robust=True)


_departures = Nudge("routing.tasks.pass_on_departed")


def ask_to_pass_on() -> None:
    """Have the work of who left, or is not there for it, go on to others once the caller's transaction committed."""
    transaction.on_commit(_departures, robust=True)
