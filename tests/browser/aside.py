"""Work beside the browser: its library has a loop of its own in the main thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def aside(work: Callable[[], object]) -> None:
    """Run what sends to the channel layer in a thread of its own: the main thread has Playwright's loop."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()
