"""How a brand routes, as far as it can be wrong: plain data of which `routing.decide.concerns` tells. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

from routing.decide.capacity import Capacity
from routing.decide.conditions import Conditions
from routing.decide.steps import Known, Step

Words = str | Promise


@dataclass(frozen=True)
class Answerer:
    """One who answers for the brand: the keys of their groups and skills, and the rule they are under.

    `rule` is None under no stored rule at all.
    """

    agent: int
    groups: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    rule: int | None = None


@dataclass(frozen=True)
class QueueSetup:
    """A queue as its admin made it; `shares` are the groups of each share."""

    key: int
    name: str
    conditions: Conditions
    primary: frozenset[int] = frozenset()
    secondary: frozenset[int] = frozenset()
    shares: Sequence[frozenset[int]] = ()

    @property
    def groups(self) -> frozenset[int]:
        """All groups that take its work."""
        return frozenset().union(*self.shares) if self.shares else self.primary | self.secondary


@dataclass(frozen=True)
class RuleSetup:
    """A skill rule as its admin made it."""

    key: int
    name: str
    conditions: Conditions
    requires: frozenset[int] = frozenset()
    prefers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class GroupSetup:
    """A group, its name, and the key of the one that it escalates to."""

    key: int
    name: str
    is_default: bool = False
    escalates_to: int | None = None


@dataclass(frozen=True)
class CapacitySetup:
    """A capacity rule and its name."""

    key: int
    name: str
    capacity: Capacity


@dataclass(frozen=True)
class PolicySetup:
    """A service level and what it counts by. `counts_hours`: a target counts the hours of its schedule.

    `never_opens` is its schedule's; None without a schedule. `bare` names the priorities without any target, by key.
    """

    key: int
    name: str
    conditions: Conditions
    has_targets: bool = True
    counts_hours: bool = False
    never_opens: bool | None = None
    bare: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Circle:
    """Rules that led to each other until the last one was stopped: its kind, key and name, and the names in turn."""

    kind: str
    key: int
    name: str
    chain: Sequence[str] = ()


@dataclass(frozen=True)
class Asker:
    """What names other rows: in conditions, read with the brand's own choices, and in steps. `kind` is its page's."""

    kind: str
    key: int
    name: str
    conditions: Conditions = field(default_factory=Conditions)
    steps: Sequence[Step] = ()


@dataclass(frozen=True)
class FormSetup:
    """A ticket form; `lost` are the keys of fields that it had and that are deleted."""

    key: int
    name: str
    for_customers: bool = False
    lost: Sequence[str] = ()


@dataclass(frozen=True)
class Setup:
    """How a brand routes: active queues, rules and policies in their order.

    `config` is the key of its assignment, None where nobody made it yet; `inert` are the names of what is ticked there
    and does nothing, since no status is; `closed` are the schedules without hours, `idle` the shared macros that do
    nothing any more, `known` what steps can choose from, `circles` what was stopped lately.
    """

    config: int | None = None
    is_assigned: bool = False
    uses_skills: bool = True
    inert: Sequence[Words] = ()
    people: Sequence[Answerer] = ()
    queues: Sequence[QueueSetup] = ()
    rules: Sequence[RuleSetup] = ()
    skills: Mapping[int, str] = field(default_factory=dict)
    groups: Sequence[GroupSetup] = ()
    capacities: Sequence[CapacitySetup] = ()
    closed: Mapping[int, str] = field(default_factory=dict)
    policies: Sequence[PolicySetup] = ()
    askers: Sequence[Asker] = ()
    known: Known = field(default_factory=Known)
    idle: Mapping[int, str] = field(default_factory=dict)
    forms: Sequence[FormSetup] = ()
    circles: Sequence[Circle] = ()
