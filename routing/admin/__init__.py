"""Routing's pages of the console, one file per noun."""

from routing.admin import (
    assignment,
    capacity,
    groups,
    macros,
    people,
    queues,
    schedules,
    service_levels,
    skill_rules,
    skills,
    statuses,
    views,
)

__all__ = [
    "assignment",
    "capacity",
    "groups",
    "macros",
    "people",
    "queues",
    "schedules",
    "service_levels",
    "skill_rules",
    "skills",
    "statuses",
    "views",
]
