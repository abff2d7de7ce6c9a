"""Telling the worker that facts wait: a hint, merged and lossy; the sweep finds what a lost hint left."""

import logging
import threading
import time

from celery import current_app

INTERVAL_S = 0.2
logger = logging.getLogger(__name__)
_lock = threading.Lock()
_state = {"due": False, "last": 0.0}


def nudge_relay() -> None:
    """Have the worker run the relay: at most once per 200 ms and process, and surely after the last call."""
    with _lock:
        if _state["due"]:
            return
        _state["due"] = True
        wait = max(0.0, _state["last"] + INTERVAL_S - time.monotonic())
    if wait:
        timer = threading.Timer(wait, _send)
        timer.daemon = True
        timer.start()
    else:
        _send()


def _send() -> None:
    with _lock:
        _state["due"] = False
        _state["last"] = time.monotonic()
    try:
        # By name: the task imports the relay, which imports the facts, which call this.
        current_app.send_task("conversations.tasks.relay_events")
    except Exception as error:
        # What it hints at is stored; the caller's deed is done, and beat's sweep comes within two seconds.
        logger.warning("nudge=failed error=%s", type(error).__name__)
