"""The figures as a table: on the terminal, and as docs/performance.md, which this writes whole."""

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.processes import ROOT

PAGE = ROOT / "docs" / "performance.md"
HEAD = """\
# What Madang costs

`make bench` wrote this page; write nothing here by hand. It measures Madang and bare apps of the same stack in the
same run, in turn, several rounds, and gives medians of the ratios within a round: they hold on any machine, the plain
figures only on this one.

| this run | |
| --- | --- |
{facts}

## What is compared
* **bare-pg**: uvicorn, a pool of PostgreSQL connections, Redis pub/sub; one INSERT a message, committed durably, and
  one group send.
* **bare-mem**: daphne and Channels' in-memory layer; nothing is stored.
* **Echo**: the same two servers; each frame comes back.
* **Madang scaled**: one web process (uvicorn), one worker, beat, PostgreSQL, Redis.
* **Madang embedded**: `manage.py run`, one process on SQLite.

None of the bare apps does anything of the product's work: no order, no retry, no log of facts, no ticket, no search.
They are the floor. *Delivered* means: stored with its fact and its `seq`, acknowledged to the sender after COMMIT, and
seen by the agent's socket. *CPU* is user + system time from /proc, of all processes of the product and its PostgreSQL
backends, until its background work is done. Visitors and agents are simulated on the same machine and share its cores.
"""


@dataclass
class Row:
    """One figure. `met` is None where there is no target; `reach` is what would be excellent."""

    what: str
    measured: str
    target: str = ""
    reach: str = ""
    met: bool | None = None


@dataclass
class Report:
    """Sections of rows, and the faults that make the run fail."""

    command: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    sections: dict[str, list[Row]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    commit: str = field(default_factory=lambda: _git("rev-parse", "--short", "HEAD") or "none")

    def add(self, section: str, *rows: Row) -> None:
        self.sections.setdefault(section, []).extend(rows)
        for row in rows:
            print(f"{row.what:<76} {row.measured:>24}  {row.target:<22} {_verdict(row)}", flush=True)

    def fault(self, where: str, count: int) -> None:
        """Note what was lost, doubled, out of order or refused: nothing of it may happen."""
        if count:
            self.faults.append(f"{where}: {count}")

    def write(self) -> Path:
        """Write the page; give its path."""
        facts = "\n".join(f"| {name} | {value} |" for name, value in self.facts().items())
        parts = [HEAD.format(facts=facts)]
        for section, rows in self.sections.items():
            lines = [f"| {row.what} | {row.measured} | {row.target} | {row.reach} | {_verdict(row)} |" for row in rows]
            note = f"{self.notes[section]}\n\n" if section in self.notes else ""
            head = "| what | measured | target | reach for | |\n| --- | --- | --- | --- | --- |\n"
            parts.append(f"## {section}\n{note}{head}" + "\n".join(lines) + "\n")
        counts = "0 in every run." if not self.faults else "**" + "; ".join(self.faults) + "**"
        parts.append(f"## Lost, doubled, out of order, errors\n{counts} Any other number fails `make bench`.\n")
        PAGE.write_text("\n".join(parts), encoding="utf-8")
        return PAGE

    def facts(self) -> dict[str, str]:
        """Give where and when it ran."""
        load = os.getloadavg()[2]
        minutes = (datetime.now(UTC) - self.began).total_seconds() / 60
        return {
            "command": f"`{self.command}`",
            "when": f"{self.began:%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes",
            "commit": self.commit,
            "machine": f"{os.cpu_count()} cores ({_cpu_name()}), {_memory_gb():.0f} GB; load average {load:.1f}",
            "software": f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
        }


def _verdict(row: Row) -> str:
    return "" if row.met is None else "met" if row.met else "**missed**"


def _git(*words: str) -> str:
    """Give what git says; nothing where this is no checkout."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
