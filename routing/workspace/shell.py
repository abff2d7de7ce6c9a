"""The pages of the workspace: a shell each, whose regions load themselves from the apps that own them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.permissions import Permission
from conversations.queries import Viewer, contact_for_viewer, conversation_for_viewer
from conversations.workspace.names import called
from routing.actions import agents
from routing.models import View
from routing.queries import view_for_viewer
from routing.workspace.me import status_context

TITLES = {
    "mine": _("Your inbox"),
    "mentions": _("Mentions"),
    "sides": _("Side conversations"),
    "unassigned": _("Unassigned"),
    "open": _("All open"),
    "risk": _("SLA at risk"),
    "snoozed": _("Snoozed"),
    "ended": _("Ended"),
}
# What a swap inside the page asks for, by the id of the region it fills.
REGIONS = {"opened": "workspace/_opened.html", "main": "workspace/_main.html"}


def title_of(viewer: Viewer, view: View) -> str:
    """Give what a view that somebody made is called; whoever sees several brands is told whose it is."""
    return f"{view.name} · {view.brand}" if len(viewer.brand_ids) > 1 else view.name


def shell_context(request: AgentRequest, section: str) -> dict[str, Any]:
    """Give what every page's frame shows; `section` is the place of the rail that it is in."""
    agent = agents.agent_of(request.user)
    return {
        "section": section,
        "may_supervise": bool(request.viewer.brands_where(Permission.SUPERVISE)),
        "may_configure": request.viewer.may_configure,
        "preferences": agents.preferences_of(agent),
        **status_context(request.viewer, agent),
    }


def home(request: HttpRequest) -> HttpResponse:
    """Send to the agent's own inbox."""
    return HttpResponseRedirect("/workspace/inbox/mine/")


@require_safe
@agents_only
def inbox(request: AgentRequest, view: str, conversation_id: str = "") -> HttpResponse:
    """Show a view and a conversation: the whole page, or the region that a swap inside the page fills."""
    title = TITLES.get(view) or title_of(request.viewer, view_for_viewer(request.viewer, view))
    if conversation_id:
        try:
            conversation_for_viewer(request.viewer, conversation_id)
        except NotFound as error:
            if request.htmx:
                raise
            context = {"view": view, "title": title, "conversation_id": "", "error": error}
            return render(
                request, "workspace/inbox.html", shell_context(request, "inbox") | context, status=error.status
            )
    context = {"view": view, "title": title, "conversation_id": conversation_id}
    if region := REGIONS.get(request.htmx.target or ""):
        response = render(request, region, context)
    else:
        response = render(request, "workspace/inbox.html", shell_context(request, "inbox") | context)
    patch_vary_headers(response, ["HX-Target"])
    return response


@require_safe
@agents_only
def contacts(request: AgentRequest) -> HttpResponse:
    """Show the page of customers; its list loads itself."""
    return render(request, "workspace/contacts.html", shell_context(request, "contacts") | {"title": _("Customers")})


@require_safe
@agents_only
def contact(request: AgentRequest, contact_id: str) -> HttpResponse:
    """Show one customer's page; what is known of them loads itself."""
    found = contact_for_viewer(request.viewer, contact_id)
    return render(
        request,
        "workspace/contact.html",
        shell_context(request, "contacts") | {"title": called(found), "contact": found},
    )
