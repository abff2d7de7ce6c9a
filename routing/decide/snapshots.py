"""What a decision was made from, packed small enough to be kept with it, and unpacked to be made again."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from routing.decide.assign import Choice, Person, Reason, Terms, Work, choose
from routing.decide.capacity import Capacity

# Why somebody was not looked at any closer, in the order in which their keys are packed.
AT_ONCE = (Reason.NO_ROOM, Reason.STATUS)


def pack_people(free: Iterable[Person], passed_over: Mapping[int, Reason] = MappingProxyType({})) -> bytes:
    """Pack people with room, and the keys of those who were passed over AT_ONCE, into compressed JSON."""
    rows = [
        [
            person.agent,
            dict(person.availability),
            [dict(person.capacity.maxima), person.capacity.total, dict(person.capacity.weights)],
            sorted(person.groups),
            sorted(person.skills.items()),
            dict(person.load),
            dict(person.last_at),
            person.since,
            person.taken,
        ]
        for person in free
    ]
    keys = [[key for key, given in passed_over.items() if given == reason] for reason in AT_ONCE]
    return zlib.compress(json.dumps([rows, *keys], separators=(",", ":")).encode(), 1)


def unpack_people(packed: bytes) -> tuple[list[Person], dict[int, Reason]]:
    """Give what `pack_people` packed."""
    rows, *keys = json.loads(zlib.decompress(packed))
    free = [
        Person(
            agent=agent,
            availability=availability,
            capacity=Capacity(maxima=maxima, total=total, weights=weights),
            groups=frozenset(groups),
            skills=dict(skills),
            load=load,
            last_at=last_at,
            since=since,
            taken=taken,
        )
        for agent, availability, (maxima, total, weights), groups, skills, load, last_at, since, taken in rows
    ]
    return free, {key: reason for reason, each in zip(AT_ONCE, keys, strict=False) for key in each}


SETS = ("primary", "secondary", "required", "preferred")


def pack_work(work: Work) -> dict[str, Any]:
    """Give the work as JSON can hold it."""
    packed: dict[str, Any] = {name: sorted(getattr(work, name)) for name in SETS if getattr(work, name)}
    if work.had_by:
        packed["had_by"] = sorted(Counter(work.had_by).elements())
    return packed | {"ticket": work.ticket, "channel_class": work.channel_class, "order": list(work.order)}


def unpack_work(packed: dict[str, Any]) -> Work:
    """Give the work that `pack_work` packed."""
    sets = {name: frozenset(packed.get(name, ())) for name in SETS}
    had_by = Counter(packed.get("had_by", ()))
    return Work(packed["ticket"], packed["channel_class"], had_by=had_by, order=tuple(packed["order"]), **sets)


def pack_terms(terms: Terms) -> dict[str, Any]:
    """Give the terms as JSON can hold them."""
    return asdict(terms)


def choose_again(
    people: Iterable[Person], before: Sequence[tuple[int, str]], work: Work, terms: Terms, now: float
) -> Choice:
    """Make a decision of a round again: `before` are the (agent, class) that the round gave out ahead of it."""
    persons = {person.agent: person for person in people}
    for agent, channel_class in before:
        persons[agent] = persons[agent].with_one_more(channel_class, now)
    return choose(work, persons.values(), terms, now)
