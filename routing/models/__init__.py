from routing.models.agent import Agent, Group
from routing.models.schedule import Holiday, Interval, Schedule
from routing.models.ticket import Ticket, TicketCounter

__all__ = ["Agent", "Group", "Holiday", "Interval", "Schedule", "Ticket", "TicketCounter"]
