"""How a ticket stands to its customer's session, however the two begin and end."""

import pytest

from conversations.actions.conversations import start_conversation
from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.actions.switchboard import accept_control, offer_control, pass_control
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Conversation, Event, Responder, Session
from routing.actions import assignment
from routing.actions.tickets import open_ticket, set_status
from routing.models import Ticket
from tests.factories import make_user, make_visitor, reply, say
from tests.routing.cast import browser_of, configure, holders, make_agent, settle, wait_in_line

HERE, SILENT, OVER = "active", "inactive", "ended"


def end(conversation: Conversation) -> None:
    end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=SYSTEM)
    settle()


def solve(ticket: Ticket) -> None:
    set_status(ticket=ticket, status="solved", by=SYSTEM)
    settle()


def state(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).session_state


@pytest.mark.parametrize("first", ["ended", "solved"])
def test_work_opened_again_by_its_customer_is_a_chat_once_more(brand: Brand, channel: Channel, first: str) -> None:
    configure(brand, transform_to_email_enabled=True)
    (ticket,) = wait_in_line(channel, "carol")
    if first == "ended":
        end(ticket.conversation)
        solve(ticket)
    else:
        solve(ticket)
        end(ticket.conversation)
    say(make_visitor(channel, browser_of("carol")), "one more thing")
    settle()
    assert (Ticket.objects.get().status, state(ticket)) == ("open", HERE)
    assert Ticket.objects.get().waiting.lane.channel_class == "messaging"


@pytest.mark.parametrize(("is_over", "expected", "waits_as"), [(True, OVER, "email"), (False, HERE, "messaging")])
def test_work_opened_again_by_hand_stands_as_the_session_does(
    brand: Brand, channel: Channel, is_over: bool, expected: str, waits_as: str
) -> None:
    configure(brand, transform_to_email_enabled=True)
    (ticket,) = wait_in_line(channel, "carol")
    solve(ticket)
    if is_over:
        end(ticket.conversation)
    set_status(ticket=ticket, status="open", by=SYSTEM)
    assert state(ticket) == expected
    assert Ticket.objects.get().waiting.lane.channel_class == waits_as
    settle()
    assert state(ticket) == expected


def test_work_solved_while_its_customer_was_silent_is_silent_when_opened_by_hand(
    brand: Brand, channel: Channel
) -> None:
    (ticket,) = wait_in_line(channel, "carol")
    solve(ticket)
    Session.objects.update(last_contact_at="2026-01-01T00:00:00Z")
    assert turn_sessions_inactive() == 1
    settle()
    set_status(ticket=ticket, status="open", by=SYSTEM)
    assert state(ticket) == SILENT


def test_work_on_a_conversation_without_a_session_is_no_active_chat(brand: Brand, channel: Channel) -> None:
    never = start_conversation(identity=make_visitor(channel), client_id="", reason="api")
    assert state(open_ticket(conversation=never)) == SILENT
    (ticket,) = wait_in_line(channel, "dave")
    set_status(ticket=ticket, status="closed", by=SYSTEM)
    end(ticket.conversation)
    assert state(open_ticket(conversation=ticket.conversation)) == OVER


@pytest.mark.parametrize("way", ["passed", "accepted"])
@pytest.mark.parametrize("was_silent", [False, True])
def test_an_ai_agent_hands_off_and_work_is_opened_for_an_active_chat_and_given(
    brand: Brand, channel: Channel, way: str, was_silent: bool
) -> None:
    configure(brand)
    make_agent("alice", brand)
    agents = Responder.objects.get(brand=brand)
    Responder.objects.filter(pk=agents.pk).update(is_default=False)
    dori = Responder.objects.create(brand=brand, name="dori", kind=Responder.Kind.BOT, is_default=True, next=agents)
    conversation = say(make_visitor(channel), "A person, please").message.conversation
    settle()
    assert Conversation.objects.get().holder == dori and not Ticket.objects.exists()
    if was_silent:
        Session.objects.update(last_contact_at="2026-01-01T00:00:00Z")
        assert turn_sessions_inactive() == 1
    if way == "passed":
        pass_control(conversation=conversation, to="next", by=SYSTEM)
    else:
        offer_control(conversation=conversation, to=agents.name, by=SYSTEM)
        accept_control(conversation=conversation, by=SYSTEM)
    settle()
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.session_state, Session.objects.get().state) == ("new", HERE, "active")
    assert ticket.waiting_since is not None and turn_sessions_inactive() == 0
    assert Event.objects.filter(type="session.became_active").count() == was_silent
    assignment.assign(brand.pk)
    assert holders([ticket]) == ["Alice"]


def test_who_takes_over_an_ai_agents_chat_says_nothing_of_its_customer(brand: Brand, channel: Channel) -> None:
    agents = Responder.objects.get(brand=brand)
    dori = Responder.objects.create(brand=brand, name="dori", kind=Responder.Kind.BOT, next=agents)
    conversation = say(make_visitor(channel), "Hello").message.conversation
    pass_control(conversation=conversation, to=dori.name, by=SYSTEM)
    Session.objects.update(last_contact_at="2026-01-01T00:00:00Z")
    turn_sessions_inactive()
    reply(conversation, make_user("alice", brand), "I am a person.")
    settle()
    assert Session.objects.get().state == SILENT and state(Ticket.objects.get()) == SILENT
