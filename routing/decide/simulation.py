"""A past period told again under another configuration: who would have got what, and when.

What is replayed: when work came and what it needed, how long it took whoever had it, and when agents were there.
What is assumed: an offer is accepted at once, and work takes as long with whoever gets it.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from routing.decide.assign import Person, Terms, Work
from routing.decide.rounds import run_round
from routing.decide.statuses import Availability

# While somebody's fair start holds work back, it is looked at again this often, as the sweep does.
LOOK_AGAIN_S = 5.0


@dataclass(frozen=True)
class Arrival:
    """A piece of work: when it came, how long it took, when it gives up on skills, and by when it should be taken.

    Moments in seconds since 1970; `takes` in seconds.
    """

    at: float
    work: Work
    takes: float
    relaxes_at: float | None = None
    due_at: float | None = None


@dataclass(frozen=True)
class Shift:
    """An agent was in one status from one moment to another."""

    agent: int
    begins: float
    ends: float
    availability: Mapping[str, str]


@dataclass
class Outcome:
    """What would have happened. `waits` is in seconds by ticket; `left` are those nobody took within the period."""

    waits: dict[int, float] = field(default_factory=dict)
    given: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    most_at_once: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    late: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)


def simulate(
    arrivals: Iterable[Arrival], people: Iterable[Person], shifts: Iterable[Shift], terms: Terms, until: float
) -> Outcome:
    """Play the period out, up to `until`. People come with what they know and what fits of them, and no load."""
    return _Play(arrivals, people, shifts, terms, until).out


class _Play:
    def __init__(
        self,
        arrivals: Iterable[Arrival],
        people: Iterable[Person],
        shifts: Iterable[Shift],
        terms: Terms,
        until: float,
    ) -> None:
        self.people = {person.agent: person for person in people}
        self.terms, self.until, self.out = terms, until, Outcome()
        self.arrived: dict[int, Arrival] = {}
        self.lanes: dict[tuple[object, ...], list[Work]] = defaultdict(list)
        self._number = count()
        self._heap: list[tuple[float, int, object]] = []
        for arrival in arrivals:
            self._push(arrival.at, arrival)
        for shift in shifts:
            if shift.agent in self.people:
                self._push(shift.begins, shift)
        self._run()

    def _push(self, at: float, what: object) -> None:
        heapq.heappush(self._heap, (at, next(self._number), what))

    def _run(self) -> None:
        while self._heap and self._heap[0][0] <= self.until:
            at, _, what = heapq.heappop(self._heap)
            self._happen(at, what)
            while self._heap and self._heap[0][0] == at:
                self._happen(at, heapq.heappop(self._heap)[2])
            self._round(at)
        for lane in self.lanes.values():
            self.out.left.update(work.ticket for work in lane)
        self.out.late.update(
            ticket for ticket in self.out.left if (due := self.arrived[ticket].due_at) and due < self.until
        )

    def _happen(self, at: float, what: object) -> None:
        if isinstance(what, Arrival):
            self.arrived[what.work.ticket] = what
            self._queue(what.work)
            if what.relaxes_at is not None and what.work.required:
                self._push(max(at, what.relaxes_at), what.work)
        elif isinstance(what, Shift):
            self._begin(at, what)
        elif isinstance(what, Work):
            self._relax(what)
        elif isinstance(what, tuple):
            agent, channel_class = what
            person = self.people[agent]
            load = {**person.load, channel_class: person.load[channel_class] - 1}
            self.people[agent] = replace(person, load=load)

    def _begin(self, at: float, shift: Shift) -> None:
        person = self.people[shift.agent]
        was_there = any(value != Availability.OFFLINE for value in person.availability.values())
        is_there = any(value != Availability.OFFLINE for value in shift.availability.values())
        if is_there and not was_there:
            person = replace(person, since=at, taken=0)
        self.people[shift.agent] = replace(person, availability=shift.availability)

    def _queue(self, work: Work) -> None:
        lane = self.lanes[work.needs]
        lane.append(work)
        lane.sort(key=lambda each: each.order)

    def _relax(self, work: Work) -> None:
        lane = self.lanes[work.needs]
        if work in lane:
            lane.remove(work)
            self._queue(replace(work, required=frozenset(), preferred=work.preferred | work.required))

    def _round(self, at: float) -> None:
        waiting = {number: lane for number, lane in enumerate(self.lanes.values()) if lane}
        if not waiting:
            return
        given = list(
            run_round({key: list(lane) for key, lane in waiting.items()}, self.people.values(), self.terms, at)
        )
        for each in given:
            self._give(at, each.work, each.agent)
        still_starts = any(at - person.since < self.terms.fair_start_s for person in self.people.values())
        if still_starts and any(self.lanes.values()):
            self._push(at + LOOK_AGAIN_S, None)

    def _give(self, at: float, work: Work, agent: int) -> None:
        self.lanes[work.needs].remove(work)
        arrival = self.arrived[work.ticket]
        self.people[agent] = self.people[agent].with_one_more(work.channel_class, at)
        self.out.waits[work.ticket] = at - arrival.at
        self.out.given[agent].append(work.ticket)
        load = sum(self.people[agent].load.values())
        self.out.most_at_once[agent] = max(self.out.most_at_once[agent], load)
        if arrival.due_at is not None and at > arrival.due_at:
            self.out.late.add(work.ticket)
        self._push(at + arrival.takes, (agent, work.channel_class))


def percentile(values: Sequence[float], percent: int) -> float:
    """Give the nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)] if ordered else 0.0
