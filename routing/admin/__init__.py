"""Routing's pages of the console, one file per noun."""

from routing.admin import groups, people, schedules, service_levels, views

__all__ = [
    "groups",
    "people",
    "schedules",
    "service_levels",
    "views",
]
