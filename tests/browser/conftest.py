"""A real server in a thread of the test process, and a real Chromium in front of it."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from conversations.events import Actor
from routing.actions.statuses import set_agent_status
from routing.models import Agent
from tests.browser.aside import aside
from tests.browser.kept import KeptFiles
from tests.browser.visitor import Site, make_site
from tests.databases import KeptRows
from widget.demo import seed_demo

# Playwright's sync API runs a loop in the main thread; the ORM calls of a test are made beside it, not in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A machine that does other work beside the tests is slow, not wrong.
expect.set_options(timeout=15_000)

# The same engine without the windows of a desktop around it, where there is one: each page costs a fifth less.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"


class Servers:
    """The running server, once there is one: what it still has to do belongs to the test that asked for it."""

    running: Any = None

    @classmethod
    def come_to_rest(cls) -> None:
        """Wait until nothing is being answered any more, at most 10 s."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            tasks = [each.get("application_instance") for each in list(cls.running.connections.values())]
            if all(task is None or task.done() for task in tasks):
                return
            time.sleep(0.02)


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[str]:
    """One server for the whole run: Twisted's reactor starts once in a process."""
    from daphne.server import Server  # first: installs Twisted's asyncio reactor
    from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
    from twisted.internet import reactor

    from config.asgi import application

    ready = threading.Event()
    running = Server(
        KeptFiles(ASGIStaticFilesHandler(application)),
        endpoints=["tcp:0:interface=127.0.0.1"],
        signal_handlers=False,
        ready_callable=ready.set,
    )
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert ready.wait(20)
    Servers.running = running
    yield f"http://127.0.0.1:{running.listening_addresses[0][1]}"
    running_reactor: Any = reactor
    running_reactor.callFromThread(running_reactor.stop)
    thread.join(5)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-dev-shm-usage"])
        yield launched
        launched.close()


@pytest.fixture
def live(server: str, transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of the server, on an empty database, with the log's readers run by hand."""
    settings.API_RATE_LIMITS = False
    yield server
    Servers.come_to_rest()


@pytest.fixture
def site(live: str) -> Site:
    """The address of the server, with one widget's page of its own."""
    return make_site(live)


@pytest.fixture(scope="session")
def seeded() -> list[KeptRows]:
    """What the demo shop is, once a test of this run had it made."""
    return []


@pytest.fixture
def shop(live: str, seeded: list[KeptRows]) -> str:
    """The address of the server, with the demo shop in its database."""

    def fill() -> None:
        if seeded:
            seeded[0].put_back()
            return
        open_shop(live)
        seeded.append(KeptRows())

    aside(fill)
    return live


def open_shop(address: str) -> None:
    """Seed the demo, and have its two who answer be there: nobody is, until somebody signs in and says so."""
    seed_demo(base_url=address)
    for agent in Agent.objects.filter(user__email__in=("agent@demo.test", "jiho@demo.test")):
        set_agent_status(agent=agent, status=Agent.Status.ONLINE, by=Actor.of_user(agent.user))


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own; an error in its scripts fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(**wishes: Any) -> Page:
        context = browser.new_context(**({"locale": "en-US", "viewport": {"width": 1440, "height": 900}} | wishes))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
