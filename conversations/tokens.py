"""Reading the signed token with which a website vouches for its user (contract web-messenger, section 6)."""

from dataclasses import dataclass

import jwt
from django.core import signing

from conversations.errors import TokenRefused
from conversations.incoming import is_storable
from conversations.models import SigningKey
from conversations.secrets import open_sealed

MAX_TOKEN_CHARS = 8192
MAX_EXTERNAL_ID = 1024
LEEWAY_S = 60
# 1 January 9999: a calendar ends soon after.
MAX_EXPIRY_S = 253_370_764_800
# What the library raises of a token that is none, or whose times are no numbers.
UNREADABLE = (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Claims:
    """What a valid token says. `expires_at` is unix seconds, or None."""

    external_id: str
    name: str
    email: str
    email_verified: bool
    expires_at: float | None


def read_token(token: str, *, brand_id: int) -> Claims:
    """Check a token against the brand's signing keys. Raises TokenRefused with the contract's reason as its code."""
    try:
        kid = jwt.get_unverified_header(token[:MAX_TOKEN_CHARS]).get("kid")
    except UNREADABLE:
        raise TokenRefused from None
    is_name = isinstance(kid, str) and is_storable(kid)
    key = SigningKey.objects.filter(kid=kid, brand_id=brand_id).first() if is_name else None
    if key is None:
        raise TokenRefused(code="unknown_key")
    secret = open_sealed(bytes(key.secret), column="signing_key.secret")
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], leeway=LEEWAY_S, options={"verify_aud": False})
        is_kept = is_storable(claims)
    except jwt.ExpiredSignatureError:
        raise TokenRefused(code="expired_token") from None
    except UNREADABLE:
        raise TokenRefused from None
    expires_at = claims.get("exp")
    if not is_kept or not isinstance(expires_at, int | float | None) or (expires_at or 0) > MAX_EXPIRY_S:
        raise TokenRefused
    if claims.get("scope") != "user":
        raise TokenRefused(code="invalid_scope")
    external_id = claims.get("external_id")
    if not isinstance(external_id, str) or not external_id or len(external_id) > MAX_EXTERNAL_ID:
        raise TokenRefused(code="missing_external_id")
    return Claims(
        external_id=external_id,
        name=str(claims.get("name") or "")[:128],
        email=str(claims.get("email") or "")[:128].lower(),
        email_verified=claims.get("email_verified") is True,
        expires_at=expires_at,
    )


RATING_SALT = "conversations.rating"


def rating_token(message_id: str) -> str:
    """Give what stands in the address under which the message of this public id can be rated, by whoever has it."""
    return signing.Signer(salt=RATING_SALT).sign(message_id)


def message_of_rating_token(token: str) -> str:
    """Give the public id a rating token was made for, empty for one that we never made."""
    try:
        return signing.Signer(salt=RATING_SALT).unsign(token)
    except signing.BadSignature:
        return ""
