"""What brands promise, and how tickets stand, as the pure decisions take them and as screens show them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from conversations.batch import once_a_batch
from conversations.models import AuthorKind, Event, Message, Responder
from routing.decide.conditions import Conditions, Facts, Field, holds, read
from routing.decide.fields import FIELDS, OWN_FIELDS
from routing.decide.hours import ALWAYS
from routing.decide.sla import (
    Clock,
    Clocks,
    Metric,
    PromiseState,
    Target,
    Terms,
    Tick,
    agent_wrote,
    customer_wrote,
    due_after,
    opened,
    play,
    status_changed,
)
from routing.models import MetricEvent, Promise, Schedule, SlaPolicy, SlaTarget, Ticket
from routing.queries.facts import facts_of
from routing.queries.schedules import hours_of, with_hours

# What policies can ask: what stays as it is, and what they are asked again for when it changes (`actions.sla`). Neither
# what passes while a ticket is worked on, nor what a policy itself decides. By the base of a field.
ASKED = frozenset(
    {
        "ticket.priority",
        "ticket.group",
        "ticket.channel_class",
        "ticket.tags",
        "ticket.subject",
        "contact.name",
        "contact.email",
        "contact.phone",
        "contact.language",
        "contact.is_verified",
        "contact.external_id",
        "contact.properties",
        "conversation.channel_kind",
        "conversation.channel",
        # Given when a conversation starts, and never after.
        "conversation.metadata",
        *OWN_FIELDS,
    }
)


@dataclass(frozen=True)
class PolicyWay:
    """A policy as it is chosen: its conditions, and its terms by priority."""

    conditions: Conditions
    terms: Mapping[int, Terms]


def only_asked(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Leave of these fields what conditions of a policy can ask."""
    return {path: field for path, field in fields.items() if field.base in ASKED}


def promises_anything(*brand_ids: int) -> bool:
    """Say whether one of these brands has a policy at all. Where it has none, no ticket's clocks are kept."""
    return SlaPolicy.objects.filter(brand__in=brand_ids, is_active=True).exists()


@once_a_batch
def counts_ai_agents(brand_id: int) -> bool:
    """Say whether what AI agents write may fulfil anything in a brand. One query."""
    return SlaPolicy.objects.filter(brand=brand_id, is_active=True, counts_ai_agents=True).exists()


def policies_of(brand_id: int) -> list[PolicyWay]:
    """Give a brand's active policies in their order. One query without any, at most five."""
    return _ways(SlaPolicy.objects.filter(brand=brand_id, is_active=True).order_by("order", "pk"))


def terms_of(policy_id: int | None, priority: int) -> Terms:
    """Give what a policy promises tickets of a priority; nothing without a policy. At most four queries."""
    found = _ways(SlaPolicy.objects.filter(pk=policy_id)) if policy_id else []
    return found[0].terms[priority] if found else Terms()


def _ways(found: Iterable[SlaPolicy]) -> list[PolicyWay]:
    policies = list(found)
    targets: dict[tuple[int, int], dict[str, Target]] = defaultdict(dict)
    for row in SlaTarget.objects.filter(policy__in=policies) if policies else ():
        targets[row.policy_id, row.priority][row.metric] = Target(row.minutes, row.is_business, row.policy_id)
    named = {policy.schedule_id for policy in policies if policy.schedule_id}
    schedules = with_hours(Schedule.objects.filter(pk__in=named)) if named else ()
    hours = {schedule.pk: hours_of(schedule) for schedule in schedules}
    return [
        PolicyWay(
            read(policy.conditions, only_asked(FIELDS)),
            {
                priority: Terms(
                    targets[policy.pk, priority],
                    hours.get(policy.schedule_id or 0, ALWAYS),
                    policy.pk,
                    policy.counts_ai_agents,
                )
                for priority in Ticket.Priority.values
            },
        )
        for policy in policies
    ]


def terms_for(ways: Sequence[PolicyWay], ticket: Ticket, facts: Facts | None) -> Terms:
    """Give the terms of the first policy whose conditions a ticket meets; `facts` may be None where none ask."""
    for way in ways:
        if not way.conditions.rows or (facts is not None and holds(way.conditions, facts)):
            return way.terms[ticket.priority]
    return Terms()


def matching_terms(ticket: Ticket, now: datetime | None = None) -> Terms:
    """Give the terms that hold for a ticket by the brand's policies and its facts of now."""
    ways = policies_of(ticket.brand_id)
    asks = any(way.conditions.rows for way in ways)
    return terms_for(ways, ticket, facts_of([ticket], now=now)[ticket.pk] if asks else None)


def clocks_of(ticket_pk: int) -> tuple[dict[str, Clock], int | None]:
    """Give the newest clock of each metric of a ticket, and the policy that holds for it. Two queries, one if none."""
    latest = list(Promise.objects.filter(ticket=ticket_pk, is_latest=True).values_list("metric", "instance", "policy"))
    if not latest:
        return {}, None
    named = reduce(or_, (Q(metric=metric, instance=instance) for metric, instance, _policy in latest))
    rows = MetricEvent.objects.filter(named, ticket=ticket_pk).order_by("pk")
    policy = next((policy for metric, _instance, policy in latest if metric == Metric.RESOLUTION), None)
    return {clock.metric: clock for clock in _clocks(rows)}, policy


def all_clocks(ticket_pk: int) -> list[Clock]:
    """Give every clock a ticket ever had, each metric's in the order of its instances. One query."""
    return sorted(
        _clocks(MetricEvent.objects.filter(ticket=ticket_pk).order_by("pk")),
        key=lambda clock: (clock.metric, clock.instance),
    )


def _clocks(rows: Iterable[MetricEvent]) -> list[Clock]:
    found: dict[tuple[str, int], list[Tick]] = defaultdict(list)
    for row in rows:
        target = Target(row.minutes, row.is_business, row.policy_id) if row.minutes else None
        found[row.metric, row.instance].append(
            Tick(row.metric, row.kind, row.at, row.instance, target, row.calendar_s, row.business_s)
        )
    return [Clock(metric, instance, tuple(ticks)) for (metric, instance), ticks in found.items()]


def ticks_from_log(ticket: Ticket, terms: Terms) -> Sequence[Tick]:
    """Give what happened to a ticket's clocks since it was opened, read from the event log; for those not kept so far.

    Of the `terms` only who counts as answering is asked. Whoever wrote last before it was opened decides whether a
    first reply was owed; where it was opened for an answer beside a closed one, none was.
    """
    log = Event.objects.filter(conversation_id=ticket.conversation_id).order_by("pk")
    opening = log.filter(type="ticket.opened", payload__ticket=ticket.public_id).first()
    opened_at = opening.pk if opening else None
    written = log.filter(type="message.posted", payload__audience=Message.Audience.PUBLIC, pk__lt=opened_at or 0)
    before = written.filter(payload__author_kind__in=[AuthorKind.CONTACT, AuthorKind.AGENT]).last()
    is_follow_up = opening is not None and bool(opening.payload.get("follows"))
    is_awaited = not is_follow_up and before is not None and before.payload["author_kind"] == AuthorKind.CONTACT
    played = play({}, opened(ticket.created_at, is_awaited=is_awaited), Terms())
    since = log.filter(type__in=["message.posted", "ticket.status_changed"], pk__gt=opened_at or 0)
    for event in since.iterator() if opened_at else ():
        played = played.then(_ticks_of(event, ticket, played.clocks, terms), Terms())
    return played.ticks


def _ticks_of(event: Event, ticket: Ticket, clocks: Clocks, terms: Terms) -> list[Tick]:
    told = event.payload
    if event.type == "ticket.status_changed":
        return status_changed(clocks, told["status"], event.created_at) if told["ticket"] == ticket.public_id else []
    if told["audience"] != Message.Audience.PUBLIC:
        return []
    if told["author_kind"] == AuthorKind.AGENT or (told["author_kind"] == AuthorKind.BOT and terms.counts_ai_agents):
        return agent_wrote(clocks, event.created_at)
    is_ours = told["author_kind"] == AuthorKind.CONTACT and told["holder_kind"] in {Responder.Kind.AGENTS, ""}
    return customer_wrote(clocks, event.created_at) if is_ours else []


def shown_promise(promises: Iterable[Promise]) -> Promise | None:
    """Give the promise that stands for a ticket: the one due soonest, or else one that is paused."""
    owed = [each for each in promises if each.ended_at is None and each.target_minutes]
    due = sorted((each for each in owed if each.due_at), key=lambda each: (each.due_at, each.pk))
    return next(iter(due or owed), None)


def with_promises(tickets: Sequence[Ticket]) -> None:
    """Have each ticket carry the promise that stands for it as `promise`, or None. One query; none where none has."""
    wanted = [ticket.pk for ticket in tickets if ticket.sla_state]
    found: dict[int, list[Promise]] = defaultdict(list)
    for row in Promise.objects.filter(ticket__in=wanted, is_latest=True, ended_at=None) if wanted else ():
        found[row.ticket_id].append(row)
    for ticket in tickets:
        ticket.promise = shown_promise(found[ticket.pk])  # type: ignore[attr-defined]  # for the templates


def promises_of(ticket: Ticket) -> Sequence[Promise]:
    """Give how each metric that something is promised of stands, in the order of the metrics. One query.

    What ended because its ticket was merged away is neither kept nor broken, and not told.
    """
    found = Promise.objects.filter(ticket=ticket, is_latest=True, target_minutes__isnull=False).select_related("policy")
    if ticket.merged_into_id and ticket.status_set_at:
        found = found.exclude(state=PromiseState.KEPT, ended_at__gte=ticket.status_set_at)
    place = {metric: index for index, metric in enumerate(Metric.values)}
    return sorted(found, key=lambda promise: place[promise.metric])


def first_reply_due(brand_id: int, tickets: Sequence[Ticket]) -> dict[int, float]:
    """Give by when each ticket would have to be answered under the policies of now, in seconds since 1970, by key.

    Conditions ask what the tickets are today.
    """
    ways = policies_of(brand_id)
    asks = any(way.conditions.rows for way in ways)
    found: dict[int, float] = {}
    for first in range(0, len(tickets) if ways else 0, 500):
        some = tickets[first : first + 500]
        facts = facts_of(some) if asks else {}
        for ticket in some:
            terms = terms_for(ways, ticket, facts.get(ticket.pk))
            target = terms.targets.get(Metric.FIRST_REPLY)
            if target and (due_at := due_after(target, terms.hours, ticket.created_at)):
                found[ticket.pk] = due_at.timestamp()
    return found
