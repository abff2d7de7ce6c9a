"""Merging two tickets that are about one thing. It cannot be undone."""

from django.db import transaction
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.actions.messages import Author, post_message
from conversations.events import Actor
from conversations.models import Message
from routing.actions import tickets
from routing.errors import InvalidChange, TicketIsClosed
from routing.events import TicketMerged
from routing.models import Agent, Ticket

MAX_NOTE = 2000


@transaction.atomic
def merge_tickets(*, source: Ticket, target: Ticket, by: Agent, note: str = "") -> Ticket:
    """Close a ticket because another one of its brand goes on with it; a note in both says so, and links to the other.

    Each keeps its conversation; nothing the customer sees is moved. `note` (up to 2,000 characters) is written into the
    one that goes on. Raises TicketIsClosed where one of the two is closed, InvalidChange naming: target, note.
    """
    if target.brand_id != source.brand_id or target.pk == source.pk:
        raise InvalidChange(_("Choose another ticket of the same brand."), field="target")
    if len(note) > MAX_NOTE:
        raise InvalidChange(field="note", limit=MAX_NOTE)
    # Of two agents who merge the two into each other at once, the second finds one closed.
    first, second = (tickets.locked(each) for each in sorted((source, target), key=lambda each: each.pk))
    source, target = (first, second) if first.pk == source.pk else (second, first)
    if Ticket.Status.CLOSED in {source.status, target.status}:
        raise TicketIsClosed
    actor = Actor.of_user(by.user)
    source.merged_into = target
    source.save(update_fields=["merged_into"])
    _write(source, by, gettext("Merged into {ticket}."), target, "")
    _write(target, by, gettext("{ticket} was merged into this."), source, note)
    source = tickets.set_status(ticket=source, status=Ticket.Status.CLOSED, by=actor, is_held_back=False)
    tickets.record(source, TicketMerged(source.public_id, target.public_id, target.number), actor)
    return source


def _write(ticket: Ticket, by: Agent, sentence: str, other: Ticket, note: str) -> None:
    words = " ".join([f"#{other.number}", other.subject]).strip()
    # The address of the workspace's own page (DESIGN, section 7); the conversation's id is no words of anybody's.
    link = format_html('<a href="/workspace/inbox/open/{}/">{}</a>', other.conversation.public_id, words)
    told = format_html("<p>{}</p>", format_html(sentence, ticket=link))
    if note.strip():
        told += format_html("<p>{}</p>", note.strip())
    post_message(
        conversation=ticket.conversation,
        author=Author.agent(by.user),
        content={"type": "text", "htmlText": told},
        audience=Message.Audience.INTERNAL,
    )
