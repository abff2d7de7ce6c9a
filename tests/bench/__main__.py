"""`make bench`: run every measurement, print the table, write docs/performance.md; fail when anything was lost."""

import argparse
import sys
from collections.abc import Callable

from tests.bench import sections
from tests.bench.report import Report

PARTS: dict[str, Callable[[Report, argparse.Namespace], None]] = {
    "talk": sections.talk,
    "memory": sections.memory,
    "storm": sections.storm,
    "lists": sections.lists,
    "assigning": sections.assigning,
}


def main() -> int:
    """Return 1 when something was lost, doubled, out of order or refused."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="Lists at 1,000,000 conversations instead of 50,000.")
    parser.add_argument("--keep", action="store_true", help="Keep the database of the lists for the next run.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="Of each run.")
    parser.add_argument("--only", choices=PARTS, action="append", help="Some parts; the page is not written then.")
    parser.add_argument("--port", type=int, default=8100, help="The first of the ports to use.")
    options = parser.parse_args()
    others = " ".join(word for word in sys.argv[1:] if word != "--full")
    report = Report("make bench" + " FULL=1" * options.full + f' BENCH="{others}"' * bool(others))
    for name, part in PARTS.items():
        if not options.only or name in options.only:
            print(f"== {name}", flush=True)
            part(report, options)
    if not options.only:
        print(f"Wrote {report.write()}")
    for fault in report.faults:
        print(f"FAULT {fault}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
