"""What the worker is asked to do. Each task is a hint; the rows are the truth, and beat sweeps up lost hints."""

from celery import shared_task

from conversations import relay
from conversations.actions import (
    attachments,
    kept_answers,
    merging,
    personal_tokens,
    scheduled,
    sessions,
    visitors,
)


@shared_task(name="conversations.tasks.relay_events")
def relay_events() -> None:
    """Number the facts that committed, then tell the log's readers."""
    relay.publish_pending()
    relay.run_readers()


@shared_task(name="conversations.tasks.turn_sessions_inactive")
def turn_sessions_inactive() -> None:
    """End the wait of sessions whose contact said nothing for the brand's limit."""
    sessions.turn_sessions_inactive()


@shared_task(name="conversations.tasks.send_scheduled")
def send_scheduled() -> None:
    """Send the answers whose time has come."""
    scheduled.send_due()


@shared_task(name="conversations.tasks.drop_leftovers")
def drop_leftovers() -> None:
    """Delete what nobody can use any more: files never sent, tokens that ended, answers of yesterday, old merges."""
    attachments.drop_unsent()
    visitors.drop_expired_tokens()
    personal_tokens.drop_expired_tokens()
    kept_answers.drop_old_answers()
    merging.drop_old_merges()
