from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoutingConfig(AppConfig):
    """Work for people."""

    name = "routing"
    verbose_name = _("Routing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from routing.queries.compiled import teach_sqlite

        connection_created.connect(teach_sqlite)
        from routing import (
            changes,  # noqa: F401  # registers how the log says what changed
            reactions,  # noqa: F401  # registers what it reads
        )
        from routing.queries import seen  # noqa: F401  # registers whose conversations somebody sees
        from routing.workspace import lines  # noqa: F401  # registers what the thread says
