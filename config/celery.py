"""The Celery app: a worker's tasks are hints; the rows they name are the truth."""

import os

from celery import Celery
from celery.signals import worker_init
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("madang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_unsafe_settings(**kwargs: object) -> None:
    """Stop a worker whose production settings are unsafe, with what to set."""
    call_command("check", verbosity=0)
