"""What every test may ask for."""

from collections.abc import Iterator
from typing import Any

import pytest
from channels.layers import channel_layers
from django.core.cache import cache

from config.layers import LocalChannelLayer


@pytest.fixture(scope="session")
def django_db_modify_db_settings(request: pytest.FixtureRequest) -> None:
    """Give each worker a database of its own, and each worker's Redis one too."""
    request.getfixturevalue("django_db_modify_db_settings_parallel_suffix")


@pytest.fixture(autouse=True)
def fresh_memory(settings: Any, tmp_path: Any) -> Iterator[None]:
    """Start each test with empty caches, no rate limits of earlier tests, and its own folder for uploads."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    LocalChannelLayer.home = None
    channel_layers.backends.clear()
    yield
