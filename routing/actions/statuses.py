"""The one status of an agent for all channels: chosen, or set since they were idle or gone; and its history."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations import live
from conversations.events import SYSTEM, Actor, append
from conversations.models import Membership, User
from routing.actions import offers
from routing.decide.classes import ChannelClass
from routing.decide.statuses import CHOSEN, Availability, Source, is_present
from routing.errors import InvalidChange
from routing.events import AgentStatusChanged
from routing.models import Agent, CustomStatus, Offer, StatusSpell, Ticket, Withdrawal
from routing.nudge import ask_to_assign, ask_to_pass_on
from routing.queries.absence import absence_of_gone, absences
from routing.queries.offers import missed_status
from routing.queries.persons import config_of

SWEEP_BATCH = 200
NAME_CHARS = 128


@transaction.atomic
def set_agent_status(
    *,
    agent: Agent,
    status: str,
    by: Actor,
    custom: CustomStatus | None = None,
    source: Source = Source.MANUAL,
    at: datetime | None = None,
) -> Agent:
    """Set an agent's status; with `custom`, one of a brand of theirs, `status` is what it means for messaging.

    A chosen one is a sign of life, also where it stays the same: being idle or gone is counted from then at the
    earliest. What they are not there for any more goes on to others once the fact is read: see `let_go`.
    Raises InvalidChange.
    """
    if custom is not None:
        status = custom.messaging
    if status not in Availability.values:
        raise InvalidChange(field="status", limit=", ".join(Availability.values))
    brand_ids = _brands(agent)
    if custom is not None and custom.brand_id not in brand_ids:
        raise InvalidChange(field="status")
    Agent.objects.select_for_update().filter(pk=agent.pk).values_list("pk").get()
    agent = Agent.objects.select_related("user", "custom_status").get(pk=agent.pk)
    now = at or timezone.now()
    if source not in CHOSEN and agent.chosen_at and agent.chosen_at > now:
        return agent  # They chose while somebody looked whether they are there.
    if source in CHOSEN:
        agent.chosen_at = now
    is_another = (agent.status, agent.custom_status) != (status, custom)
    if is_another:
        agent.status, agent.custom_status, agent.status_set_at = status, custom, now
    # Also where it stays: a process of the version before sets the status alone.
    _come_or_go(agent, now)
    agent.save(update_fields=["status", "custom_status", "status_set_at", "chosen_at", "is_present", "came_at"])
    if is_another:
        _keep_spell(agent, source, by, now)
        _tell(agent, brand_ids, source, by)
    return agent


@transaction.atomic
def mean_anew(*, agent: Agent, by: Actor) -> None:
    """Follow what an agent's status of a brand's own means since somebody changed that."""
    Agent.objects.select_for_update().filter(pk=agent.pk).values_list("pk").get()
    agent = Agent.objects.select_related("user", "custom_status").get(pk=agent.pk)
    if agent.custom_status is None:
        return
    now, before = timezone.now(), agent.status
    agent.status = agent.custom_status.messaging
    _come_or_go(agent, now)
    agent.save(update_fields=["status", "is_present", "came_at"])
    if agent.status != before:
        _keep_spell(agent, Source.MANUAL, by, now)
    _tell(agent, _brands(agent), Source.MANUAL, by)


def _come_or_go(agent: Agent, now: datetime) -> None:
    was_there, agent.is_present = agent.is_present, is_present(agent.by_class)
    if agent.is_present and not was_there:
        agent.came_at = now


def _tell(agent: Agent, brand_ids: Iterable[int], source: Source, by: Actor) -> None:
    name = agent.custom_status.name if agent.custom_status else ""
    for brand_id in brand_ids:
        fact = AgentStatusChanged(agent=agent.user.public_id, status=agent.status, name=name, source=source)
        append(fact, brand_id=brand_id, by=by)
        live.announce_changed(brand_id, f"agent-{agent.user.public_id}")
        ask_to_assign(brand_id)


def _brands(agent: Agent) -> list[int]:
    return list(Membership.objects.filter(user=agent.user_id).values_list("brand_id", flat=True))


def _keep_spell(agent: Agent, source: Source, by: Actor, now: datetime) -> None:
    StatusSpell.objects.filter(agent=agent, ended_at=None).update(ended_at=now)
    StatusSpell.objects.create(
        agent=agent,
        status=agent.status,
        name=agent.custom_status.name if agent.custom_status else "",
        custom_status=agent.custom_status,
        source=source,
        by_name="" if by.id == agent.user.public_id else by.name[:NAME_CHARS],
        began_at=now,
    )


def let_go(*, agent: Agent, brand_id: int) -> None:
    """Let go on what an agent is not there for: what is offered to them at once, what they have in the background.

    Asks what they are now, so that whoever came back meanwhile keeps all of it.
    """
    absent = sorted(each for each, value in agent.by_class.items() if value != Availability.ONLINE)
    if absent:
        offers.withdraw_from(agent, absent)
    if not_there_for(agent, brand_id).exists():
        Withdrawal.objects.update_or_create(brand_id=brand_id, agent=agent, defaults={"created_at": timezone.now()})
        ask_to_pass_on()


def not_there_for(agent: Agent, brand_id: int) -> QuerySet[Ticket]:
    """Give what an agent has of a brand and is to have no longer, by their status now and as the brand configured."""
    config = config_of(brand_id)
    lost = Q()
    for each in ChannelClass.values:
        priorities = config.loses_on_leaving(each, agent.counts_as(each))
        if priorities is not None:
            lost |= Q(channel_class=each, priority__in=priorities or Ticket.Priority.values)
    if not lost:
        return Ticket.objects.none()
    held = Ticket.objects.filter(brand=brand_id, assignee=agent, status__in=[Ticket.Status.NEW, Ticket.Status.OPEN])
    return held.filter(lost)


def mark_missing(expired: Iterable[Offer]) -> None:
    """Set the status of agents who let as many offers run out as their brand says, by the offers that just did.

    Where a kill comes between, the next offer that runs out is counted with those before.
    """
    for agent_id, brand_id in sorted({(offer.agent_id, offer.ticket.brand_id) for offer in expired}):
        agent = Agent.objects.select_related("custom_status").get(pk=agent_id)
        if becomes := missed_status(agent, brand_id):
            set_agent_status(agent=agent, status=becomes, by=SYSTEM, source=Source.MISSED)


def mark_absent(now: datetime) -> int:
    """Set the status of agents who have been idle, or whose last page is gone, as their brands say; give how many."""
    found = dict(islice(absences(now), SWEEP_BATCH))
    for agent in Agent.objects.filter(pk__in=found).order_by("pk"):
        becomes = found[agent.pk]
        set_agent_status(agent=agent, status=becomes.status, by=SYSTEM, source=becomes.source, at=now)
    return len(found)


def mark_signed_out(user: User) -> None:
    """Set the status of an agent who signs out of the workspace as their brands say of one who is gone, at once.

    Also where they are signed in elsewhere: there they see it, and choose again.
    """
    agent = Agent.objects.select_related("custom_status").filter(user=user, is_present=True).first()
    now = timezone.now()
    if agent and (becomes := absence_of_gone(agent, now)):
        set_agent_status(agent=agent, status=becomes.status, by=SYSTEM, source=becomes.source, at=now)
