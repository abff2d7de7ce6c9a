"""Whether the process lives, whether it can serve, and the way in."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.http import require_safe

from config.celery import app

PROBE_S = 2


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send people to their inbox."""
    return HttpResponseRedirect("/workspace/")


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether database, migrations, channel layer, cache and broker answer; 503 with the reasons otherwise."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "migrations": _migrations,
        "channel_layer": _channel_layer,
        "cache": _cache,
        "broker": _broker,
    }
    found = {name: _outcome(check) for name, check in checks.items()}
    is_ready = all(outcome == "ok" for outcome in found.values())
    return JsonResponse({"status": "ok" if is_ready else "unavailable"} | found, status=200 if is_ready else 503)


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:
        # A probe reports whatever stands in the way; the class says enough, the message may hold a password.
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


@async_to_sync
async def _channel_layer() -> str:
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    sent = uuid.uuid4().hex
    await layer.send(channel, {"type": "probe", "sent": sent})
    received = await asyncio.wait_for(layer.receive(channel), PROBE_S)
    # A receive that is cancelled is how a layer is told that nobody listens any more.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.01)
    return "ok" if received["sent"] == sent else "lost"


def _cache() -> str:
    cache.set("readyz", "ok", 5)
    return "ok" if cache.get("readyz") == "ok" else "lost"


def _broker() -> str:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
    return "ok"
