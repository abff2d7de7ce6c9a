"""A round of assignment: what waits goes, the most important first, to whoever has room, until nobody has.

Work waits in lanes: all work of one lane needs the same of an agent, so where nobody can take the first of a lane,
nobody can take the rest, and none of it is looked at. That keeps a round as cheap with 10,000 waiting as with 100.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from routing.decide.assign import Choice, Person, Terms, Work, choose, obstacle


@dataclass(frozen=True)
class Given:
    """One assignment of a round."""

    work: Work
    choice: Choice

    @property
    def agent(self) -> int:
        assert self.choice.agent is not None
        return self.choice.agent


def run_round(
    lanes: Mapping[int, Iterable[Work]], people: Iterable[Person], terms: Terms, now: float
) -> Iterator[Given]:
    """Yield who gets what, one after the other. A lane gives its work in its order, and is read as far as needed."""
    persons = {person.agent: person for person in people}
    iterators = {key: iter(lane) for key, lane in lanes.items()}
    heads: list[tuple[tuple[float, ...], int, Work]] = []
    for key, lane in iterators.items():
        if head := next(lane, None):
            heads.append((head.order, key, head))
    heapq.heapify(heads)
    while heads:
        _, key, work = heapq.heappop(heads)
        choice = choose(work, persons.values(), terms, now)
        if choice.agent is None:
            continue  # and the rest of the lane waits too: people only get fuller within a round
        persons[choice.agent] = persons[choice.agent].with_one_more(work.channel_class, now)
        yield Given(work, choice)
        if following := next(iterators[key], None):
            heapq.heappush(heads, (following.order, key, following))


def can_anybody(work: Work, people: Iterable[Person], terms: Terms, now: float) -> bool:
    """Say whether anybody could take this now."""
    return any(obstacle(person, work, terms, now) is None for person in people)
