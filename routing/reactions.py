"""What routing does when it reads others' facts. Each reaction may be told twice and does its thing once."""

from django.utils import timezone

from conversations.actions.switchboard import kind_of
from conversations.events import (
    ControlPassed,
    MessagePosted,
    SessionBecameInactive,
    SessionEnded,
    SessionStarted,
    reads,
)
from conversations.models import AuthorKind, Conversation, Event, Message, Responder, Session
from routing.actions import standings
from routing.actions.sessions import say_closed
from routing.actions.statuses import let_go
from routing.actions.tickets import (
    mark_session,
    mark_silent,
    open_ticket,
    reopen_after_contact_wrote,
    touch_after_agent_wrote,
    touch_after_contact_wrote,
)
from routing.events import (
    AgentStatusChanged,
    TicketAssigned,
    TicketQueued,
    TicketReleased,
    TicketSnoozed,
    TicketStatusChanged,
)
from routing.models import Agent, Ticket

AGENTS_OR_NOBODY = {Responder.Kind.AGENTS, ""}


def _conversation(event: Event) -> Conversation | None:
    return Conversation.objects.filter(pk=event.conversation_id or 0).first()


@reads("routing", MessagePosted)
def follow_message(event: Event) -> None:
    """Open or reopen work on a customer's word while agents or nobody hold; on an agent's answer, stop the wait."""
    if event.payload["audience"] != Message.Audience.PUBLIC:
        return
    if event.payload["author_kind"] == AuthorKind.AGENT:
        if conversation := _conversation(event):
            touch_after_agent_wrote(conversation=conversation, at=event.created_at)
    elif event.payload["author_kind"] == AuthorKind.CONTACT and event.payload["holder_kind"] in AGENTS_OR_NOBODY:
        goes_on = touch_after_contact_wrote(
            conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, at=event.created_at
        )
        if not goes_on and (conversation := _conversation(event)):
            reopen_after_contact_wrote(conversation=conversation, at=event.created_at)


@reads("routing", ControlPassed)
def follow_control(event: Event) -> None:
    """Open work when control comes to the agents."""
    conversation = _conversation(event)
    if conversation and event.payload["holder_kind"] == Responder.Kind.AGENTS and conversation.last_seq:
        open_ticket(conversation=conversation, waiting_since=event.created_at)
        _say_closed(conversation, event)


@reads("routing", SessionEnded)
def follow_session_end(event: Event) -> None:
    """Mark that the session of the open ticket is over."""
    mark_session(conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, has_ended=True)


@reads("routing", SessionStarted)
def follow_session_start(event: Event) -> None:
    """Mark that the customer is here again."""
    mark_session(conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, has_ended=False)
    if conversation := _conversation(event):
        _say_closed(conversation, event)


def _say_closed(conversation: Conversation, event: Event) -> None:
    """Say that nobody is there, where people are to answer; who is told twice in a session is told once."""
    session = Session.objects.filter(conversation=conversation).exclude(state=Session.State.ENDED).first()
    if session and kind_of(conversation.holder_id) in AGENTS_OR_NOBODY:
        say_closed(conversation=conversation, session=session, at=event.created_at)


@reads("routing", TicketQueued, TicketAssigned, TicketReleased, TicketStatusChanged, TicketSnoozed)
def follow_standing(event: Event) -> None:
    """Have the customer told how they wait, or who is here."""
    found = Ticket.objects.select_related("conversation__contact", "assignee__user")
    if ticket := found.filter(public_id=event.payload["ticket"]).first():
        standings.follow(ticket, now=timezone.now())


@reads("routing", SessionBecameInactive)
def follow_silence(event: Event) -> None:
    """Mark that the customer of the open ticket fell silent."""
    mark_silent(conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id)


@reads("routing", AgentStatusChanged)
def follow_agent(event: Event) -> None:
    """Let go on what an agent is not there for any more."""
    agent = Agent.objects.select_related("custom_status").filter(user__public_id=event.payload["agent"]).first()
    if agent:
        let_go(agent=agent, brand_id=event.brand_id)
