"""Where work waits and who gets how much of it: groups, queues, capacity rules, statuses, and the assignment itself."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.callers import Caller
from conversations.business.document import answer, operation, query
from conversations.business.nouns import Noun
from conversations.business.shapes import Flat
from conversations.business.views import BusinessView, Input, one_named
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area
from routing.actions import capacity, configuration, groups, queues
from routing.actions.queues import ShareEntry
from routing.api.named import OrderedNoun, agents_named, brand_field, fill, groups_named, ids
from routing.api.shapes import Named, Output, agent_named, named
from routing.models import CapacityRule, CustomStatus, Group, Queue, RoutingConfig
from routing.queries.persons import config_of

TAG = "Routing"


class GroupShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    gets_new_tickets = serializers.BooleanField()
    escalates_to = Named(allow_null=True)
    members = Named(many=True)


class GroupBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    gets_new_tickets = serializers.BooleanField(required=False)
    escalates_to = serializers.CharField(required=False, allow_null=True, max_length=24, help_text="Id of a group.")
    members = ids(required=False, help_text="Ids of agents: exactly these.")
    brand = brand_field()


class GroupNoun(Noun[Group]):
    """Agents who share work."""

    name, many, one, tag, area = "group", "groups", "a group", TAG, Area.ROUTING
    permission = Permission.CONFIGURE_ROUTING
    shape, body = GroupShape, GroupBody

    def rows(self, caller: Caller) -> QuerySet[Group]:
        found = Group.objects.filter(brand__in=caller.viewer.brand_ids)
        return found.select_related("escalates_to", "brand").prefetch_related("members__user")

    def told(self, row: Group) -> dict[str, Any]:
        return {
            "id": row.public_id,
            "name": row.name,
            "gets_new_tickets": row.is_default,
            "escalates_to": named(row.escalates_to),
            "members": [agent_named(each) for each in row.members.all()],
        }

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Group:
        return self._save(caller, Group(brand=brand), given)

    def change(self, caller: Caller, row: Group, given: dict[str, Any]) -> Group:
        return self._save(caller, row, given)

    def _save(self, caller: Caller, row: Group, given: dict[str, Any]) -> Group:
        members = list(row.members.all()) if row.pk else []
        if "members" in given:
            members = agents_named(row.brand_id, given["members"], "members")
        row.name = given.get("name", row.name)
        row.is_default = given.get("gets_new_tickets", row.is_default)
        if "escalates_to" in given:
            own = Group.objects.filter(brand=row.brand_id)
            row.escalates_to = one_named(own, given["escalates_to"], "escalates_to")
        groups.save_group(group=row, members=members, fields=sorted(given), by=caller.actor)
        return self.rows(caller).get(pk=row.pk)

    def delete(self, caller: Caller, row: Group) -> None:
        groups.delete_group(group=row, by=caller.actor)


class Share(Output):
    percent = serializers.IntegerField(min_value=1, max_value=100)
    groups = Named(many=True)


class QueueShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField()
    place = serializers.IntegerField(min_value=0, help_text="The smallest is asked first.")
    priority = serializers.IntegerField(min_value=1, max_value=100)
    conditions = Flat()
    primary_groups = Named(many=True)
    secondary_groups = Named(many=True)
    shares = Share(many=True)


class ShareBody(Input):
    percent = serializers.IntegerField(min_value=1, max_value=100)
    groups = ids(help_text="Ids of groups.")


class QueueBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    description = serializers.CharField(required=False, allow_blank=True, help_text="At most 300 characters.")
    is_active = serializers.BooleanField(required=False)
    priority = serializers.IntegerField(required=False, min_value=1, max_value=100, help_text="1 comes first.")
    conditions = Flat(required=False, help_text="As docs/conditions.md tells.")
    primary_groups = ids(required=False, help_text="Ids of the groups that take this work.")
    secondary_groups = ids(required=False, help_text="Ids of those that take it while nobody of the first can.")
    shares = ShareBody(many=True, required=False, help_text="Parts in percent, 100 in all, or none; at most 5.")
    brand = brand_field()


class QueueNoun(OrderedNoun[Queue]):
    """Where work waits."""

    name, many, one, tag, area = "queue", "queues", "a queue", TAG, Area.ROUTING
    permission = Permission.CONFIGURE_ROUTING
    shape, body = QueueShape, QueueBody

    def rows(self, caller: Caller) -> QuerySet[Queue]:
        found = Queue.objects.filter(brand__in=caller.viewer.brand_ids)
        return found.prefetch_related("primary_groups", "secondary_groups", "shares__groups")

    def told(self, row: Queue) -> dict[str, Any]:
        return {
            "id": row.public_id,
            "name": row.name,
            "description": row.description,
            "is_active": row.is_active,
            "place": row.order,
            "priority": row.priority,
            "conditions": row.conditions,
            "primary_groups": [named(each) for each in row.primary_groups.all()],
            "secondary_groups": [named(each) for each in row.secondary_groups.all()],
            "shares": [
                {"percent": each.percent, "groups": [named(group) for group in each.groups.all()]}
                for each in sorted(row.shares.all(), key=lambda share: share.pk)
            ],
        }

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Queue:
        return self._save(caller, Queue(brand=brand), given)

    def change(self, caller: Caller, row: Queue, given: dict[str, Any]) -> Queue:
        return self._save(caller, row, given)

    def _save(self, caller: Caller, row: Queue, given: dict[str, Any]) -> Queue:
        fields = sorted(given)
        asked = {name: given.pop(name) for name in ("primary_groups", "secondary_groups", "shares") if name in given}
        fill(row, given)

        def chosen(name: str) -> list[Group]:
            if name in asked:
                return groups_named(row.brand_id, asked[name], name)
            return list(getattr(row, name).all()) if row.pk else []

        kept = list(row.shares.order_by("pk").prefetch_related("groups")) if row.pk and "shares" not in asked else []
        shares = [ShareEntry(each.percent, frozenset(group.pk for group in each.groups.all())) for each in kept]
        for each in asked.get("shares", []):
            found = groups_named(row.brand_id, each["groups"], "shares")
            shares.append(ShareEntry(each["percent"], frozenset(group.pk for group in found)))
        saved = queues.save_queue(
            queue=row,
            primary=chosen("primary_groups"),
            secondary=chosen("secondary_groups"),
            shares=shares,
            fields=fields,
            by=caller.actor,
        )
        return self.rows(caller).get(pk=saved.pk)

    def delete(self, caller: Caller, row: Queue) -> None:
        queues.delete_queue(queue=row, by=caller.actor)


FIGURES = ["name", "is_default", *capacity.FIGURES]


class CapacityRuleShape(serializers.ModelSerializer[CapacityRule]):
    id = serializers.CharField(source="public_id")
    members = Named(many=True)

    class Meta:
        model = CapacityRule
        fields = ["id", *FIGURES, "members"]


class CapacityRuleBody(serializers.ModelSerializer[CapacityRule]):
    members = ids(required=False, help_text="Ids of agents: exactly these.")
    brand = brand_field()

    class Meta:
        model = CapacityRule
        fields = [*FIGURES, "members", "brand"]
        validators: list[Any] = []  # the action says it in its own words


class CapacityRuleNoun(Noun[CapacityRule]):
    """How much work agents may have at once."""

    name, many, one, tag, area = "capacity_rule", "capacity_rules", "a capacity rule", TAG, Area.ROUTING
    permission = Permission.CONFIGURE_ROUTING
    shape, body = CapacityRuleShape, CapacityRuleBody

    def rows(self, caller: Caller) -> QuerySet[CapacityRule]:
        return CapacityRule.objects.filter(brand__in=caller.viewer.brand_ids).prefetch_related("agents__user")

    def told(self, row: CapacityRule) -> dict[str, Any]:
        figures = {name: getattr(row, name) for name in FIGURES}
        return {"id": row.public_id, **figures, "members": [agent_named(each) for each in row.agents.all()]}

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> CapacityRule:
        return self._save(caller, CapacityRule(brand=brand), given)

    def change(self, caller: Caller, row: CapacityRule, given: dict[str, Any]) -> CapacityRule:
        return self._save(caller, row, given)

    def _save(self, caller: Caller, row: CapacityRule, given: dict[str, Any]) -> CapacityRule:
        fields, members = sorted(given), None
        if "members" in given:
            members = agents_named(row.brand_id, given.pop("members"), "members")
        fill(row, given)
        saved = capacity.save_capacity_rule(rule=row, members=members, fields=fields, by=caller.actor)
        return self.rows(caller).get(pk=saved.pk)

    def delete(self, caller: Caller, row: CapacityRule) -> None:
        capacity.delete_capacity_rule(rule=row, by=caller.actor)


# What becomes of whoever has a status and is idle or gone; null and empty: what their brands say.
WHEN_ABSENT = ("idle_after_minutes", "idle_status", "disconnect_after_seconds", "disconnect_status")


class StatusShape(serializers.ModelSerializer[CustomStatus]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = CustomStatus
        fields = ["id", "name", "messaging", "email", "voice", *WHEN_ABSENT]


class StatusNounBody(serializers.ModelSerializer[CustomStatus]):
    brand = brand_field()

    class Meta:
        model = CustomStatus
        fields = ["name", "messaging", "email", "voice", *WHEN_ABSENT, "brand"]
        validators: list[Any] = []


class StatusNoun(OrderedNoun[CustomStatus]):
    """Statuses of a brand's own."""

    name, many, one, tag, area = "status", "statuses", "a status of the brand's own", TAG, Area.AGENTS
    permission = Permission.CONFIGURE_ROUTING
    shape, body = StatusShape, StatusNounBody

    def rows(self, caller: Caller) -> QuerySet[CustomStatus]:
        return CustomStatus.objects.filter(brand__in=caller.viewer.brand_ids)

    def told(self, row: CustomStatus) -> dict[str, Any]:
        means = {"messaging": row.messaging, "email": row.email, "voice": row.voice}
        absent = {name: getattr(row, name) for name in WHEN_ABSENT}
        return {"id": row.public_id, "name": row.name, **means, **absent}

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> CustomStatus:
        return self.change(caller, CustomStatus(brand=brand), given)

    def change(self, caller: Caller, row: CustomStatus, given: dict[str, Any]) -> CustomStatus:
        fill(row, given)
        return configuration.save_status(status=row, fields=sorted(given), by=caller.actor)

    def delete(self, caller: Caller, row: CustomStatus) -> None:
        configuration.delete_status(status=row, by=caller.actor)


def _statuses() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=16), required=False)


def _priorities() -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField(), required=False)


class RoutingConfigShape(serializers.ModelSerializer[RoutingConfig]):
    reassignment_reopened_tickets_messaging_statuses = _statuses()
    reassignment_reopened_tickets_support_statuses = _statuses()
    reassignment_agent_status_change_messaging_agent_statuses = _statuses()
    reassignment_agent_status_change_messaging_ticket_priorities = _priorities()
    reassignment_agent_status_change_support_agent_statuses = _statuses()
    reassignment_agent_status_change_support_ticket_priorities = _priorities()

    class Meta:
        model = RoutingConfig
        exclude = ["id", "brand"]


class RoutingConfigView(BusinessView):
    """How a brand assigns work."""

    area = Area.ROUTING
    answer = answer("RoutingConfigAnswer", routing_config=RoutingConfigShape())
    OF = query("brand", "Id of a brand, where you are in several.")

    @operation("readRoutingConfig", "Read the assignment", TAG, {200: answer}, parameters=(OF,), refuses=(400, 404))
    def get(self, request: Request) -> Response:
        """Give how the brand assigns work; where nobody configured it, nothing is assigned automatically."""
        return self._told(config_of(self.brand(self.asked("brand")).pk))

    @operation(
        "changeRoutingConfig",
        "Change the assignment",
        TAG,
        {200: answer},
        body=RoutingConfigShape(partial=True),
        parameters=(OF,),
        refuses=(404,),
    )
    def patch(self, request: Request) -> Response:
        """Change what is given; what waits is placed anew."""
        brand = self.brand(self.asked("brand"))
        self.require(brand.pk, Permission.CONFIGURE_ROUTING)
        given = self.given(RoutingConfigShape, partial=True)
        config = RoutingConfig.objects.filter(brand=brand).first() or RoutingConfig(brand=brand)
        fill(config, given)
        return self._told(configuration.save_routing_config(config=config, fields=sorted(given), by=self.caller.actor))

    def _told(self, config: RoutingConfig) -> Response:
        return Response({"routing_config": RoutingConfigShape(config).data})
