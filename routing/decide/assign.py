"""Who gets a piece of work: one pure decision, of which every input can be stored and every outcome explained.

Semantics: product reference, sections 2.1 and 2.2. Ties that it leaves open are broken here by the longest time since
the last assignment in the class, then by key, so that the same inputs always give the same agent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from routing.decide.capacity import Capacity
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability


class Method(TextChoices):
    """How one of several who could take it is chosen."""

    HIGHEST_SPARE_CAPACITY = "highest_spare_capacity", _("Most room first")
    ROUND_ROBIN = "round_robin", _("In turn")


class Reason(TextChoices):
    """Why an agent does not get a piece of work, said so that an agent understands it."""

    STATUS = "status", _("not available for this")
    NOT_IN_GROUP = "not_in_group", _("in none of its groups")
    LACKS_SKILL = "lacks_skill", _("lacks a skill it needs")
    ON_CALL = "on_call", _("busy with a call or a chat, in focus")
    NO_ROOM = "no_room", _("has no room")
    STARTING = "starting", _("just came, takes a share at a time")
    SECONDARY = "secondary", _("in a second group; somebody of the first is free")
    HAD_IT = "had_it", _("was offered it more often than somebody who is free")
    LESS_SKILLED = "less_skilled", _("somebody knows more of what it asks for")
    LESS_ROOM = "less_room", _("somebody has more room")
    MORE_RECENT = "more_recent", _("somebody waits longer for work")


@dataclass(frozen=True)
class Work:
    """A piece of work that looks for an agent. Groups, skills and agents are keys.

    No group at all means everybody of the brand. `had_by` says how often it was offered to whom, without their taking
    it. `order` says what comes first, the smallest: the queue's priority, the moment its promise breaks, priority,
    since when it waits, key.
    """

    ticket: int
    channel_class: str
    primary: frozenset[int] = frozenset()
    secondary: frozenset[int] = frozenset()
    required: frozenset[int] = frozenset()
    preferred: frozenset[int] = frozenset()
    had_by: Mapping[int, int] = field(default_factory=dict)
    order: tuple[float, ...] = ()

    @property
    def needs(self) -> tuple[object, ...]:
        """What decides whether anybody can take it; the same for all work that waits in one lane."""
        return (self.channel_class, self.primary, self.secondary, self.required)


@dataclass(frozen=True)
class Person:
    """One who could get work: what they may do, what they have, and since when (seconds) they are there.

    `load` counts work by class, offers that are not answered yet included. `last_at` is the moment of the last
    assignment by class.
    """

    agent: int
    availability: Mapping[str, str]
    capacity: Capacity
    groups: frozenset[int] = frozenset()
    skills: Mapping[int, int] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)
    last_at: Mapping[str, float] = field(default_factory=dict)
    since: float = 0.0
    # What they were given since they came: during a fair start it grows with the time they are there.
    taken: int = 0

    def with_one_more(self, channel_class: str, at: float) -> "Person":
        """Give them with one more piece of work of this class, given `at`."""
        load = {**self.load, channel_class: self.load.get(channel_class, 0) + 1}
        return replace(self, load=load, last_at={**self.last_at, channel_class: at}, taken=self.taken + 1)


@dataclass(frozen=True)
class Terms:
    """What a brand's configuration says of choosing.

    With `fair_start_s` 0, whoever comes takes all they have room for at once. `ranks_required`: how well somebody knows
    what work requires counts as what it prefers; decisions of before that was so are told again as they fell.
    """

    method: str = Method.HIGHEST_SPARE_CAPACITY
    focus_mode: bool = False
    fair_start_s: float = 0.0
    ranks_required: bool = False


@dataclass(frozen=True)
class Choice:
    """Who gets it, or None; and why each of the others does not."""

    agent: int | None
    passed_over: Mapping[int, Reason]


def obstacle(person: Person, work: Work, terms: Terms, now: float) -> Reason | None:
    """Say why a person cannot be given this now; None where they can."""
    if person.availability.get(work.channel_class) != Availability.ONLINE:
        return Reason.STATUS
    if reason := misfit(person, work):
        return reason
    if terms.focus_mode and _is_in_focus(person, work.channel_class):
        return Reason.ON_CALL
    room = person.capacity.room(person.load, work.channel_class)
    if not room:
        return Reason.NO_ROOM
    if terms.fair_start_s and not _has_a_share_left(person, work, terms, now):
        return Reason.STARTING
    return None


def misfit(person: Person, work: Work) -> Reason | None:
    """Say why work is not for a person at all, whatever they do now; None where it is."""
    if work.primary and not (person.groups & work.primary or person.groups & work.secondary):
        return Reason.NOT_IN_GROUP
    if work.required and not work.required <= person.skills.keys():
        return Reason.LACKS_SKILL
    return None


def _is_in_focus(person: Person, channel_class: str) -> bool:
    """On a call nobody is given a chat, in a chat nobody a call; email disturbs neither."""
    other = {ChannelClass.MESSAGING: ChannelClass.VOICE, ChannelClass.VOICE: ChannelClass.MESSAGING}
    return bool(person.load.get(other.get(ChannelClass(channel_class), ""), 0))


def _has_a_share_left(person: Person, work: Work, terms: Terms, now: float) -> bool:
    """Whether what they were given since they came is below their share, which grows to the whole in `fair_start_s`."""
    elapsed = now - person.since
    if elapsed >= terms.fair_start_s:
        return True
    most = person.capacity.maxima.get(work.channel_class, 0)
    return person.taken < max(1.0, most * elapsed / terms.fair_start_s)


def choose(work: Work, people: Iterable[Person], terms: Terms, now: float) -> Choice:
    """Give who gets the work, and why each of the others does not."""
    passed_over: dict[int, Reason] = {}
    able: list[Person] = []
    for person in people:
        if reason := obstacle(person, work, terms, now):
            passed_over[person.agent] = reason
        else:
            able.append(person)
    if not able:
        return Choice(None, passed_over)
    chosen = min(able, key=lambda person: _rank(person, work, terms))
    for person in able:
        if person is not chosen:
            passed_over[person.agent] = _behind(person, chosen, work, terms)
    return Choice(chosen.agent, passed_over)


def _rank(person: Person, work: Work, terms: Terms) -> tuple[float, ...]:
    """What is smaller goes first: who had it least often, the first groups, who knows more, then the brand's method."""
    had_it = float(work.had_by.get(person.agent, 0))
    is_secondary = float(bool(work.primary) and not person.groups & work.primary)
    wanted = work.preferred | work.required if terms.ranks_required else work.preferred
    known = -float(sum(person.skills.get(skill, 0) for skill in wanted)) if wanted else 0.0
    room = 0.0
    if terms.method == Method.HIGHEST_SPARE_CAPACITY:
        room = -float(person.capacity.room(person.load, work.channel_class))
    return (had_it, is_secondary, known, room, person.last_at.get(work.channel_class, 0.0), float(person.agent))


BEHIND = (
    Reason.HAD_IT,
    Reason.SECONDARY,
    Reason.LESS_SKILLED,
    Reason.LESS_ROOM,
    Reason.MORE_RECENT,
    Reason.MORE_RECENT,
)


def _behind(person: Person, chosen: Person, work: Work, terms: Terms) -> Reason:
    """Say in what the chosen one was before this person."""
    pairs = zip(_rank(person, work, terms), _rank(chosen, work, terms), strict=True)
    return next(reason for reason, (own, best) in zip(BEHIND, pairs, strict=True) if own != best)
