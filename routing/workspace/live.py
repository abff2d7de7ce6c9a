"""The live screen of those who supervise: what waits, who is there with what, and a colleague's status."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotAllowed, NotFound
from conversations.events import Actor
from conversations.incoming import MAX_KEY, number_in
from conversations.permissions import Permission
from conversations.workspace.told import told
from routing.actions import statuses
from routing.models import Agent, CustomStatus
from routing.queries.floor import MAX_AT_RISK, agent_on_floor, floor, statuses_for
from routing.workspace.me import choices_of
from routing.workspace.shell import shell_context


def _only_supervisors(request: AgentRequest) -> None:
    if not request.viewer.brands_where(Permission.SUPERVISE):
        raise NotAllowed


@require_safe
@agents_only
def live(request: AgentRequest) -> HttpResponse:
    """Show the page; what is on it loads itself."""
    _only_supervisors(request)
    return render(request, "workspace/live.html", shell_context(request, "live") | {"title": _("Live")})


@require_safe
@agents_only
def floor_part(request: AgentRequest) -> HttpResponse:
    """Show what waits and who is there, as it is now."""
    _only_supervisors(request)
    is_of_many = len(request.viewer.brands_where(Permission.SUPERVISE)) > 1
    context = {"floor": floor(request.viewer), "is_of_many": is_of_many, "limit": MAX_AT_RISK}
    return render(request, "routing/_live.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def colleague(request: AgentRequest, agent_id: str) -> HttpResponse:
    """Show which statuses a colleague can be given, or give them one: of the four, or, with `custom`, of a brand's."""
    _only_supervisors(request)
    agent = agent_on_floor(request.viewer, agent_id)
    own = statuses_for(request.viewer, agent)
    if request.method != "POST":
        choices = list(choices_of(agent, own))
        return render(request, "routing/_live_status.html", {"colleague": agent, "choices": choices})
    status, _kind, key = request.POST.get("to", "").partition(":")
    custom = _custom(own, key) if status == "custom" else None
    changed = statuses.set_agent_status(agent=agent, status=status, custom=custom, by=Actor.of_user(request.user))
    name = changed.custom_status or changed.get_status_display()
    text = _("%(name)s is %(status)s now.") % {"name": changed, "status": name}
    undo = reverse("routing:live_colleague", args=[agent_id])
    return told(HttpResponse(status=204), text, undo=undo, values={"to": _way_back(agent)})


def _custom(own: Sequence[CustomStatus], key: str) -> CustomStatus:
    wanted = number_in(key, MAX_KEY)
    found = next((each for each in own if each.pk == wanted), None)
    if found is None:
        raise NotFound
    return found


def _way_back(agent: Agent) -> str:
    return f"custom:{agent.custom_status_id}" if agent.custom_status_id else agent.status
