"""Who is there, with what is known of whether they still are."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db.models import QuerySet

from conversations.models import Membership
from routing.decide.absence import Absence, Limits, OwnLimits, Sign, absence
from routing.models import Agent, RoutingConfig

SHOWN = ("pk", "user", "status", "custom_status", "user__seen_at", "user__active_at", "chosen_at", "status_set_at")
OWN = ("disconnect_after_seconds", "disconnect_status", "idle_after_minutes", "idle_status")


def absences(now: datetime) -> Iterator[tuple[int, Absence]]:
    """Yield the keys of agents who are gone or idle, and what becomes of them. Three queries, however many agents."""
    rows = list(
        Agent.objects.filter(is_present=True)
        .order_by("pk")
        .values_list(*SHOWN, *(f"custom_status__{name}" for name in OWN))
    )
    if not rows:
        return
    limits = _limits_by_person(Membership.objects.filter(user__agent__is_present=True, user__is_active=True))
    for pk, user, status, custom, seen_at, active_at, chosen_at, set_at, *own in rows:
        sign = Sign(status, custom is not None, _last(seen_at, chosen_at, set_at), _last(active_at, chosen_at, set_at))
        asked = limits.get(user, [_usual()])
        if custom is not None:
            own_limits = _own_limits(*own)
            asked = [own_limits.over(each) for each in asked]
        if found := absence(sign, asked, now):
            yield pk, found


def absence_of_gone(agent: Agent, now: datetime) -> Absence | None:
    """Say what becomes of an agent who said that they go, by the limits of all their brands; nothing where they are
    that far away already. Two queries."""
    asked = _limits_by_person(Membership.objects.filter(user=agent.user_id)).get(agent.user_id, [_usual()])
    if agent.custom_status is not None:
        own_limits = _own_limits(*(getattr(agent.custom_status, name) for name in OWN))
        asked = [own_limits.over(each) for each in asked]
    never = datetime.min.replace(tzinfo=UTC)
    return absence(Sign(agent.status, agent.custom_status is not None, never, None), asked, now)


def _limits_by_person(places: QuerySet[Membership]) -> dict[int, list[Limits]]:
    """Give the limits of each one's brands, by the key of the person."""
    brands: dict[int, set[int]] = defaultdict(set)
    for user, brand in places.values_list("user", "brand"):
        brands[user].add(brand)
    configs = RoutingConfig.objects.filter(brand__in={brand for each in brands.values() for brand in each})
    limits = {config.brand_id: limits_of(config) for config in configs}
    return {user: [limits.get(brand, _usual()) for brand in sorted(each)] for user, each in brands.items()}


def _usual() -> Limits:
    """Give the limits of a brand that set none; who is in no brand any more is gone by them like everybody else."""
    return limits_of(RoutingConfig())


def limits_of(config: RoutingConfig) -> Limits:
    """Give the limits of a brand, whether it assigns by itself or not."""
    return Limits(
        gone_after_s=config.disconnect_after_seconds,
        gone_status=config.disconnect_status,
        idle_after_s=_seconds(config.idle_after_minutes),
        idle_status=config.idle_status,
    )


def _own_limits(
    disconnect_after_seconds: int | None, disconnect_status: str, idle_after_minutes: int | None, idle_status: str
) -> OwnLimits:
    idle_after_s = _seconds(idle_after_minutes)
    return OwnLimits(disconnect_after_seconds, disconnect_status, idle_after_s, idle_status)


def _seconds(minutes: int | None) -> float | None:
    return 60.0 * minutes if minutes else None


def _last(sign: datetime | None, chosen_at: datetime | None, set_at: datetime | None) -> datetime | None:
    """Give the later of a sign of life and the last choice of a status; who never gave either has their status since
    `set_at`."""
    return max((each for each in (sign, chosen_at) if each), default=set_at)
