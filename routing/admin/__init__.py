"""Routing's pages of the console, one file per noun."""

from routing.admin import groups, people, schedules

__all__ = ["groups", "people", "schedules"]
