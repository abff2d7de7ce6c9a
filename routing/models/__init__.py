from routing.models.agent import Agent, Departure, Group, Withdrawal
from routing.models.availability import CapacityRule, CustomStatus, StatusSpell
from routing.models.field import CustomField, FormAnswer, TicketForm
from routing.models.macro import Macro, MacroFile
from routing.models.queue import Queue, QueueShare, RoutingConfig
from routing.models.rating import Rating, Survey
from routing.models.rule import Automation, Cause, Firing, Rule, Trigger
from routing.models.schedule import Holiday, Interval, Schedule
from routing.models.sessions import FirstWait, ReminderStep, SessionSettings
from routing.models.side import SideConversation, SideMessage
from routing.models.skill import AgentSkill, Skill, SkillRule, SkillType
from routing.models.sla import MetricEvent, Promise, Reapply, SlaPolicy, SlaTarget
from routing.models.ticket import Ticket, TicketCounter
from routing.models.view import View
from routing.models.waiting import Decision, Lane, Offer, Requeue, Round, Waiting

__all__ = [
    "Agent",
    "AgentSkill",
    "Automation",
    "CapacityRule",
    "Cause",
    "CustomField",
    "CustomStatus",
    "Decision",
    "Departure",
    "Firing",
    "FirstWait",
    "FormAnswer",
    "Group",
    "Holiday",
    "Interval",
    "Lane",
    "Macro",
    "MacroFile",
    "MetricEvent",
    "Offer",
    "Promise",
    "Queue",
    "QueueShare",
    "Rating",
    "Reapply",
    "ReminderStep",
    "Requeue",
    "Round",
    "RoutingConfig",
    "Rule",
    "Schedule",
    "SessionSettings",
    "SideConversation",
    "SideMessage",
    "Skill",
    "SkillRule",
    "SkillType",
    "SlaPolicy",
    "SlaTarget",
    "StatusSpell",
    "Survey",
    "Ticket",
    "TicketCounter",
    "TicketForm",
    "Trigger",
    "View",
    "Waiting",
    "Withdrawal",
]
