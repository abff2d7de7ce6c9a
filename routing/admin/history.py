"""The page of the history of statuses: how long each agent was what on a day, and each change with its reason."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.console import ReadOnly
from conversations.incoming import MAX_KEY, number_in
from conversations.permissions import Permission
from routing.decide.statuses import Availability, Source
from routing.models import StatusSpell
from routing.queries.spells import DAYS, PAGE, answerers, changes_of, days_of_agents
from routing.workspace.me import dot_of

MOST_NAMES = 500


@admin.register(StatusSpell)
class StatusHistoryPage(ReadOnly):
    """Who was what when."""

    intro = _(
        "How long each agent was in which status, and every change of it: what it was before, and whether they chose"
        " it, were idle, or lost their connection."
    )
    empty = _("No status changed on this day.")
    permission = Permission.SUPERVISE
    called = (_("status held"), _("status history"))
    brand_path = "agent__user__memberships__brand_id"
    list_select_related = ("agent__user",)
    fields = ("agent", "became", "began_at", "ended_at", "reason")
    readonly_fields = fields

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show a day of all agents, or two weeks of the one that `agent` names; `before` and `after` page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = timezone.localdate()
        day = _day(request.GET.get("day", ""), today)
        asked = number_in(request.GET.get("agent", ""), MAX_KEY)
        everybody = answerers(self.brands(request))
        agent = everybody.filter(pk=asked).first() if asked is not None else None
        days = DAYS - 1 if agent else 0
        found = everybody.filter(pk=agent.pk) if agent else everybody
        after = number_in(request.GET.get("after", ""), MAX_KEY) or 0
        page = list(found.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
        changes = changes_of(found, day, days, number_in(request.GET.get("before", ""), MAX_KEY))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": capfirst(gettext("status history")),
            "intro": self.intro,
            "empty": self.empty,
            "names": everybody.order_by("user__name", "pk")[:MOST_NAMES],
            "agent": agent,
            "day": day,
            "today": today,
            "days": [_shown_day(each) for each in days_of_agents(page[:PAGE], day, days)],
            "after": page[PAGE - 1].pk if len(page) > PAGE else None,
            "rows": [_shown_change(each) for each in changes[:PAGE]],
            "before": changes[PAGE - 1].pk if len(changes) > PAGE else None,
            "is_first": not ({"before", "after"} & set(request.GET)),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/status_history.html", context)

    def title_of(self, row: StatusSpell) -> str:
        return f"{row.agent}: {_name(row.status, row.name)}"

    @admin.display(description=_("status"))
    def became(self, spell: StatusSpell) -> str:
        return _name(spell.status, spell.name)

    @admin.display(description=_("reason"))
    def reason(self, spell: StatusSpell) -> str:
        return reason_of(spell)


def reason_of(spell: StatusSpell) -> str:
    """Say in the reader's words what set a status, and who, where it was somebody else."""
    label = str(Source(spell.source).label)
    if not spell.by_name:
        return label
    return gettext("%(reason)s by %(name)s") % {"reason": label, "name": spell.by_name}


def told_duration(lasted: timedelta) -> str:
    """Say how long, in hours and minutes; what is shorter than a minute, in seconds."""
    seconds = int(lasted.total_seconds())
    hours, minutes = divmod(seconds // 60, 60)
    if not hours and not minutes:
        return ngettext("%(n)s s", "%(n)s s", seconds) % {"n": seconds}
    if not hours:
        return gettext("%(minutes)s min") % {"minutes": minutes}
    return gettext("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


def _name(status: str, name: str) -> str:
    return name or str(Availability(status).label)


def _day(text: str, today: date) -> date:
    """Give the day a reader asks for; where it is none, or is still to come, today."""
    try:
        day = parse_date(text)
    except ValueError:
        return today
    return day if day and date(2000, 1, 1) <= day <= today else today


def _shown_day(each: Any) -> dict[str, Any]:
    times = [(dot_of(status), name, told_duration(lasted)) for status, name, lasted in each.times]
    return {"agent": each.agent, "day": each.day, "times": times}


def _shown_change(spell: Any) -> dict[str, Any]:
    ended = spell.ended_at or timezone.now()
    return {
        "agent": spell.agent,
        "at": spell.began_at,
        "was": _name(spell.from_status, spell.from_name) if spell.from_status else "",
        "dot": dot_of(spell.status),
        "name": _name(spell.status, spell.name),
        "reason": reason_of(spell),
        "lasted": told_duration(ended - spell.began_at),
        "goes_on": spell.ended_at is None,
    }
