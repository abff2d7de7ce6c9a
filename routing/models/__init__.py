from routing.models.agent import Agent, Group
from routing.models.ticket import Ticket, TicketCounter

__all__ = ["Agent", "Group", "Ticket", "TicketCounter"]
