"""What the worker is asked to do for routing. Each task is a sweep: the rows say what is due."""

from celery import shared_task

from routing.actions import tickets


@shared_task(name="routing.tasks.wake_snoozed")
def wake_snoozed() -> None:
    """Bring back the tickets whose time has come."""
    tickets.wake_due()
