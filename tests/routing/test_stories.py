"""Random stories on the pure engine: nobody gets too much, nothing is forgotten, and all can be told again.

`make soak` runs 100,000 of them; the suite some, so that it stays quick.
"""

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.decide.assign import Method, Terms
from routing.decide.capacity import Capacity
from routing.decide.statuses import Availability
from tests.routing.stories import CLASSES, Story

STORIES = int(os.environ.get("STORIES", "1000"))

places = st.integers(0, 11)
classes = st.sampled_from(CLASSES)
some = st.sampled_from([frozenset[int]()] * 3 + [frozenset(each) for each in ([1], [2], [3], [1, 2])])
groups = st.tuples(some, some)
skills = st.dictionaries(st.integers(1, 3), st.integers(1, 5), max_size=3)
ranks, queues = st.integers(1, 4), st.integers(1, 3)
dues = st.sampled_from([None, None, -30.0, 30.0, 60.0])
patience = st.sampled_from([None, 0.0, 20.0, 60.0])
statuses = st.sampled_from(Availability.values) | st.tuples(*[st.sampled_from(Availability.values)] * 3)
capacities = st.builds(
    lambda maxima, total, weights: Capacity(dict(zip(CLASSES, maxima, strict=True)), total, weights),
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)),
    st.none() | st.integers(1, 6),
    st.dictionaries(classes, st.integers(0, 3)),
)
equipment = (capacities, some, skills)
arrivals = st.tuples(st.just("arrives"), classes, groups, some, some, ranks, queues, dues, patience)
happenings = st.one_of(
    arrivals,
    arrivals,
    st.tuples(st.just("passes"), st.sampled_from([0.1, 1.0, 29.9, 30.0, 60.0])),
    st.tuples(st.just("becomes"), places, statuses),
    st.tuples(st.sampled_from(["accepts", "declines", "finishes", "is_put_back", "falls_silent", "speaks"]), places),
    st.tuples(st.just("is_handed"), places, places),
    st.tuples(st.just("is_opened_again"), places, st.booleans()),
    st.tuples(st.just("is_moved"), places, groups, queues),
    st.tuples(st.just("is_ranked"), places, ranks),
    st.tuples(st.just("is_promised"), places, dues),
    st.tuples(st.just("is_equipped"), places, *equipment),
)
people = st.tuples(*equipment)
casts = st.lists(people, min_size=1, max_size=3) | st.lists(people, min_size=4, max_size=8)
plots = st.lists(happenings, max_size=10) | st.lists(happenings, min_size=20, max_size=60)
terms = st.builds(
    Terms, st.sampled_from(Method.values), st.booleans(), st.sampled_from([0.0, 60.0]), st.booleans()
)


@settings(max_examples=STORIES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(casts, plots, terms, st.booleans())
def test_whatever_happens(cast: list[Any], plot: list[Any], rules: Terms, asks: bool) -> None:
    story = Story(cast, rules, asks)
    for kind, *more in plot:
        story.happen(kind, *more)
