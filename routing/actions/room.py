"""Room that is taken, and that became free: work is looked for in every brand its agent answers for: they have one."""

from datetime import datetime

from conversations.models import Membership
from routing.decide.capacity import room_until
from routing.models import Agent, Ticket
from routing.nudge import ask_to_assign


def made_room(brand_id: int, agent_id: int | None) -> None:
    """Have work looked for in the brand, and in the others of the agent who has room again. At most one query."""
    brands = {brand_id}
    if agent_id is not None:
        brands |= set(Membership.objects.filter(user__agent=agent_id).values_list("brand_id", flat=True))
    for each in sorted(brands):
        ask_to_assign(each)


def hand_to(ticket: Ticket, agent: Agent, *, now: datetime) -> None:
    """Have the ticket be the agent's, and say how long it takes room of theirs while its customer is not there.

    The caller holds its row, and saves `assignee` and `takes_room_until`.
    """
    is_awaited = ticket.waiting_since is not None
    ticket.assignee = agent
    ticket.takes_room_until = room_until(is_active=ticket.is_active, is_awaited=is_awaited, now=now)
