"""What an idle visitor socket holds, measured on many at once."""

import asyncio

import uvloop

from tests.bench.products import Product

FIRST = 50  # they pay for what is made once: connections, caches, modules
SOCKETS = 1000


def kib_per_socket(product: Product) -> float:
    """Open a thousand visitor sockets beside some first ones; give by how much each made the product grow, in KiB."""

    async def story() -> float:
        lines = [await product.visitor(number, lambda frame: None) for number in range(FIRST)]
        await asyncio.sleep(2)
        before = product.rss_kib()
        lines += [await product.visitor(number, lambda frame: None) for number in range(FIRST, FIRST + SOCKETS)]
        await asyncio.sleep(3)
        grown = product.rss_kib() - before
        for line in lines:
            line.cut()
        await asyncio.sleep(1)
        return grown / SOCKETS

    return float(uvloop.run(story()))
