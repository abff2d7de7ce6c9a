"""How a ticket stands to its customer's session, however the two begin and end."""

import pytest

from conversations.actions.conversations import start_conversation
from conversations.actions.sessions import end_session, turn_sessions_inactive
from conversations.events import SYSTEM
from conversations.models import Brand, Channel, Conversation, Session
from routing.actions.tickets import open_ticket, set_status
from routing.models import Ticket
from tests.factories import make_visitor, say
from tests.routing.cast import browser_of, configure, settle, wait_in_line

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
