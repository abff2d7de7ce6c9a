"""Making and removing keys. A secret is returned once, by the action that made it."""

import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.errors import InvalidContent
from conversations.events import Actor, ConfigurationChanged, append
from conversations.models import ApiKey, Brand, SigningKey
from conversations.models.ids import new_public_id
from conversations.scopes import ALL
from conversations.secrets import fingerprint, new_token, seal


@transaction.atomic
def create_api_key(*, brand: Brand, name: str, by: Actor, scopes: Collection[str] | None = None) -> tuple[ApiKey, str]:
    """Make a key for the brand's own systems; return it with its secret, of which only a hash is kept.

    `scopes`, of conversations.scopes, are what it may reach: all, where none are named. Raises InvalidContent.
    """
    chosen = [each for each in ALL if scopes is None or each in scopes]
    if not chosen or (scopes is not None and len(chosen) != len(set(scopes))):
        raise InvalidContent(_("Choose what this key may reach."), field="scopes")
    secret = new_token()
    key = ApiKey.objects.create(
        brand=brand, name=name, key_id=f"app_{new_public_id()}", secret_hash=fingerprint(secret), scopes=chosen
    )
    _record(brand, "api_key", key.key_id, name, "created", by)
    return key, secret


@transaction.atomic
def create_signing_key(*, brand: Brand, name: str, by: Actor) -> tuple[SigningKey, str]:
    """Make a key for signing users in; return it with its secret, which is kept encrypted."""
    secret = secrets.token_hex(32)
    key = SigningKey.objects.create(
        brand=brand,
        name=name,
        kid=f"app_{new_public_id()}",
        secret=seal(secret.encode(), column="signing_key.secret"),
    )
    _record(brand, "signing_key", key.kid, name, "created", by)
    return key, secret


@transaction.atomic
def delete_key(*, key: ApiKey | SigningKey, by: Actor) -> None:
    """Remove a key; what it signed stops working at once."""
    kind, public = ("api_key", key.key_id) if isinstance(key, ApiKey) else ("signing_key", key.kid)
    _record(key.brand, kind, public, key.name, "deleted", by)
    key.delete()


def _record(brand: Brand, model: str, public: str, label: str, change: str, by: Actor) -> None:
    append(ConfigurationChanged(model=model, object=public, label=label, change=change), brand_id=brand.pk, by=by)
