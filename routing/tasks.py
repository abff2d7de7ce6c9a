"""What the worker is asked to do. Each task is a hint; the rows are the truth, and beat sweeps up lost hints."""

from celery import shared_task
from django.utils import timezone

from routing.actions import assignment, offers, retention, sla, statuses, tickets, waiting


@shared_task(name="routing.tasks.assign")
def assign(brand_id: int) -> None:
    """Give what waits in a brand to whoever has room."""
    assignment.assign(brand_id)


@shared_task(name="routing.tasks.sweep")
def sweep() -> None:
    """Do what is due by the clock: offers that ran out, agents who left; then look for agents wherever work waits."""
    now = timezone.now()
    offers.expire_offers(now)
    statuses.mark_absent(now)
    for brand_id in waiting.brands_that_wait():
        assignment.assign(brand_id)


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


@shared_task(name="routing.tasks.drop_old")
def drop_old() -> None:
    """Delete what explained decisions of long ago."""
    while retention.drop_old(timezone.now()):
        continue
