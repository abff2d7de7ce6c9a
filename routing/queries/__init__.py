"""Every composed read of routing: bounded by the viewer's brands."""

from routing.queries.lists import COUNT_LIMIT, NEWS_ROWS, PAGE, Inbox, inbox, news, own_waiting, view_counts
from routing.queries.seen import seen_by
from routing.queries.work import agents_of, answering, groups_of, ticket_of

__all__ = [
    "COUNT_LIMIT",
    "NEWS_ROWS",
    "PAGE",
    "Inbox",
    "agents_of",
    "answering",
    "groups_of",
    "inbox",
    "news",
    "own_waiting",
    "seen_by",
    "ticket_of",
    "view_counts",
]
