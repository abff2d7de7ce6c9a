"""Nobody whose page is open is set offline, for any limit that the console allows; who closed the last one is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from conversations.actions.people import keep_sign_of_life
from conversations.consumers.agent import ASK_EVERY_S
from conversations.models import Brand
from routing.actions.statuses import mark_absent
from routing.models import Agent
from tests.routing.cast import configure, make_agent

T0 = datetime(2026, 11, 30, 12, tzinfo=UTC)
SHORTEST = 30
EVERY = int(ASK_EVERY_S)
BY_ITSELF = 25


def is_online_throughout(brand: Brand, heard: list[float], *, until: int, limit: int = SHORTEST) -> bool:
    """Have pages say at these seconds that they are there; say whether their agent is online at each second so long."""
    configure(brand, disconnect_after_seconds=limit, idle_after_minutes=None)
    with time_machine.travel(T0, tick=False) as clock:
        alice = make_agent("alice", brand)
        for second in range(until + 1):
            for at in sorted(at for at in heard if second - 1 < at <= second):
                clock.move_to(T0 + timedelta(seconds=at))
                keep_sign_of_life(user_pk=alice.user_id, is_active=False)
            clock.move_to(T0 + timedelta(seconds=second))
            mark_absent(T0 + timedelta(seconds=second))
            if Agent.objects.get().status != "online":
                return False
    return True


def times(first: float, every: int, last: float) -> list[float]:
    return [first + n * every for n in range(100) if first + n * every <= last]


@pytest.mark.parametrize("every", [EVERY, BY_ITSELF])
@pytest.mark.parametrize("apart", [1, 3.9, 4, 7, 10, 14])
def test_of_two_pages_one_closes_and_the_other_keeps_its_agent_online(brand: Brand, every: int, apart: float) -> None:
    closes = 2 * every + 1
    heard = times(0, every, closes) + times(apart, every, 6 * every)
    assert is_online_throughout(brand, heard, until=6 * every)


@pytest.mark.parametrize("late", [0, 5, 10])
def test_answers_may_come_late_by_ten_seconds(brand: Brand, late: int) -> None:
    heard = [at + (late if n % 2 else 0) for n, at in enumerate(times(0, EVERY, 10 * EVERY))]
    assert is_online_throughout(brand, heard, until=10 * EVERY)


@pytest.mark.parametrize(("until", "online"), [(SHORTEST + EVERY, True), (SHORTEST + EVERY + 1, False)])
def test_limit_is_counted_from_the_last_word_of_the_last_page(brand: Brand, until: int, online: bool) -> None:
    assert is_online_throughout(brand, [0, EVERY], until=until) is online
