from routing.models.agent import Agent, Group
from routing.models.availability import CapacityRule, CustomStatus, StatusSpell
from routing.models.macro import Macro
from routing.models.queue import Queue, QueueShare, RoutingConfig
from routing.models.schedule import Holiday, Interval, Schedule
from routing.models.skill import AgentSkill, Skill, SkillRule, SkillType
from routing.models.sla import MetricEvent, Promise, Reapply, SlaPolicy, SlaTarget
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
    "MetricEvent",
    "Offer",
    "Promise",
    "Queue",
    "QueueShare",
    "Reapply",
    "Requeue",
    "Round",
    "RoutingConfig",
    "Schedule",
    "Skill",
    "SkillRule",
    "SkillType",
    "SlaPolicy",
    "SlaTarget",
    "StatusSpell",
    "Ticket",
    "TicketCounter",
    "View",
    "Waiting",
]
