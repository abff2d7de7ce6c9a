"""The workspace's pages at two sizes of the database: what an agent waits for a list, a thread, a search."""

import http.client
import json
import statistics
import time
from collections import defaultdict

import psycopg

from tests.bench.madang import Scaled
from tests.bench.products import AGENTS, BEHIND, drop_database

ASKS = 40


class Sized(Scaled):
    """An installation with many conversations, its web process only. A database that is there is topped up."""

    def __init__(self, port: int, conversations: int, *, keep: bool = False) -> None:
        self.keep = keep
        super().__init__(port, 0, f"lists_{conversations}", anew=False)
        self.name = f"{conversations:,} conversations"
        numbers = {"conversations": conversations, "messages": conversations * BEHIND, "agents": AGENTS}
        options = [word for name, number in numbers.items() for word in (f"--{name}", str(number))]
        self.seeded: dict[str, str] = json.loads(self.call("manage.py", "seed_load", *options))
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        self.cookies = json.loads(self.call("-m", "tests.bench.people", "0"))["agents"]

    def forget(self) -> None:
        if not self.keep:
            drop_database(self.database)

    def ask_ms(self, page: str) -> float:
        """Ask for one page; give the milliseconds. Raises RuntimeError for any answer but 200."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        begun = time.perf_counter()
        line.request("GET", page, headers={"Cookie": self.cookies[0], "HX-Request": "true"})
        answer = line.getresponse()
        answer.read()
        line.close()
        if answer.status != 200:
            raise RuntimeError(f"{page} answered {answer.status}")
        return (time.perf_counter() - begun) * 1000


def pages(seeded: dict[str, str]) -> dict[str, str]:
    """Give the pages by name; the last searches find one row, and a good share of all rows."""
    return {
        "list, all open": "/workspace/parts/list/open/",
        "list, unassigned": "/workspace/parts/list/unassigned/",
        "list, the agent's own": "/workspace/parts/list/mine/",
        "views with their counts": "/workspace/parts/views/",
        "thread": f"/workspace/conversations/{seeded['middle']}/",
        "search, a rare word": "/workspace/search/?q=777",
        "search, a rare word beside one that every customer has": "/workspace/search/?q=customer+777",
        "search, a word in every third message": "/workspace/search/?q=tent",
        "search, part of a Korean word": "/workspace/search/?q=%EB%B0%B0%EC%86%A1",
        "search, three words": "/workspace/search/?q=refund+broken+delivery",
    }


def times(sites: list[Sized]) -> dict[str, list[float]]:
    """Give each page's median milliseconds at each size, asked in turn."""
    found: dict[str, list[list[float]]] = defaultdict(lambda: [[] for _ in sites])
    for name in pages(sites[0].seeded):
        for number in range(ASKS + 3):
            for index, site in enumerate(sites):
                took = site.ask_ms(pages(site.seeded)[name])
                if number >= 3:  # the first ones warm caches up
                    found[name][index].append(took)
    return {name: [statistics.median(each) for each in sizes] for name, sizes in found.items()}
