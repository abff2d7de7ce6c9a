"""What a brand promises: service levels and their targets."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from conversations.business.callers import Caller
from conversations.business.shapes import Flat
from conversations.business.views import Input, one_named
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area
from routing.actions.service_levels import TargetEntry, delete_policy, save_policy
from routing.api.named import OrderedNoun, brand_field, fill
from routing.api.shapes import PRIORITIES, PRIORITY_OF, Named, Output, named, ordered_told
from routing.decide.sla import Metric
from routing.models import Schedule, SlaPolicy, SlaTarget, Ticket
from routing.models.sla import MAX_TARGET_MINUTES

MOST_TARGETS = len(Metric.values) * len(PRIORITY_OF)


class Target(Output):
    metric = serializers.ChoiceField(Metric.choices)
    priority = serializers.ChoiceField(list(PRIORITY_OF))
    minutes = serializers.IntegerField(min_value=1, max_value=MAX_TARGET_MINUTES)
    is_business = serializers.BooleanField(help_text="Counted in the schedule's hours; otherwise around the clock.")


class ServiceLevelShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    is_active = serializers.BooleanField()
    place = serializers.IntegerField(min_value=0, help_text="The smallest is asked first.")
    conditions = Flat()
    schedule = Named(allow_null=True)
    targets = Target(many=True)


class TargetBody(Input):
    metric = serializers.ChoiceField(Metric.choices)
    priority = serializers.ChoiceField(list(PRIORITY_OF))
    minutes = serializers.IntegerField(min_value=1, max_value=MAX_TARGET_MINUTES)
    is_business = serializers.BooleanField(required=False, help_text="Needs a schedule.")


class ServiceLevelBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    is_active = serializers.BooleanField(required=False)
    conditions = Flat(required=False, help_text="As docs/conditions.md tells; not what changes while it is worked on.")
    schedule = serializers.CharField(required=False, allow_null=True, max_length=24, help_text="Id of a schedule.")
    targets = TargetBody(many=True, required=False, max_length=MOST_TARGETS, help_text="Exactly these.")  # type: ignore[call-arg]  # of the list
    brand = brand_field()


class ServiceLevelNoun(OrderedNoun[SlaPolicy]):
    """What is promised for which tickets; the first whose conditions a ticket meets holds for it."""

    name, many, one, tag, area = "service_level", "service_levels", "a service level", "Service levels", Area.SETTINGS
    shape, body = ServiceLevelShape, ServiceLevelBody
    permission = Permission.CONFIGURE_ROUTING

    def rows(self, caller: Caller) -> QuerySet[SlaPolicy]:
        targets = Prefetch("targets", SlaTarget.objects.order_by("metric", "-priority"))
        found = SlaPolicy.objects.filter(brand__in=caller.viewer.brand_ids)
        return found.select_related("schedule").prefetch_related(targets)

    def told(self, row: SlaPolicy) -> dict[str, Any]:
        return {
            **ordered_told(row),
            "schedule": named(row.schedule),
            "targets": [
                {
                    "metric": each.metric,
                    "priority": PRIORITIES[Ticket.Priority(each.priority)],
                    "minutes": each.minutes,
                    "is_business": each.is_business,
                }
                for each in row.targets.all()
            ],
        }

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> SlaPolicy:
        return self.change(caller, SlaPolicy(brand=brand), given)

    def change(self, caller: Caller, row: SlaPolicy, given: dict[str, Any]) -> SlaPolicy:
        fields = sorted(given)
        kept = row.targets.all() if row.pk else ()
        targets = [TargetEntry(each.metric, each.priority, each.minutes, each.is_business) for each in kept]
        if "targets" in given:
            targets = [
                TargetEntry(
                    each["metric"], PRIORITY_OF[each["priority"]], each["minutes"], each.get("is_business", False)
                )
                for each in given.pop("targets")
            ]
        if "schedule" in given:
            own = Schedule.objects.filter(brand=row.brand_id)
            given["schedule"] = one_named(own, given["schedule"], "schedule")
        fill(row, given)
        saved = save_policy(policy=row, targets=targets, fields=fields, by=caller.actor)
        return self.rows(caller).get(pk=saved.pk)

    def delete(self, caller: Caller, row: SlaPolicy) -> None:
        delete_policy(policy=row, by=caller.actor)
