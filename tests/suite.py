"""`make test`: the whole suite on the embedded form, then on PostgreSQL and Redis where they answer.

With CI=true both forms and the browser are required: a missing one fails, it never skips.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

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


@dataclass
class Form:
    """One way to run Madang. `pattern` names the database that is migrated once and copied by each worker."""

    title: str
    pattern: str
    settings: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        own = {"DATABASE_URL", "REDIS_URL"}
        kept = {name: value for name, value in os.environ.items() if name not in own}
        return kept | self.settings | {"TEST_PATTERN": self.pattern}


EMBEDDED = "Embedded form: SQLite, in-memory channel layer and broker"
SCALED = "Scaled form: PostgreSQL and Redis"


@contextlib.contextmanager
def _forms(is_scaled: bool) -> Iterator[list[Form]]:
    """Give the forms to test, each with its pattern made anew, at once; the patterns go when all is done."""
    with tempfile.TemporaryDirectory(prefix="madang-test-") as folder:
        forms = [Form(EMBEDDED, f"{folder}/pattern.sqlite3", {})]
        if is_scaled:
            name = f"test_{urlsplit(DATABASE_URL).path.strip('/')}_pattern"
            addresses = {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL, "PRODUCTION": "off"}
            forms.append(Form(SCALED, name, addresses))
        making = [subprocess.Popen([sys.executable, "-m", "tests.databases"], env=form.environment) for form in forms]
        failures = [process.wait() for process in making]
        if any(failures):
            sys.exit("The databases to test with could not be made.")
        yield forms
        if is_scaled:
            with psycopg.connect(DATABASE_URL, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _run(form: Form) -> int:
    for part in [sys.argv[1:]] if sys.argv[1:] else PARTS:
        print(f"== {form.title} ({' '.join(part)})", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *part]
        failed = subprocess.run(command, env=form.environment, check=False).returncode
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
    with _forms(is_scaled=not missing) as forms:
        for form in forms:
            failed = _run(form)
            if failed:
                return failed
    if missing:
        print(f"== Ran the embedded form only. {missing}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
