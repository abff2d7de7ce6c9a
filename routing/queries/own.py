"""What an agent has, may have and may be: for their own status menu."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.permissions import Permission
from conversations.queries import Viewer
from routing.decide.capacity import Capacity
from routing.decide.classes import ChannelClass
from routing.decide.statuses import CHOSEN, Availability
from routing.models import Agent, CustomStatus, StatusSpell
from routing.queries.persons import config_of, default_capacity, loads

NEAR = 0.75
MAX_STATUSES = 100


@dataclass(frozen=True)
class Used:
    """How much an agent has of one class of channels, and how much they may have; `name` is the class, or "total"."""

    name: str
    label: str | Promise
    used: int
    maximum: int

    @property
    def percent(self) -> int:
        """How full it is, 0 to 100, however far a hand went beyond it."""
        return 100 if self.used >= self.maximum else 100 * self.used // self.maximum

    @property
    def state(self) -> str:
        """free, near (three quarters and more) or full."""
        return "full" if self.used >= self.maximum else "near" if self.used >= NEAR * self.maximum else "free"


def own_load(viewer: Viewer, agent: Agent) -> Sequence[Used]:
    """Give what the viewer has of what they may have, offers that they did not answer yet included.

    By their own rule, or the default of their first brand. Classes of which they may have nothing, and have nothing,
    are left out. At most four queries.
    """
    brand_id = min(viewer.brands_where(Permission.REPLY), default=None)
    if brand_id is None:
        return []
    load = loads([agent.pk], config_of(brand_id)).get(agent.pk, {})
    return used_of(agent.capacity_rule.capacity if agent.capacity_rule else default_capacity(brand_id), load)


def used_of(capacity: Capacity, load: Mapping[str, int]) -> Sequence[Used]:
    """Tell a load against a capacity; classes of which there is nothing, and may be nothing, are left out."""
    rows = [
        Used(each, each.label, load.get(each, 0), capacity.maxima.get(each, 0))
        for each in ChannelClass
        if load.get(each) or capacity.maxima.get(each)
    ]
    if capacity.total is not None:
        weighed = sum(capacity.weight(each) * load.get(each, 0) for each in ChannelClass)
        rows.append(Used("total", _("In all"), weighed, capacity.total))
    return rows


def custom_statuses(viewer: Viewer) -> Sequence[CustomStatus]:
    """Give the statuses of the viewer's brands' own, at most MAX_STATUSES. One query."""
    return list(CustomStatus.objects.filter(brand__in=viewer.brand_ids).order_by("brand", "order", "pk")[:MAX_STATUSES])


def spell_of(agent: Agent) -> StatusSpell | None:
    """Give since when, and by what, an agent has the status they have; None where they never had another."""
    return StatusSpell.objects.filter(agent=agent, ended_at=None).first()


def chosen_before(agent: Agent) -> StatusSpell | None:
    """Give what an agent chose last before their status was set for them; None where that is not to be had again."""
    found = StatusSpell.objects.filter(agent=agent, source__in=CHOSEN).select_related("custom_status")
    spell = found.order_by("-pk").first()
    if spell is None or spell.custom_status:
        return spell
    return None if spell.name or spell.status == Availability.OFFLINE else spell
