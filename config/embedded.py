"""The one-process form: daphne, a Celery worker and beat together, ended cleanly by Ctrl-C.

Nothing durable lives in the in-memory broker: jobs are hints to rows, and beat sweeps up what a kill lost.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, cast

from django.conf import settings

GRACE_S = 10.0
# autobahn aborts a handshake after 5 s by default, which in a storm of reconnects drops clients for good.
HANDSHAKE_S = 60
# Twisted keeps 50 waiting; whoever of a storm is past that knocks again after 1, 3, 7, 15 ... 63 seconds.
BACKLOG = 2048


class EmbeddedCelery:
    """A worker (four threads) and beat, in two daemon threads of this process."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def start(self) -> None:
        """Start both; raises RuntimeError when the worker is not ready within 10 s."""
        import celery.worker.state
        from celery import beat
        from celery.worker import WorkController

        celery.worker.state.should_stop = None
        self.app.finalize()
        ready = threading.Event()
        self.worker = WorkController(
            app=self.app,
            hostname="embedded@localhost",
            pool_cls="threads",
            concurrency=4,
            ready_callback=lambda consumer: ready.set(),
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            loglevel="WARNING",
            logfile=None,
        )
        self.beat = beat.Service(self.app, max_interval=1, scheduler_cls="celery.beat:Scheduler")
        for name, work in (("worker", self.worker.start), ("beat", self.beat.start)):
            threading.Thread(target=work, name=name, daemon=True).start()
        if not ready.wait(10):
            raise RuntimeError("the embedded worker did not start")

    def stop(self) -> bool:
        """Stop taking work and wait for what runs, at most 10 s; say whether all of it ended."""
        import celery.worker.state

        self.beat.stop()
        celery.worker.state.should_stop = os.EX_OK
        end = time.monotonic() + GRACE_S
        while celery.worker.state.active_requests and time.monotonic() < end:
            time.sleep(0.05)
        return not celery.worker.state.active_requests


def serve(*, bind: str, port: int, on_ready: Callable[[], None]) -> None:
    """Call `on_ready` once the address answers, and serve until Ctrl-C or SIGTERM; then leave the process.

    The exit code is 0 when all work ended, 1 when some was cut off, 130 for a second Ctrl-C, which leaves at once.
    """
    from daphne.server import Server  # first: installs Twisted's asyncio reactor
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
    from twisted.internet import reactor
    from twisted.internet.threads import deferToThread

    from config.asgi import application
    from config.celery import app

    outcome = {"clean": True}
    if settings.EMBEDDED:
        celery = EmbeddedCelery(app)
        celery.start()

        def stopping() -> Any:
            with contextlib.suppress(ValueError):
                signal.signal(signal.SIGINT, lambda *_: os._exit(130))
            return deferToThread(celery.stop).addCallback(lambda clean: outcome.update(clean=clean))

        cast(Any, reactor).addSystemEventTrigger("before", "shutdown", stopping)
    Server(
        ASGIStaticFilesHandler(application),
        endpoints=[f"tcp:port={port}:interface={bind}:backlog={BACKLOG}"],
        websocket_handshake_timeout=HANDSHAKE_S,
        websocket_connect_timeout=HANDSHAKE_S,
        server_name="Madang",
        ready_callable=on_ready,
    ).run()
    sys.stdout.flush()
    sys.stderr.flush()
    # daphne on Python 3.11 crashes at interpreter exit while a socket is open.
    os._exit(0 if outcome["clean"] else 1)
