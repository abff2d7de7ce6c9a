"""The parts of the run: what is started, measured and written down, and against which target."""

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter, methodcaller
from typing import Any

from tests.bench import lists as pages
from tests.bench.floor import commits_per_second
from tests.bench.madang import Embedded, Scaled
from tests.bench.memory import FIRST, SOCKETS, kib_per_socket
from tests.bench.products import BareMem, BarePg, Echo, Product
from tests.bench.report import Report, Row
from tests.bench.rounds import Results, in_turn, median, ratio
from tests.bench.storm import CLIENTS, strike
from tests.bench.weight import widget_weight

CONVERSATIONS = 200
OFFERED_PER_S = 50.0
PEOPLE = CONVERSATIONS + CLIENTS
CORES_FOR_TWO = 4  # two web processes, PostgreSQL, and the rest

THROUGHPUT = f"Throughput: {CONVERSATIONS} conversations, 20 agents, one message on the way in each"
LATENCY = f"Latency from sending to delivered, at {OFFERED_PER_S:.0f} messages/s offered"
MEMORY = "Memory"
STORM = f"Reconnect storm: {CLIENTS:,} clients at once, each 5 messages behind"
QUERIES = "Queries of one request"
ASSIGNING = "Assignment: 500 agents with all they have room for, 20 skills, one needed by each ticket"
WIDGET = "Widget"


@contextmanager
def running(*products: Product) -> Iterator[None]:
    """Stop the products at the end, whatever happens."""
    try:
        yield
    finally:
        for product in products:
            product.stop()


_rate, _cpu = attrgetter("rate"), attrgetter("cpu_ms")
_p99 = methodcaller("percentile", 99)


def _faults(report: Report, results: Results, where: str) -> None:
    for name, tallies in results.items():
        report.fault(f"{where}, {name}", sum(tally.faults for tally in tallies))


def _at_least(what: str, value: float, target: float, reach: float) -> Row:
    return Row(what, f"{value:.2f}×", f"≥ {target:.2f}×", f"≥ {reach:.2f}×", value >= target)


def _at_most(what: str, value: float, target: float, reach: float) -> Row:
    return Row(what, f"{value:.2f}×", f"≤ {target:g}×", f"≤ {reach:g}×", value <= target)


def talk(report: Report, options: argparse.Namespace) -> None:
    """Throughput, CPU, latency, a second web process, queries, and the widget's weight."""
    bare_pg, bare_mem = BarePg(options.port), BareMem(options.port + 1)
    with running(bare_pg, bare_mem):
        scaled, embedded = Scaled(options.port + 2, PEOPLE), Embedded(options.port + 4, PEOPLE)
        scaled.worker()
        with running(scaled, embedded):
            report.add(MEMORY, *_at_start(embedded))
            _throughput(report, options, [bare_pg, scaled, bare_mem, embedded])
            _latency(report, options, [bare_pg, scaled, Echo(bare_pg), bare_mem, embedded, Echo(bare_mem)])
            _second_web(report, options, scaled)
            counted: dict[str, int] = json.loads(scaled.call("-m", "tests.bench.counted"))
            report.add(QUERIES, *(Row(name, str(number)) for name, number in counted.items()))
            after = embedded.rss_kib() / 1024
            report.add(MEMORY, Row("embedded: whole process after this run's load", f"{after:.0f} MB"))
            _widget(report, embedded)


def _at_start(embedded: Embedded) -> Iterator[Row]:
    time.sleep(5)
    megabytes = embedded.rss_kib() / 1024
    yield Row(
        "embedded: whole process, idle after start", f"{megabytes:.0f} MB", "≤ 250 MB", "≤ 160 MB", megabytes <= 250
    )


def _throughput(report: Report, options: argparse.Namespace, products: Sequence[Product]) -> None:
    bare_pg, scaled, bare_mem, embedded = (product.name for product in products)
    floors = {connections: commits_per_second(connections, 3) for connections in (1, 4)}
    found = in_turn(products, options.rounds, conversations=CONVERSATIONS, seconds=options.seconds)
    _faults(report, found, "saturated")
    report.add(
        THROUGHPUT,
        _at_least("scaled: delivered/s against bare-pg", ratio(found, scaled, bare_pg, _rate), 0.40, 0.70),
        _at_least("embedded: delivered/s against bare-mem", ratio(found, embedded, bare_mem, _rate), 0.15, 0.35),
        _at_most("scaled: CPU a message against bare-pg", ratio(found, scaled, bare_pg, _cpu), 3, 1.8),
        *(
            Row(
                f"scaled: share of the floor, bare commits on {connections} connection{'s' * (connections > 1)}",
                f"{median(found, scaled, _rate) / floor:.2f} of {floor:,.0f}/s",
            )
            for connections, floor in floors.items()
        ),
        *(_plain(found, name) for name in found),
    )


def _plain(found: Results, name: str) -> Row:
    rate = median(found, name, _rate)
    app, database = median(found, name, attrgetter("app_ms")), median(found, name, attrgetter("database_ms"))
    return Row(f"{name}: delivered/s; CPU ms a message, app + database", f"{rate:,.0f}/s; {app:.2f} + {database:.2f}")


def _latency(report: Report, options: argparse.Namespace, products: Sequence[Product]) -> None:
    bare_pg, scaled, echo, bare_mem, embedded, echo_mem = (product.name for product in products)
    for conversations in (1, 50, CONVERSATIONS):
        found = in_turn(
            products,
            options.rounds,
            conversations=conversations,
            seconds=options.seconds,
            per_second=OFFERED_PER_S,
        )
        _faults(report, found, f"{conversations} conversations")
        place = f"{conversations} conversation{'s' * (conversations > 1)}"
        against = ratio(found, scaled, bare_pg, _p99)
        row = _at_most(f"{place}: scaled, p99 against bare-pg", against, 3, 1.7)
        if conversations != CONVERSATIONS:
            row = Row(row.what, row.measured)
        rows = [row]
        for name, other in ((scaled, echo), (embedded, bare_mem), (embedded, echo_mem)):
            rows.append(Row(f"{place}: {name}, p99 against {other}", f"{ratio(found, name, other, _p99):.2f}×"))
        for name in found:
            each = [median(found, name, methodcaller("percentile", percent)) for percent in (50, 95, 99)]
            rows.append(Row(f"{place}: {name}, p50 / p95 / p99", " / ".join(f"{ms:.1f}" for ms in each) + " ms"))
        report.add(LATENCY, *rows)


def _second_web(report: Report, options: argparse.Namespace, scaled: Scaled) -> None:
    first, second = options.port + 2, options.port + 3
    scaled.web(second)
    ratios = []
    for _ in range(options.rounds):
        rates = []
        for ports in ([first], [first, second]):
            scaled.ports = ports
            found = in_turn([scaled], 1, conversations=CONVERSATIONS, seconds=options.seconds)
            _faults(report, found, f"{len(ports)} web")
            rates.append(median(found, scaled.name, _rate))
        ratios.append(rates[1] / rates[0])
    scaled.ports = [first]
    scaled.processes.pop().stop()
    value, cores = sorted(ratios)[len(ratios) // 2], os.cpu_count() or 1
    met = value >= 1.6 if cores >= CORES_FOR_TWO else None
    limit = "" if cores >= CORES_FOR_TWO else f" ({cores} cores, shared with all else, allow no more)"
    report.add(THROUGHPUT, Row(f"scaled: a second web process{limit}", f"{value:.2f}×", "≥ 1.6× given cores", "", met))


def _widget(report: Report, embedded: Embedded) -> None:
    weight = widget_weight(embedded.address)
    report.add(
        WIDGET,
        Row("loader, gzipped", f"{weight.loader / 1024:.1f} KB", "≤ 4 KB", "≤ 2.5 KB", weight.loader <= 4096),
        Row("all, gzipped", f"{weight.everything / 1024:.1f} KB", "≤ 45 KB", "≤ 30 KB", weight.everything <= 45 * 1024),
    )


def memory(report: Report, options: argparse.Namespace) -> None:
    """What an idle visitor socket holds, each product started anew for it."""
    makers: list[Any] = [
        lambda: BarePg(options.port),
        lambda: Scaled(options.port, FIRST + SOCKETS),
        lambda: BareMem(options.port),
        lambda: Embedded(options.port, FIRST + SOCKETS),
    ]
    for make in makers:
        product: Product = make()
        with running(product):
            kib = kib_per_socket(product)
            bounds = ("≤ 40 KiB", "≤ 32 KiB", kib <= 40) if isinstance(product, Scaled | Embedded) else ("", "", None)
            report.add(
                MEMORY, Row(f"{product.name}: one idle visitor socket, of {SOCKETS:,}", f"{kib:.1f} KiB", *bounds)
            )


def storm(report: Report, options: argparse.Namespace) -> None:
    """A reconnect storm against each form."""
    makers: list[Any] = [lambda: Scaled(options.port, PEOPLE), lambda: Embedded(options.port, PEOPLE)]
    for make in makers:
        product = make()
        with running(product):
            if isinstance(product, Scaled):
                product.worker()
            found = strike(product, f"s{time.time_ns() // 1000:x}")
            report.fault(f"storm, {product.name}", found.lost + found.doubled + found.bystander_faults)
            slower = found.storm_p50 / max(found.calm_p50, 1e-9)
            bystander = f"{found.calm_p50:.1f} → {found.storm_p50:.1f} ms, {slower:.1f}×"
            report.add(
                STORM,
                Row(
                    f"{product.name}: all served within",
                    f"{found.seconds:.1f} s",
                    "≤ 15 s",
                    "≤ 8 s",
                    found.seconds <= 15,
                ),
                Row(f"{product.name}: messages lost", str(found.lost), "0", "", found.lost == 0),
                Row(f"{product.name}: connections that had to be tried again", str(found.retries)),
                Row(f"{product.name}: a bystander's p50", bystander, "≤ 3×", "", slower <= 3),
            )


def lists(report: Report, options: argparse.Namespace) -> None:
    """Inbox list, thread and search at two sizes of the database."""
    large = 1_000_000 if options.full else 50_000
    small_site = pages.Sized(options.port, 1000)
    with running(small_site):
        large_site = pages.Sized(options.port + 1, large, keep=options.keep)
        with running(large_site):
            section = f"Workspace pages: 1,000 → {large:,} conversations (5 messages each), median ms"
            if not options.full:
                report.notes[section] = "`make bench FULL=1` measures 1,000,000 conversations and 5,000,000 messages."
            for name, (small_ms, large_ms) in pages.times([small_site, large_site]).items():
                value = large_ms / small_ms
                measured = f"{small_ms:.1f} → {large_ms:.1f} ms, {value:.2f}×"
                report.add(section, Row(name, measured, "≤ 1.3×", "flat", value <= 1.3))
            seconds = large_site.seeded["seconds"]
            report.add(section, Row(f"`seed_load` to {large:,} conversations (0 when they were there)", f"{seconds} s"))


def assigning(report: Report, options: argparse.Namespace) -> None:
    """What deciding and storing an assignment cost as work piles up."""
    site = Scaled(options.port, 0, "assigning")
    with running(site):
        found: dict[str, dict[str, float]] = json.loads(site.call("-m", "tests.bench.assigning"))
    many, few = found["10000"], found["100"]
    growth, share = many["round_decide"] / few["round_decide"], many["round_decide"] / many["round_store"]
    rows = [
        Row("one place freed: deciding, 100 → 10,000 waiting", f"{few['decide']:.1f} → {many['decide']:.1f} ms"),
        Row("one place freed: storing", f"{few['store']:.1f} → {many['store']:.1f} ms"),
        Row("a round of 100: deciding, each", f"{few['round_decide']:.2f} → {many['round_decide']:.2f} ms"),
        Row("a round of 100: storing, each", f"{few['round_store']:.2f} → {many['round_store']:.2f} ms"),
    ]
    report.add(ASSIGNING, *rows)
    report.add(
        ASSIGNING,
        _at_most("a round of 100: deciding, growth from 100 to 10,000 waiting", growth, 1.3, 1.1),
        _at_most("a round of 100: deciding against storing", share, 1, 0.25),
        Row(
            "an agent comes back, two tickets given, 10,000 waiting",
            f"{many['change']:.1f} ms",
            "≤ 50 ms",
            "",
            many["change"] <= 50,
        ),
    )
