"""Signing an app in with email and password, out again, and the tokens that a person made."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import limits
from conversations.actions.personal_tokens import revoke_token, sign_in
from conversations.api.body import JSONBody
from conversations.business.callers import Caller
from conversations.business.document import KEY, Output, answer, operation
from conversations.business.nouns import DELETE, Noun
from conversations.business.views import BusinessView, Input
from conversations.errors import NotAllowed, NotSignedIn, TooManyRequests
from conversations.models import Brand, Membership, PersonalToken, User
from conversations.permissions import Permission, Role
from conversations.queries import viewer_of
from conversations.scopes import Area
from conversations.shapes import timestamp
from conversations.workspace.signing import SignInForm

TAG = "Signing in"


class Credentials(Input):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    name = serializers.CharField(
        required=False, max_length=100, help_text="What your app is called; its person sees it among their apps."
    )


class BrandPlace(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(Role.choices, help_text="The standard role, or the nearest to a custom one.")
    permissions = serializers.ListField(child=serializers.ChoiceField(Permission.choices))


class Person(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    locale = serializers.CharField(allow_blank=True)
    brands = BrandPlace(many=True)


class NewToken(Input):
    name = serializers.CharField(help_text="For example 'My phone'.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Within a year; null: never.")


class Token(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


def person_told(user: User) -> dict[str, Any]:
    """Show a person to themselves. Two queries."""
    places = viewer_of(user).places
    brands = Brand.objects.filter(pk__in=places).order_by("name", "pk")
    return {
        "id": user.public_id,
        "name": user.name,
        "email": user.email,
        "locale": user.locale,
        "brands": [
            {
                "id": brand.public_id,
                "name": brand.name,
                "role": places[brand.pk].role.value,
                "permissions": sorted(each.value for each in places[brand.pk].permissions),
            }
            for brand in brands
        ],
    }


def token_told(token: PersonalToken) -> dict[str, Any]:
    """Show a token, never its secret."""
    return {
        "id": token.public_id,
        "name": token.name,
        "created_at": timestamp(token.created_at),
        "last_used_at": timestamp(token.last_used_at),
        "expires_at": timestamp(token.expires_at),
    }


SIGNED_IN = answer(
    "SignedIn",
    token=serializers.CharField(help_text="Show it as Authorization: Bearer in every other call."),
    expires_at=serializers.DateTimeField(),
    socket=serializers.CharField(help_text="Path of the socket."),
    person=Person(),
)


class SignInView(APIView):
    """The door of apps: the same form, and the same limits, as the workspace's."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    parser_classes = [JSONBody]

    @operation("signIn", "Sign in", TAG, {201: SIGNED_IN}, body=Credentials, auth=[{}])
    def post(self, request: Request) -> Response:
        """Give a token for an email and a password; it holds for 30 days, or until the password changes."""
        limits.spend("session", limits.address_of(request))
        body = Credentials(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        form = SignInForm(request, data={"username": given["email"], "password": given["password"]})
        if not form.is_valid():
            if form.has_error(NON_FIELD_ERRORS, TooManyRequests.code):
                raise TooManyRequests(limit=limits.seconds_left())
            raise NotSignedIn(str(next(iter(form.errors.values()))[0]))
        user = form.get_user()
        assert isinstance(user, User)
        if not Membership.objects.filter(user=user).exists():
            raise NotAllowed
        token, secret = sign_in(user=user, name=given.get("name", "") or "App")
        told = {"token": secret, "expires_at": timestamp(token.expires_at), "socket": "/ws/agent/"}
        return Response({**told, "person": person_told(user)}, status=201)


class SignOutView(BusinessView):
    """The way out."""

    area = Area.AGENTS
    in_person = True

    @operation("signOut", "Sign out", TAG, {204: None}, parameters=(KEY,))
    def post(self, request: Request) -> Response:
        """Take away the token that this call shows."""
        assert self.caller.token is not None
        revoke_token(token=self.caller.token)
        return Response(status=204)


class MeView(BusinessView):
    """Whose token it is."""

    area = Area.AGENTS
    in_person = True

    @operation("readMe", "Read yourself", TAG, {200: answer("PersonAnswer", person=Person())})
    def get(self, request: Request) -> Response:
        """Give who you are, and what you may in each brand."""
        return Response({"person": person_told(self.person)})


class TokenNoun(Noun[PersonalToken]):
    """The apps that act as a person. They are made in the workspace, where the password is asked."""

    name, many, one, tag = "token", "tokens", "an app's token", TAG
    area = Area.AGENTS
    shape, body = Token, NewToken
    does = frozenset({DELETE})

    def rows(self, caller: Caller) -> QuerySet[PersonalToken]:
        return PersonalToken.objects.filter(user=caller.person)

    def told(self, row: PersonalToken) -> dict[str, Any]:
        return token_told(row)

    def brand_id(self, row: PersonalToken) -> int:
        return 0

    def check(self, caller: Caller, brand_id: int, row: PersonalToken | None, given: dict[str, Any]) -> None:
        """Their own: `rows` lets nobody else's through."""

    def delete(self, caller: Caller, row: PersonalToken) -> None:
        revoke_token(token=row)
