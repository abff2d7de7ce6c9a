"""Doing the steps of a rule to a ticket."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from conversations.actions.messages import Author, post_message
from conversations.actions.sessions import end_session
from conversations.events import Actor
from conversations.models import Message, Session, User
from routing.actions import tickets, transfers
from routing.actions.fields import set_contact_values, set_field_values, set_form
from routing.decide.fields import PRIORITIES
from routing.decide.placeholders import filled
from routing.decide.steps import FILLING, NAMED, NONE, TAGGING, Do, Known, State, Step, after
from routing.models import Agent, Group, Queue, Ticket, TicketForm
from routing.queries.placeholders import values_in
from routing.queries.rules import state_of


def do_steps(ticket: Ticket, steps: Sequence[Step], known: Known, by: Actor) -> list[dict[str, Any]]:
    """Do these steps in their order; the caller holds the ticket's row, in a transaction.

    Gives each as {"do", "value", "label"}, with `why` where it did nothing. Raises what an action refuses.
    """
    done: list[dict[str, Any]] = []
    for step in steps:
        ticket = tickets.locked(ticket)
        state, why = after(step, state_of(ticket), known)
        done.append(_told(step, known) | ({"why": why.value} if why else {}))
        if why is None:
            _do(ticket, step, state, by)
    return done


def _told(step: Step, known: Known) -> dict[str, Any]:
    label = known.choices(step.do).get(step.value, "") if step.do in NAMED and step.value != NONE else ""
    told = {"do": step.do, "value": step.value, "label": label}
    # What stands in a field is no matter of the record.
    return {**told, "is_emptied": True} if step.do in FILLING and not step.text else told


def _do(ticket: Ticket, step: Step, state: State, by: Actor) -> None:
    """Do one step that `after` found good; `state` is what the ticket is after it."""
    if step.do in TAGGING:
        tickets.change_ticket(ticket=ticket, tags=list(state.tags), by=by)
        return
    match step.do:
        case Do.STATUS:
            tickets.set_status(ticket=ticket, status=step.value, by=by)
        case Do.PRIORITY:
            tickets.change_ticket(ticket=ticket, priority=PRIORITIES[step.value], by=by)
        case Do.GROUP:
            group = Group.objects.filter(brand=ticket.brand_id, public_id=step.value).first()
            tickets.change_ticket(ticket=ticket, group=group, no_group=step.value == NONE, by=by)
        case Do.ASSIGNEE if step.value == NONE:
            tickets.release_ticket(ticket=ticket, by=by)
        case Do.ASSIGNEE:
            agent = Agent.objects.select_related("user").get(user__public_id=step.value)
            tickets.assign_ticket(ticket=ticket, agent=agent, by=by)
        case Do.FORM:
            form = TicketForm.objects.filter(brand=ticket.brand_id, public_id=step.value).first()
            set_form(ticket=ticket, form=form, by=by)
        case Do.FIELD:
            set_field_values(ticket=ticket, values={step.value: step.text}, by=by)
        case Do.CONTACT_FIELD:
            set_contact_values(contact=ticket.conversation.contact, values={step.value: step.text}, by=by)
        case Do.QUEUE:
            queue = Queue.objects.get(brand=ticket.brand_id, pk=int(step.value))
            transfers.send_on(ticket=ticket, to_queue=queue, by=by)
        case Do.ESCALATE:
            transfers.send_on(ticket=ticket, by=by)
        case Do.SNOOZE:
            tickets.snooze_ticket(ticket=ticket, until=timezone.now() + timedelta(minutes=step.value), by=by)
        case Do.END_SESSION:
            end_session(conversation=ticket.conversation, ended_by=Session.EndedBy.RULE, by=by)
        case _:
            _write(ticket, step)


def _write(ticket: Ticket, step: Step) -> None:
    conversation = ticket.conversation
    values = values_in(step.text, conversation=conversation, ticket=ticket, agent=str(ticket.assignee or ""))
    is_public = step.do == Do.MESSAGE
    post_message(
        conversation=conversation,
        author=Author.system(),
        content={"type": "text", "text": filled(step.text, values)},
        audience=Message.Audience.PUBLIC if is_public else Message.Audience.INTERNAL,
        mentions=list(User.objects.filter(public_id=step.value)) if step.do == Do.NOTIFY else (),
    )
