"""Public ids: 24 lowercase hex characters, sortable by the second they were made in."""

import secrets
import time

from django.db import models


def new_public_id() -> str:
    """Give a fresh id: 8 hex digits of unix seconds, 16 of chance (contract: ids of the platform API, section 4.1)."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


class PublicIdField(models.CharField[str, str]):
    """The opaque id an API shows; the integer key stays inside."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.update(max_length=24, unique=True, default=new_public_id, editable=False)
        super().__init__(**kwargs)  # type: ignore[arg-type]
