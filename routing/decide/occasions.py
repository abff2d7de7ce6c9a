"""What a trigger can answer: occasions, each a kind of fact, or some of a kind. Apps above add theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from conversations.events import (
    Fact,
    MessagePosted,
    RatingGiven,
    SessionBecameActive,
    SessionBecameInactive,
    SessionEnded,
)
from routing.decide.conditions.language import Words
from routing.events import (
    TicketAssigned,
    TicketBreached,
    TicketChanged,
    TicketMerged,
    TicketOpened,
    TicketQueued,
    TicketReleased,
    TicketSnoozed,
    TicketStatusChanged,
    TicketTransferred,
    TicketWoke,
)
from routing.models import Ticket

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Occasion:
    """Something that happens to a ticket: `name` is stored and never changes, `label` is for people.

    Of the `facts` it is those for which `fits` says so.
    """

    name: str
    label: Words
    facts: tuple[type[Fact], ...]
    fits: Callable[[Payload], bool] = lambda _payload: True


def _asks(payload: Payload) -> bool:
    if "previous" not in payload:
        return True
    return payload["status"] in Ticket.OPEN_STATUSES and payload["previous"] not in Ticket.OPEN_STATUSES


def _written_by(kind: str, audience: str = "public") -> Callable[[Payload], bool]:
    return lambda payload: payload["audience"] == audience and payload["author_kind"] == kind


OCCASIONS: dict[str, Occasion] = {
    each.name: each
    for each in (
        Occasion(
            "conversation.requested",
            _("A customer asks for a conversation: a ticket opens, or opens again, or they write after falling silent"),
            (TicketOpened, TicketStatusChanged, SessionBecameActive),
            _asks,
        ),
        Occasion("ticket.opened", _("A ticket is opened"), (TicketOpened,)),
        Occasion("message.from_customer", _("The customer writes"), (MessagePosted,), _written_by("contact")),
        Occasion("message.from_agent", _("An agent answers"), (MessagePosted,), _written_by("agent")),
        Occasion("message.from_ai_agent", _("An AI agent writes"), (MessagePosted,), _written_by("bot")),
        Occasion("note.written", _("An agent writes a note"), (MessagePosted,), _written_by("agent", "internal")),
        Occasion("ticket.queued", _("A ticket enters a queue"), (TicketQueued,)),
        Occasion("ticket.assigned", _("An agent gets a ticket"), (TicketAssigned,)),
        Occasion("ticket.released", _("An agent no longer has a ticket"), (TicketReleased,)),
        Occasion("ticket.transferred", _("A ticket is passed on or escalated"), (TicketTransferred,)),
        Occasion("ticket.status_changed", _("The status changes"), (TicketStatusChanged,)),
        Occasion("ticket.changed", _("Subject, priority, group, tags, form or own fields change"), (TicketChanged,)),
        Occasion("ticket.snoozed", _("A ticket is snoozed"), (TicketSnoozed,)),
        Occasion("ticket.woke", _("A snoozed ticket comes back"), (TicketWoke,)),
        Occasion("ticket.merged", _("Another ticket is merged into it"), (TicketMerged,)),
        Occasion("ticket.breached", _("A promise is broken"), (TicketBreached,)),
        Occasion("rating.given", _("The customer rates a ticket"), (RatingGiven,)),
        Occasion("session.ended", _("The session ends"), (SessionEnded,)),
        Occasion("session.became_inactive", _("The customer falls silent"), (SessionBecameInactive,)),
    )
}


# After these work is given to nobody before the triggers that answer them were run.
OPENING = frozenset({"conversation.requested", "ticket.opened"})


def occasions_of(kind: str, payload: Payload) -> Sequence[str]:
    """Give the names of the occasions that a fact of this type is."""
    return [
        each.name for each in OCCASIONS.values() if any(fact.type == kind for fact in each.facts) and each.fits(payload)
    ]
