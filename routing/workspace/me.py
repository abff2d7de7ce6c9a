"""What agents set for themselves: their one status, and how the workspace behaves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotAllowed, NotFound
from conversations.events import Actor
from conversations.incoming import MAX_KEY, number_in
from conversations.queries import Viewer
from routing import queries
from routing.actions import agents, statuses
from routing.decide.statuses import Availability, Source, by_class, lets_in
from routing.models import Agent, CustomStatus, StatusSpell

DOTS = {Availability.TRANSFERS_ONLY: "transfer"}


@dataclass(frozen=True)
class Choice:
    """One status of the menu; `custom` is the key of a brand's own, `dot` the look of its mark."""

    status: str
    custom: int | None
    name: str
    lets_in: str
    dot: str
    is_current: bool

    @property
    def key(self) -> str:
        return f"custom-{self.custom}" if self.custom else self.status


def dot_of(status: str) -> str:
    """Give the look of a status's mark."""
    return DOTS.get(Availability(status), status)


def choices_of(agent: Agent, custom: Iterable[CustomStatus]) -> Iterator[Choice]:
    """Give the statuses an agent can be given: the four, and these of brands' own."""
    for status, label in Availability.choices:
        is_current = agent.custom_status_id is None and agent.status == status
        yield Choice(status, None, str(label), lets_in(by_class(status)), dot_of(status), is_current)
    for own in custom:
        words, is_current = lets_in(by_class("", own.by_class)), agent.custom_status_id == own.pk
        yield Choice(own.messaging, own.pk, own.name, words, dot_of(own.messaging), is_current)


def _moment(at: datetime) -> str:
    """Give a moment as short as it can be: the time of today, the day and the time before that."""
    local = timezone.localtime(at)
    if local.date() == timezone.localdate():
        return date_format(local, "H:i")
    return date_format(local, "SHORT_DATETIME_FORMAT")


def _reason(source: str, name: str, at: str) -> str:
    """Say why somebody has a status that they did not choose; nothing where they chose it."""
    if source == Source.IDLE:
        return _("%(status)s since %(time)s: no activity") % {"status": name, "time": at}
    if source == Source.DISCONNECT:
        return _("%(status)s since %(time)s: no connection") % {"status": name, "time": at}
    if source == Source.MISSED:
        return _("%(status)s since %(time)s: offers were not accepted") % {"status": name, "time": at}
    return ""


def _back(before: StatusSpell) -> dict[str, Any]:
    """Say which status one click brings back; without `name` it is Online."""
    if before.custom_status:
        return {"custom": before.custom_status.pk, "name": before.custom_status.name}
    if before.status == Availability.ONLINE:
        return {"status": before.status}
    return {"status": before.status, "name": before.get_status_display()}


def status_context(viewer: Viewer, agent: Agent) -> dict[str, Any]:
    """Give what the status menu shows; nothing of it for those who answer in no brand."""
    if not viewer.answers:
        return {"agent": agent, "choices": []}
    spell = queries.spell_of(agent)
    name = str(agent.custom_status or agent.get_status_display())
    since = _moment(agent.status_set_at) if agent.status_set_at else ""
    reason = _reason(spell.source, name, since) if spell else ""
    before = queries.chosen_before(agent) if reason else None
    return {
        "agent": agent,
        "back": _back(before) if before else {"status": Availability.ONLINE},
        "choices": list(choices_of(agent, queries.custom_statuses(viewer))),
        "status_name": name,
        "status_dot": dot_of(agent.status),
        "since": since,
        "reason": reason,
        "load": queries.own_load(viewer, agent),
    }


@require_safe
@agents_only
def status(request: AgentRequest) -> HttpResponse:
    """Show the status menu anew."""
    return _menu(request, agents.agent_of(request.user))


@require_POST
@agents_only
def set_status(request: AgentRequest) -> HttpResponse:
    """Set the agent's status: one of the four, or, with `custom`, one of a brand's own."""
    if not request.viewer.answers:
        raise NotAllowed
    custom = _custom(request)
    agent = statuses.set_agent_status(
        agent=agents.agent_of(request.user),
        status=request.POST.get("status", ""),
        custom=custom,
        by=Actor.of_user(request.user),
    )
    return _menu(request, agent)


def _custom(request: AgentRequest) -> CustomStatus | None:
    if "custom" not in request.POST:
        return None
    key = number_in(request.POST["custom"], MAX_KEY)
    found = next((each for each in queries.custom_statuses(request.viewer) if each.pk == key), None)
    if found is None:
        raise NotFound
    return found


def _menu(request: AgentRequest, agent: Agent) -> HttpResponse:
    return render(request, "routing/_status_menu.html", status_context(request.viewer, agent))


@require_POST
@agents_only
def set_preference(request: AgentRequest) -> HttpResponse:
    """Set one preference; the page reads it anew."""
    name, value = request.POST.get("name", ""), request.POST.get("value", "")
    agents.set_preference(agent=agents.agent_of(request.user), name=name, value=value)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
