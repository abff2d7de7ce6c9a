from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django admin, as Madang's configuration console."""

    default_site = "config.console.Console"
