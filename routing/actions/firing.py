"""Rules at work: triggers on what happened, automations by the clock.

The log's reader only notes down what happened (`remember`): each ticket's rules then run in a transaction of their own,
under its row's lock, so that neither a slow rule nor a failing one keeps the log from its readers.

A pass begins with a fact that no rule brought about and takes in everything that follows from it, over however many
facts; in it each trigger is done at most once. So it ends, whatever the rules say.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.translation import gettext, override

from conversations.errors import ConversationsError
from conversations.events import RULE, SIDE, SYSTEM, Actor, RatingGiven, SessionBecameActive, on_behalf_of
from conversations.models import Event
from routing.actions import tickets, waiting
from routing.actions.steps import do_steps
from routing.decide.conditions import holds, read
from routing.decide.fields import FIELDS
from routing.decide.occasions import OPENING
from routing.decide.steps import WRITING, Known, after, read_steps
from routing.events import RuleFired, TicketMerged
from routing.models import Cause, Firing, Rule, Ticket
from routing.nudge import ask_for_rules
from routing.queries.facts import facts_of
from routing.queries.rules import MOST_FIRINGS, found_by, heard_by, known_of, state_of, triggers_of
from routing.queries.work import whole

MAX_DEPTH, MAX_CHAIN = 10, 50
TICKETS_AT_ONCE = 200
CAUSES_AT_ONCE = 50
# What the automations of a brand do in one run, and what each of them looks at.
MOST_TICKETS, MOST_LOOKED = 1000, 5000
LOOKED_AT_ONCE = 500
DAY = timedelta(days=1)
ERROR_CHARS = 300
logger = logging.getLogger(__name__)


class Ran(Enum):
    """What became of running the triggers of one ticket."""

    DONE = auto()
    HELD = auto()


@dataclass
class Work:
    """One ticket whose row is held, and what its rules did in this transaction."""

    ticket: Ticket
    known: Known
    fired: list[Firing] = field(default_factory=list)


# --- noting down ------------------------------------------------------------------------------------------------------


def remember(event: Event, occasions: Sequence[str]) -> None:
    """Note down that a brand's triggers have to be run for a fact; one query where none answers it.

    That an answer came beside closed work, and work was opened for it, is nothing they answer.
    """
    if event.actor_kind == SIDE.kind:
        return
    wanted = heard_by(event.brand_id) & set(occasions)
    ticket = _ticket_of(event) if wanted else None
    if ticket is None or event.position is None:
        return
    pass_id, chain, depth = str(event.position), [], 0
    if event.actor_kind == RULE:
        by = Firing.objects.select_related("rule").filter(public_id=event.actor_id).first()
        if by is None:  # it was deleted, and what it led to with it
            return
        pass_id, chain, depth = by.pass_id, [*by.chain, _link(by.rule)][-MAX_CHAIN:], by.depth + 1
    Cause.objects.get_or_create(
        position=event.position,
        defaults={
            "brand_id": event.brand_id,
            "ticket": ticket,
            "occasions": [name for name in occasions if name in wanted],
            "pass_id": pass_id,
            "chain": chain,
            "depth": depth,
        },
    )
    ask_for_rules()


def _ticket_of(event: Event) -> Ticket | None:
    found = Ticket.objects.filter(brand=event.brand_id)
    if event.type == TicketMerged.type:
        # Of the one that is closed nothing more is done: it is an occasion of the one that goes on.
        return found.filter(public_id=event.payload["into"]).first()
    if "ticket" in event.payload:
        return found.filter(public_id=event.payload["ticket"]).first()
    if event.type == RatingGiven.type:
        # The conversation may have got another ticket since.
        return found.filter(rating__message__public_id=event.payload["message"]).first()
    of_it = found.filter(conversation=event.conversation_id)
    if event.type == SessionBecameActive.type:
        # The same words open solved work again, which is an occasion by itself.
        of_it = of_it.filter(is_open=True)
    return of_it.order_by("-is_open", "-pk").first()


def _link(rule: Rule) -> dict[str, str]:
    return {"rule": rule.public_id, "name": rule.name}


# --- triggers ---------------------------------------------------------------------------------------------------------


def run_triggers() -> int:
    """Run the triggers for what was noted down, oldest ticket first; give for how many tickets.

    Nobody waits here for a ticket that somebody else holds: it is asked for again, as is what is too much for once.
    """
    noted = Cause.objects.values("ticket").annotate(first=Min("pk")).order_by("first")
    keys = list(noted.values_list("ticket", flat=True)[:TICKETS_AT_ONCE])
    ran = [_alone(lambda key=key: _run_ticket(key), key) for key in keys]  # type: ignore[misc]  # bound now
    if Ran.HELD in ran or (len(keys) == TICKETS_AT_ONCE and Ran.DONE in ran):
        ask_for_rules()
    return ran.count(Ran.DONE)


def _alone(work: Callable[[], Any], ticket: int) -> Any:
    """Do something to one ticket; where it fails as a whole it is done again later, and the others go on."""
    try:
        return work()
    except Exception:
        logger.exception("rules=failed ticket=%s", ticket)
        return None


@transaction.atomic
def _run_ticket(key: int) -> Ran:
    ticket = tickets.locked_if_free(key)
    if ticket is None:
        return Ran.HELD
    causes = list(Cause.objects.filter(ticket=key).order_by("position")[:CAUSES_AT_ONCE])
    if not causes:  # another worker was here first
        return Ran.DONE
    rules = triggers_of(ticket.brand_id)
    work = Work(ticket, known_of(ticket.brand_id))
    for cause in causes:
        _run_pass(work, cause, [rule for rule in rules if set(rule.events) & set(cause.occasions)])
    Cause.objects.filter(pk__in=[cause.pk for cause in causes]).delete()
    if any(OPENING & set(cause.occasions) for cause in causes):
        waiting.rules_ran(work.ticket)
    if len(causes) == CAUSES_AT_ONCE:
        ask_for_rules()
    _keep_health(work.fired)
    return Ran.DONE


def _run_pass(work: Work, cause: Cause, rules: Sequence[Rule]) -> None:
    """Go through the rules in their order, from the beginning again whenever one changed the ticket."""
    past = Firing.objects.filter(ticket=work.ticket, pass_id=cause.pass_id)
    done = set(past.exclude(outcome=Firing.Outcome.CUT).values_list("rule", flat=True))
    chained = {link["rule"] for link in cause.chain}
    again = bool(rules)
    while again:
        again = False
        facts = facts_of([work.ticket])[work.ticket.pk]
        for rule in rules:
            if work.ticket.status == Ticket.Status.CLOSED:
                return
            is_over = rule.pk in done and rule.public_id not in chained
            if is_over or not holds(read(rule.conditions, FIELDS), facts) or not _does_something(rule, work):
                continue
            if rule.pk in done:
                # It led to this itself. To change the ticket once more would go on for ever.
                chained.discard(rule.public_id)
                if _changes(rule, work):
                    _cut(rule, work, cause)
                continue
            done.add(rule.pk)
            if cause.depth >= MAX_DEPTH or _is_too_often(rule, work.ticket):
                _cut(rule, work, cause)
                continue
            if _fire(rule, work, cause):
                # What is done from here on follows from this too.
                cause.chain = [*cause.chain, _link(rule)][-MAX_CHAIN:]
                again = True
                break


def _first(rule: Rule, cause: Cause) -> str:
    return next((name for name in cause.occasions if name in rule.events), "")


def _does_something(rule: Rule, work: Work) -> bool:
    state = state_of(work.ticket)
    return any(after(step, state, work.known)[1] is None for step in read_steps(rule.steps))


def _changes(rule: Rule, work: Work) -> bool:
    """Say whether a rule would change the ticket, not only write."""
    state = state_of(work.ticket)
    steps = [step for step in read_steps(rule.steps) if step.do not in WRITING]
    return any(after(step, state, work.known)[1] is None for step in steps)


def _is_too_often(rule: Rule, ticket: Ticket) -> bool:
    """A rule and something outside that answer each other end here."""
    lately = Firing.objects.filter(rule=rule, ticket=ticket, at__gt=timezone.now() - DAY)
    return len(lately[:MOST_FIRINGS]) >= MOST_FIRINGS


def _cut(rule: Rule, work: Work, cause: Cause) -> None:
    """Record that a rule was not done because it would go round in circles; once a day on a ticket."""
    earlier = Firing.objects.filter(rule=rule, ticket=work.ticket, at__gt=timezone.now() - DAY)
    if earlier.filter(outcome=Firing.Outcome.CUT).exists():
        return
    firing = _begun(rule, work, cause)
    firing.outcome, firing.chain = Firing.Outcome.CUT, _round(rule, work, cause)
    firing.save()
    work.fired.append(firing)


def _round(rule: Rule, work: Work, cause: Cause) -> list[dict[str, str]]:
    """Give the rules that led from one to the next until this one was stopped: what was done in the pass, in its order,
    from where this rule was done first, and the rule once more."""
    past = Firing.objects.filter(ticket=work.ticket, pass_id=cause.pass_id, outcome=Firing.Outcome.DONE)
    done = [_link(each.rule) for each in past.select_related("rule").order_by("pk")]
    own = _link(rule)
    begun = done.index(own) if own in done else 0
    return [*done[begun:], own][-MAX_CHAIN:]


def _begun(rule: Rule, work: Work, cause: Cause | None) -> Firing:
    """Give the record of what a rule is about to do."""
    firing = Firing(rule=rule, ticket=work.ticket, at=timezone.now())
    firing.pass_id = firing.public_id
    if cause:
        firing.position, firing.occasion = cause.position, _first(rule, cause)
        firing.pass_id, firing.chain, firing.depth = cause.pass_id, cause.chain, cause.depth
    return firing


# --- automations ------------------------------------------------------------------------------------------------------


def run_automations(now: datetime | None = None) -> int:
    """Run every automation on what it finds; give how many tickets something was done to.

    Of a brand at most MOST_TICKETS; each automation looks at no more than MOST_LOOKED. It goes on a minute later where
    it stopped, so tickets to which it does nothing never stand before those to which it does.
    """
    now = now or timezone.now()
    left: dict[int, int] = {}
    done = 0
    for rule in Rule.objects.filter(kind=Rule.Kind.AUTOMATION, is_active=True).order_by("brand", "order", "pk"):
        outcomes = _run_through(rule, now, left.get(rule.brand_id, MOST_TICKETS))
        left[rule.brand_id] = left.get(rule.brand_id, MOST_TICKETS) - len(outcomes)
        done += outcomes.count(Firing.Outcome.DONE)
    return done


def _run_through(rule: Rule, now: datetime, most: int) -> list[str]:
    """Run an automation from where it stopped to the end, then from the beginning to there; give each outcome."""
    outcomes: list[str] = []
    looked = 0
    known: Known | None = None
    legs = [(rule.looked_to, None), (0, rule.looked_to)] if rule.looked_to else [(0, None)]
    for after_key, until in legs if most else ():
        at, is_more = after_key, True
        while is_more:
            page = _page(rule, now, at, until)
            is_more = len(page) == LOOKED_AT_ONCE
            for ticket in page:
                at, looked = ticket.pk, looked + 1
                known = known or known_of(rule.brand_id)
                # Without its lock: most of what is found again each minute is left as it is.
                if _does_something(rule, Work(ticket, known)):
                    outcome = _alone(lambda key=ticket.pk: _run_automation(rule, key, now), ticket.pk)  # type: ignore[misc]  # bound now
                    outcomes += [outcome] if outcome else []
                if len(outcomes) >= most or looked >= MOST_LOOKED:
                    _stop_at(rule, at)
                    return outcomes
    if most:
        _stop_at(rule, 0)
    return outcomes


def _page(rule: Rule, now: datetime, after_key: int, until: int | None) -> list[Ticket]:
    found = found_by(rule, now).filter(pk__gt=after_key)
    found = found if until is None else found.filter(pk__lte=until)
    return list(whole(found).order_by("pk")[:LOOKED_AT_ONCE])


def _stop_at(rule: Rule, key: int) -> None:
    if key != rule.looked_to:
        Rule.objects.filter(pk=rule.pk).update(looked_to=key)


@transaction.atomic
def _run_automation(rule: Rule, key: int, now: datetime) -> str:
    """Do to one ticket what the automation does; give the outcome, "" where there was nothing to do."""
    ticket = tickets.locked(Ticket(pk=key))
    # Found without a lock: somebody may have changed it, or another worker done it, since.
    if not found_by(rule, now).filter(pk=key).exists():
        return ""
    work = Work(ticket, known_of(ticket.brand_id))
    if not _does_something(rule, work):
        return ""
    _fire(rule, work)
    _keep_health(work.fired)
    return work.fired[-1].outcome


# --- both -------------------------------------------------------------------------------------------------------------


def _fire(rule: Rule, work: Work, cause: Cause | None = None) -> bool:
    """Do a rule's steps, all or none, and record it; say whether the ticket changed. A failing rule is recorded too."""
    firing = _begun(rule, work, cause)
    before = state_of(work.ticket)
    try:
        with transaction.atomic():
            # First, so that what its facts say of their cause is there.
            firing.save()
            actor = Actor(RULE, firing.public_id, rule.name)
            with on_behalf_of(actor):
                firing.steps = do_steps(work.ticket, read_steps(rule.steps), work.known, actor)
            done = [step for step in firing.steps if "why" not in step]
            fact = RuleFired(rule.public_id, rule.name, work.ticket.public_id, firing.public_id, done)
            tickets.record(work.ticket, fact, SYSTEM)
            firing.save(update_fields=["steps"])
    except OperationalError:
        # The database's trouble, not the rule's: all of it is done again.
        raise
    except Exception as error:
        logger.warning("rule=%s ticket=%s error=%s", rule.public_id, work.ticket.public_id, type(error).__name__)
        firing.pk, firing.outcome, firing.steps, firing.error = None, Firing.Outcome.FAILED, [], _words_of(error)
        firing.save(force_insert=True)
    work.fired.append(firing)
    work.ticket = tickets.locked(work.ticket)
    return state_of(work.ticket) != before


def _words_of(error: Exception) -> str:
    """Give what went wrong as it is kept: in English, which everybody's console can show."""
    with override("en"):
        text = str(error.text) if isinstance(error, ConversationsError) else gettext("Something went wrong here.")
        return text[:ERROR_CHARS]


def _keep_health(fired: Sequence[Firing]) -> None:
    """Count what was done on the rules themselves, by key: two transactions never wait for each other."""
    for firing in sorted(fired, key=lambda each: each.rule_id):
        row = Rule.objects.filter(pk=firing.rule_id)
        match firing.outcome:
            case Firing.Outcome.DONE:
                row.update(firings_count=F("firings_count") + 1, last_fired_at=firing.at)
            case Firing.Outcome.FAILED:
                row.update(last_error=firing.error, last_error_at=firing.at)
