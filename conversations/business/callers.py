"""Who calls the business API: a system of a brand by its key, or an app of a person by a token of theirs."""

import base64
import binascii
from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from conversations.actions.messages import Author
from conversations.actions.personal_tokens import PREFIX, mark_used, password_mark
from conversations.errors import NotAllowed, NotSignedIn
from conversations.events import Actor
from conversations.incoming import is_storable
from conversations.models import ApiKey, PersonalToken, User
from conversations.permissions import Role
from conversations.queries import Viewer, viewer_of
from conversations.queries.viewers import Place
from conversations.scopes import Area, allows
from conversations.secrets import fingerprint

# The brand itself is nobody in person: nothing is assigned to it, and nothing of a person is its own.
NOBODY = 0


@dataclass(frozen=True)
class Caller:
    """Who calls. `id` names the key or the token, for limits; `key` is set for a brand's own system."""

    id: str
    viewer: Viewer
    actor: Actor
    key: ApiKey | None = None
    token: PersonalToken | None = None

    @property
    def person(self) -> User:
        """Give who calls in person. Raises NotAllowed for a key."""
        if self.key is not None:
            raise NotAllowed
        return self.viewer.user

    @property
    def author(self) -> Author:
        return Author.agent(self.viewer.user) if self.key is None else Author.api(self.key.brand.name)

    def may_reach(self, area: Area, *, writes: bool) -> bool:
        """Say whether the scopes of a key let it in; a person is bounded by their permissions instead."""
        return self.key is None or allows(self.key.scopes, area, writes=writes)


def caller_of_key(key_id: str, secret: str) -> Caller:
    """Give the system that shows a key. Raises NotSignedIn."""
    key = ApiKey.objects.select_related("brand").filter(key_id=key_id).first()
    if key is None or not constant_time_compare(key.secret_hash, fingerprint(secret)):
        raise NotSignedIn
    mark_used(key)
    viewer = Viewer(User(pk=NOBODY, name=key.name), {key.brand_id: Place.of_role(Role.ADMIN)})
    return Caller(f"key-{key.pk}", viewer, Actor("api", key.key_id, key.name), key=key)


def caller_of_token(secret: str) -> Caller:
    """Give the person whose token this is, with what they may now. Raises NotSignedIn."""
    found = PersonalToken.objects.select_related("user").filter(token_hash=fingerprint(secret)).first()
    if found is None or not found.user.is_active or (found.expires_at and found.expires_at <= timezone.now()):
        raise NotSignedIn
    if found.bound_to and not constant_time_compare(found.bound_to, password_mark(found.user)):
        raise NotSignedIn
    viewer = viewer_of(found.user)
    if not viewer.places:
        raise NotSignedIn
    mark_used(found)
    return Caller(f"token-{found.pk}", viewer, Actor.of_user(found.user), token=found)


def caller_of(authorization: str) -> Caller | None:
    """Give who shows an Authorization header: Basic key:secret, Bearer key:secret, or Bearer token; None for none.

    Raises NotSignedIn.
    """
    scheme, _space, value = authorization.partition(" ")
    if scheme.lower() not in {"basic", "bearer"}:
        return None
    shown = _basic(value) if scheme.lower() == "basic" else value.strip()
    if shown.startswith(PREFIX):
        return caller_of_token(shown)
    key_id, colon, secret = shown.partition(":")
    if not colon or not is_storable(shown):
        raise NotSignedIn
    return caller_of_key(key_id, secret)


def _basic(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise NotSignedIn from None


class CallerAuthentication(BaseAuthentication):
    """Sets `request.user` to the Caller. Raises NotSignedIn."""

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        caller = caller_of(request.headers.get("Authorization", ""))
        return (caller, caller.id) if caller else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class CallerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular has no types
    """Tells the OpenAPI document how systems and apps sign in."""

    target_class = CallerAuthentication
    name = ["key", "token"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "basic", "description": "An API key: its id and its secret."},
            {"type": "http", "scheme": "bearer", "description": "A person's token; or an API key as `id:secret`."},
        ]
