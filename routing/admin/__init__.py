"""Routing's pages of the console, one file per noun."""

from routing.admin import groups, macros, people

__all__ = ["groups", "macros", "people"]
