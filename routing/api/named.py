"""What bodies name by public ids, looked up in one brand."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations.business.callers import Caller
from conversations.business.nouns import CHANGE, DELETE, MAKE, ORDER, Noun
from conversations.business.views import Row, those_named
from conversations.models import Brand
from routing.actions import ordering
from routing.errors import InvalidChange
from routing.models import Agent, Group, Skill
from routing.queries import answering

MOST = 500


def ids(**given: Any) -> serializers.ListField:
    """Give the field of a list of ids."""
    return serializers.ListField(child=serializers.CharField(max_length=24), max_length=MOST, **given)


@extend_schema_field({"type": "object", "additionalProperties": True, "maxProperties": 100})
class Values(serializers.DictField):
    """Values of a brand's own fields by their keys; "" or null empties one."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("help_text", 'Values of own fields by their keys; "" or null empties one.')
        super().__init__(child=serializers.JSONField(allow_null=True), **given)


BRAND = "Where you are in several."


def brand_field() -> serializers.CharField:
    return serializers.CharField(required=False, max_length=24, help_text=BRAND)


def agents_named(brand_id: int, public_ids: Sequence[str], field: str) -> list[Agent]:
    """Give the agents of these ids, who all answer for the brand. Raises InvalidChange naming the field."""
    wanted = set(public_ids)
    found = list(answering(brand_id).filter(user__public_id__in=wanted).select_related("user").distinct())
    if len(found) != len(wanted):
        raise InvalidChange(field=field)
    return found


def groups_named(brand_id: int, public_ids: Sequence[str], field: str) -> list[Group]:
    """Give the brand's groups of these ids. Raises InvalidContent naming the field."""
    return those_named(Group.objects.filter(brand=brand_id), public_ids, field)


def skills_named(brand_id: int, public_ids: Sequence[str], field: str) -> list[Skill]:
    """Give the brand's skills of these ids. Raises InvalidContent naming the field."""
    return those_named(Skill.objects.filter(type__brand=brand_id), public_ids, field)


def fill(row: Any, given: dict[str, Any]) -> None:
    """Set what a body gives of a row's own fields."""
    for name, value in given.items():
        setattr(row, name, value)


class OrderedNoun(Noun[Row]):
    """A noun whose rows stand in an order that matters."""

    does = frozenset({MAKE, CHANGE, DELETE, ORDER})

    def arrange(self, caller: Caller, brand: Brand, public_ids: list[str]) -> None:
        found = those_named(self.rows(caller).filter(brand=brand), public_ids, "ids")
        rows: dict[str, Any] = {row.public_id: row for row in found}  # type: ignore[attr-defined]  # each has one
        ordering.arrange(rows=[rows[public_id] for public_id in public_ids], by=caller.actor)
