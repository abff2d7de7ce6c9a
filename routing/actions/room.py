"""Room that became free: work is looked for in every brand its agent answers for, since they have one room."""

from conversations.models import Membership
from routing.nudge import ask_to_assign


def made_room(brand_id: int, agent_id: int | None) -> None:
    """Have work looked for in the brand, and in the others of the agent who has room again. At most one query."""
    brands = {brand_id}
    if agent_id is not None:
        brands |= set(Membership.objects.filter(user__agent=agent_id).values_list("brand_id", flat=True))
    for each in sorted(brands):
        ask_to_assign(each)
