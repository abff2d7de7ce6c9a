"""The ground of every operation of the business API: who calls, how often, what they may, and what they give."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import limits
from conversations.actions.kept_answers import answered_once, kept_after
from conversations.api.body import JSONBody
from conversations.business.callers import Caller, CallerAuthentication
from conversations.errors import InvalidContent, NotAllowed, NotFound, NotSignedIn
from conversations.incoming import MAX_KEY, is_storable, number_in
from conversations.models import Brand, User
from conversations.permissions import Permission
from conversations.queries import Viewer
from conversations.scopes import Area
from conversations.secrets import fingerprint

PAGE, MAX_PAGE = 50, 100
MAX_QUERY_CHARS = 200
MAX_KEY_CHARS = 64
Row = TypeVar("Row", bound=Model)
Input = serializers.Serializer[Any]


class BusinessView(APIView):
    """Base: somebody who may reach the area, within their limit. `in_person` is for people's tokens alone.

    `is_many`: what a POST does is many transactions, each harmless to do twice.
    """

    authentication_classes = [CallerAuthentication]
    permission_classes = []
    parser_classes = [JSONBody]
    area: ClassVar[Area]
    in_person: ClassVar[bool] = False
    is_many: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        limits.spend("address", limits.address_of(request))
        super().initial(request, *args, **kwargs)
        if not isinstance(cast(Any, request.user), Caller):
            raise NotSignedIn
        limits.spend("api", self.caller.id)
        if not self.caller.may_reach(self.area, writes=request.method not in SAFE_METHODS):
            raise NotAllowed
        if self.in_person:
            _in_person = self.caller.person
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and key:
            self.__dict__["post"] = self._once(key, getattr(self, "post", self.http_method_not_allowed))

    @property
    def caller(self) -> Caller:
        return cast(Caller, self.request.user)

    @property
    def viewer(self) -> Viewer:
        return self.caller.viewer

    @property
    def person(self) -> User:
        return self.caller.person

    def require(self, brand_id: int, permission: Permission) -> None:
        """Raise NotAllowed unless the caller may do this in the brand."""
        if not self.viewer.may(brand_id, permission):
            raise NotAllowed

    def _once(self, key: str, post: Callable[..., Response]) -> Callable[..., Response]:
        """Have a POST with this Idempotency-Key done once; a retry within 24 hours gets the same answer."""
        if len(key) > MAX_KEY_CHARS or not is_storable(key):
            raise InvalidContent(field="Idempotency-Key", limit=MAX_KEY_CHARS)
        if self.request.content_type.startswith("multipart/"):
            return post

        def once(request: Request, *args: Any, **kwargs: Any) -> Response:
            def answer() -> tuple[int, Any]:
                response = post(request, *args, **kwargs)
                return response.status_code, response.data

            asked = fingerprint(f"{request.get_full_path()}\n{json.dumps(request.data, sort_keys=True)}")
            keep = kept_after if self.is_many else answered_once
            status, body = keep(caller=self.caller.id, key=key, asked=asked, answer=answer)
            return Response(body, status=status)

        return once

    def given(self, serializer: type[Input], *, partial: bool = False) -> dict[str, Any]:
        """Give the body, checked; a field that there is not is refused. Raises ValidationError, InvalidContent."""
        body = serializer(data=self.request.data, partial=partial)
        if isinstance(self.request.data, dict) and (unknown := sorted(set(self.request.data) - set(body.fields))):
            raise InvalidContent(field=unknown[0][:100], limit=", ".join(body.fields))
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def brand(self, public_id: str = "") -> Brand:
        """Give the brand that a call is about: the one it names, or the caller's only one.

        Raises NotFound, InvalidContent.
        """
        found = Brand.objects.filter(pk__in=self.viewer.brand_ids)
        if public_id:
            brand = found.filter(public_id=public_id).first()
            if brand is None:
                raise NotFound(field="brand")
            return brand
        brands = list(found.order_by("pk")[:2])
        if len(brands) != 1:
            raise InvalidContent(field="brand")
        return brands[0]

    def asked(self, name: str) -> str:
        """Give a value of the query, or "". Raises InvalidContent where it is too long or cannot be kept."""
        text = self.request.query_params.get(name, "").strip()
        if len(text) > MAX_QUERY_CHARS or not is_storable(text):
            raise InvalidContent(field=name, limit=MAX_QUERY_CHARS)
        return text

    def number(self, name: str, most: int, least: int = 0) -> int | None:
        """Give a whole number of the query, or None where there is none. Raises InvalidContent."""
        text = self.asked(name)
        if not text:
            return None
        number = number_in(text, most)
        if number is None or number < least:
            raise InvalidContent(field=name, limit=most)
        return number

    def page_size(self) -> int:
        return self.number("limit", MAX_PAGE, 1) or PAGE

    def page(self, rows: QuerySet[Row], *, newest_first: bool = False) -> tuple[list[Row], dict[str, Any]]:
        """Give one page of rows by their keys, and its `meta`. One query. Raises InvalidContent."""
        after, limit = self.number("after", MAX_KEY), self.page_size()
        if after is not None:
            rows = rows.filter(**{"pk__lt" if newest_first else "pk__gt": after})
        found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
        shown = found[:limit]
        return shown, meta(str(shown[-1].pk) if len(found) > limit else "")


def meta(after: str) -> dict[str, Any]:
    """Give what a list says of its next page."""
    return {"has_more": bool(after), "after": after or None}


def one_of(rows: QuerySet[Row], public_id: str) -> Row:
    """Give the row of this public id. Raises NotFound."""
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def those_named(rows: QuerySet[Row], public_ids: Sequence[str], field: str) -> list[Row]:
    """Give the rows of these public ids, in any order. Raises InvalidContent naming the field for one that is none."""
    wanted = set(public_ids)
    found = list(rows.filter(public_id__in=wanted))
    if len(found) != len(wanted):
        raise InvalidContent(field=field)
    return found


def one_named(rows: QuerySet[Row], public_id: str | None, field: str) -> Row | None:
    """Give the row a body names; None where it names none. Raises InvalidContent."""
    return those_named(rows, [public_id], field)[0] if public_id else None
