from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class ConsoleConfig(AdminConfig):
    """Django admin, as Madang's configuration console."""

    default_site = "config.console.Console"


class HouseConfig(AppConfig):
    """Makes the commands and checks of config/ known; it has no models."""

    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401  # registers them


class StaticConfig(StaticFilesConfig):
    """Collects all static files but HTMX's extensions: they are not used, and import a module that is not there."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "hx-*.js"]
