"""What a round read is looked at again once its rows are locked: what changed meanwhile is not given by it."""

from collections.abc import Callable, Iterable

import pytest

from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing.actions import assignment, transfers
from routing.actions.tickets import change_ticket, set_status, take_ticket
from routing.decide.rounds import run_round
from routing.models import Agent, Decision, Group, Ticket
from routing.queries.lanes import line
from tests.routing.cast import configure, holders, make_agent, wait_in_line

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something done by others between what the next round reads and its locks."""
    lock = assignment._lock_tickets

    def begin(deed: Callable[[], object]) -> None:
        def late(keys: Iterable[int]) -> dict[int, Ticket]:
            monkeypatch.setattr(assignment, "_lock_tickets", lock)
            deed()
            return lock(keys)

        monkeypatch.setattr(assignment, "_lock_tickets", late)

    return begin


@pytest.fixture
def groups(brand: Brand) -> list[Group]:
    return [Group.objects.create(brand=brand, name=name) for name in ("Support", "Billing")]


def waits_for_alice(brand: Brand, channel: Channel, group: Group) -> Ticket:
    """Give a ticket that waits for this group, of which she is."""
    make_agent("alice", brand, group)
    (ticket,) = wait_in_line(channel, "carol")
    change_ticket(ticket=ticket, group=group, by=SYSTEM)
    configure(brand)
    return ticket


def test_what_went_to_another_group_is_given_there(
    brand: Brand, channel: Channel, groups: list[Group], meanwhile: Meanwhile
) -> None:
    ticket = waits_for_alice(brand, channel, groups[0])
    meanwhile(lambda: change_ticket(ticket=ticket, group=groups[1], by=SYSTEM))
    assert assignment.assign(brand.pk) == 0 and holders([ticket]) == [""]
    make_agent("bob", brand, groups[1])
    assert assignment.assign(brand.pk) == 1 and holders([ticket]) == ["Bob"]


def test_who_left_the_group_is_given_none_of_its_work(
    brand: Brand, channel: Channel, groups: list[Group], meanwhile: Meanwhile
) -> None:
    ticket = waits_for_alice(brand, channel, groups[0])
    meanwhile(lambda: groups[0].members.clear())
    assert assignment.assign(brand.pk) == 0 and holders([ticket]) == [""]


def test_who_began_a_call_is_given_no_chat_in_focus(brand: Brand, channel: Channel, meanwhile: Meanwhile) -> None:
    alice = make_agent("alice", brand)
    call, chat = wait_in_line(channel, "call", "chat")
    Ticket.objects.filter(pk=call.pk).update(status="pending", channel_class="voice")
    call.waiting.delete()
    configure(brand, focus_mode_enabled=True)
    meanwhile(lambda: Ticket.objects.filter(pk=call.pk).update(status="open", assignee=alice))
    assert assignment.assign(brand.pk) == 0 and holders([chat]) == [""]


def test_what_is_chosen_twice_since_it_moved_is_given_once(
    brand: Brand, channel: Channel, groups: list[Group], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lanes are read as far as needed, so that one piece of work can stand in two of them within a round."""
    for name, group in zip(("alice", "bob"), groups, strict=True):
        make_agent(name, brand, group)
    moves, other = wait_in_line(channel, "moves", "other")
    for ticket, group in ((moves, groups[0]), (other, groups[1])):
        change_ticket(ticket=ticket, group=group, by=SYSTEM)
    configure(brand)
    give = run_round

    def moving(*given: object) -> Iterable[object]:
        for at, each in enumerate(give(*given)):  # type: ignore[arg-type]
            if at == 0:
                change_ticket(ticket=moves, group=groups[1], by=SYSTEM)
            yield each

    monkeypatch.setattr(assignment, "run_round", moving)
    monkeypatch.setattr("routing.queries.lanes.AHEAD", 1)
    assignment.assign(brand.pk)
    assert holders([moves, other]) == ["Bob", "Bob"]
    assert Decision.objects.filter(ticket=moves).count() == 1
    assert set(Decision.objects.values_list("agent", flat=True)) == {Agent.objects.get(user__name="Bob").pk}


def test_what_others_take_meanwhile_hides_nothing_behind_it(
    brand: Brand, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lane is read some at a time; what was taken out of it moves nothing past the reader."""
    monkeypatch.setattr("routing.queries.lanes.AHEAD", 2)
    tickets = wait_in_line(channel, "a", "b", "c", "d", "e")
    change_ticket(ticket=tickets[4], priority=Ticket.Priority.URGENT, by=SYSTEM)
    read = line(tickets[0].waiting.lane)
    first = [next(read), next(read)]
    take_ticket(ticket=tickets[0], agent=make_agent("alice", brand), by=SYSTEM)
    rest = [work.ticket for work in read]
    assert [work.ticket for work in first] + rest == [tickets[n].pk for n in (4, 0, 1, 2, 3)]


@pytest.mark.parametrize("status", ["solved", "pending"])
def test_taking_the_next_one_passes_over_what_does_not_wait_any_more(
    brand: Brand, channel: Channel, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    first, second = wait_in_line(channel, "first", "second")
    take = transfers._take_waiting

    def late(key: int, agent: Agent) -> Ticket | None:
        monkeypatch.setattr(transfers, "_take_waiting", take)
        set_status(ticket=first, status=status, by=SYSTEM)
        return take(key, agent)

    monkeypatch.setattr(transfers, "_take_waiting", late)
    assert transfers.take_next(agent=make_agent("alice", brand), brand_id=brand.pk) == second
    assert holders([first, second]) == ["", "Alice"]
