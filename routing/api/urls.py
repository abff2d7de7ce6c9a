from django.urls import path

from conversations.business.nouns import addresses
from routing.api import agents, lists, queues, schedules, skills, tickets

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
    path("agents/<slug:public_id>/statuses", agents.AgentStatusesView.as_view(), name="agent_statuses"),
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
    *addresses(lists.ViewNoun()),
    *addresses(lists.MacroNoun()),
]
