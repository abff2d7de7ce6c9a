"""What an agent does to a ticket, and what would take it back."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.access import AgentRequest, agents_only
from conversations.actions.sessions import end_session
from conversations.errors import NotFound
from conversations.events import Actor
from conversations.incoming import MAX_KEY, number_in
from conversations.models import Session
from conversations.permissions import Permission
from conversations.queries import conversation_for_viewer
from conversations.workspace.moments import chosen_moment
from conversations.workspace.told import told
from routing import queries
from routing.actions import agents, ratings, tickets
from routing.actions.fields import set_field_values, set_form
from routing.errors import InvalidChange
from routing.models import Group, Ticket
from routing.queries.custom_fields import forms_for_agents
from routing.workspace.own_fields import values_in
from routing.workspace.parts import head_context, panel


@dataclass(frozen=True)
class Done:
    """What was done, in words; `undo` is the verb that takes it back with these values, or nothing."""

    text: str
    undo: str = ""
    values: dict[str, str] = field(default_factory=dict)


def _take(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    tickets.take_ticket(ticket=ticket, agent=agents.agent_of(request.user), by=by)
    return Done(_("Taken. It is yours now."), "release")


def _assign(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    chosen, previous = request.POST.get("agent", ""), _assignee(ticket)
    if not chosen:
        return _release(request, ticket, by)
    agent = next((each for each in queries.agents_of(ticket.brand_id) if each.user.public_id == chosen), None)
    if agent is None:
        raise InvalidChange(field="agent")
    if agent.user_id != request.user.pk or ticket.assignee:
        request.require(ticket.brand_id, Permission.ASSIGN_OTHERS)
    tickets.assign_ticket(ticket=ticket, agent=agent, by=by)
    return Done(_("Given to %(name)s.") % {"name": agent}, "assign", {"agent": previous})


def _release(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    if ticket.assignee and ticket.assignee.user_id != request.user.pk:
        request.require(ticket.brand_id, Permission.ASSIGN_OTHERS)
    previous = _assignee(ticket)
    tickets.release_ticket(ticket=ticket, by=by)
    return Done(_("Put back among the unassigned."), "assign", {"agent": previous})


def _assignee(ticket: Ticket) -> str:
    return ticket.assignee.user.public_id if ticket.assignee else ""


def _status(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    is_end = request.POST.get("status") not in Ticket.OPEN_STATUSES or not ticket.is_open
    request.require(ticket.brand_id, Permission.SOLVE if is_end else Permission.CHANGE_TICKETS)
    changed = tickets.set_status(ticket=ticket, status=request.POST.get("status", ""), by=by)
    # New work that an agent touched is open, not new: undo gives the nearest state there is.
    previous = Ticket.Status.OPEN if ticket.status == Ticket.Status.NEW else ticket.status
    text = _("Status: %(status)s.") % {"status": changed.get_status_display()}
    return Done(text, "" if changed.status == Ticket.Status.CLOSED else "status", {"status": previous})


def _fields(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    group = request.POST.get("group")
    number = number_in(group or "", MAX_KEY)
    chosen = Group.objects.filter(brand=ticket.brand_id, pk=number).first() if number is not None else None
    if group and chosen is None:
        raise InvalidChange(field="group")
    previous = {"subject": ticket.subject, "priority": str(ticket.priority), "group": str(ticket.group_id or "")}
    tickets.change_ticket(
        ticket=ticket,
        by=by,
        subject=request.POST.get("subject"),
        priority=number_in(request.POST.get("priority", "")),
        group=chosen,
        no_group=group == "",
    )
    values = {name: value for name, value in previous.items() if name in request.POST}
    return Done(_("Saved."), "fields" if values else "", values)


def _tag(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    added, removed = request.POST.get("add", "").strip(), request.POST.get("remove", "")
    if not added and not removed:
        raise InvalidChange(field="tags")
    changed = tickets.change_ticket(ticket=ticket, by=by, add_tag=added, remove_tag=removed)
    if removed:
        return Done(_("Tag removed: %(tag)s.") % {"tag": removed}, "tag", {"add": removed})
    new = [tag for tag in changed.tags if tag not in ticket.tags]
    return Done(_("Tag added."), "tag", {"remove": new[0]}) if new else Done(_("This tag is there already."))


def _values(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    values = values_in(request.POST)
    if not values:
        raise NotFound
    set_field_values(ticket=ticket, values=values, by=by)
    undo: dict[str, str] = {}
    for key in values:
        before = ticket.field_values.get(key)
        undo |= {"box": key} if before is None else {f"field:{key}": "on" if before is True else str(before)}
    # One `box` is all that undoing can name.
    return Done(_("Saved."), "values" if len(values) == 1 else "", undo)


def _form(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    chosen = request.POST.get("form", "")
    form = next((each for each in forms_for_agents(ticket.brand_id) if each.public_id == chosen), None)
    if chosen and form is None:
        raise InvalidChange(field="form")
    previous = ticket.form.public_id if ticket.form and ticket.form.for_agents else ""
    set_form(ticket=ticket, form=form, by=by)
    return Done(_("Saved."), "form", {"form": previous})


def _end(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.AGENT, by=by)
    return Done(_("The session has ended."))


def _snooze(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    was = ticket.snoozed_until
    snoozed = tickets.snooze_ticket(ticket=ticket, until=chosen_moment(request.POST.get("until", "")), by=by)
    shown = date_format(timezone.localtime(snoozed.snoozed_until), "SHORT_DATETIME_FORMAT")
    text = _("Snoozed until %(time)s") % {"time": shown}
    return Done(text, "snooze", {"until": was.isoformat()}) if was else Done(text, "wake")


def _wake(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    was = ticket.snoozed_until
    tickets.wake_ticket(ticket=ticket, by=by, reason="agent")
    is_ahead = was is not None and was > timezone.now()
    return Done(_("It is back."), "snooze" if is_ahead else "", {"until": was.isoformat()} if was else {})


def _rating(request: AgentRequest, ticket: Ticket, by: Actor) -> Done:
    is_on = request.POST.get("rating") == "on"
    ratings.switch_rating(ticket=ticket, is_on=is_on, by=by)
    text = _("The customer will be asked how it went.") if is_on else _("The customer will not be asked how it went.")
    return Done(text, "rating", {"rating": "" if is_on else "on"})


Verb = Callable[[AgentRequest, Ticket, Actor], Done]
# Each with what one must be permitted at least; some ask for more themselves.
VERBS: dict[str, tuple[Verb, Permission | None]] = {
    "take": (_take, Permission.CHANGE_TICKETS),
    "assign": (_assign, Permission.CHANGE_TICKETS),
    "release": (_release, Permission.CHANGE_TICKETS),
    "status": (_status, None),
    "fields": (_fields, Permission.CHANGE_TICKETS),
    "values": (_values, Permission.CHANGE_TICKETS),
    "form": (_form, Permission.CHANGE_TICKETS),
    "tag": (_tag, Permission.CHANGE_TICKETS),
    "end": (_end, Permission.REPLY),
    "snooze": (_snooze, Permission.CHANGE_TICKETS),
    "rating": (_rating, Permission.CHANGE_TICKETS),
    "wake": (_wake, Permission.CHANGE_TICKETS),
}


@require_POST
@agents_only
def change(request: AgentRequest, conversation_id: str, verb: str) -> HttpResponse:
    """Do one thing to the conversation's ticket; answers with the head or the panel that asked, and how to undo it."""
    conversation = conversation_for_viewer(request.viewer, conversation_id)
    act, permission = VERBS.get(verb, (None, None))
    if permission:
        request.require(conversation.brand_id, permission)
    ticket = queries.ticket_of(conversation)
    if ticket is None or act is None:
        raise NotFound
    wants_panel = request.htmx.target == "ticket-panel"
    try:
        done = act(request, ticket, Actor.of_user(request.user))
    except InvalidChange as error:
        if not wants_panel:
            raise
        return panel(request, conversation, error)
    try:
        fresh = conversation_for_viewer(request.viewer, conversation_id)
    except NotFound:
        # Given to people whose work the viewer does not see: it was done, and there is nothing more to show.
        return told(HttpResponse(status=204), done.text)
    if wants_panel:
        response = panel(request, fresh)
    else:
        response = render(request, "routing/_ticket_head.html", head_context(request, fresh))
    undo = (
        "" if "undo" in request.POST or not done.undo else reverse("routing:change", args=[conversation_id, done.undo])
    )
    return told(response, done.text, undo=undo, values=done.values)
