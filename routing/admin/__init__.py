"""Routing's pages of the console, one file per noun."""

from routing.admin import (
    assignment,
    capacity,
    fields,
    forms,
    groups,
    macros,
    people,
    queues,
    schedules,
    skill_rules,
    skills,
    statuses,
    views,
)

__all__ = [
    "assignment",
    "capacity",
    "fields",
    "forms",
    "groups",
    "macros",
    "people",
    "queues",
    "schedules",
    "skill_rules",
    "skills",
    "statuses",
    "views",
]
