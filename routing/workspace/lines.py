"""What happened to the ticket, in the words of the thread."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.workspace.lines import Telling, says
from routing.decide.sla import Metric
from routing.decide.step_words import told
from routing.events import (
    MacroApplied,
    OfferEnded,
    RatingSwitched,
    RuleFired,
    SideClosed,
    SideOpened,
    SideReplied,
    TicketAssigned,
    TicketBreached,
    TicketChanged,
    TicketMerged,
    TicketOffered,
    TicketOpened,
    TicketReleased,
    TicketSnoozed,
    TicketStatusChanged,
    TicketTransferred,
    TicketWoke,
)
from routing.models import Ticket

# What can be changed of a ticket, as lines call it.
PARTS = {
    "subject": _("Subject"),
    "priority": _("Priority"),
    "group": _("Group"),
    "tags": _("Tags"),
    "form": _("Form"),
}


@says(TicketOpened)
def opened(telling: Telling) -> SafeString:
    number, follows = telling.event.payload["number"], telling.event.payload.get("follows", 0)
    if follows:
        sentence = gettext("Ticket {number} opened: follow-up of {closed}, beside which an answer came")
        return format_html(sentence, number=f"#{number}", closed=f"#{follows}")
    return format_html(gettext("Ticket {number} opened"), number=f"#{number}")


def _was_passed_on(telling: Telling, to: str = "") -> bool:
    """Say whether the line before it tells of this already: its actor passed the ticket on, `to` this agent or away."""
    before = telling.before
    if before is None or before.type != TicketTransferred.type or before.actor_id != telling.event.actor_id:
        return False
    return bool(before.payload["to"] == to if to else before.payload["kind"] != "agent")


@says(TicketTransferred)
def transferred(telling: Telling) -> SafeString:
    kind, to = telling.event.payload["kind"], telling.event.payload["to"]
    if kind == "agent":
        return format_html(gettext("{name} passed this on to {agent}"), name=telling.actor, agent=telling.name(to))
    where = format_html("<b>{}</b>", to)
    if kind == "escalation":
        return format_html(gettext("{name} escalated this to {group}"), name=telling.actor, group=where)
    return format_html(gettext("{name} passed this on to {group}"), name=telling.actor, group=where)


@says(TicketOffered, is_passing=True)
def offered(telling: Telling) -> SafeString:
    return format_html(gettext("Offered to {agent}"), agent=telling.name(telling.event.payload["agent"]))


@says(OfferEnded, is_passing=True)
def offer_ended(telling: Telling) -> SafeString:
    agent = telling.name(telling.event.payload["agent"])
    if telling.event.payload["outcome"] == "declined":
        return format_html(gettext("{agent} passed"), agent=agent)
    return format_html(gettext("{agent} did not answer in time"), agent=agent)


@says(TicketAssigned)
def assigned(telling: Telling) -> SafeString | None:
    agent = telling.event.payload["agent"]
    if _was_passed_on(telling, agent):
        return None
    if telling.event.actor_id == agent:
        return format_html(gettext("{name} took this"), name=telling.actor)
    if telling.event.actor_id:
        return format_html(gettext("{name} gave this to {agent}"), name=telling.actor, agent=telling.name(agent))
    return format_html(gettext("Given to {agent}"), agent=telling.name(agent))


@says(TicketReleased)
def released(telling: Telling) -> SafeString | None:
    if _was_passed_on(telling):
        return None
    if not telling.event.actor_id:
        return escape(gettext("Put back: its agent was not there"))
    return format_html(gettext("{name} put this back"), name=telling.actor)


@says(TicketStatusChanged)
def status_changed(telling: Telling) -> SafeString | None:
    """Say what a person did, and that solved work came back; what follows from a message by itself is plain to see."""
    status, previous = telling.event.payload["status"], telling.event.payload["previous"]
    was_open = previous in Ticket.OPEN_STATUSES
    if not telling.event.actor_id:
        return _followed(status, was_open=was_open)
    if status == Ticket.Status.SOLVED:
        return format_html(gettext("{name} solved this"), name=telling.actor)
    if status == Ticket.Status.CLOSED:
        return format_html(gettext("{name} closed this"), name=telling.actor)
    if not was_open:
        return format_html(gettext("{name} opened this again"), name=telling.actor)
    label = Ticket.Status(status).label
    return format_html(gettext("{name} set this to {status}"), name=telling.actor, status=label)


def _followed(status: str, *, was_open: bool) -> SafeString | None:
    """Say what became of it by itself."""
    if status == Ticket.Status.SOLVED:
        return escape(gettext("Solved after a long silence"))
    if status == Ticket.Status.CLOSED:
        return escape(gettext("Closed: it stayed solved"))
    return None if was_open else escape(gettext("Opened again: the customer wrote"))


@says(TicketChanged, is_joined=True)
def changed(telling: Telling) -> SafeString:
    """Say what was changed, each thing once however often."""
    facts = [each.payload for each in (*telling.same, telling.event)]
    labels = {name: label for fact in facts for name, label in fact.get("labels", {}).items()}
    names = dict.fromkeys(name for fact in facts for name in fact["fields"])
    parts = ", ".join(str(labels.get(name) or PARTS.get(name) or name.removeprefix("field:")) for name in names)
    if not telling.event.actor_id:
        return format_html(gettext("Changed: {parts}"), parts=parts)
    return format_html(gettext("{name} changed: {parts}"), name=telling.actor, parts=parts)


@says(TicketBreached)
def breached(telling: Telling) -> SafeString:
    fact = telling.event.payload
    metric = Metric(fact["metric"]).label if fact["metric"] in Metric.values else fact["metric"]
    due_at = timezone.localtime(datetime.fromisoformat(fact["due_at"]))
    shown = date_format(due_at, "SHORT_DATETIME_FORMAT")
    if not fact["policy"]:
        return format_html(gettext("Promise broken: {metric}, due {time}"), metric=metric, time=shown)
    text = gettext("Promise broken: {metric}, due {time} ({policy})")
    return format_html(text, metric=metric, time=shown, policy=fact["policy"])


@says(TicketMerged)
def merged(telling: Telling) -> SafeString | None:
    number = telling.event.payload.get("number")
    if not number:
        return None
    return format_html(gettext("{name} merged this into {ticket}"), name=telling.actor, ticket=f"#{number}")


@says(MacroApplied)
def macro_applied(telling: Telling) -> SafeString | None:
    macro = telling.event.payload.get("name")
    if not macro:
        return None
    return format_html(gettext("{name} used the macro {macro}"), name=telling.actor, macro=macro)


@says(TicketSnoozed)
def snoozed(telling: Telling) -> SafeString:
    until = timezone.localtime(datetime.fromisoformat(telling.event.payload["until"]))
    shown = date_format(until, "SHORT_DATETIME_FORMAT")
    return format_html(gettext("{name} snoozed this until {time}"), name=telling.actor, time=shown)


@says(TicketWoke)
def woke(telling: Telling) -> SafeString:
    match telling.event.payload["reason"]:
        case "customer":
            return escape(gettext("Back: the customer wrote"))
        case "time":
            return escape(gettext("Back: its time has come"))
    return format_html(gettext("{name} brought this back"), name=telling.actor)


@says(RuleFired)
def rule_fired(telling: Telling) -> SafeString:
    steps = "; ".join(told(step) for step in telling.event.payload["steps"])
    return format_html(
        gettext("Rule {name}: {steps}"), name=format_html("<b>{}</b>", telling.event.payload["name"]), steps=steps
    )


@says(RatingSwitched)
def rating_switched(telling: Telling) -> SafeString:
    if telling.event.payload["is_on"]:
        return format_html(gettext("{name} lets the customer be asked how it went"), name=telling.actor)
    return format_html(gettext("{name} keeps the customer from being asked how it went"), name=telling.actor)


@says(SideOpened)
def side_opened(telling: Telling) -> SafeString:
    return format_html(gettext("{name} asked somebody else"), name=telling.actor)


@says(SideReplied)
def side_replied(telling: Telling) -> SafeString | None:
    return escape(gettext("An answer came in a side conversation")) if telling.event.payload["is_answer"] else None


@says(SideClosed)
def side_closed(telling: Telling) -> SafeString:
    return format_html(gettext("{name} closed a side conversation"), name=telling.actor)
