"""Run inside an installation (`python -m tests.bench.assigning`): what deciding and storing cost as work piles up.

The brand `load` has AGENTS agents, all there, with as much work as fits, and SKILLS skills of which each holds four;
each ticket that waits needs one. Then one agent at a time gets room: by solving a ticket, or by coming back.
"""

import json
import statistics
import time
from collections.abc import Callable, Sequence
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
TIMES = 40


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
    most = SIZES[0] + AGENTS * EACH
    call_command("seed_load", conversations=most, messages=most, agents=AGENTS, queued=most, verbosity=0)
    brand = Brand.objects.get(slug="load")
    Agent.objects.filter(user__memberships__brand=brand).update(status="online", came_at=None)
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


def measure(brand: Brand, size: int) -> dict[str, float]:
    """Give medians in ms with this much waiting: an assignment's decision, its storing, and a whole status change."""
    keep = list(Waiting.objects.filter(brand=brand).order_by("eligible_at", "pk").values_list("pk", flat=True)[:size])
    Waiting.objects.filter(brand=brand).update(is_held=True)
    for first in range(0, len(keep), 500):
        Waiting.objects.filter(pk__in=keep[first : first + 500]).update(is_held=False)
    busy = list(Agent.objects.filter(user__memberships__brand=brand).order_by("pk")[:TIMES])
    decided, stored, changed = [], [], []
    watch = Watch(assignment, "_store")
    for agent in busy:
        ticket = Ticket.objects.filter(assignee=agent, status="new").order_by("pk").first()
        if ticket is None:
            continue
        set_status(ticket=ticket, status="solved", by=SYSTEM)
        watch.ms, begun = 0.0, time.perf_counter()
        given = assignment.assign(brand.pk)
        if given == 1:
            decided.append((time.perf_counter() - begun) * 1000 - watch.ms)
            stored.append(watch.ms)
        set_agent_status(agent=agent, status="offline", by=SYSTEM)
        Ticket.objects.filter(assignee=agent, status="new").update(status="solved", is_open=False)
        begun = time.perf_counter()
        set_agent_status(agent=agent, status="online", by=SYSTEM)
        assignment.assign(brand.pk)
        changed.append((time.perf_counter() - begun) * 1000)
    return {"decide": _median(decided), "store": _median(stored), "change": _median(changed), "n": len(decided)}


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    brand = prepare()
    print(json.dumps({str(size): measure(brand, size) for size in SIZES}))
