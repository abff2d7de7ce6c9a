"""Random stories on the pure engine: nobody gets too much, nothing is forgotten, and all can be told again.

`make soak` runs 100,000 of them; the suite some, so that it stays quick.
"""

import os
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.decide.assign import Method, Terms
from routing.decide.capacity import Capacity
from routing.decide.statuses import Availability
from tests.routing.stories import CLASSES, Story

STORIES = int(os.environ.get("STORIES", "1000"))

SOME = [frozenset[int]()] * 3 + [frozenset(each) for each in ([1], [2], [3], [1, 2])]
DUES = [None, None, -30.0, 30.0, 60.0]
DEEDS = ["accepts", "declines", "finishes", "is_put_back", "falls_silent", "speaks", "is_answered"]
AT_HAND = 12


def equipment(chance: Random) -> tuple[Any, ...]:
    """What somebody may have at once, their groups and their skills with levels."""
    maxima = (chance.randint(0, 3), chance.randint(0, 3), chance.randint(0, 2))
    weights = {cls: chance.randint(0, 3) for cls in CLASSES if chance.random() < 0.3}
    capacity = Capacity(dict(zip(CLASSES, maxima, strict=True)), chance.choice([None, None, 1, 2, 4, 6]), weights)
    return capacity, chance.choice(SOME), {n: chance.randint(1, 5) for n in (1, 2, 3) if chance.random() < 0.5}


def arrival(chance: Random) -> tuple[Any, ...]:
    places = (chance.choice(SOME), chance.choice(SOME))
    skills = (chance.choice(SOME), chance.choice(SOME))
    order = (chance.randint(1, 4), chance.randint(1, 3), chance.choice(DUES), chance.choice([None, 0.0, 20.0, 60.0]))
    return "arrives", chance.choice(CLASSES), places, *skills, *order, chance.random() < 0.5


def status(chance: Random) -> Any:
    """One of the usual statuses, or what a custom one means for each class."""
    usual = list(Availability.values)
    return chance.choice(usual) if chance.random() < 0.7 else [chance.choice(usual) for _ in CLASSES]


def happening(seed: int) -> tuple[Any, ...]:
    """Give one event, and whether a round follows it at once.

    One number makes all of it: drawing each of its parts would take longer than the story.
    """
    chance = Random(seed)
    at, other = chance.randrange(AT_HAND), chance.randrange(AT_HAND)
    kinds: list[Any] = [
        lambda: arrival(chance),
        lambda: arrival(chance),
        lambda: arrival(chance),
        lambda: ("passes", chance.choice([0.1, 1.0, 29.9, 30.0, 60.0, 599.9, 600.0])),
        lambda: ("becomes", at, status(chance)),
        lambda: (chance.choice(DEEDS), at),
        lambda: (chance.choice(DEEDS), at),
        lambda: ("is_handed", at, other),
        lambda: ("is_opened_again", at, chance.random() < 0.5),
        lambda: ("is_moved", at, (chance.choice(SOME), chance.choice(SOME)), chance.randint(1, 3)),
        lambda: ("is_ranked", at, chance.randint(1, 4)),
        lambda: ("is_promised", at, chance.choice(DUES)),
        lambda: ("is_equipped", at, *equipment(chance)),
    ]
    return chance.random() < 0.5, *chance.choice(kinds)()


seeds = st.integers(0, 2**32 - 1)
people = seeds.map(lambda seed: equipment(Random(seed)))
happenings = seeds.map(happening)
casts = st.lists(people, min_size=1, max_size=3) | st.lists(people, min_size=4, max_size=8)
plots = st.lists(happenings, max_size=12) | st.lists(happenings, min_size=20, max_size=70)
terms = st.builds(Terms, st.sampled_from(Method.values), st.booleans(), st.sampled_from([0.0, 60.0]), st.booleans())


@settings(max_examples=STORIES, deadline=None)
@given(casts, plots, terms, st.booleans())
def test_whatever_happens(cast: list[Any], plot: list[Any], rules: Terms, asks: bool) -> None:
    story = Story(cast, rules, asks)
    for event in plot:
        story.happen(*event)
    story.round()
