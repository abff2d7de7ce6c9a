"""People who answer for a brand no more, or are not there for their work: it goes on to others, in the background.

There may be much of it, and the log's reader, which hears of them, locks no agent and holds up nobody's words.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conversations.events import SYSTEM
from routing.actions import offers, tickets
from routing.actions.statuses import not_there_for, set_agent_status
from routing.decide.classes import ChannelClass
from routing.decide.statuses import Availability, Source
from routing.models import Agent, Departure, Ticket, Withdrawal
from routing.nudge import ask_to_assign, ask_to_pass_on
from routing.queries import answering, answers_anywhere

DEPARTURES_AT_ONCE = 50
BATCH = 100


def follow(*, agent: Agent, brand_id: int) -> None:
    """Take in that an agent is something else in a brand: have work looked for where they answer for it, note it down
    where they do no more."""
    if answering(brand_id).filter(pk=agent.pk).exists():
        ask_to_assign(brand_id)
        return
    Departure.objects.update_or_create(brand_id=brand_id, agent=agent, defaults={"created_at": timezone.now()})
    ask_to_pass_on()


def pass_on_departed() -> int:
    """Put back what those who left have, a batch in a transaction; give how many tickets that were.

    Who answers nowhere any more is offline. A wish goes when all is put back, so a kill loses none of it; one that was
    made anew meanwhile stands.
    """
    departures = Departure.objects.select_related("agent").order_by("pk")[:DEPARTURES_AT_ONCE]
    return sum(_pass_on(each) for each in list(departures))


def _pass_on(departure: Departure) -> int:
    total = 0
    if _is_gone(departure):
        _withdraw(departure)
        held = Ticket.objects.filter(brand=departure.brand_id, assignee=departure.agent_id, is_open=True)
        while done := _put_back_some(held, departure.agent_id):
            total += done
        if not answers_anywhere(departure.agent):
            set_agent_status(agent=departure.agent, status=Availability.OFFLINE, by=SYSTEM, source=Source.LEFT)
    Departure.objects.filter(pk=departure.pk, created_at=departure.created_at).delete()
    return total


def pass_on_absent() -> int:
    """Put back what agents are not there for, a batch in a transaction; give how many tickets that were.

    Before each batch it is asked what they are by then, so that whoever came back keeps the rest. Wishes as in
    `pass_on_departed`.
    """
    total = 0
    for wish in list(Withdrawal.objects.order_by("pk")[:DEPARTURES_AT_ONCE]):
        while done := _put_back_some(_left_by(wish), wish.agent_id):
            total += done
        Withdrawal.objects.filter(pk=wish.pk, created_at=wish.created_at).delete()
    return total


def _left_by(wish: Withdrawal) -> QuerySet[Ticket]:
    agent = Agent.objects.select_related("custom_status").get(pk=wish.agent_id)
    return not_there_for(agent, wish.brand_id)


@transaction.atomic
def _is_gone(departure: Departure) -> bool:
    """Say whether they still do not answer; whoever gives them work right now is waited for by their row's lock."""
    Agent.objects.select_for_update().filter(pk=departure.agent_id).values_list("pk").get()
    return not answering(departure.brand_id).filter(pk=departure.agent_id).exists()


@transaction.atomic
def _withdraw(departure: Departure) -> None:
    offers.withdraw_from(departure.agent, ChannelClass.values, brand_id=departure.brand_id)


@transaction.atomic
def _put_back_some(held: QuerySet[Ticket], agent_id: int) -> int:
    """Put up to BATCH of what an agent has back, in its groups as it was; give how many were found."""
    found = list(held.order_by("pk")[:BATCH])
    for ticket in found:
        still = tickets.locked(ticket)
        if still.assignee_id == agent_id and still.is_open:
            tickets.put_back(still, by=SYSTEM)
    return len(found)
