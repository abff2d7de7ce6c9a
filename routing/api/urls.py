from django.urls import path

from conversations.business.nouns import addresses
from routing.api import agents, fields, lists, queues, rules, schedules, service_levels, skills, tickets
from routing.models import Automation, Trigger

app_name = "routing_api"
urlpatterns = [
    path("tickets", tickets.TicketsView.as_view(), name="tickets"),
    path("tickets/<slug:public_id>", tickets.TicketView.as_view(), name="ticket"),
    path("tickets/<slug:public_id>/take", tickets.TakeView.as_view(), name="take"),
    path("tickets/<slug:public_id>/release", tickets.ReleaseView.as_view(), name="release"),
    path("tickets/<slug:public_id>/transfer", tickets.TransferView.as_view(), name="transfer"),
    path("tickets/<slug:public_id>/escalate", tickets.EscalateView.as_view(), name="escalate"),
    path("tickets/<slug:public_id>/macro", tickets.UseMacroView.as_view(), name="macro"),
    path("tickets/<slug:public_id>/why", tickets.WhyView.as_view(), name="why"),
    path("take-next", tickets.TakeNextView.as_view(), name="take_next"),
    path("agents", agents.AgentsView.as_view(), name="agents"),
    path("agents/<slug:public_id>", agents.OneAgentView.as_view(), name="agent"),
    path("agents/<slug:public_id>/status", agents.AgentStatusView.as_view(), name="agent_status"),
    path("me/status", agents.OwnStatusView.as_view(), name="own_status"),
    path("offers", agents.OffersView.as_view(), name="offers"),
    path("offers/<slug:public_id>/accept", agents.AcceptView.as_view(), name="accept"),
    path("offers/<slug:public_id>/decline", agents.DeclineView.as_view(), name="decline"),
    path("routing-config", queues.RoutingConfigView.as_view(), name="routing_config"),
    path("schedules/<slug:public_id>/public-holidays", schedules.HolidaysView.as_view(), name="public_holidays"),
    *addresses(queues.GroupNoun()),
    *addresses(queues.QueueNoun()),
    *addresses(queues.CapacityRuleNoun()),
    *addresses(queues.StatusNoun()),
    *addresses(skills.SkillTypeNoun()),
    *addresses(skills.SkillNoun()),
    *addresses(skills.SkillRuleNoun()),
    *addresses(schedules.ScheduleNoun()),
    *addresses(service_levels.ServiceLevelNoun()),
    *addresses(rules.TriggerNoun()),
    *addresses(rules.AutomationNoun()),
    path(
        "triggers/<slug:public_id>/firings",
        rules.firings_view(Trigger, "Trigger", "a trigger").as_view(),
        name="trigger_firings",
    ),
    path(
        "triggers/<slug:public_id>/trial",
        rules.trial_view(Trigger, "Trigger", "a trigger").as_view(),
        name="trigger_trial",
    ),
    path(
        "automations/<slug:public_id>/firings",
        rules.firings_view(Automation, "Automation", "an automation").as_view(),
        name="automation_firings",
    ),
    path(
        "automations/<slug:public_id>/trial",
        rules.trial_view(Automation, "Automation", "an automation").as_view(),
        name="automation_trial",
    ),
    *addresses(fields.FieldNoun()),
    *addresses(fields.TicketFormNoun()),
    path("contacts/<slug:public_id>/values", fields.ContactValuesView.as_view(), name="contact_values"),
    *addresses(lists.ViewNoun()),
    *addresses(lists.MacroNoun()),
]
