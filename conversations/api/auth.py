"""Who calls the client API: an end user, by the client token in the Authorization header."""

from typing import Any, cast

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from conversations.actions.visitors import identity_of_token
from conversations.errors import NotSignedIn
from conversations.limits import address_of
from conversations.models import Identity


def bearer_token(request: HttpRequest | Request) -> str:
    """Give the token of the Authorization header, or nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class ClientTokenAuthentication(BaseAuthentication):
    """Sets `request.user` to the identity and `request.auth` to the token. Raises NotSignedIn."""

    def authenticate(self, request: Request) -> tuple[Identity, str] | None:
        token = bearer_token(request)
        return (identity_of_token(token, caller=address_of(request)), token) if token else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsEndUser(BasePermission):
    """Lets only a known identity in."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(cast(Any, request.user), Identity):
            raise NotSignedIn
        return True


class ClientTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular has no types
    """Tells the OpenAPI document how clients sign in."""

    target_class = ClientTokenAuthentication
    name = "clientToken"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
