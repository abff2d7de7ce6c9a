"""Secrets at rest: AES-256-GCM under a key derived from SECRET_KEY, bound to the column they stand in."""

import hashlib
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_BYTES = 12


def _keys() -> list[bytes]:
    sources = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.sha256(b"madang secrets at rest\0" + str(source).encode()).digest() for source in sources]


def seal(secret: bytes, *, column: str) -> bytes:
    """Encrypt under the newest key. `column` ("signing_key.secret") must be the same when it is opened."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_keys()[0]).encrypt(nonce, secret, column.encode())


def open_sealed(box: bytes, *, column: str) -> bytes:
    """Decrypt with the key it was sealed under. Raises InvalidTag for another column, or a key that is gone."""
    for key in _keys():
        try:
            return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], column.encode())
        except InvalidTag:
            continue
    raise InvalidTag


def new_token() -> str:
    """Give 256 bits of chance, safe in addresses: 43 characters."""
    return secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """Give the SHA-256, in hex, by which a token is stored. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
