"""Who gets a piece of work: the pure decision, case by case."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from routing.decide.assign import Method, Person, Reason, Terms, Work, choose
from routing.decide.capacity import Capacity
from routing.decide.snapshots import pack_work, unpack_work
from routing.decide.statuses import by_class

FIVE = Capacity({"messaging": 5, "email": 5, "voice": 1})
CHAT = Work(ticket=1, channel_class="messaging")
NOW = 1_000_000.0


def person(agent: int, status: str = "online", **given: Any) -> Person:
    given.setdefault("capacity", FIVE)
    return Person(agent=agent, availability=by_class(status), **given)


def outcome(work: Work, *people: Person, **terms: Any) -> tuple[int | None, dict[int, Reason]]:
    choice = choose(work, people, Terms(**terms), NOW)
    return choice.agent, dict(choice.passed_over)


def test_most_room_first_then_the_longest_since_the_last() -> None:
    busy, free = person(1, load={"messaging": 2}), person(2, load={"messaging": 1})
    assert outcome(CHAT, busy, free) == (2, {1: Reason.LESS_ROOM})
    recent, rested = person(1, last_at={"messaging": 50.0}), person(2, last_at={"messaging": 10.0})
    assert outcome(CHAT, recent, rested) == (2, {1: Reason.MORE_RECENT})


def test_in_turn_gives_each_the_same_whatever_their_room() -> None:
    people = {1: person(1, capacity=Capacity({"messaging": 9})), 2: person(2), 3: person(3)}
    got = {1: 0, 2: 0, 3: 0}
    for n in range(9):
        agent = choose(CHAT, people.values(), Terms(method=Method.ROUND_ROBIN), NOW + n).agent
        assert agent is not None
        people[agent] = people[agent].with_one_more("messaging", NOW + n)
        got[agent] += 1
    assert got == {1: 3, 2: 3, 3: 3}


@pytest.mark.parametrize(
    ("status", "channel_class", "reason"),
    [
        ("online", "messaging", None),
        ("online", "email", None),
        ("online", "voice", None),
        ("away", "messaging", Reason.STATUS),
        ("away", "email", None),
        ("away", "voice", Reason.STATUS),
        ("transfers_only", "messaging", Reason.STATUS),
        ("transfers_only", "email", Reason.STATUS),
        ("offline", "email", Reason.STATUS),
    ],
)
def test_what_a_status_lets_in(status: str, channel_class: str, reason: Reason | None) -> None:
    agent, passed_over = outcome(Work(1, channel_class), person(1, status))
    assert (agent, passed_over.get(1)) == (None if reason else 1, reason)


def test_a_custom_status_means_something_else_for_each_class() -> None:
    availability = by_class("online", {"messaging": "offline", "email": "online"})
    trainee = replace(person(1), availability=availability)
    assert outcome(CHAT, trainee)[1] == {1: Reason.STATUS}
    assert outcome(Work(1, "email"), trainee)[0] == 1
    assert outcome(Work(1, "voice"), trainee)[1] == {1: Reason.STATUS}


def test_who_lacks_what_is_required_never_gets_it() -> None:
    work = replace(CHAT, required=frozenset({7, 8}))
    assert outcome(work, person(1, skills={7: 5}), person(2)) == (None, {1: Reason.LACKS_SKILL, 2: Reason.LACKS_SKILL})
    assert outcome(work, person(1, skills={7: 5}), person(2, skills={7: 1, 8: 1}))[0] == 2


def test_of_those_who_hold_what_is_required_the_one_who_knows_it_best_gets_it() -> None:
    work = replace(CHAT, required=frozenset({7}))
    little, much = person(1, skills={7: 1}), person(2, skills={7: 5}, load={"messaging": 3})
    assert outcome(work, little, much, ranks_required=True) == (2, {1: Reason.LESS_SKILLED})
    both = replace(work, preferred=frozenset({7, 8}))
    assert outcome(both, little, person(3, skills={7: 2, 8: 5}), much, ranks_required=True)[0] == 3
    assert outcome(work, little, much)[0] == 1, "told again, an older decision falls as it fell"


def test_what_is_preferred_ranks_before_room() -> None:
    work = replace(CHAT, preferred=frozenset({7}))
    knows, free = person(1, skills={7: 4}, load={"messaging": 3}), person(2)
    assert outcome(work, knows, free) == (1, {2: Reason.LESS_SKILLED})
    best = person(3, skills={7: 5}, load={"messaging": 4})
    assert outcome(work, knows, free, best)[0] == 3


def test_second_groups_only_while_nobody_of_the_first_can() -> None:
    work = replace(CHAT, primary=frozenset({1}), secondary=frozenset({2}))
    first, second, neither = person(1, groups=frozenset({1})), person(2, groups=frozenset({2})), person(3)
    assert outcome(work, first, second, neither) == (1, {2: Reason.SECONDARY, 3: Reason.NOT_IN_GROUP})
    full = replace(first, load={"messaging": 5})
    assert outcome(work, full, second, neither)[0] == 2


def test_never_back_to_who_had_it_while_another_can_and_then_back() -> None:
    work = replace(CHAT, had_by={1: 1})
    assert outcome(work, person(1), person(2, load={"messaging": 4})) == (2, {1: Reason.HAD_IT})
    assert outcome(work, person(1), person(2, load={"messaging": 5}))[0] == 1


def test_what_nobody_takes_goes_round_among_all() -> None:
    free, busy, busier = person(1), person(2, load={"messaging": 3}), person(3, load={"messaging": 4})
    had: Counter[int] = Counter()
    for _ in range(7):
        chosen = outcome(replace(CHAT, had_by=dict(had)), free, busy, busier)[0]
        assert chosen is not None
        had[chosen] += 1
    assert had == {1: 3, 2: 2, 3: 2}
    assert unpack_work(pack_work(replace(CHAT, had_by=had))).had_by == had


def test_weighted_total_bounds_all_classes_together() -> None:
    capacity = Capacity({"messaging": 5, "email": 10}, total=6, weights={"messaging": 2, "email": 1})
    assert capacity.room({"messaging": 2}, "messaging") == 1
    assert capacity.room({"messaging": 2}, "email") == 2
    assert capacity.room({"messaging": 2, "email": 2}, "email") == 0
    assert capacity.room({"messaging": 9}, "messaging") == 0


def test_focus_keeps_chats_from_who_is_on_a_call_and_the_reverse() -> None:
    calling, chatting = person(1, load={"voice": 1}), person(2, load={"messaging": 1})
    assert outcome(CHAT, calling, focus_mode=True) == (None, {1: Reason.ON_CALL})
    assert outcome(Work(1, "voice"), chatting, focus_mode=True) == (None, {2: Reason.ON_CALL})
    assert outcome(Work(1, "email"), calling, focus_mode=True)[0] == 1
    assert outcome(CHAT, calling)[0] == 1


def test_who_just_came_takes_a_share_that_grows_to_the_whole() -> None:
    def got(seconds: float, taken: int) -> Reason | None:
        fresh = person(1, since=NOW - seconds, taken=taken, load={"messaging": taken})
        return outcome(CHAT, fresh, fair_start_s=60.0)[1].get(1)

    assert got(0, 0) is None, "the first one at once"
    assert got(0, 1) is Reason.STARTING
    assert got(23.9, 2) is Reason.STARTING
    assert got(24.1, 2) is None, "five in 60 s: the third after 24 s"
    assert got(60, 4) is None


def test_ties_are_broken_the_same_way_whatever_the_order() -> None:
    people = [person(3), person(1), person(2)]
    assert outcome(CHAT, *people)[0] == outcome(CHAT, *reversed(people))[0] == 1
