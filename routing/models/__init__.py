from routing.models.agent import Agent, Group
from routing.models.availability import CapacityRule, CustomStatus, StatusSpell
from routing.models.field import CustomField, FormAnswer, TicketForm
from routing.models.macro import Macro
from routing.models.queue import Queue, QueueShare, RoutingConfig
from routing.models.schedule import Holiday, Interval, Schedule
from routing.models.skill import AgentSkill, Skill, SkillRule, SkillType
from routing.models.ticket import Ticket, TicketCounter
from routing.models.view import View
from routing.models.waiting import Decision, Lane, Offer, Requeue, Round, Waiting

__all__ = [
    "Agent",
    "AgentSkill",
    "CapacityRule",
    "CustomField",
    "CustomStatus",
    "Decision",
    "FormAnswer",
    "Group",
    "Holiday",
    "Interval",
    "Lane",
    "Macro",
    "Offer",
    "Queue",
    "QueueShare",
    "Requeue",
    "Round",
    "RoutingConfig",
    "Schedule",
    "Skill",
    "SkillRule",
    "SkillType",
    "StatusSpell",
    "Ticket",
    "TicketCounter",
    "TicketForm",
    "View",
    "Waiting",
]
