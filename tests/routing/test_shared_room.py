"""Work that is taken only by hand, and room that becomes free in another brand."""

import pytest

from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing.actions import assignment, room, transfers
from routing.actions.agents import agent_of
from routing.actions.following import mark_silent
from routing.actions.statuses import set_agent_status
from routing.actions.tickets import release_ticket, set_status, take_ticket
from routing.errors import NothingWaits
from routing.models import Waiting
from tests.factories import make_brand, make_channel, make_user
from tests.routing.cast import configure, holders, make_agent, wait_in_line


def test_the_next_one_is_also_email_that_is_given_only_by_hand(brand: Brand) -> None:
    configure(brand, autorouting_tag="auto")
    alice = make_agent("alice", brand)
    tickets = wait_in_line(Channel.objects.create(brand=brand, kind="email", name="Mail"), "a", "b")
    assignment.assign(brand.pk)
    assert holders(tickets) == ["", ""] and Waiting.objects.filter(is_held=True).count() == 2
    assert transfers.take_next(agent=alice, brand_id=brand.pk) == tickets[0]
    assert transfers.take_next(agent=alice, brand_id=brand.pk) == tickets[1]
    with pytest.raises(NothingWaits):
        transfers.take_next(agent=alice, brand_id=brand.pk)


@pytest.mark.parametrize("frees", ["solve", "release", "silence", "undo"])
def test_room_that_becomes_free_is_looked_at_in_every_brand_of_the_agent(
    brand: Brand, frees: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_brand("other")
    bob = agent_of(make_user("bob", brand, other))
    set_agent_status(agent=bob, status="online", by=SYSTEM)
    [ticket] = wait_in_line(make_channel(brand), "a")
    take_ticket(ticket=ticket, agent=bob, by=SYSTEM)
    asked: list[int] = []
    monkeypatch.setattr(room, "ask_to_assign", asked.append)
    if frees == "solve":
        set_status(ticket=ticket, status="solved", by=SYSTEM)
    elif frees == "release":
        release_ticket(ticket=ticket, by=SYSTEM)
    elif frees == "undo":
        to_whom = {"given": bob, "agent": agent_of(make_user("alice", brand)), "group": None, "queue": None}
        transfers.take_back(ticket=ticket, by=SYSTEM, **to_whom)  # type: ignore[arg-type]  # by name
    else:
        mark_silent(conversation_pk=ticket.conversation_id, brand_pk=brand.pk)
    assert asked == [brand.pk, other.pk]
