"""Every composed read of the core: bounded by brand and by who asks."""

from conversations.queries.blocks import block_for_viewer, blocks_of, is_blocked, refuse_blocked
from conversations.queries.files import attachment_for_viewer, attachment_named, attachment_of_contact
from conversations.queries.finding import SearchResult, search
from conversations.queries.merges import merge_choices, merge_for_viewer, merges_of
from conversations.queries.own import (
    Overview,
    Own,
    conversation_for_contact,
    default_of_contact,
    newest_seqs,
    overview,
    own_view,
)
from conversations.queries.people import (
    colleagues,
    contact_for_viewer,
    contacts,
    conversations_mentioning,
    mentioned,
    names_of,
    unread_mentions,
)
from conversations.queries.scheduled import scheduled_reply_for_viewer, waiting_replies, words_of_replies
from conversations.queries.seen import contacts_seen, conversations_seen, recent_of_contact, sees_conversation
from conversations.queries.threads import (
    PAGE,
    Marks,
    Page,
    conversation_for_viewer,
    draft_of,
    marks_of,
    message_of,
    missed,
    missed_pages,
    story_of,
    thread,
    unread_by,
)
from conversations.queries.viewers import Place, Viewer, only_seen, restricts, viewer_of

__all__ = [
    "PAGE",
    "Marks",
    "Overview",
    "Own",
    "Page",
    "Place",
    "SearchResult",
    "Viewer",
    "attachment_for_viewer",
    "attachment_named",
    "attachment_of_contact",
    "block_for_viewer",
    "blocks_of",
    "colleagues",
    "contact_for_viewer",
    "contacts",
    "contacts_seen",
    "conversation_for_contact",
    "conversation_for_viewer",
    "conversations_mentioning",
    "conversations_seen",
    "default_of_contact",
    "draft_of",
    "is_blocked",
    "marks_of",
    "mentioned",
    "merge_choices",
    "merge_for_viewer",
    "merges_of",
    "message_of",
    "missed",
    "missed_pages",
    "names_of",
    "newest_seqs",
    "only_seen",
    "overview",
    "own_view",
    "recent_of_contact",
    "refuse_blocked",
    "restricts",
    "scheduled_reply_for_viewer",
    "search",
    "sees_conversation",
    "story_of",
    "thread",
    "unread_by",
    "unread_mentions",
    "viewer_of",
    "waiting_replies",
    "words_of_replies",
]
