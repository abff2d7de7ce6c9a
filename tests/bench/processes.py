"""Servers as processes of their own, and what they use, read from /proc: CPU seconds and memory."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """One started command, with all it forks, in a session of its own; output goes to a log file."""

    def __init__(self, log: Path, env: dict[str, str], *command: str) -> None:
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=os.environ | env,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def pids(self) -> list[int]:
        """Give the process and its descendants: all of its session."""
        return [pid for pid, session in _sessions() if session == self.popen.pid]

    def stop(self) -> None:
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self.popen.poll() is not None:
                return
            os.killpg(self.popen.pid, how)
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                continue


def _fields(pid: int | str) -> list[str]:
    """Give /proc/<pid>/stat after the name, which may hold spaces; nothing for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _sessions() -> list[tuple[int, int]]:
    found = ((entry, _fields(entry)) for entry in os.listdir("/proc") if entry.isdigit())
    return [(int(pid), int(fields[3])) for pid, fields in found if fields]


def cpu_seconds(pids: list[int]) -> dict[int, float]:
    """Give user + system seconds of each process that is still there."""
    found = {pid: _fields(pid) for pid in pids}
    return {pid: (int(fields[11]) + int(fields[12])) / TICKS for pid, fields in found.items() if fields}


def rss_kib(pids: list[int]) -> int:
    """Give the resident memory of processes together, in KiB."""
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return total


def wait_until_it_answers(address: str, process: Process, within_s: float = 90) -> None:
    """Wait for any HTTP answer. Raises RuntimeError when the process ends or the time does."""
    end = time.monotonic() + within_s
    while time.monotonic() < end and process.popen.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{address} does not answer; see the logs in .data/bench")
