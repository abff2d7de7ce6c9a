from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django admin, as Madang's configuration console."""

    default_site = "config.console.Console"


class HouseConfig(AppConfig):
    """Makes the commands and checks of config/ known; it has no models."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  # registers them
