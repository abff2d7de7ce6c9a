"""People who answer for a brand no more: what they have of its work goes on to others."""

from django.db import transaction

from conversations.events import SYSTEM
from routing.actions import offers, tickets
from routing.actions.statuses import set_agent_status
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability, Source
from routing.models import Agent, Departure, Ticket
from routing.nudge import ask_to_assign, ask_to_pass_on
from routing.queries import answering, answers_anywhere

DEPARTURES_AT_ONCE = 50
BATCH = 100


def follow(*, agent: Agent, brand_id: int) -> None:
    """Take in that an agent is something else in a brand: have work looked for where they answer for it, note it down
    where they do no more.

    What follows is done in the background (`pass_on_departed`): there may be much of it, and the log's reader locks no
    agent, since it holds tickets of other facts, which everybody else locks first.
    """
    if answering(brand_id).filter(pk=agent.pk).exists():
        ask_to_assign(brand_id)
        return
    Departure.objects.get_or_create(brand_id=brand_id, agent=agent)
    ask_to_pass_on()


def pass_on_departed() -> int:
    """Put back what those who left have, a batch in a transaction; give how many tickets that were.

    Who answers nowhere any more is offline.
    A wish goes when all is put back, so a kill loses none of it.
    """
    departures = Departure.objects.select_related("agent").order_by("pk")[:DEPARTURES_AT_ONCE]
    return sum(_pass_on(each) for each in list(departures))


def _pass_on(departure: Departure) -> int:
    total = 0
    if _is_gone(departure):
        _withdraw(departure)
        while done := _put_back_some(departure):
            total += done
        if not answers_anywhere(departure.agent):
            set_agent_status(agent=departure.agent, status=Availability.OFFLINE, by=SYSTEM, source=Source.LEFT)
    Departure.objects.filter(pk=departure.pk).delete()
    return total


@transaction.atomic
def _is_gone(departure: Departure) -> bool:
    """Say whether they still do not answer; whoever gives them work right now is waited for by their row's lock."""
    Agent.objects.select_for_update().filter(pk=departure.agent_id).values_list("pk").get()
    return not answering(departure.brand_id).filter(pk=departure.agent_id).exists()


@transaction.atomic
def _withdraw(departure: Departure) -> None:
    offers.withdraw_from(departure.agent, ChannelClass.values, brand_id=departure.brand_id)


@transaction.atomic
def _put_back_some(departure: Departure) -> int:
    """Put up to BATCH of their open tickets back, in their groups as they were; give how many."""
    held = Ticket.objects.filter(brand=departure.brand_id, assignee=departure.agent_id, is_open=True)
    found = list(held.order_by("pk")[:BATCH])
    for ticket in found:
        still = tickets.locked(ticket)
        if still.assignee_id == departure.agent_id and still.is_open:
            tickets.put_back(still, by=SYSTEM)
    return len(found)
