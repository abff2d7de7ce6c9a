"""A reconnect storm: two thousand clients at once, each five messages behind, while a bystander goes on talking."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop
from websockets.exceptions import InvalidHandshake

from tests.bench.madang import Madang
from tests.bench.products import BEHIND
from tests.bench.talk import Talk

CLIENTS = 2000
GIVE_UP_S = 90.0
BYSTANDER_PER_S = 20.0
# As the widget: who hears nothing for so long hangs up and comes back.
WELCOME_S = 30.0


@dataclass
class Storm:
    """What came of it: seconds until all were served, what was lost or doubled, and how the bystander fared."""

    seconds: float = 0.0
    served: int = 0
    lost: int = 0
    doubled: int = 0
    retries: int = 0
    calm_p50: float = 0.0
    storm_p50: float = 0.0
    bystander_faults: int = 0
    seen: dict[int, list[int]] = field(default_factory=dict)


def strike(product: Madang, run: str) -> Storm:
    """Have the clients from number 200 on come back at once; the bystander is conversation 0."""
    return uvloop.run(_story(product, run))


async def _story(product: Madang, run: str) -> Storm:
    storm = Storm()
    talk = Talk(product, run, 1)
    await talk.open()
    await talk.warm_up()
    await talk.offer(BYSTANDER_PER_S, 5)
    storm.calm_p50 = talk.tally.percentile(50)
    talk.tally.latencies.clear()

    begun = time.monotonic()
    everyone = asyncio.gather(*(_come_back(product, storm, number) for number in range(200, 200 + CLIENTS)))
    while not everyone.done():
        await talk.offer(BYSTANDER_PER_S, 0.5)
    storm.storm_p50 = talk.tally.percentile(50)
    moments = await everyone
    storm.seconds = max(moments) - begun
    talk.close()
    for line in talk.lines:
        line.cut()
    storm.bystander_faults = talk.tally.faults
    storm.served = sum(len(seqs) >= BEHIND for seqs in storm.seen.values())
    storm.lost = sum(BEHIND - len(set(seqs)) for seqs in storm.seen.values())
    storm.doubled = sum(len(seqs) - len(set(seqs)) for seqs in storm.seen.values())
    return storm


async def _come_back(product: Madang, storm: Storm, number: int) -> float:
    """Connect, say hello and wait for the five; where refused, try again later, as clients do. Give the moment."""
    seqs: list[int] = []
    storm.seen[number] = seqs
    is_in, all_here = asyncio.Event(), asyncio.Event()

    def hear(frame: dict[str, Any]) -> None:
        if frame["type"] == "welcome":
            is_in.set()
        if frame["type"] == "message":
            seqs.append(frame["message"]["seq"])
            if len(seqs) >= BEHIND:
                all_here.set()

    end, wait = time.monotonic() + GIVE_UP_S, 1.0
    while time.monotonic() < end:
        try:
            line = await product.visitor(number, hear, seen=0)
        except (OSError, InvalidHandshake, TimeoutError):
            storm.retries += 1
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(wait * 2, 30)
            continue
        try:
            await asyncio.wait_for(is_in.wait(), WELCOME_S)
        except TimeoutError:
            line.cut()
            storm.retries += 1
            continue
        served = asyncio.ensure_future(all_here.wait())
        ends: list[asyncio.Future[Any]] = [served, line.closed]
        await asyncio.wait(ends, timeout=end - time.monotonic(), return_when=asyncio.FIRST_COMPLETED)
        served.cancel()
        if all_here.is_set():
            moment = time.monotonic()
            await asyncio.sleep(0.2)  # what would come twice comes now
            line.cut()
            return moment
        seqs.clear()
        line.cut()
        storm.retries += 1
    return time.monotonic()
