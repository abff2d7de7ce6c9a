"""Taking a change back: what of it may be restored, once others went on working."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What is kept of a ticket before and after a change, beside its tags.
FIELDS = ("status", "priority", "group", "assignee", "form", "snoozed_until")
# Mappings of which each key is taken back by itself: the fields of the brand's own.
MAPPINGS = ("values", "contact_values")


@dataclass(frozen=True)
class Restoring:
    """`values` are what to set back; `changed_since` those that somebody else has changed meanwhile."""

    values: Mapping[str, Any]
    add_tags: tuple[str, ...]
    remove_tags: tuple[str, ...]
    changed_since: tuple[str, ...]
    # Of each mapping what to set back, None for what was not there.
    values_of: Mapping[str, Mapping[str, Any]]


def what_to_restore(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> Restoring:
    """Decide what of a change is taken back: each field that stands as the change left it, each tag that it moved."""
    moved = [field for field in FIELDS if before[field] != after[field]]
    keys = {
        name: [key for key in {**before[name], **after[name]} if before[name].get(key) != after[name].get(key)]
        for name in MAPPINGS
    }
    lost = [key for name in MAPPINGS for key in keys[name] if now[name].get(key) != after[name].get(key)]
    return Restoring(
        values={field: before[field] for field in moved if now[field] == after[field]},
        add_tags=tuple(tag for tag in before["tags"] if tag not in after["tags"] and tag not in now["tags"]),
        remove_tags=tuple(tag for tag in after["tags"] if tag not in before["tags"] and tag in now["tags"]),
        changed_since=(*(field for field in moved if now[field] != after[field]), *lost),
        values_of={
            name: {key: before[name].get(key) for key in keys[name] if now[name].get(key) == after[name].get(key)}
            for name in MAPPINGS
        },
    )
