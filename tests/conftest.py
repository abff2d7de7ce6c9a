"""What every test may ask for."""

import time
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from channels.layers import channel_layers
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from config.layers import LocalChannelLayer
from conversations import limits
from conversations.actions import switchboard
from conversations.models import Brand, Channel
from tests.databases import PATTERN, copy_pattern, empty_tables
from tests.factories import make_brand, make_channel

# A test that commits leaves rows: they go, and nothing else is done.
TransactionTestCase._fixture_teardown = lambda self: empty_tables()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Give each worker a database of its own."""
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


if PATTERN:

    @pytest.fixture(scope="session")
    def django_db_setup(
        django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
    ) -> Iterator[None]:
        """Give each worker a copy of the database that the suite made; without the suite, one is made as ever."""
        with django_db_blocker.unblock():
            before = copy_pattern()
        yield
        with django_db_blocker.unblock():
            connection.creation.destroy_test_db(before, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def files_found_once() -> Iterator[None]:
    """Read through the static files once: every test's client has a middleware of its own, which would do it again."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def found_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", found_once)
        yield


@pytest.fixture(autouse=True)
def fresh_memory(settings: Any, tmp_path: Any) -> Iterator[None]:
    """Start each test with a cache, a channel layer, a folder for uploads and a language of its own."""
    own = uuid.uuid4().hex
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": own}}
    if settings.REDIS_URL:
        layer = settings.CHANNEL_LAYERS["default"]
        settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | {"prefix": own}}}
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SOCKET_DB_THREADS = 0  # the test's own thread, which alone sees what its transaction wrote
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    LocalChannelLayer.home = None
    # A test that is rolled back gives its keys back; the next one's responders may have them.
    switchboard._kind.cache_clear()
    channel_layers.backends.clear()
    translation.activate(settings.LANGUAGE_CODE)  # that of the last request of the test before stays
    yield


@pytest.fixture
def brand(db: None) -> Brand:
    """The brand of a test, where it says nothing else."""
    return make_brand()


@pytest.fixture
def channel(brand: Brand) -> Channel:
    """A widget's channel of that brand."""
    return make_channel(brand)


@pytest.fixture
def standing_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all calls of a test fall into one window of the rate limits, whichever second of a minute it runs in."""
    begun = time.time()
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: begun))
