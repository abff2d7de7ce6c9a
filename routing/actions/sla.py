"""Keeping the clocks of a ticket's metrics, and what is promised of them.

Clocks follow the facts, in the reader's transaction and with the facts' own moments; whoever changes one holds the
ticket's row. A ticket of a brand that promises nothing has no clocks; it gets them, told again from the event log, as
soon as the brand does.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from conversations import live
from conversations.events import SYSTEM, append
from conversations.relay import oldest_unread
from routing.decide.hours import Hours
from routing.decide.sla import (
    Clock,
    Clocks,
    Metric,
    Played,
    PromiseState,
    Terms,
    Tick,
    agent_wrote,
    customer_wrote,
    opened,
    overdue,
    play,
    reopens,
    retargeted,
    standing,
    status_changed,
)
from routing.events import TicketBreached
from routing.models import MetricEvent, Promise, Reapply, RoutingConfig, Ticket, Waiting
from routing.models.waiting import NEVER
from routing.nudge import ask_to_keep_promises
from routing.queries.sla import (
    all_clocks,
    clocks_of,
    matching_terms,
    promises_anything,
    shown_promise,
    terms_of,
    ticks_from_log,
)

SWEEP_BATCH = 200
READER = "routing"
COMPUTED = (
    "policy",
    "target_minutes",
    "is_business",
    "state",
    "started_at",
    "due_at",
    "risk_at",
    "left_s",
    "ended_at",
    "is_latest",
)


def begin(ticket: Ticket, *, at: datetime, is_awaited: bool) -> None:
    """Start the clocks of a ticket that is being opened; `is_awaited`: its customer waits for a first reply.

    The caller made its row in this transaction.
    """
    if not promises_anything(ticket.brand_id):
        return
    terms = matching_terms(ticket)
    _store(ticket, play({}, opened(at, is_awaited=is_awaited), terms), terms)


def follow_customer(*, ticket_pk: int, at: datetime) -> None:
    """Take in that a customer wrote and that nobody had anything to answer before."""
    _follow(ticket_pk, lambda clocks: customer_wrote(clocks, at), at)


def follow_agent(*, ticket_pk: int, at: datetime) -> None:
    """Take in that an agent answered."""
    _follow(ticket_pk, lambda clocks: agent_wrote(clocks, at), at)


def follow_ai_agent(*, ticket_pk: int, at: datetime) -> None:
    """Take in that an AI agent answered, which counts where the ticket's policy says so."""
    _follow(ticket_pk, lambda clocks: agent_wrote(clocks, at), at, is_counted=lambda terms: terms.counts_ai_agents)


def follow_status(*, ticket_pk: int, status: str, at: datetime) -> None:
    """Take in that a ticket's status changed."""
    _follow(ticket_pk, lambda clocks: status_changed(clocks, status, at), at)


def follow_contact(*, contact_id: str, brand_id: int, at: datetime) -> None:
    """Take in that what is known of a contact, by its public id, changed. One query where nothing is promised."""
    if promises_anything(brand_id):
        found = Ticket.objects.filter(brand=brand_id, is_open=True, conversation__contact__public_id=contact_id)
        for key in found.order_by("pk").values_list("pk", flat=True):
            follow_change(ticket_pk=key, at=at)


def follow_change(*, ticket_pk: int, at: datetime) -> None:
    """Take in that what policies ask of a ticket changed: its priority, its tags, its group, its customer."""
    _follow(ticket_pk, lambda clocks: [], at, asks_again=True)


@transaction.atomic
def _follow(
    ticket_pk: int,
    step: Callable[[Clocks], list[Tick]],
    at: datetime,
    *,
    asks_again: bool = False,
    is_counted: Callable[[Terms], bool] = lambda _terms: True,
) -> None:
    ticket = _locked(ticket_pk)
    clocks, policy = clocks_of(ticket.pk)
    if not clocks:
        if promises_anything(ticket.brand_id):
            # Its story from the log has this fact in it.
            _tell_again(ticket)
        return
    ticks = step(clocks)
    asks_again = asks_again or reopens(ticks)
    if not ticks and not asks_again:
        return
    terms = matching_terms(ticket) if asks_again else terms_of(policy, ticket.priority)
    if not is_counted(terms):
        return
    played = play(clocks, ticks, terms)
    if asks_again:
        played = played.then(retargeted(played.clocks, terms, at), terms)
    _store(ticket, played, terms)


def _locked(ticket_pk: int) -> Ticket:
    Ticket.objects.select_for_update().filter(pk=ticket_pk).values_list("pk").get()
    return Ticket.objects.select_related("conversation").get(pk=ticket_pk)


def _tell_again(ticket: Ticket) -> None:
    """Give a ticket the clocks it would have, had the brand always promised something; targets hold from now on."""
    if not ticket.is_open:
        return
    MetricEvent.objects.bulk_create(_row(ticket, tick) for tick in ticks_from_log(ticket, matching_terms(ticket)))
    _look_again(ticket)


@transaction.atomic
def rebuild(ticket: Ticket) -> None:
    """Compute a ticket's promises anew from its metric events, and apply the policies of now to those it owes."""
    _look_again(_locked(ticket.pk))


def _look_again(ticket: Ticket) -> None:
    clocks, terms = all_clocks(ticket.pk), matching_terms(ticket)
    latest = {clock.metric: clock for clock in clocks}
    before = [clock for clock in clocks if latest[clock.metric] is not clock]
    played = play(latest, retargeted(latest, terms, timezone.now()), terms)
    Promise.objects.filter(ticket=ticket).delete()
    _keep(ticket, before, terms, is_latest=False)
    _store(ticket, played, terms, changed=list(played.clocks.values()))


def _row(ticket: Ticket, tick: Tick) -> MetricEvent:
    return MetricEvent(
        ticket=ticket,
        metric=tick.metric,
        instance=tick.instance,
        kind=tick.kind,
        at=tick.at,
        policy_id=tick.target.policy if tick.target else None,
        minutes=tick.target.minutes if tick.target else None,
        is_business=tick.target.is_business if tick.target else False,
        calendar_s=tick.calendar_s,
        business_s=tick.business_s,
    )


def _store(ticket: Ticket, played: Played, terms: Terms, *, changed: list[Clock] | None = None) -> None:
    """Keep the ticks, the promises they change, and what lists and lanes read of them. The caller holds the row."""
    MetricEvent.objects.bulk_create(_row(ticket, tick) for tick in played.ticks)
    over = list(played.ended)
    touched = changed if changed is not None else [clock for clock in played.touched if clock not in over]
    # First those that are over: of each metric there is one latest.
    _keep(ticket, over, terms, is_latest=False)
    _keep(ticket, touched, terms, is_latest=True)
    # The policy that holds is read from them when the next tick comes.
    Promise.objects.filter(ticket=ticket, metric=Metric.RESOLUTION).update(policy=terms.policy)
    for tick in played.breaches:
        _tell_breach(ticket, tick, terms)
    _show(ticket)


def _keep(ticket: Ticket, clocks: Iterable[Clock], terms: Terms, *, is_latest: bool) -> None:
    rows = [_promise(ticket, clock, terms.hours, is_latest=is_latest) for clock in clocks]
    Promise.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["ticket", "metric", "instance"], update_fields=COMPUTED
    )


def _promise(ticket: Ticket, clock: Clock, hours: Hours, *, is_latest: bool) -> Promise:
    stands, target = standing(clock, hours), clock.target
    return Promise(
        ticket=ticket,
        metric=clock.metric,
        instance=clock.instance,
        policy_id=target.policy if target else None,
        target_minutes=target.minutes if target else None,
        is_business=target.is_business if target else False,
        state=stands.state,
        started_at=clock.started_at,
        due_at=stands.due_at,
        risk_at=stands.risk_at,
        left_s=stands.left_s,
        ended_at=stands.ended_at,
        is_latest=is_latest,
    )


def _show(ticket: Ticket) -> None:
    """Bring up to date what lists, lanes and screens read of the promise that stands for the ticket."""
    found = shown_promise(Promise.objects.filter(ticket=ticket, is_latest=True, ended_at=None))
    shown = (found.state, found.due_at, found.risk_at) if found else (None, None, None)
    if shown != (ticket.sla_state, ticket.sla_due_at, ticket.sla_risk_at):
        ticket.sla_state, ticket.sla_due_at, ticket.sla_risk_at = shown
        ticket.save(update_fields=["sla_state", "sla_due_at", "sla_risk_at"])
        unsorted = RoutingConfig.objects.filter(ticket_sorting_prioritize_sla=False).values("brand")
        Waiting.objects.filter(ticket=ticket).exclude(brand__in=unsorted).update(due_at=ticket.sla_due_at or NEVER)
        live.announce_conversation(ticket.conversation, to_contact=False, part="ticket")


def _tell_breach(ticket: Ticket, tick: Tick, terms: Terms) -> None:
    promise = Promise.objects.select_related("policy").get(ticket=ticket, metric=tick.metric, instance=tick.instance)
    fact = TicketBreached(
        ticket=ticket.public_id,
        metric=tick.metric,
        due_at=tick.at.isoformat(),
        policy=promise.policy.name if promise.policy else "",
    )
    append(fact, brand_id=ticket.brand_id, conversation=ticket.conversation, by=SYSTEM)


def mark_breaches(now: datetime) -> int:
    """Say of each promise that was due before `now` that it is broken; give of how many.

    Nothing is said of moments that the log's reader has not come to yet: the answer may stand in what it has not read.
    """
    until = min(oldest_unread(READER) or now, now)
    marked = 0
    while due := list(
        Promise.objects.filter(state=PromiseState.RUNNING, due_at__lt=until).order_by("due_at")[:SWEEP_BATCH]
    ):
        for ticket_pk in dict.fromkeys(promise.ticket_id for promise in due):
            marked += _mark(ticket_pk, until)
        if len(due) < SWEEP_BATCH:
            break
    return marked


@transaction.atomic
def _mark(ticket_pk: int, until: datetime) -> int:
    ticket = _locked(ticket_pk)
    clocks, policy = clocks_of(ticket.pk)
    terms = terms_of(policy, ticket.priority)
    played = play(clocks, overdue(clocks, terms.hours, until), terms)
    _store(ticket, played, terms, changed=list(played.clocks.values()))
    return len(played.breaches)


def ask_reapply(brand_id: int) -> None:
    """Have a brand's open tickets looked at again: what it promises changed. In the caller's transaction."""
    Reapply.objects.create(brand_id=brand_id)
    ask_to_keep_promises(brand_id)


def brands_to_reapply() -> list[int]:
    """Give the brands whose open tickets are to be looked at again."""
    return sorted(set(Reapply.objects.values_list("brand", flat=True)))


def reapply(brand_id: int) -> int:
    """Look at a brand's open tickets again where somebody asked for it; give how many that were.

    Each ticket is a transaction of its own that moves the wish on, so a kill loses nothing and does nothing twice.
    """
    done = 0
    while _reapply_next(brand_id):
        done += 1
    return done


@transaction.atomic
def _reapply_next(brand_id: int) -> bool:
    skip = connection.features.has_select_for_update_skip_locked
    wish = Reapply.objects.select_for_update(skip_locked=skip).filter(brand=brand_id).order_by("-pk").first()
    if wish is None:
        return False
    # The newest begins anew, so it does what older ones have left.
    Reapply.objects.filter(brand=brand_id, pk__lt=wish.pk).delete()
    open_tickets = Ticket.objects.filter(brand=brand_id, is_open=True, pk__gt=wish.done_to).order_by("pk")
    key = open_tickets.values_list("pk", flat=True).first()
    if key is None:
        wish.delete()
        return False
    ticket = _locked(key)
    if MetricEvent.objects.filter(ticket=ticket).exists():
        _look_again(ticket)
    elif promises_anything(brand_id):
        _tell_again(ticket)
    Reapply.objects.filter(pk=wish.pk).update(done_to=key)
    return True
