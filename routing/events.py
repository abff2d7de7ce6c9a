"""The facts routing appends. What it does on others' facts stands in `routing.reactions`."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from conversations.events import Fact


@dataclass(frozen=True)
class TicketOpened(Fact):
    """Work for people began. `follows`: the number of the closed ticket that goes on, as an answer came beside it."""

    type = "ticket.opened"
    title = _("Ticket opened")
    ticket: str
    number: int
    follows: int = 0


@dataclass(frozen=True)
class TicketAssigned(Fact):
    """An agent has it now: taken by themselves, or given by `actor`."""

    type = "ticket.assigned"
    title = _("Ticket assigned")
    ticket: str
    agent: str


@dataclass(frozen=True)
class TicketReleased(Fact):
    """Nobody has it any more."""

    type = "ticket.released"
    title = _("Ticket released")
    ticket: str


@dataclass(frozen=True)
class TicketStatusChanged(Fact):
    """It moved from one status to another."""

    type = "ticket.status_changed"
    title = _("Ticket status changed")
    ticket: str
    status: str
    previous: str


@dataclass(frozen=True)
class TicketChanged(Fact):
    """Subject, priority, group, tags, form or fields of the brand's own changed; `fields` names which.

    An own field is `field:<key>`; `labels` has its label of then by that name.
    """

    type = "ticket.changed"
    title = _("Ticket changed")
    ticket: str
    fields: list[str]
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TicketSnoozed(Fact):
    """It is out of the active views until then (ISO 8601), or until its customer writes."""

    type = "ticket.snoozed"
    title = _("Ticket snoozed")
    ticket: str
    until: str


@dataclass(frozen=True)
class TicketWoke(Fact):
    """A snoozed ticket came back. `reason`: agent, customer (who wrote), time."""

    type = "ticket.woke"
    title = _("Ticket came back")
    ticket: str
    reason: str


@dataclass(frozen=True)
class AgentStatusChanged(Fact):
    """An agent is available for other work than before. `name` is that of a brand's own status.

    `source`: manual, idle, disconnect, api, missed (offers that ran out).
    """

    type = "agent.status_changed"
    title = _("Agent status changed")
    agent: str
    status: str
    name: str = ""
    source: str = "manual"


@dataclass(frozen=True)
class TicketQueued(Fact):
    """It waits for an agent: in the queue of this name, or, without one, for its own group."""

    type = "ticket.queued"
    title = _("Ticket queued")
    ticket: str
    queue: str


@dataclass(frozen=True)
class TicketOffered(Fact):
    """An agent was asked to accept it, until `expires_at` (ISO 8601)."""

    type = "ticket.offered"
    title = _("Ticket offered")
    ticket: str
    agent: str
    expires_at: str


@dataclass(frozen=True)
class OfferEnded(Fact):
    """An offer ended without being accepted. `outcome`: declined, expired."""

    type = "ticket.offer_ended"
    title = _("Offer not accepted")
    ticket: str
    agent: str
    outcome: str


@dataclass(frozen=True)
class TicketTransferred(Fact):
    """An agent passed it on. `kind`: agent, group, queue, escalation; `to` is a public id or a name."""

    type = "ticket.transferred"
    title = _("Ticket passed on")
    ticket: str
    kind: str
    to: str


@dataclass(frozen=True)
class TicketBreached(Fact):
    """A promise was broken at `due_at` (ISO 8601). `metric` as in service levels; `policy` is the name of one."""

    type = "ticket.breached"
    title = _("Promise broken")
    ticket: str
    metric: str
    due_at: str
    policy: str


@dataclass(frozen=True)
class CustomerReminded(Fact):
    """A customer who fell silent was due the reminder at this place, from 0; what it did are facts of their own."""

    type = "ticket.reminded"
    title = _("Customer reminded")
    ticket: str
    place: int


@dataclass(frozen=True)
class MacroApplied(Fact):
    """An agent used a macro; what it changed of the ticket are facts of their own. `ticket` is empty without one.

    `name` is the macro's of then.
    """

    type = "macro.applied"
    title = _("Macro used")
    macro: str
    ticket: str
    name: str = ""


@dataclass(frozen=True)
class RuleFired(Fact):
    """A trigger or an automation did something to a ticket; what it changed are facts of their own.

    `steps` are those that were done, as {"do", "value", "label"}: never the text of a message.
    """

    type = "rule.fired"
    title = _("Rule applied")
    rule: str
    name: str
    ticket: str
    firing: str
    steps: list[dict[str, Any]]


@dataclass(frozen=True)
class RatingAsked(Fact):
    """The customer was asked how it went, by this message; what they say is rating.given."""

    type = "rating.asked"
    title = _("Rating asked for")
    ticket: str
    message: str


@dataclass(frozen=True)
class RatingSwitched(Fact):
    """An agent said whether the customer will be asked how it went."""

    type = "rating.switched"
    title = _("Rating switched on or off")
    ticket: str
    is_on: bool


@dataclass(frozen=True)
class TicketMerged(Fact):
    """It was closed because the ticket `into` goes on with it, whose number is `number`."""

    type = "ticket.merged"
    title = _("Ticket merged")
    ticket: str
    into: str
    number: int = 0


@dataclass(frozen=True)
class SideOpened(Fact):
    """An agent asks somebody else beside the ticket. `kind`: email, ticket (of another group)."""

    type = "side.opened"
    title = _("Side conversation opened")
    side: str
    ticket: str
    kind: str


@dataclass(frozen=True)
class SideReplied(Fact):
    """Something more was written in a side conversation; `is_answer`: by whoever was asked."""

    type = "side.replied"
    title = _("Side conversation answered")
    side: str
    is_answer: bool


@dataclass(frozen=True)
class SideClosed(Fact):
    """An agent expects nothing more of a side conversation."""

    type = "side.closed"
    title = _("Side conversation closed")
    side: str
