"""Routing's pages of the console, one file per noun."""

from routing.admin import groups, macros, people, schedules, views

__all__ = [
    "groups",
    "macros",
    "people",
    "schedules",
    "views",
]
