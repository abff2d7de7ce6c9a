"""Nouns that are listed, read, made, changed and deleted alike: what differs stands in a Noun, the rest here."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.callers import Caller
from conversations.business.document import AFTER, KEY, LIMIT, Meta, Output, answer, operation, path_id, query
from conversations.business.views import BusinessView, Input, Row, one_of
from conversations.errors import NotAllowed
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area

MAKE, CHANGE, DELETE, ORDER = "make", "change", "delete", "order"
MOST_IN_ORDER = 500


class Order(Input):
    ids = serializers.ListField(
        child=serializers.CharField(max_length=24),
        min_length=1,
        max_length=MOST_IN_ORDER,
        help_text="All of the brand's, the first one first.",
    )
    brand = serializers.CharField(required=False, max_length=24, help_text="Where you are in several.")


class Noun(ABC, Generic[Row]):
    """One noun. A subclass says which rows a caller sees, how one is shown, and which actions write it.

    `name` is the key of one in answers ("capacity_rule"); `many` that of a list, and with hyphens the address.
    `does` names what may be done beside reading; with ORDER the brand's rows stand in an order. `filters` (name, what
    it is) says what narrows a list. `permission` is what a person needs to write, in the row's brand.
    """

    name: ClassVar[str]
    many: ClassVar[str]
    one: ClassVar[str]
    tag: ClassVar[str]
    area: ClassVar[Area]
    shape: ClassVar[type[Output]]
    body: ClassVar[type[Input]]
    does: ClassVar[frozenset[str]] = frozenset({MAKE, CHANGE, DELETE})
    permission: ClassVar[Permission] = Permission.CONFIGURE
    filters: ClassVar[tuple[tuple[str, str], ...]] = ()

    @abstractmethod
    def rows(self, caller: Caller) -> QuerySet[Row]:
        """Give the rows that the caller may see."""

    def narrowed(self, rows: QuerySet[Row], asked: dict[str, str]) -> QuerySet[Row]:
        """Narrow the list by what the query says of `filters`, "" where it says nothing."""
        return rows

    def dressed(self, rows: list[Row]) -> list[Row]:
        """Read what is shown of these rows beside themselves, in a fixed number of queries."""
        return rows

    @abstractmethod
    def told(self, row: Row) -> dict[str, Any]:
        """Show one that is dressed."""

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Row:
        """Make one from a body."""
        raise NotImplementedError  # never asked: without the deed in `does` there is no address for it

    def change(self, caller: Caller, row: Row, given: dict[str, Any]) -> Row:
        """Change what a body names."""
        raise NotImplementedError  # never asked: without the deed in `does` there is no address for it

    def delete(self, caller: Caller, row: Row) -> None:
        """Delete one."""
        raise NotImplementedError  # never asked: without the deed in `does` there is no address for it

    def arrange(self, caller: Caller, brand: Brand, public_ids: list[str]) -> None:
        """Put the brand's rows into this order."""
        raise NotImplementedError  # never asked: without the deed in `does` there is no address for it

    def brand_id(self, row: Row) -> int:
        return int(row.brand_id)  # type: ignore[attr-defined]  # most have one

    def check(self, caller: Caller, brand_id: int, row: Row | None, given: dict[str, Any]) -> None:
        """Raise NotAllowed unless the caller may write this; `row` is None for a new one."""
        if not caller.viewer.may(brand_id, self.permission):
            raise NotAllowed


def addresses(noun: Noun[Any]) -> list[URLPattern]:
    """Give a noun's two addresses: the list, and one of it."""
    title = "".join(part.capitalize() for part in noun.name.split("_"))
    titles = "".join(part.capitalize() for part in noun.many.split("_"))
    one, many = noun.one, noun.many.replace("_", " ")
    one_answer = answer(f"{title}Answer", **{noun.name: noun.shape()})
    list_answer = answer(f"{titles}Answer", **{noun.many: noun.shape(many=True), "meta": Meta()})
    of = path_id("public_id", one)

    def told(row: Any) -> dict[str, Any]:
        return noun.told(noun.dressed([row])[0])

    class ManyView(BusinessView):
        area = noun.area
        http_method_names = ["get", "head", "options", *(["post"] if MAKE in noun.does else [])]

        @operation(
            f"list{titles}",
            f"List {many}",
            noun.tag,
            {200: list_answer},
            parameters=(*(query(*each) for each in noun.filters), AFTER, LIMIT),
            refuses=(400,),
        )
        def get(self, request: Request) -> Response:
            """Give a page, in the order in which they were made."""
            asked = {name: self.asked(name) for name, _text in noun.filters}
            rows, meta = self.page(noun.narrowed(noun.rows(self.caller), asked))
            return Response({noun.many: [noun.told(row) for row in noun.dressed(rows)], "meta": meta})

        @operation(
            f"make{title}",
            f"Make {one}",
            noun.tag,
            {201: one_answer},
            body=noun.body,
            parameters=(KEY,),
            refuses=(404, 409),
        )
        def post(self, request: Request) -> Response:
            """Make one; `brand` is needed where you are in several."""
            given = self.given(noun.body)
            brand = self.brand(given.pop("brand", ""))
            noun.check(self.caller, brand.pk, None, given)
            row = noun.make(self.caller, brand, given)
            return Response({noun.name: told(row)}, status=201)

    class OneView(BusinessView):
        area = noun.area
        http_method_names = [
            "get",
            "head",
            "options",
            *(["patch"] if CHANGE in noun.does else []),
            *(["delete"] if DELETE in noun.does else []),
        ]

        def row(self, public_id: str) -> Any:
            return one_of(noun.rows(self.caller), public_id)

        @operation(f"read{title}", f"Read {one}", noun.tag, {200: one_answer}, parameters=(of,), refuses=(404,))
        def get(self, request: Request, public_id: str) -> Response:
            """Give it."""
            return Response({noun.name: told(self.row(public_id))})

        @operation(
            f"change{title}",
            f"Change {one}",
            noun.tag,
            {200: one_answer},
            body=noun.body(partial=True),
            parameters=(of,),
            refuses=(404, 409),
        )
        def patch(self, request: Request, public_id: str) -> Response:
            """Change what is given; the rest stays. The brand stays too."""
            row = self.row(public_id)
            given = self.given(noun.body, partial=True)
            given.pop("brand", None)
            noun.check(self.caller, noun.brand_id(row), row, given)
            changed = noun.change(self.caller, row, given) if given else row
            return Response({noun.name: told(changed)})

        @operation(f"delete{title}", f"Delete {one}", noun.tag, {204: None}, parameters=(of,), refuses=(404, 409))
        def delete(self, request: Request, public_id: str) -> Response:
            """Delete it."""
            row = self.row(public_id)
            noun.check(self.caller, noun.brand_id(row), row, {})
            noun.delete(self.caller, row)
            return Response(status=204)

    class OrderView(BusinessView):
        area = noun.area

        @operation(f"order{titles}", f"Order {many}", noun.tag, {204: None}, body=Order, refuses=(404,))
        def put(self, request: Request) -> Response:
            """Put all of a brand's into this order."""
            given = self.given(Order)
            brand = self.brand(given.get("brand", ""))
            noun.check(self.caller, brand.pk, None, given)
            noun.arrange(self.caller, brand, given["ids"])
            return Response(status=204)

    address = noun.many.replace("_", "-")
    order = [path(f"{address}/order", OrderView.as_view(), name=f"{address}_order")] if ORDER in noun.does else []
    return [
        path(address, ManyView.as_view(), name=address),
        *order,
        path(f"{address}/<slug:public_id>", OneView.as_view(), name=address),
    ]
