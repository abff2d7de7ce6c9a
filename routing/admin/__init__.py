"""Routing's pages of the console, one file per noun."""

from routing.admin import (
    assignment,
    capacity,
    groups,
    macros,
    people,
    queues,
    rules,
    schedules,
    service_levels,
    silence,
    skill_rules,
    skills,
    statuses,
    surveys,
    views,
)

__all__ = [
    "assignment",
    "capacity",
    "groups",
    "macros",
    "people",
    "queues",
    "rules",
    "schedules",
    "service_levels",
    "silence",
    "skill_rules",
    "skills",
    "statuses",
    "surveys",
    "views",
]
