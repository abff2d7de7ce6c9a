"""What agents set for themselves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from conversations.access import AgentRequest, agents_only
from conversations.events import Actor
from routing.actions import agents, statuses
from routing.models import Agent


@require_POST
@agents_only
def set_status(request: AgentRequest) -> HttpResponse:
    """Set the agent's status."""
    by = Actor.of_user(request.user)
    agent = statuses.set_agent_status(agent=agents.agent_of(request.user), status=request.POST.get("status", ""), by=by)
    return render(request, "routing/_status.html", {"agent": agent, "statuses": Agent.Status.choices})


@require_POST
@agents_only
def set_preference(request: AgentRequest) -> HttpResponse:
    """Set one preference; the page reads it anew."""
    name, value = request.POST.get("name", ""), request.POST.get("value", "")
    agents.set_preference(agent=agents.agent_of(request.user), name=name, value=value)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
