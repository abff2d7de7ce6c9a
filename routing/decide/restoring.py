"""Taking a change back: what of it may be restored, once others went on working."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What is kept of a ticket before and after a change, beside its tags.
FIELDS = ("status", "priority", "group", "assignee", "snoozed_until")


@dataclass(frozen=True)
class Restoring:
    """`values` are the fields to set back; `changed_since` those that somebody else has changed meanwhile."""

    values: Mapping[str, Any]
    add_tags: tuple[str, ...]
    remove_tags: tuple[str, ...]
    changed_since: tuple[str, ...]


def what_to_restore(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> Restoring:
    """Decide what of a change is taken back: each field that stands as the change left it, each tag that it moved."""
    moved = [field for field in FIELDS if before[field] != after[field]]
    return Restoring(
        values={field: before[field] for field in moved if now[field] == after[field]},
        add_tags=tuple(tag for tag in before["tags"] if tag not in after["tags"] and tag not in now["tags"]),
        remove_tags=tuple(tag for tag in after["tags"] if tag not in before["tags"] and tag in now["tags"]),
        changed_since=tuple(field for field in moved if now[field] != after[field]),
    )
