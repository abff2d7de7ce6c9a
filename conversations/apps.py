from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    """The core."""

    name = "conversations"
    verbose_name = _("Conversations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_install_search, sender=self)


def _install_search(sender: AppConfig, using: str, **kwargs: Any) -> None:
    from conversations.search import install_indexes

    install_indexes(using)
