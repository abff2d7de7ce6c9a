"""Every composed read of routing: bounded by the viewer's brands."""

from routing.queries.lists import (
    COUNT_LIMIT,
    GROUPED,
    NEWS_ROWS,
    PAGE,
    PARTS,
    Inbox,
    inbox,
    news,
    own_promises,
    own_waiting,
    saved_page,
    view_counts,
)
from routing.queries.macros import (
    files_of,
    files_to_attach,
    macro_for_viewer,
    macros_for,
    own_macro,
    own_macros,
    usable_macros,
)
from routing.queries.merging import merge_target, merge_targets, tickets_numbered
from routing.queries.offers import lost_offers, own_offers
from routing.queries.own import chosen_before, custom_statuses, own_load, spell_of
from routing.queries.passing import target_of, targets
from routing.queries.ratings import ratings_of, survey_of
from routing.queries.seen import seen_by
from routing.queries.sides import own_side_news, side_for_viewer, side_messages, sides_beside, sides_of
from routing.queries.sla import promises_of, shown_promise
from routing.queries.views import own_view_for_viewer, saved_counts, view_for_viewer, views_of
from routing.queries.work import (
    agents_of,
    agents_of_brands,
    answering,
    answers_anywhere,
    groups_of,
    ticket_of,
    tickets_for_viewer,
)

__all__ = [
    "COUNT_LIMIT",
    "GROUPED",
    "NEWS_ROWS",
    "PAGE",
    "PARTS",
    "Inbox",
    "agents_of",
    "agents_of_brands",
    "answering",
    "answers_anywhere",
    "chosen_before",
    "custom_statuses",
    "files_of",
    "files_to_attach",
    "groups_of",
    "inbox",
    "lost_offers",
    "macro_for_viewer",
    "macros_for",
    "merge_target",
    "merge_targets",
    "news",
    "own_load",
    "own_macro",
    "own_macros",
    "own_offers",
    "own_promises",
    "own_side_news",
    "own_view_for_viewer",
    "own_waiting",
    "promises_of",
    "ratings_of",
    "saved_counts",
    "saved_page",
    "seen_by",
    "shown_promise",
    "side_for_viewer",
    "side_messages",
    "sides_beside",
    "sides_of",
    "spell_of",
    "survey_of",
    "target_of",
    "targets",
    "ticket_of",
    "tickets_for_viewer",
    "tickets_numbered",
    "usable_macros",
    "view_counts",
    "view_for_viewer",
    "views_of",
]
