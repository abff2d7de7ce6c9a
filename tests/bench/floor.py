"""The floor under any product on this PostgreSQL: bare single-row commits, on one connection and on four."""

import threading
import time

import psycopg

from tests.bench.products import create_database, drop_database


def commits_per_second(connections: int, seconds: float) -> float:
    """Give how many rows a second are inserted and committed, each alone and durably."""
    address = create_database("floor")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE floor (id bigserial PRIMARY KEY, text text)")
    counts: list[int] = []

    def write() -> None:
        done, end = 0, time.monotonic() + seconds
        with psycopg.connect(address, autocommit=True) as connection:
            while time.monotonic() < end:
                connection.execute("INSERT INTO floor (text) VALUES ('when does my tent come?')")
                done += 1
        counts.append(done)

    threads = [threading.Thread(target=write) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drop_database(address)
    return sum(counts) / seconds
