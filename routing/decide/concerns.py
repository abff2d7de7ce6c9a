"""What is wrong with a brand's routing: work that nobody can take, and what admins forget. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from routing.decide.classes import ChannelClass
from routing.decide.conditions import Conditions, Facts, Fault, Row, holds, words
from routing.decide.setup import Answerer, QueueSetup, Setup
from routing.decide.steps import CHOOSING

Words = str | Promise


@dataclass(frozen=True)
class Concern:
    """One thing to look at: on the page of which row (kind and key; no key: the page itself), and what is wrong.

    `name` is the row's own. `code` is stable, for machines.
    """

    code: str
    kind: str
    key: int | None
    name: str
    text: Words


def concerns(setup: Setup) -> list[Concern]:
    """Give all that is wrong with a brand's routing, what stops work first."""
    return [
        *_of_assignment(setup),
        *_of_queues(setup),
        *_of_groups(setup),
        *_of_capacity(setup),
        *_of_rules(setup),
        *_of_skills(setup),
        *_of_schedules(setup),
        *_of_policies(setup),
        *_of_what_is_gone(setup),
        *_of_macros(setup),
        *_of_forms(setup),
        *_of_circles(setup),
    ]


def _of_assignment(setup: Setup) -> Iterable[Concern]:
    if setup.queues and not setup.is_assigned:
        text = _("There are queues, but nothing is assigned automatically: work waits until somebody takes it.")
        yield Concern("assignment_off", "routingconfig", setup.config, "", text)
    is_set_up = setup.config is not None or setup.groups
    has_home = any(group.is_default for group in setup.groups)
    if is_set_up and not setup.queues and not has_home:
        text = _("There is no queue, and no group gets new tickets: new work is everybody's. Let a group get it.")
        yield Concern("nowhere_to_go", "group", None, "", text)
    elif setup.groups and not has_home and all(queue.conditions.rows for queue in setup.queues):
        text = _("No group gets new tickets: what falls into no queue is everybody's. Let a group get it.")
        yield Concern("no_default_group", "group", None, "", text)
    if setup.inert:
        text = _("Ticked, but without any status it does nothing: %(settings)s.")
        named = ", ".join(f"“{each}”" for each in setup.inert)
        yield Concern("inert", "routingconfig", setup.config, "", text % {"settings": named})


def _of_queues(setup: Setup) -> Iterable[Concern]:
    taken_by = ""
    for queue in setup.queues:
        if taken_by:
            text = _("Nothing reaches it: %(name)s stands before it and takes everything.")
            yield Concern("queue_unreached", "queue", queue.key, queue.name, text % {"name": taken_by})
        elif not queue.conditions.rows:
            taken_by = queue.name
        yield from _of_who_serves(setup, queue)


def _of_who_serves(setup: Setup, queue: QueueSetup) -> Iterable[Concern]:
    """Say whether nobody serves the queue, or one of its shares, and whether the skills it asks for are the reason."""
    serving = _in_groups(setup.people, queue.primary, queue.secondary)
    empty = [groups for groups in queue.shares if not _in_groups(setup.people, groups, frozenset())]
    if not queue.shares and not serving:
        text = _("No agent can serve it: nobody who answers is in its groups.")
        yield Concern("queue_unserved", "queue", queue.key, queue.name, text)
        return
    if empty:
        names = {group.key: group.name for group in setup.groups}
        named = ", ".join(sorted(names.get(key, "") for key in empty[0]))
        text = _("A share of it goes to %(groups)s, where nobody answers.")
        yield Concern("share_unserved", "queue", queue.key, queue.name, text % {"groups": named})
    needed = _needed(setup, queue)
    takers = [_in_groups(setup.people, groups, queue.secondary) for groups in queue.shares] or [serving]
    lacking = needed and any(people and not any(needed <= each.skills for each in people) for people in takers)
    if lacking:
        named = ", ".join(sorted(setup.skills.get(key, "") for key in needed))
        text = _("Nobody in its groups holds all the skills its work requires: %(skills)s.")
        yield Concern("queue_unskilled", "queue", queue.key, queue.name, text % {"skills": named})


def _in_groups(people: Iterable[Answerer], first: frozenset[int], second: frozenset[int]) -> list[Answerer]:
    """Give who can be given work of these groups; without a first one, that is everybody."""
    wanted = first | second if first else frozenset()
    return [each for each in people if not wanted or each.groups & wanted]


def _needed(setup: Setup, queue: QueueSetup) -> frozenset[int]:
    """Give the skills that all work of a queue requires, as far as the conditions tell by themselves."""
    if not setup.uses_skills:
        return frozenset()
    sure = (rule.requires for rule in setup.rules if implies(queue.conditions, rule.conditions))
    return frozenset().union(*sure)


def implies(given: Conditions, wanted: Conditions) -> bool:
    """Say whether what meets `given` surely meets `wanted`: each of its rows is one of the other's own."""
    sure, either = _asked(given.all), _asked(given.any)
    if not _asked(wanted.all) <= sure:
        return False
    any_of = _asked(wanted.any)
    return not any_of or bool(any_of & sure) or (bool(either) and either <= any_of)


def _asked(rows: Iterable[Row]) -> set[tuple[str, str, str]]:
    return {(row.path, row.operator, repr(row.value)) for row in rows}


def _of_groups(setup: Setup) -> Iterable[Concern]:
    for group in setup.groups:
        if any(group.key in each.groups for each in setup.people):
            continue
        above = next((each.name for each in setup.groups if each.escalates_to == group.key), "")
        served = next((each for each in setup.queues if group.key in each.groups), None)
        if group.is_default:
            said = _("It gets new tickets, but nobody who answers is in it.")
            yield Concern("default_group_empty", "group", group.key, group.name, said)
        elif served:
            text = _("Nobody who answers is in it, but it takes work of the queue %(name)s.") % {"name": served.name}
            yield Concern("group_empty", "group", group.key, group.name, text)
        elif above:
            text = _("Nobody who answers is in it, but tickets of %(name)s escalate to it.") % {"name": above}
            yield Concern("group_empty", "group", group.key, group.name, text)
        else:
            said = _("Nobody who answers is in it: what is passed on to it waits.")
            yield Concern("group_empty", "group", group.key, group.name, said)


def _of_capacity(setup: Setup) -> Iterable[Concern]:
    for rule in setup.capacities:
        under = sum(each.rule == rule.key for each in setup.people)
        if under and not any(rule.capacity.room({}, each) for each in ChannelClass.values):
            text = _("It leaves room for nothing: who is in it is given no work. That holds for %(n)s now.") % {
                "n": under
            }
            yield Concern("capacity_nothing", "capacityrule", rule.key, rule.name, text)


def _of_rules(setup: Setup) -> Iterable[Concern]:
    if not setup.uses_skills:
        return
    held = frozenset().union(*(each.skills for each in setup.people))
    for rule in setup.rules:
        if not rule.requires | rule.prefers:
            text = _("It asks for no skill: it does nothing.")
            yield Concern("rule_empty", "skillrule", rule.key, rule.name, text)
        elif missing := rule.requires - held:
            named = ", ".join(sorted(setup.skills.get(key, "") for key in missing))
            text = _("It requires what nobody who answers holds: %(skills)s.")
            yield Concern("rule_unheld", "skillrule", rule.key, rule.name, text % {"skills": named})
        elif rule.requires and not any(rule.requires <= each.skills for each in setup.people):
            text = _("Nobody who answers holds all the skills it requires.")
            yield Concern("rule_unheld_together", "skillrule", rule.key, rule.name, text)


def _of_skills(setup: Setup) -> Iterable[Concern]:
    held = frozenset().union(*(each.skills for each in setup.people))
    for key, name in setup.skills.items():
        if key not in held:
            yield Concern("skill_unheld", "skill", key, name, _("Nobody who answers holds this skill."))


def _of_schedules(setup: Setup) -> Iterable[Concern]:
    for key, name in setup.closed.items():
        text = _("It has no hours: it never opens.")
        yield Concern("schedule_closed", "schedule", key, name, text)


def _of_policies(setup: Setup) -> Iterable[Concern]:
    taken_by = ""
    for policy in setup.policies:
        if taken_by:
            text = _("It holds for nothing: %(name)s stands before it and takes every ticket.")
            yield Concern("policy_unreached", "slapolicy", policy.key, policy.name, text % {"name": taken_by})
        elif not policy.conditions.rows:
            taken_by = policy.name
        if not policy.has_targets:
            text = _("It has no targets: it promises nothing, and tickets it is for fall under no other.")
            yield Concern("policy_empty", "slapolicy", policy.key, policy.name, text)
        elif missing := [name for key, name in policy.bare.items() if _may_be(policy.conditions, key)]:
            named = ", ".join(str(name) for name in missing)
            text = _("It promises nothing for tickets of these priorities: %(priorities)s.")
            yield Concern("policy_partial", "slapolicy", policy.key, policy.name, text % {"priorities": named})
        if policy.counts_hours and policy.never_opens:
            text = _("Its schedule never opens: what counts business hours is never due.")
            yield Concern("policy_never_due", "slapolicy", policy.key, policy.name, text)
        elif policy.counts_hours and policy.never_opens is None:
            text = _("Its schedule is gone: business hours count around the clock.")
            yield Concern("policy_without_schedule", "slapolicy", policy.key, policy.name, text)


def _may_be(conditions: Conditions, priority: str) -> bool:
    """Say whether a ticket of this priority can meet the conditions, as far as they ask for its priority."""
    asks = tuple(row for row in conditions.all if row.path == "ticket.priority")
    return holds(Conditions(asks), Facts({"ticket.priority": priority}, datetime.now(UTC)))


def _of_what_is_gone(setup: Setup) -> Iterable[Concern]:
    """Say once of each asker that a condition, or else a step, names what is deleted."""
    for asker in setup.askers:
        lost = next((row for row in asker.conditions.rows if row.fault in {Fault.FIELD, Fault.CHOICE}), None)
        gone = any(step.do in CHOOSING and step.value not in setup.known.choices(step.do) for step in asker.steps)
        if lost:
            text, told = _("A condition names what is deleted: %(condition)s."), words(Conditions((lost,)))
            yield Concern("condition_gone", asker.kind, asker.key, asker.name, text % {"condition": told})
        elif gone:
            text = _("A step names a group, a person or a queue that is not there any more: it does nothing.")
            yield Concern("step_gone", asker.kind, asker.key, asker.name, text)


def _of_macros(setup: Setup) -> Iterable[Concern]:
    for key, name in setup.idle.items():
        text = _("What it gave tickets to is deleted: it does nothing.")
        yield Concern("macro_idle", "macro", key, name, text)


def _of_circles(setup: Setup) -> Iterable[Concern]:
    for circle in setup.circles:
        text = _("It was stopped lately, since it would go round in circles: %(chain)s.")
        chain = {"chain": " → ".join(circle.chain)}
        yield Concern("rule_circle", circle.kind, circle.key, circle.name, text % chain)


def _of_forms(setup: Setup) -> Iterable[Concern]:
    for form in setup.forms:
        if form.lost:
            text, named = _("Fields of it are deleted: %(fields)s."), ", ".join(sorted(form.lost))
            yield Concern("form_field_gone", "ticketform", form.key, form.name, text % {"fields": named})
        if form.for_customers and not setup.people:
            text = _("Nobody answers what customers send by it: give somebody a role that answers.")
            yield Concern("form_unanswered", "ticketform", form.key, form.name, text)
