"""Telling the worker that something waits: a hint, merged and lossy; a sweep finds what a lost hint left."""

import logging
import threading
import time

from celery import current_app

INTERVAL_S = 0.2
logger = logging.getLogger(__name__)


class Nudge:
    """Has the worker run one task: at most once per 200 ms and process, and surely after the last call."""

    def __init__(self, task: str, *args: int) -> None:
        self.task, self.args = task, args
        self._lock = threading.Lock()
        self._is_due = False
        self._last = 0.0

    def __call__(self) -> None:
        with self._lock:
            if self._is_due:
                return
            self._is_due = True
            wait = max(0.0, self._last + INTERVAL_S - time.monotonic())
        if wait:
            timer = threading.Timer(wait, self._send)
            timer.daemon = True
            timer.start()
        else:
            self._send()

    def _send(self) -> None:
        with self._lock:
            self._is_due = False
            self._last = time.monotonic()
        try:
            # By name: the task imports what calls this.
            current_app.send_task(self.task, args=self.args)
        except Exception as error:
            # What it hints at is stored; the caller's deed is done, and beat's sweep comes within seconds.
            logger.warning("nudge=failed error=%s", type(error).__name__)


nudge_relay = Nudge("conversations.tasks.relay_events")
