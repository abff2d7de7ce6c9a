"""Who asks: one of the business's people, what they may do, and whose conversations they see."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from conversations.models import Membership, User
from conversations.permissions import CONSOLE, Permission, Role, Sees, permissions_of

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Place:
    """What somebody is in one brand. `role` is the standard role, or the one a custom role is nearest to."""

    role: Role
    permissions: frozenset[Permission]
    sees: Sees = Sees.ALL

    @classmethod
    def of_role(cls, role: Role) -> "Place":
        return cls(role, permissions_of(role))


@dataclass(frozen=True)
class Viewer:
    """One of the business's people, and what they are in each brand."""

    user: User
    places: dict[int, Place]

    @property
    def brand_ids(self) -> list[int]:
        return list(self.places)

    @property
    def answers(self) -> bool:
        """Whether they may answer in any brand."""
        return bool(self.brands_where(Permission.REPLY))

    @property
    def may_configure(self) -> bool:
        """Whether a page of the console is open to them."""
        return self.user.is_superuser or any(CONSOLE & place.permissions for place in self.places.values())

    @property
    def is_restricted(self) -> bool:
        """Say whether there is a brand of which they do not see all conversations."""
        return any(place.sees != Sees.ALL for place in self.places.values())

    def may(self, brand_id: int, permission: Permission) -> bool:
        """Say whether they may do this in the brand."""
        place = self.places.get(brand_id)
        return place is not None and permission in place.permissions

    def brands_where(self, permission: Permission) -> list[int]:
        """Give the brands in which they may do this."""
        return [brand_id for brand_id in self.places if self.may(brand_id, permission)]

    def brands_to_take_from(self) -> list[int]:
        """Give the brands in which they may take work that waits: not where they see only what is assigned to them."""
        closed = self.brands_seen(Sees.ASSIGNED)
        return sorted(pk for pk in self.brands_where(Permission.CHANGE_TICKETS) if pk not in closed)

    def brands_seen(self, sees: Sees) -> list[int]:
        """Give the brands of which they see this much."""
        return [brand_id for brand_id, place in self.places.items() if place.sees == sees]


def viewer_of(user: User) -> Viewer:
    """Give what a signed-in person may see and do; one query."""
    rows = Membership.objects.filter(user=user, user__is_active=True).values_list(
        "brand_id", "role", "custom_role__permissions", "custom_role__sees"
    )
    return Viewer(
        user,
        {
            brand_id: Place(Role(role), permissions_of(role, custom), Sees(sees or Sees.ALL))
            for brand_id, role, custom, sees in rows
        },
    )


Restriction = Callable[[Viewer, Sees, str], Q]
_RESTRICTIONS: list[Restriction] = []


def restricts(restriction: Restriction) -> Restriction:
    """Have a function say which conversations belong to a viewer who does not see all: given GROUPS or ASSIGNED and
    the path from a row to its conversation ("pk" for conversations themselves), it gives a condition on the rows.

    The core knows neither groups nor assignees: the app that does, registers this at its start. It reads the truth
    when asked. To mirror group and assignee on the conversation would cost each change of a ticket one more write,
    and would show a conversation to the wrong people whenever one of them was forgotten.
    """
    _RESTRICTIONS[:] = [restriction]
    return restriction


def only_seen(found: QuerySet[Row], viewer: Viewer, *, brand: str = "brand_id", conversation: str) -> QuerySet[Row]:
    """Leave the rows whose conversation the viewer may see: of their brands, and where they are restricted, their own.

    `brand` and `conversation` are the paths from a row to its brand and its conversation. For whoever sees all it is
    the brand alone, which every index begins with.
    """
    if not viewer.is_restricted:
        return found.filter(**{f"{brand}__in": viewer.brand_ids})
    seen = Q(**{f"{brand}__in": viewer.brands_seen(Sees.ALL)})
    for sees in (Sees.GROUPS, Sees.ASSIGNED):
        if brand_ids := viewer.brands_seen(sees):
            for restriction in _RESTRICTIONS:
                seen |= Q(**{f"{brand}__in": brand_ids}) & restriction(viewer, sees, conversation)
    return found.filter(seen)
