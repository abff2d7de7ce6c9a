"""The load: visitors write, their agents see. Counts what is delivered, and what is lost, doubled or out of order."""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import uvloop

from tests.bench.line import Hear, Line
from tests.bench.products import AGENTS, Product

DRAIN_S = 30.0


@dataclass
class Tally:
    """What one run counted. Latencies in ms, from sending to delivered: acknowledged and seen."""

    seconds: float = 0.0
    sent: int = 0
    delivered: int = 0
    latencies: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    errors: int = 0
    app_ms: float = 0.0
    database_ms: float = 0.0
    settle_s: float = 0.0

    @property
    def rate(self) -> float:
        return self.delivered / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.app_ms + self.database_ms

    @property
    def faults(self) -> int:
        return self.lost + self.doubled + self.disordered + self.errors

    def percentile(self, percent: float) -> float:
        """Give the latency in ms that this share of messages did not exceed."""
        ordered = sorted(self.latencies) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    @property
    def summary(self) -> str:
        latency = " ".join(f"p{percent} {self.percentile(percent):.1f}" for percent in (50, 95, 99))
        return (
            f"{self.rate:.0f} delivered/s, {latency} ms, CPU {self.app_ms:.2f} + {self.database_ms:.2f} ms a message,"
            f" lost {self.lost}, doubled {self.doubled}, out of order {self.disordered}, errors {self.errors}"
        )


class Pair:
    """One conversation: a visitor's line, and what is on the way on it."""

    def __init__(self, talk: "Talk", number: int) -> None:
        self.talk = talk
        self.number = number
        self.line: Line | None = None
        self.n = 0
        self.on_the_way: dict[int, float] = {}  # n: when sent
        self.unseen: dict[int, int] = {}  # place in order: n
        self.acknowledged_up_to = 0
        self.seen_up_to = 0 if talk.product.has_agents else sys.maxsize

    def say(self) -> None:
        assert self.line is not None
        self.n += 1
        self.on_the_way[self.n] = time.perf_counter()
        self.talk.tally.sent += 1
        self.line.tell(self.talk.product.words(self.talk.run, self.number, self.n))

    def acknowledged(self, n: int, place: int) -> None:
        if n not in self.on_the_way or place <= self.acknowledged_up_to:
            self.talk.tally.doubled += 1
            return
        self.acknowledged_up_to = place
        if place <= self.seen_up_to:
            self.deliver(n)
        else:
            self.unseen[place] = n

    def seen(self, place: int) -> None:
        tally = self.talk.tally
        if place <= self.seen_up_to:
            tally.doubled += place == self.seen_up_to
            tally.disordered += place < self.seen_up_to
            return
        self.seen_up_to = place
        for each in [each for each in self.unseen if each <= place]:
            self.deliver(self.unseen.pop(each))

    def deliver(self, n: int) -> None:
        self.talk.tally.delivered += 1
        self.talk.tally.latencies.append((time.perf_counter() - self.on_the_way.pop(n)) * 1000)
        if self.talk.is_closed_loop:
            self.say()


class Talk:
    """One run against one product: lines opened, a warm-up, the load, a drain, the counts."""

    def __init__(self, product: Product, run: str, conversations: int) -> None:
        self.product = product
        self.run = run
        self.tally = Tally()
        self.is_closed_loop = False
        self.pairs = [Pair(self, number) for number in range(conversations)]
        self.lines: list[Line] = []

    async def open(self) -> None:
        for number in range(min(AGENTS, len(self.pairs)) if self.product.has_agents else 0):
            mine = {pair.number for pair in self.pairs[number::AGENTS]}
            self.lines.append(await self.product.agent(number, range(len(self.pairs)), self._agent_hears(mine)))
        for pair in self.pairs:
            pair.line = await self.product.visitor(pair.number, self._visitor_hears(pair))
            self.lines.append(pair.line)
        await asyncio.sleep(1)

    def _visitor_hears(self, pair: Pair) -> Hear:
        def hear(frame: dict[str, Any]) -> None:
            if frame["type"] == "error":
                self.tally.errors += 1
            for kind, _, n, place in self.product.heard(frame):
                if kind == "ack":
                    pair.acknowledged(n, place)

        return hear

    def _agent_hears(self, mine: set[int]) -> Hear:
        def hear(frame: dict[str, Any]) -> None:
            for kind, number, _, place in self.product.heard(frame):
                if kind == "seen" and number in mine:
                    self.pairs[number].seen(place)

        return hear

    async def warm_up(self) -> None:
        """Say one thing in each conversation, so that sessions and caches are there; count nothing of it."""
        for pair in self.pairs:
            pair.say()
            await asyncio.sleep(0.002)
        await self.drain()
        warm = self.tally
        self.tally = Tally(lost=warm.lost, doubled=warm.doubled, disordered=warm.disordered, errors=warm.errors)

    async def saturate(self, seconds: float) -> None:
        """Keep one message on the way in every conversation."""
        self.is_closed_loop = True
        begun = time.perf_counter()
        for pair in self.pairs:
            pair.say()
        await asyncio.sleep(seconds)
        self.is_closed_loop = False
        self.tally.seconds = time.perf_counter() - begun
        counted = self.tally.delivered
        await self.drain()
        self.tally.seconds *= self.tally.delivered / max(1, counted)

    async def offer(self, per_second: float, seconds: float) -> None:
        """Say things at a steady pace, in one conversation after the other, whatever comes back."""
        begun = time.perf_counter()
        for n in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, begun + n / per_second - time.perf_counter()))
            self.pairs[n % len(self.pairs)].say()
        self.tally.seconds = time.perf_counter() - begun
        await self.drain()

    async def drain(self) -> None:
        end = time.monotonic() + DRAIN_S
        while any(pair.on_the_way for pair in self.pairs) and time.monotonic() < end:
            await asyncio.sleep(0.02)

    def close(self) -> None:
        self.tally.lost += sum(len(pair.on_the_way) for pair in self.pairs)
        self.tally.errors += sum(line.closed.done() for line in self.lines)
        for line in self.lines:
            line.cut()


def measure(
    product: Product, run: str, *, conversations: int, seconds: float, per_second: float | None = None
) -> Tally:
    """Load one product, saturated or at `per_second`; wait for its background work; compare with what it stored."""

    async def story() -> Talk:
        talk = Talk(product, run, conversations)
        await talk.open()
        await talk.warm_up()
        product.settle()
        before = product.cpu()
        if per_second is None:
            await talk.saturate(seconds)
        else:
            await talk.offer(per_second, seconds)
        talk.tally.settle_s = product.settle()
        after = product.cpu()
        spent = [sum(b.get(pid, 0) - a.get(pid, 0) for pid in b) for a, b in zip(before, after, strict=True)]
        talk.tally.app_ms, talk.tally.database_ms = (each * 1000 / max(1, talk.tally.delivered) for each in spent)
        talk.close()
        return talk

    talk = uvloop.run(story())
    stored = product.stored(run)
    if stored is not None:
        talk.tally.lost += abs(sum(pair.n for pair in talk.pairs) - stored)
    return talk.tally
