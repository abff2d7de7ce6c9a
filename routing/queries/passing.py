"""To whom a ticket can be passed on."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from routing.decide.statuses import Availability
from routing.models import Agent, Group, Queue, Ticket
from routing.queries.persons import config_of, free_people, persons_of
from routing.queries.work import answering

# What a dialog shows at once; more is found by name.
MAX_CHOICES = 30
ORDER = (Availability.ONLINE, Availability.TRANSFERS_ONLY, Availability.AWAY, Availability.OFFLINE)


@dataclass(frozen=True)
class Colleague:
    """An agent who can be given a ticket: what they are for its class of channels, have of it, and may have."""

    agent: Agent
    status: str
    used: int
    maximum: int


@dataclass(frozen=True)
class Place:
    """A group or a queue: how many could take the ticket there now, and whether nobody who answers ever can."""

    row: Group | Queue
    free: int
    is_empty: bool


@dataclass(frozen=True)
class Targets:
    """Agents, those who are there first; groups and queues by name. Up to MAX_CHOICES of each."""

    agents: Sequence[Colleague]
    groups: Sequence[Place]
    queues: Sequence[Place]


def targets(ticket: Ticket, words: str = "") -> Targets:
    """Give to whom a ticket can be passed on whose name holds `words`. A fixed number of queries."""
    brand_id = ticket.brand_id
    named = answering(brand_id).filter(user__name__icontains=words).exclude(pk=ticket.assignee_id or 0)
    there = named.filter(is_present=True).order_by("user__name", "pk")
    keys = list(there.values_list("pk", flat=True)[:MAX_CHOICES])
    gone = named.filter(is_present=False).order_by("user__name", "pk")
    keys += list(gone.values_list("pk", flat=True)[: MAX_CHOICES - len(keys)])
    config, now = config_of(brand_id), timezone.now()
    people = persons_of(Agent.objects.filter(pk__in=keys), brand_id, config, now)
    agents = Agent.objects.select_related("user", "custom_status").in_bulk(keys)
    colleagues = [
        Colleague(
            agents[each.agent],
            agents[each.agent].counts_as(ticket.channel_class),
            each.load.get(ticket.channel_class, 0),
            each.capacity.maxima.get(ticket.channel_class, 0),
        )
        for each in people
    ]
    groups = list(Group.objects.filter(brand=brand_id, name__icontains=words).order_by("name")[:MAX_CHOICES])
    named_queues = Queue.objects.filter(brand=brand_id, is_active=True, name__icontains=words).order_by("name")
    queues = list(named_queues.prefetch_related("primary_groups", "secondary_groups", "shares__groups")[:MAX_CHOICES])
    free = [each.groups for each in free_people(brand_id, config, now, classes=[ticket.channel_class]).free]
    filled = set(Group.members.through.objects.filter(agent__in=answering(brand_id)).values_list("group", flat=True))

    def place(row: Group | Queue, served: set[int]) -> Place:
        able = [each for each in free if not served or each & served]
        return Place(row, len(able), bool(served) and not served & filled)

    return Targets(
        sorted(colleagues, key=lambda each: (ORDER.index(Availability(each.status)), each.agent.user.name)),
        [place(each, {each.pk}) for each in groups],
        [place(each, _serving(each)) for each in queues],
    )


def _serving(queue: Queue) -> set[int]:
    """Give the keys of the groups that take a queue's work; none of them: everybody does."""
    rows = [row for share in queue.shares.all() for row in share.groups.all()]
    return {row.pk for row in rows or [*queue.primary_groups.all(), *queue.secondary_groups.all()]}


def target_of(ticket: Ticket, kind: str, name: str) -> Agent | Group | Queue | None:
    """Give whom a form names: an agent or a group by public id, a queue by key; None where the brand has none such."""
    if kind == "agent":
        return answering(ticket.brand_id).filter(user__public_id=name).select_related("user").distinct().first()
    if kind == "group":
        return Group.objects.filter(brand=ticket.brand_id, public_id=name).first()
    if kind == "queue" and name.isdecimal() and len(name) <= 18:
        return Queue.objects.filter(brand=ticket.brand_id, pk=int(name)).first()
    return None
