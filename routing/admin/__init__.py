"""Routing's pages of the console, one file per noun."""

from routing.admin import groups, people, schedules, views

__all__ = [
    "groups",
    "people",
    "schedules",
    "views",
]
