"""Every composed read of routing: bounded by the viewer's brands."""

from routing.queries.lists import (
    COUNT_LIMIT,
    GROUPED,
    NEWS_ROWS,
    PAGE,
    Inbox,
    inbox,
    news,
    own_waiting,
    saved_page,
    view_counts,
)
from routing.queries.sla import promises_of, shown_promise
from routing.queries.views import own_view_for_viewer, saved_counts, view_for_viewer, views_of
from routing.queries.work import agents_of, answering, groups_of, ticket_of

__all__ = [
    "COUNT_LIMIT",
    "GROUPED",
    "NEWS_ROWS",
    "PAGE",
    "Inbox",
    "agents_of",
    "answering",
    "groups_of",
    "inbox",
    "news",
    "own_view_for_viewer",
    "own_waiting",
    "promises_of",
    "saved_counts",
    "saved_page",
    "shown_promise",
    "ticket_of",
    "view_counts",
    "view_for_viewer",
    "views_of",
]
