"""The Celery app: a worker's tasks are hints; the rows they name are the truth."""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.core.management.base import BaseCommand, SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("madang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def refuse_unsafe_settings(**kwargs: object) -> None:
    """Stop a worker or beat whose production settings are unsafe, with what to set."""
    try:
        BaseCommand().check()
    except SystemCheckError as error:
        # Celery logs what a signal's receiver raises and goes on; only leaving the process stops it.
        raise SystemExit(str(error)) from None
