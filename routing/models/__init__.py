from routing.models.agent import Agent, Group
from routing.models.availability import CapacityRule, CustomStatus, StatusSpell
from routing.models.macro import Macro
from routing.models.queue import Queue, QueueShare, RoutingConfig
from routing.models.rating import Rating, Survey
from routing.models.schedule import Holiday, Interval, Schedule
from routing.models.side import SideConversation, SideMessage
from routing.models.skill import AgentSkill, Skill, SkillRule, SkillType
from routing.models.ticket import Ticket, TicketCounter
from routing.models.view import View
from routing.models.waiting import Decision, Lane, Offer, Requeue, Round, Waiting

__all__ = [
    "Agent",
    "AgentSkill",
    "CapacityRule",
    "CustomStatus",
    "Decision",
    "Group",
    "Holiday",
    "Interval",
    "Lane",
    "Macro",
    "Offer",
    "Queue",
    "QueueShare",
    "Rating",
    "Requeue",
    "Round",
    "RoutingConfig",
    "Schedule",
    "SideConversation",
    "SideMessage",
    "Skill",
    "SkillRule",
    "SkillType",
    "StatusSpell",
    "Survey",
    "Ticket",
    "TicketCounter",
    "View",
    "Waiting",
]
