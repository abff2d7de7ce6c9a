"""Run inside an installation (`python -m tests.bench.assigning`): what deciding and storing cost as work piles up.

The brand `load` has AGENTS agents, all there, with as much work as fits, and SKILLS skills of which each holds four;
each ticket that waits needs one. Then one agent at a time gets room: by solving a ticket, or by coming back.
"""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import django

django.setup()

from django.core.management import call_command

from conversations.events import SYSTEM
from conversations.models import Brand
from routing.actions import assignment, waiting
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import set_status
from routing.models import (
    Agent,
    AgentSkill,
    CapacityRule,
    RoutingConfig,
    Skill,
    SkillRule,
    SkillType,
    Ticket,
    Waiting,
)

AGENTS = 500
SKILLS = 20
EACH = 2
SIZES = (10_000, 100)
TIMES = 25
# How much one round gives at most.
ROUND = assignment.BATCH


class Watch:
    """Takes the time of a function of a module, from outside."""

    def __init__(self, module: Any, name: str) -> None:
        self.ms = 0.0
        inner: Callable[..., Any] = getattr(module, name)

        def timed(*args: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return inner(*args, **named)
            finally:
                self.ms += (time.perf_counter() - begun) * 1000

        setattr(module, name, timed)


def prepare() -> Brand:
    """Make the crowd once; a database that is there is topped up."""
    most = SIZES[0] + (AGENTS + 3 * TIMES) * EACH + 2 * ROUND
    out = StringIO()
    call_command("seed_load", conversations=most, messages=most, agents=AGENTS, queued=most, stdout=out)
    brand = Brand.objects.get(slug="load")
    Agent.objects.filter(user__memberships__brand=brand).update(status="online", is_present=True, came_at=None)
    CapacityRule.objects.get_or_create(brand=brand, name="All", defaults={"is_default": True, "max_messaging": EACH})
    given = {"auto_accept_messaging_enabled": True, "skills_timeout_enabled": False}
    RoutingConfig.objects.update_or_create(brand=brand, defaults=given)
    if not SkillRule.objects.filter(brand=brand).exists():
        _skills(brand)
        waiting.ask_requeue(brand.pk)
    assignment.assign(brand.pk)
    return brand


def _skills(brand: Brand) -> None:
    kind = SkillType.objects.create(brand=brand, name="Product")
    skills = [Skill.objects.create(type=kind, name=f"Skill {n}") for n in range(SKILLS)]
    for n, skill in enumerate(skills):
        tagged = {"field": "ticket.tags", "operator": "include_any", "value": [f"needs-{n}"]}
        SkillRule.objects.create(brand=brand, name=str(skill), conditions={"all": [tagged]}).requires.add(skill)
        own = Ticket.objects.filter(brand=brand).extra(where=["number %% %s = %s"], params=[SKILLS, n])
        own.update(tags=[f"needs-{n}"])
    for n, agent in enumerate(Agent.objects.filter(user__memberships__brand=brand).order_by("pk")):
        held = [skills[(n + step) % SKILLS] for step in (0, 5, 10, 15)]
        AgentSkill.objects.bulk_create(AgentSkill(agent=agent, skill=skill) for skill in held)


def stock(brand: Brand, size: int) -> None:
    """Have exactly this much wait to be given; the rest is held back."""
    rows = Waiting.objects.filter(brand=brand)
    keep = list(rows.order_by("pk").values_list("pk", flat=True)[:size])
    rows.update(is_held=True)
    for first in range(0, len(keep), 500):
        Waiting.objects.filter(pk__in=keep[first : first + 500]).update(is_held=False)


def measure(brand: Brand, size: int) -> dict[str, float]:
    """Give ms with this much waiting: medians of one place that is freed, and means of a round of ROUND."""
    watch = Watch(assignment, "_store")
    agents = list(Agent.objects.filter(user__memberships__brand=brand).order_by("pk"))
    decided, stored, changed = [], [], []
    stock(brand, size)
    for agent in agents[:TIMES]:
        solve(agent, 1)
        spent, kept = timed(lambda: assignment.assign(brand.pk), watch)
        decided.append(spent - kept)
        stored.append(kept)
    stock(brand, size)
    for agent in agents[TIMES : 2 * TIMES]:
        set_agent_status(agent=agent, status="offline", by=SYSTEM)
        solve(agent, EACH)
        changed.append(timed(lambda: back(agent, brand), watch)[0])  # noqa: B023  # called at once
    for agent in agents[-ROUND // EACH :]:
        solve(agent, EACH)
    stock(brand, size)
    spent, kept = timed(lambda: assignment.assign(brand.pk), watch)
    return {
        "decide": _median(decided),
        "store": _median(stored),
        "change": _median(changed),
        "round_decide": round((spent - kept) / ROUND, 3),
        "round_store": round(kept / ROUND, 3),
    }


def solve(agent: Agent, count: int) -> None:
    for ticket in Ticket.objects.filter(assignee=agent, status="new").order_by("pk")[:count]:
        set_status(ticket=ticket, status="solved", by=SYSTEM)


def back(agent: Agent, brand: Brand) -> None:
    set_agent_status(agent=agent, status="online", by=SYSTEM)
    assignment.assign(brand.pk)


def timed(deed: Callable[[], object], watch: Watch) -> tuple[float, float]:
    """Give the ms of a deed, and how many of them were spent in what the watch takes the time of."""
    watch.ms, begun = 0.0, time.perf_counter()
    deed()
    return (time.perf_counter() - begun) * 1000, watch.ms


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    brand = prepare()
    print(json.dumps({str(size): measure(brand, size) for size in SIZES}))
