"""Who asks: one of the business's people, and what they may see."""

from dataclasses import dataclass

from conversations.models import Membership, Role, User

RANK = {Role.READ_ONLY: 0, Role.AGENT: 1, Role.SUPERVISOR: 2, Role.ADMIN: 3}


@dataclass(frozen=True)
class Viewer:
    """One of the business's people, and what they are in each brand."""

    user: User
    roles: dict[int, Role]

    @property
    def brand_ids(self) -> list[int]:
        return list(self.roles)

    @property
    def answers(self) -> bool:
        """Whether they may answer in any brand."""
        return any(self.may(brand_id, Role.AGENT) for brand_id in self.roles)

    def may(self, brand_id: int, role: Role) -> bool:
        """Say whether they are at least this in the brand."""
        held = self.roles.get(brand_id)
        return held is not None and RANK[held] >= RANK[role]


def viewer_of(user: User) -> Viewer:
    """Give what a signed-in person may see; one query."""
    rows = Membership.objects.filter(user=user, user__is_active=True).values_list("brand_id", "role")
    return Viewer(user, {brand_id: Role(role) for brand_id, role in rows})
