"""Lines of customers: who stands before whom for the same agents, whichever lanes they wait in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from routing.decide.lines import rivals
from routing.decide.sessions import MOST_PLACES
from routing.models import AgentSkill, Group, Lane, Waiting

# As rounds of assignment take the first of every lane; whoever is offered to an agent this moment is first.
ORDER = ("-is_offered", "lane__queue_priority", "due_at", "-priority", "eligible_at", "pk")


def lines_of(brand_id: int, channel_class: str) -> Mapping[Lane, frozenset[int]]:
    """Give the lanes of a brand and class in which something waits, each with the keys of all that share its agents.

    Three queries, however many lanes and agents.
    """
    waiting = Waiting.objects.filter(lane=OuterRef("pk"), is_held=False)
    lanes = list(Lane.objects.filter(Exists(waiting), brand=brand_id, channel_class=channel_class).order_by("pk"))
    members = _members({key for lane in lanes for key in (*lane.primary, *lane.secondary)})
    skills = _holders({key for lane in lanes for key in lane.required})
    found = rivals({lane.pk: _who(lane, members, skills) for lane in lanes})
    return {lane: found[lane.pk] for lane in lanes}


def _who(lane: Lane, members: Mapping[int, set[int]], skills: Mapping[int, set[int]]) -> frozenset[int] | None:
    """Give the keys of agents who can take a lane's work; None means everybody of the brand."""
    asked = [skills[key] for key in lane.required]
    if lane.primary:
        asked.append({agent for key in (*lane.primary, *lane.secondary) for agent in members[key]})
    return frozenset(set.intersection(*asked)) if asked else None


def _members(groups: Iterable[int]) -> Mapping[int, set[int]]:
    rows = Group.members.through.objects.filter(group__in=groups)
    return _by_first(rows.values_list("group_id", "agent_id"))


def _holders(skills: Iterable[int]) -> Mapping[int, set[int]]:
    return _by_first(AgentSkill.objects.filter(skill__in=skills).values_list("skill_id", "agent_id"))


def _by_first(pairs: Iterable[tuple[int, int]]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs:
        found[first].add(second)
    return found


def in_line(lanes: frozenset[int]) -> list[Waiting]:
    """Give the first hundred who wait in lanes that share agents, in the order in which they come to one. One query."""
    return list(_line(lanes).select_related("ticket__conversation__contact")[:MOST_PLACES])


def place_of(row: Waiting) -> int | None:
    """Give the place of a waiting ticket in its line, from 1; None behind a hundred, and for what is given by hand."""
    lines = lines_of(row.brand_id, row.lane.channel_class)
    ahead: Sequence[int] = list(_line(lines.get(row.lane, frozenset())).values_list("pk", flat=True)[:MOST_PLACES])
    return ahead.index(row.pk) + 1 if row.pk in ahead else None


def _line(lanes: frozenset[int]) -> QuerySet[Waiting]:
    return Waiting.objects.filter(lane__in=lanes, is_held=False).order_by(*ORDER)
