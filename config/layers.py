"""The channel layer of the embedded form: Channels' in-memory layer, made safe and cheap for one busy process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from channels.layers import InMemoryChannelLayer


class LocalChannelLayer(InMemoryChannelLayer):
    """Let any thread send, and scan for expired channels at most every five seconds.

    The stock layer puts into another loop's queue without waking it (half a second of delay from a worker thread), and
    scans every channel on every receive. Comfortable up to a few hundred sockets; beyond that, run with Redis.
    """

    home: ClassVar[asyncio.AbstractEventLoop | None] = None
    next_clean: ClassVar[float] = 0.0

    def _clean_expired(self) -> None:
        if time.monotonic() >= self.next_clean:
            type(self).next_clean = time.monotonic() + 5
            super()._clean_expired()

    async def _at_home(self, call: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        home = type(self).home
        if home is None or home is asyncio.get_running_loop() or home.is_closed():
            return await call(*args)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(*args), home))  # type: ignore[arg-type]

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._at_home(super().send, channel, message)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._at_home(super().group_send, group, message)

    async def new_channel(self, prefix: str = "specific.") -> str:
        home = type(self).home
        if home is None or home.is_closed():
            type(self).home = asyncio.get_running_loop()
        return str(await super().new_channel(prefix))
