"""What the worker is asked to do. Each task is a hint; the rows are the truth, and beat sweeps up lost hints."""

import logging
from collections.abc import Callable
from functools import partial

from celery import shared_task
from django.utils import timezone

from routing.actions import (
    assignment,
    firing,
    leaving,
    offers,
    retention,
    rules,
    sessions,
    sla,
    standings,
    statuses,
    tickets,
    waiting,
)

logger = logging.getLogger(__name__)


def each_apart(*duties: Callable[[], object]) -> None:
    """Do each of these, also where one fails: what is wrong with one brand is not to stop the others."""
    for duty in duties:
        try:
            duty()
        except Exception:
            # Whatever it raises: what is due elsewhere is done, and this is tried again at the next sweep.
            logger.exception("sweep=failed")


@shared_task(name="routing.tasks.assign")
def assign(brand_id: int) -> None:
    """Give what waits in a brand to whoever has room."""
    assignment.assign(brand_id)


@shared_task(name="routing.tasks.sweep")
def sweep() -> None:
    """Do what is due by the clock: offers that ran out, agents who left; then look for agents wherever work waits."""
    now = timezone.now()
    each_apart(
        lambda: statuses.mark_missing(offers.expire_offers(now)),
        lambda: statuses.mark_absent(now),
        leaving.pass_on_departed,
        leaving.pass_on_absent,
        *(partial(assignment.assign, brand_id) for brand_id in waiting.brands_that_wait()),
    )


@shared_task(name="routing.tasks.follow_time")
def follow_time() -> None:
    """Place anew what waits where queues and rules ask about the time, and what else changes by itself."""
    waiting.follow_time()


@shared_task(name="routing.tasks.pass_on_departed")
def pass_on_departed() -> None:
    """Have the work of who left, or is not there for it, go on to others."""
    each_apart(leaving.pass_on_departed, leaving.pass_on_absent)


@shared_task(name="routing.tasks.reapply")
def reapply(brand_id: int) -> None:
    """Look at a brand's open tickets again after what it promises changed."""
    sla.reapply(brand_id)


@shared_task(name="routing.tasks.keep_promises")
def keep_promises() -> None:
    """Say what broke, by the clock; then look at what a lost hint left."""
    sla.mark_breaches(timezone.now())
    for brand_id in sla.brands_to_reapply():
        sla.reapply(brand_id)


@shared_task(name="routing.tasks.wake_snoozed")
def wake_snoozed() -> None:
    """Bring back the tickets whose time has come."""
    tickets.wake_due()


@shared_task(name="routing.tasks.run_triggers")
def run_triggers() -> None:
    """Run the triggers for what happened."""
    firing.run_triggers()


@shared_task(name="routing.tasks.run_automations")
def run_automations() -> None:
    """Run the automations on the tickets they find."""
    firing.run_automations()


@shared_task(name="routing.tasks.forget_firings")
def forget_firings() -> None:
    """Delete the record of what rules did long ago."""
    rules.forget_firings()


@shared_task(name="routing.tasks.drop_old")
def drop_old() -> None:
    """Delete what explained decisions of long ago."""
    while retention.drop_old(timezone.now()):
        continue


@shared_task(name="routing.tasks.tell_waiting")
def tell_waiting() -> None:
    """Tell customers who wait what changed of their place in line."""
    standings.tell_lines(timezone.now())


@shared_task(name="routing.tasks.remind_silent")
def remind_silent() -> None:
    """Remind customers who fell silent."""
    sessions.remind_silent(timezone.now())


@shared_task(name="routing.tasks.close_solved")
def close_solved() -> None:
    """Close what was solved long ago, and forget what no wait is reckoned from any more."""
    now = timezone.now()
    sessions.close_solved(now)
    standings.drop_old_waits(now)
