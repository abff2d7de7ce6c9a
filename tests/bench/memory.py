"""What an idle visitor socket holds, measured on many at once."""

import asyncio

import uvloop

from tests.bench.products import Product

SOCKETS = 1000


def kib_per_socket(product: Product) -> float:
    """Open a thousand visitor sockets and give by how much the product grew for each, in KiB."""

    async def story() -> float:
        before = product.rss_kib()
        lines = [await product.visitor(number, lambda frame: None) for number in range(SOCKETS)]
        await asyncio.sleep(3)
        grown = product.rss_kib() - before
        for line in lines:
            line.cut()
        await asyncio.sleep(1)
        return grown / SOCKETS

    return float(uvloop.run(story()))
