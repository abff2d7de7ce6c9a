"""The sockets' way to the database: few threads a process, whose connections stay open between calls."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

Given = ParamSpec("Given")
Result = TypeVar("Result")
_threads = ThreadPoolExecutor(settings.SOCKET_DB_THREADS or None, thread_name_prefix="socket-db")


async def in_database(call: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    """Call in a thread of the database. Channels' own way closes the connection before and after each call.

    One thread is the fastest for SQLite, which has one writer; on PostgreSQL several wait for commits side by side.
    """
    work = partial(_kept, call, *args, **kwargs)
    if not settings.SOCKET_DB_THREADS:  # in tests: the thread whose transaction holds what they wrote
        return await sync_to_async(work)()
    return await asyncio.get_running_loop().run_in_executor(_threads, work)


def _kept(call: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
    try:
        return call(*args, **kwargs)
    except (InterfaceError, OperationalError):
        close_old_connections()  # a connection that broke; the next call opens another
        raise
