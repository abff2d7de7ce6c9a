"""Telling the relay that there is something to do: a hint, merged and lossy; the sweep finds what a lost hint left."""

import threading
import time

INTERVAL_S = 0.05
_lock = threading.Lock()
_state = {"due": False, "last": 0.0}


def nudge_relay() -> None:
    """Have the worker run the relay, at most once per 50 ms and process, and surely after the last call."""
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
    from conversations.tasks import relay_events

    with _lock:
        _state["due"] = False
        _state["last"] = time.monotonic()
    relay_events.delay()
