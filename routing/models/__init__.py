from routing.models.agent import Agent, Group
from routing.models.ticket import Ticket, TicketCounter
from routing.models.view import View

__all__ = ["Agent", "Group", "Ticket", "TicketCounter", "View"]
