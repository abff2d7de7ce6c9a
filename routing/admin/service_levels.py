"""The page of service levels: what is promised for which tickets."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.permissions import Permission
from routing.actions.service_levels import (
    TargetEntry,
    check_targets,
    delete_policy,
    policy_fields,
    save_policy,
)
from routing.admin.concerns import WarnedRows
from routing.admin.conditions import ConditionRows, ConditionsForm
from routing.admin.moving import MovableRows
from routing.admin.target_fields import TargetsField
from routing.decide.conditions import Field
from routing.decide.setting_words import time_words
from routing.decide.sla import Metric
from routing.errors import InvalidChange
from routing.models import Schedule, SlaPolicy, SlaTarget
from routing.queries.schedules import with_hours


class ServiceLevelForm(ConditionsForm[SlaPolicy]):
    """A policy with its targets."""

    targets = TargetsField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["targets"] = entries_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        brand, name = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("name")
        same = SlaPolicy.objects.filter(brand=brand, name=name).exclude(pk=self.instance.pk)
        if brand and name and same.exists():
            self.add_error("name", _("There is a service level of this name already."))
        schedule = cleaned.get("schedule")
        if schedule and brand and schedule.brand_id != brand.pk:
            self.add_error("schedule", _("Choose a schedule of this brand."))
        elif "targets" in cleaned:
            try:
                check_targets(cleaned["targets"], has_schedule=schedule is not None)
            except InvalidChange as error:
                self.add_error(error.field, str(error.text))
        return cleaned


def entries_of(policy: SlaPolicy) -> list[TargetEntry]:
    """Give a policy's targets as they are written."""
    rows = policy.targets.all()
    return sorted(TargetEntry(row.metric, row.priority, row.minutes, row.is_business) for row in rows)


@admin.register(SlaPolicy)
class ServiceLevelPage(ConditionRows[SlaPolicy], MovableRows[SlaPolicy], WarnedRows[SlaPolicy]):
    """What is promised for which tickets, in the order in which policies are asked."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _(
        "How soon customers are answered and helped. For each ticket the first of these holds whose conditions it"
        " meets; agents see the time that is left, and what breaks soonest is given out first."
    )
    empty = _("Nothing is promised yet. Add a service level, for example a first reply within an hour.")
    gone = _("Open tickets it was for fall under the next one they meet. What was kept and broken stays told.")
    form = ServiceLevelForm
    change_form_template = "admin/service_level_form.html"
    list_display = ("name", "conditions_told", "promises", "schedule", "is_active", "attention", "brand", "places")
    list_select_related = ("brand",)
    search_fields = ("name",)
    fields = ("brand", "name", "is_active", "conditions", "schedule", "counts_ai_agents")
    helps = {
        "is_active": _("Off: it holds for no ticket."),
        "counts_ai_agents": _("On: an AI agent's message fulfils a reply or an update. Off: only a person's does."),
        "schedule": _("Whose hours count where a target counts business hours."),
    }

    def condition_fields(self, brand_id: int) -> dict[str, Field]:
        return policy_fields(brand_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlaPolicy]:
        targets = Prefetch("targets", SlaTarget.objects.order_by("metric", "-priority"))
        schedules = Prefetch("schedule", with_hours(Schedule.objects.all()))
        return super().get_queryset(request).prefetch_related(targets, schedules)

    def get_readonly_fields(self, request: HttpRequest, obj: SlaPolicy | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def save_model(self, request: HttpRequest, obj: SlaPolicy, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        fields = form.changed_data if change else ()
        save_policy(policy=obj, targets=form.cleaned_data["targets"], fields=fields, by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: SlaPolicy) -> None:
        delete_policy(policy=obj, by=actor_of(request))

    @admin.display(description=_("promises"))
    def promises(self, policy: SlaPolicy) -> str:
        """Say the targets in short: the strictest and the laxest of each metric."""
        said = []
        for metric in Metric:
            times = sorted(row.minutes for row in policy.targets.all() if row.metric == metric)
            if times:
                span = (
                    time_words(times[0])
                    if times[0] == times[-1]
                    else gettext("%(from)s to %(to)s")
                    % {
                        "from": time_words(times[0]),
                        "to": time_words(times[-1]),
                    }
                )
                said.append(f"{metric.label} {span}")
        return " · ".join(said) or "–"
