"""`make test`: the whole suite on the embedded form, then on PostgreSQL and Redis where they answer.

With CI=true both forms and the browser are required: a missing one fails, it never skips.
"""

import os
import shutil
import subprocess
import sys

import psycopg
import redis

DATABASE_URL = os.environ.get("DATABASE_URL", "postgres://madang:madang@127.0.0.1:5432/madang")
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/15")
REQUIRED = os.environ.get("CI") == "true"


def _answers() -> str:
    """Say what is missing of PostgreSQL and Redis; nothing when both answer."""
    try:
        psycopg.connect(DATABASE_URL, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return f"PostgreSQL does not answer: {error}".strip()
    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        return f"Redis does not answer: {error}"
    return ""


# Apart, because the browser's library leaves an event loop running in the thread of the tests.
PARTS = (["--ignore", "tests/browser"], ["tests/browser"])


def _run(title: str, **extra: str) -> int:
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    for part in [sys.argv[1:]] if sys.argv[1:] else PARTS:
        print(f"== {title} ({' '.join(part)})", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *part]
        failed = subprocess.run(command, env=env | extra, check=False).returncode
        if failed:
            return failed
    return 0


def main() -> int:
    """Run both forms; return the first failing exit code."""
    if REQUIRED and not shutil.which("chromium"):
        print("CI needs Chromium for the browser tests: apt-get install chromium")
        return 1
    missing = _answers()
    if missing and REQUIRED:
        print(missing)
        return 1
    failed = _run("Embedded form: SQLite, in-memory channel layer and broker")
    if failed:
        return failed
    if missing:
        print(f"== Ran the embedded form only. {missing}")
        return 0
    print("== The embedded form passed; the scaled form follows", flush=True)
    return _run("Scaled form: PostgreSQL and Redis", DATABASE_URL=DATABASE_URL, REDIS_URL=REDIS_URL, PRODUCTION="off")


if __name__ == "__main__":
    sys.exit(main())
