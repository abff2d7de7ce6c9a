"""bare-pg: one INSERT a message with synchronous commit, from a pool, and a group send over Redis. Run by uvicorn."""

import os
from typing import Any

from django.conf import settings
from psycopg_pool import AsyncConnectionPool

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "prefix": "bare"},
        }
    }
)

from tests.bench.bare import Room, application

pool = AsyncConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=10, open=False, kwargs={"autocommit": True})


class StoredRoom(Room):
    async def store(self, room: str, frame: dict[str, Any]) -> None:
        await pool.open()
        async with pool.connection() as connection:
            await connection.execute(
                "INSERT INTO bare_message (room, n, text) VALUES (%s, %s, %s)", (room, frame["n"], frame["text"])
            )


app = application(StoredRoom)
