"""A period told again: waits, what is late, and who had how much, under another configuration."""

import pytest

from routing.decide.assign import Person, Terms, Work
from routing.decide.capacity import Capacity
from routing.decide.simulation import Arrival, Shift, percentile, simulate
from routing.decide.statuses import by_class

TERMS = Terms()


def people(*numbers: int, most: int = 1) -> list[Person]:
    capacity = Capacity({"messaging": most})
    return [Person(number, by_class("offline"), capacity) for number in numbers]


def chats(*moments: float, takes: float = 100.0, **given: float) -> list[Arrival]:
    return [
        Arrival(at, Work(number, "messaging", order=(1.0, 0.0, 0.0, at, float(number))), takes, **given)
        for number, at in enumerate(moments)
    ]


def online(agent: int, begins: float, ends: float = 1e9) -> Shift:
    return Shift(agent, begins, ends, by_class("online"))


def test_one_after_the_other_with_one_agent() -> None:
    out = simulate(chats(0, 10, 20), people(1), [online(1, 0)], TERMS, until=1000)
    assert out.waits == {0: 0, 1: 90, 2: 180}
    assert (out.given[1], out.most_at_once[1], out.left) == ([0, 1, 2], 1, set())


def test_more_room_waits_less() -> None:
    out = simulate(chats(0, 10, 20), people(1, most=3), [online(1, 0)], TERMS, until=1000)
    assert (list(out.waits.values()), out.most_at_once[1]) == ([0, 0, 0], 3)


def test_nobody_there_leaves_it_waiting_and_late() -> None:
    shifts = [online(1, 50), Shift(1, 60, 1e9, by_class("offline"))]
    out = simulate(chats(0, 10, 70, due_at=30), people(1), shifts, TERMS, until=200)
    assert (out.waits, out.left, out.late) == ({0: 50}, {1, 2}, {0, 1, 2})


def test_skills_are_given_up_at_their_moment() -> None:
    work = Work(0, "messaging", required=frozenset({7}), order=(0.0,))
    out = simulate([Arrival(0, work, 10, relaxes_at=180)], people(1), [online(1, 0)], TERMS, until=1000)
    assert out.waits == {0: 180}


def test_who_comes_to_a_backlog_shares_it_with_who_comes_next() -> None:
    backlog, shifts = chats(*[0.0] * 8, takes=1000), [online(1, 10), online(2, 20)]
    greedy = simulate(backlog, people(1, 2, most=6), shifts, TERMS, until=500)
    fair = simulate(backlog, people(1, 2, most=6), shifts, Terms(fair_start_s=60), until=500)
    assert (len(greedy.given[1]), len(greedy.given[2])) == (6, 2)
    assert abs(len(fair.given[1]) - len(fair.given[2])) <= 1


@pytest.mark.parametrize("promised_s", [None, 600.0])
def test_a_promise_bounds_the_wait_of_what_is_less_important(promised_s: float | None) -> None:
    """One agent, an urgent chat for each minute of theirs, and one of low priority: only a promise brings its turn."""

    def comes(number: int, at: float, rank: float) -> Arrival:
        due = 0.0 if promised_s is None else at + promised_s
        return Arrival(at, Work(number, "messaging", order=(1.0, due, -rank, at, float(number))), takes=60.0)

    urgent = [comes(number, 60.0 * (number - 1), 4.0) for number in range(1, 200)]
    out = simulate([*urgent, comes(0, 1.0, 1.0)], people(1), [online(1, 0)], TERMS, until=10_000)
    if promised_s is None:
        assert out.left >= {0}, "nothing ages in secret"
    else:
        assert 0 not in out.left and out.waits[0] <= promised_s + 60.0


def test_percentiles_are_of_what_is_there() -> None:
    assert [percentile([4, 1, 3, 2], each) for each in (50, 90, 100)] == [2, 4, 4]
    assert percentile([], 90) == 0.0
