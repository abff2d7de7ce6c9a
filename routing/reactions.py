"""What routing does when it reads others' facts. Each reaction may be told twice and does its thing once."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.utils import timezone

from conversations.actions.switchboard import kind_of
from conversations.events import (
    BlockLifted,
    ContactBlocked,
    ContactChanged,
    ContactMerged,
    ContactUnmerged,
    ControlPassed,
    MembershipChanged,
    MessagePosted,
    RatingGiven,
    SessionBecameActive,
    SessionBecameInactive,
    SessionEnded,
    SessionStarted,
    reads,
)
from conversations.models import AuthorKind, Block, Conversation, Event, Message, Responder, Session, User
from routing.actions import leaving, sla, standings, waiting
from routing.actions.firing import remember
from routing.actions.following import (
    mark_session,
    mark_silent,
    reopen_after_contact_wrote,
    touch_after_agent_wrote,
    touch_after_contact_wrote,
)
from routing.actions.ratings import ask_rating, close_rating_of, keep_answer
from routing.actions.sessions import say_closed
from routing.actions.sides import take_answer
from routing.actions.statuses import let_go, mark_signed_out
from routing.actions.tickets import open_ticket
from routing.decide.occasions import OCCASIONS, Occasion, occasions_of
from routing.events import (
    AgentStatusChanged,
    TicketAssigned,
    TicketChanged,
    TicketQueued,
    TicketReleased,
    TicketSnoozed,
    TicketStatusChanged,
    TicketTransferred,
)
from routing.models import Agent, SideConversation, Survey, Ticket
from routing.queries import ticket_of
from routing.queries.sla import counts_ai_agents

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
            _bring_answer(event)
    elif event.payload["author_kind"] == AuthorKind.BOT:
        if counts_ai_agents(event.brand_id) and (key := _open_ticket_key(event)):
            sla.follow_ai_agent(ticket_pk=key, at=event.created_at)
    elif event.payload["author_kind"] == AuthorKind.CONTACT and event.payload["holder_kind"] in AGENTS_OR_NOBODY:
        goes_on = touch_after_contact_wrote(
            conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, at=event.created_at
        )
        if not goes_on and (conversation := _conversation(event)):
            reopen_after_contact_wrote(conversation=conversation, at=event.created_at)


def _open_ticket_key(event: Event) -> int | None:
    found = Ticket.objects.filter(conversation=event.conversation_id or 0, is_open=True)
    return found.values_list("pk", flat=True).first()


def _bring_answer(event: Event) -> None:
    """Bring an agent's answer on a child ticket to where it was asked."""
    asked = SideConversation.objects.filter(child__conversation=event.conversation_id or 0)
    if asked.exists() and (message := Message.objects.filter(public_id=event.payload["message"]).first()):
        take_answer(message=message)


@reads("routing", ControlPassed)
def follow_control(event: Event) -> None:
    """Open work when control comes to the agents."""
    conversation = _conversation(event)
    if conversation and event.payload["holder_kind"] == Responder.Kind.AGENTS and conversation.last_seq:
        open_ticket(conversation=conversation, waiting_since=event.created_at)
        _say_closed(conversation, event)


@reads("routing", SessionEnded)
def follow_session_end(event: Event) -> None:
    """Mark that the session of the open ticket is over, and ask the customer how it went."""
    mark_session(conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, has_ended=True)
    if (conversation := _conversation(event)) and (ticket := ticket_of(conversation)):
        ask_rating(ticket=ticket, when=Survey.When.SESSION_END)


@reads("routing", TicketStatusChanged)
def follow_end_of_work(event: Event) -> None:
    """Ask the customer how solved work went; of closed work nothing more is said."""
    if event.payload["status"] == Ticket.Status.CLOSED:
        close_rating_of(ticket_id=event.payload["ticket"])
    elif event.payload["status"] == Ticket.Status.SOLVED:
        ticket = Ticket.objects.filter(public_id=event.payload["ticket"], status=Ticket.Status.SOLVED).first()
        if ticket:
            ask_rating(ticket=ticket, when=Survey.When.SOLVED)


@reads("routing", RatingGiven)
def follow_rating(event: Event) -> None:
    """Keep what a customer said of a ticket."""
    keep_answer(message_id=event.payload["message"])


@reads("routing", SessionStarted)
def follow_session_start(event: Event) -> None:
    """Mark that the customer is here again."""
    mark_session(conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, has_ended=False)
    # Who is told that nobody is there is the customer, not whoever reopened it.
    if event.actor_kind == "contact" and (conversation := _conversation(event)):
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


@reads("routing", SessionBecameActive)
def follow_return(event: Event) -> None:
    """Mark that the customer of the open ticket is there again."""
    mark_session(conversation_pk=event.conversation_id or 0, brand_pk=event.brand_id, has_ended=False)


@reads("routing", ContactChanged, ContactMerged, ContactUnmerged)
def follow_contact(event: Event) -> None:
    """Have the customer's waiting work go where it goes, and be promised what it is, by what is known of them now."""
    for name in sorted({"contact", "surviving", "restored"} & event.payload.keys()):
        waiting.follow_contact(event.payload[name], event.brand_id)
        sla.follow_contact(contact_id=event.payload[name], brand_id=event.brand_id, at=event.created_at)


@reads("routing", ContactBlocked, BlockLifted)
def follow_block(event: Event) -> None:
    """Give nobody the waiting work of who is blocked, and give it again once they are not."""
    email = event.payload["value"] if event.payload["kind"] == Block.Kind.EMAIL else ""
    waiting.follow_block(event.payload["contact"], email, event.brand_id)


@reads("routing", AgentStatusChanged)
def follow_agent(event: Event) -> None:
    """Let go on what an agent is not there for any more."""
    agent = Agent.objects.select_related("custom_status").filter(user__public_id=event.payload["agent"]).first()
    if agent:
        let_go(agent=agent, brand_id=event.brand_id)


@receiver(user_logged_out)
def follow_sign_out(user: User | None, **more: Any) -> None:
    """Have nothing more come to whoever signs out, at once: a page that only closes is missed after a while."""
    if user is not None:
        mark_signed_out(user)


@reads("routing", MembershipChanged)
def follow_membership(event: Event) -> None:
    """Have the work of who answers no more go on to others."""
    agent = Agent.objects.filter(user__public_id=event.payload["person"]).first()
    if agent:
        leaving.follow(agent=agent, brand_id=event.brand_id)


def _ticket_key(event: Event) -> int | None:
    return Ticket.objects.filter(public_id=event.payload["ticket"]).values_list("pk", flat=True).first()


@reads("routing", TicketStatusChanged)
def follow_status(event: Event) -> None:
    """Have the clocks of a ticket's promises run or stand still as its status says."""
    if key := _ticket_key(event):
        sla.follow_status(ticket_pk=key, status=event.payload["status"], at=event.created_at)


@reads("routing", TicketChanged, TicketTransferred)
def follow_change(event: Event) -> None:
    """Apply the policy that a ticket meets now."""
    if event.payload.get("kind") != "agent" and (key := _ticket_key(event)):
        sla.follow_change(ticket_pk=key, at=event.created_at)


def follow_rules(event: Event) -> None:
    """Note down what triggers may answer. Registered last: by then the ticket is what the fact made of it."""
    if occasions := occasions_of(event.type, event.payload):
        remember(event, occasions)


def add_occasion(occasion: Occasion) -> None:
    """Have triggers know an occasion, also one of an app above; its facts name a `ticket`, or are a conversation's."""
    heard = {fact.type for each in OCCASIONS.values() for fact in each.facts}
    OCCASIONS[occasion.name] = occasion
    reads("routing", *(fact for fact in occasion.facts if fact.type not in heard))(follow_rules)


reads("routing", *dict.fromkeys(fact for each in OCCASIONS.values() for fact in each.facts))(follow_rules)
