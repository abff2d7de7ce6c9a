"""Routing's pages of the console, one file per noun."""

from routing.admin import groups, people, views

__all__ = ["groups", "people", "views"]
