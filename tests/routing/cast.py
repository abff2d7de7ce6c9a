"""People of routing's tests: agents who are there, groups, and customers who wait."""

from typing import Any

from conversations import relay
from conversations.events import SYSTEM
from conversations.models import Brand, Channel
from routing.actions import leaving
from routing.actions.agents import agent_of
from routing.actions.statuses import set_agent_status
from routing.models import Agent, Group, RoutingConfig, Ticket
from tests.factories import make_user, make_visitor, say


def settle() -> None:
    """Have the log read, and what absent agents have go on, as the worker does then."""
    relay.publish_pending()
    relay.run_readers()
    leaving.pass_on_absent()


def make_agent(name: str, brand: Brand, *groups: Group, status: str = "online") -> Agent:
    agent = agent_of(make_user(name, brand))
    for group in groups:
        group.members.add(agent)
    return set_agent_status(agent=agent, status=status, by=SYSTEM)


def configure(brand: Brand, **given: Any) -> RoutingConfig:
    """Have a brand assign chats without asking, and all at once, unless said otherwise."""
    given = {"auto_accept_messaging_enabled": True, "fair_start_seconds": 0} | given
    return RoutingConfig.objects.update_or_create(brand=brand, defaults=given)[0]


def browser_of(name: str) -> str:
    return f"browser-of-customer-{name}"


def wait_in_line(channel: Channel, *names: str) -> list[Ticket]:
    """Have customers write, each a conversation, and give their tickets in that order."""
    written = [say(make_visitor(channel, browser_of(name)), f"{name} here") for name in names]
    settle()
    return [Ticket.objects.get(conversation=posted.message.conversation) for posted in written]


def holders(tickets: list[Ticket]) -> list[str]:
    """Give who has each ticket, by name; nothing where nobody has."""
    found = Ticket.objects.select_related("assignee__user").in_bulk([ticket.pk for ticket in tickets])
    return [str(found[ticket.pk].assignee or "") for ticket in tickets]
