"""Random stories on the pure engine: nobody gets too much, nothing is forgotten, and all can be told again.

`make soak` runs 100,000 of them; the suite some, so that it stays quick.
"""

import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decide.assign import Method, Person, Terms, Work, obstacle
from routing.decide.capacity import Capacity
from routing.decide.rounds import can_anybody, run_round
from routing.decide.snapshots import choose_again, pack_people, pack_work, unpack_people, unpack_work
from routing.decide.statuses import Availability, by_class

STORIES = int(os.environ.get("STORIES", "1000"))
CLASSES = ["messaging", "email", "voice"]
subsets = st.frozensets(st.integers(1, 3), max_size=2)

capacities = st.builds(
    lambda maxima, total, weights: Capacity(dict(zip(CLASSES, maxima, strict=True)), total, weights),
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 1)),
    st.none() | st.integers(1, 6),
    st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 3)),
)
agents = st.lists(
    st.tuples(capacities, subsets, st.dictionaries(st.integers(1, 3), st.integers(1, 5), max_size=3)),
    min_size=1,
    max_size=4,
)
arrivals = st.tuples(
    st.just("arrives"),
    st.sampled_from(CLASSES),
    subsets,
    subsets,
    subsets,
    subsets,
    st.integers(1, 4),
    st.integers(1, 3),
)
happenings = st.lists(
    arrivals
    | st.tuples(st.just("becomes"), st.integers(0, 3), st.sampled_from(Availability.values))
    | st.tuples(st.just("finishes"), st.integers(0, 3))
    | st.tuples(st.just("passes"), st.floats(0.1, 90)),
    max_size=25,
)
terms = st.builds(Terms, st.sampled_from(Method.values), st.booleans(), st.sampled_from([0.0, 60.0]), st.booleans())


class Story:
    """People, what waits, and who has what."""

    def __init__(self, cast: list[Any], rules: Terms) -> None:
        self.people = {
            n: Person(n, by_class("online"), capacity, groups, skills)
            for n, (capacity, groups, skills) in enumerate(cast)
        }
        self.rules, self.now, self.count = rules, 1000.0, 0
        self.waiting: dict[tuple[object, ...], list[Work]] = {}
        self.held: list[tuple[int, Work]] = []

    def happen(self, kind: str, *given: Any) -> None:
        if kind == "arrives":
            self.arrive(*given)
        elif kind == "passes":
            self.now += given[0]
        elif kind == "becomes" and given[0] in self.people:
            self.become(given[0], given[1])
        elif kind == "finishes":
            self.finish(given[0])
        self.round()

    def arrive(
        self, cls: str, primary: Any, secondary: Any, required: Any, preferred: Any, rank: int, queue: int
    ) -> None:
        self.count += 1
        order = (float(queue), 0.0, -float(rank), self.now, float(self.count))
        work = Work(self.count, cls, primary, secondary, required, preferred, order=order)
        lane = self.waiting.setdefault((queue, *work.needs), [])
        lane.append(work)
        lane.sort(key=lambda each: each.order)

    def become(self, n: int, status: str) -> None:
        person = self.people[n]
        came = status != "offline" and person.availability["messaging"] == "offline"
        kept: dict[str, Any] = {"since": self.now, "taken": 0} if came else {}
        self.people[n] = Person(**(vars(person) | {"availability": by_class(status)} | kept))

    def finish(self, at: int) -> None:
        if at < len(self.held):
            n, work = self.held.pop(at)
            person = self.people[n]
            load = {**person.load, work.channel_class: person.load[work.channel_class] - 1}
            self.people[n] = Person(**(vars(person) | {"load": load}))

    def round(self) -> None:
        packed = pack_people(self.people.values())
        before: list[tuple[int, str]] = []
        lanes = {key: list(lane) for key, lane in enumerate(self.waiting.values())}
        for given_ in run_round(lanes, list(self.people.values()), self.rules, self.now):
            person, work = self.people[given_.agent], given_.work
            assert obstacle(person, work, self.rules, self.now) is None, "given to somebody who may not have it"
            assert person.load.get(work.channel_class, 0) < person.capacity.maxima[work.channel_class]
            again = choose_again(unpack_people(packed)[0], before, unpack_work(pack_work(work)), self.rules, self.now)
            assert again == given_.choice, "told again, it ends otherwise"
            before.append((given_.agent, work.channel_class))
            (lane,) = [lane for lane in self.waiting.values() if work in lane]
            assert lane[0] is work, "passed over what stood before it in its lane"
            lane.pop(0)
            self.held.append((given_.agent, work))
            self.people[given_.agent] = person.with_one_more(work.channel_class, self.now)
        for lane in self.waiting.values():
            assert not lane or not can_anybody(lane[0], self.people.values(), self.rules, self.now), "left waiting"


@settings(max_examples=STORIES, deadline=None)
@given(agents, happenings, terms)
def test_whatever_happens(cast: list[Any], story: list[Any], rules: Terms) -> None:
    told = Story(cast, rules)
    for kind, *more in story:
        told.happen(kind, *more)
    for person in told.people.values():
        total, capacity = person.capacity.total, person.capacity
        if total is not None:
            weighed = {cls: capacity.weight(cls) for cls in CLASSES}
            assert sum(weighed[cls] * person.load.get(cls, 0) for cls in CLASSES if weighed[cls]) <= total
