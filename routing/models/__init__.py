from routing.models.agent import Agent, Group
from routing.models.macro import Macro
from routing.models.ticket import Ticket, TicketCounter

__all__ = ["Agent", "Group", "Macro", "Ticket", "TicketCounter"]
