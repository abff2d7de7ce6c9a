"""Runs in turn, several rounds: what each product did in each, and medians of ratios within one round."""

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from tests.bench.products import Product
from tests.bench.talk import Tally, measure

Results = dict[str, list[Tally]]


def in_turn(
    products: Sequence[Product], rounds: int, *, conversations: int, seconds: float, per_second: float | None = None
) -> Results:
    """Give each product the same load, one after the other, `rounds` times."""
    results: Results = defaultdict(list)
    for number in range(rounds):
        for product in products:
            run = f"r{time.time_ns() // 1000:x}n{number}"
            tally = measure(product, run, conversations=conversations, seconds=seconds, per_second=per_second)
            results[product.name].append(tally)
            load = f"{per_second:.0f}/s offered" if per_second else "saturated"
            print(f"  {product.name}: {conversations} conversations, {load}: {tally.summary}", flush=True)
    return results


def median(results: Results, name: str, figure: Callable[[Tally], float]) -> float:
    return statistics.median(figure(tally) for tally in results[name])


def ratio(results: Results, name: str, to: str, figure: Callable[[Tally], float]) -> float:
    """Give the median over the rounds of one product's figure by another's in the same round."""
    pairs = zip(results[name], results[to], strict=True)
    return statistics.median(figure(own) / max(figure(other), 1e-9) for own, other in pairs)
