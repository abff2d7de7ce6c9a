"""Where work waits, and for whom: queues and skill rules, read in their order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

from routing.decide.conditions import Conditions, Facts, holds

# Work in no queue waits behind the work of queues, where one agent can be fed from both.
STANDARD_PRIORITY = 100


@dataclass(frozen=True)
class Share:
    """A part of a queue's work, in percent, for groups of its own."""

    percent: int
    groups: frozenset[int]


@dataclass(frozen=True)
class QueueWay:
    """A queue as a way that work can take."""

    key: int
    priority: int
    conditions: Conditions
    primary: frozenset[int]
    secondary: frozenset[int]
    shares: Sequence[Share] = ()
    # Says which conditions these are, for whoever is told of them later.
    mark: int = 0


@dataclass(frozen=True)
class SkillWay:
    """A rule that asks for skills."""

    conditions: Conditions
    requires: frozenset[int]
    prefers: frozenset[int]
    key: int = 0
    mark: int = 0


@dataclass(frozen=True)
class Ways:
    """All ways of a brand, in their order."""

    queues: Sequence[QueueWay] = ()
    skills: Sequence[SkillWay] = ()

    @property
    def ask(self) -> bool:
        """Whether any of them looks at a ticket: where none does, nothing need be read of it."""
        return bool(self.queues or self.skills)

    @property
    def is_timed(self) -> bool:
        """Whether an answer can become another by itself, so that work has to be placed anew now and then."""
        asked = [queue.conditions for queue in self.queues] + [rule.conditions for rule in self.skills]
        return any(conditions.is_timed for conditions in asked)


@dataclass(frozen=True)
class Place:
    """Where a piece of work waits: its queue (None: the standard one), for which groups, with which skills."""

    queue: int | None
    queue_priority: int
    primary: frozenset[int]
    secondary: frozenset[int] = frozenset()
    required: frozenset[int] = frozenset()
    preferred: frozenset[int] = frozenset()


def place(
    ways: Ways,
    meets: Callable[[QueueWay | SkillWay], bool],
    *,
    ticket: str,
    group: int | None,
    sent_to: int | None = None,
    skips_queues: bool = False,
) -> Place:
    """Give where work goes: where somebody sent it, into the first queue it meets, or to its own group.

    `meets` says whether it meets a way's conditions: `by_facts`, or a `trails.Asking` that keeps the answers. With
    `skips_queues` it meets none: it goes to its own group unless somebody sent it. `ticket` is its public id: it fixes
    which share of a queue it falls into, so that the same ticket always falls into the same one (product reference,
    2.1).
    """
    required: frozenset[int] = frozenset()
    preferred: frozenset[int] = frozenset()
    for rule in ways.skills:
        if meets(rule):
            required |= rule.requires
            preferred |= rule.prefers
    for queue in ways.queues:
        if queue.key == sent_to if sent_to is not None else not skips_queues and meets(queue):
            primary = _share(queue, ticket) or queue.primary
            return Place(queue.key, queue.priority, primary, queue.secondary, required, preferred)
    own = frozenset() if group is None else frozenset([group])
    return Place(None, STANDARD_PRIORITY, own, frozenset(), required, preferred)


def by_facts(facts: Facts) -> Callable[[QueueWay | SkillWay], bool]:
    """Give what says whether work of which these facts are true meets a way's conditions."""
    return lambda way: holds(way.conditions, facts)


def _share(queue: QueueWay, ticket: str) -> frozenset[int]:
    """Give the groups of the share the ticket falls into; nothing where the queue has none."""
    point, passed = crc32(ticket.encode()) % 100, 0
    for share in queue.shares:
        passed += share.percent
        if point < passed:
            return share.groups
    return frozenset()
