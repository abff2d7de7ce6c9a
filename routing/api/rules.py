"""What is done by itself: triggers and automations, what they did, and what one would do to a ticket."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.callers import Caller
from conversations.business.document import AFTER, LIMIT, Meta, answer, operation, path_id, query
from conversations.business.shapes import Flat
from conversations.business.views import BusinessView, Input, one_of
from conversations.errors import NotAllowed
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area
from conversations.shapes import timestamp
from routing.actions.rules import delete_rule, save_rule
from routing.api.named import OrderedNoun, brand_field, fill
from routing.api.shapes import Output, ordered_told
from routing.decide.occasions import OCCASIONS
from routing.decide.steps import MAX_STEPS, Do, Why
from routing.models import Automation, Firing, Queue, Rule, Trigger
from routing.queries.calls import seen_firings, ticket_for_viewer
from routing.queries.rules import trial_of

TAG = "Rules"
Ruled = TypeVar("Ruled", Trigger, Automation)
STEP_HELP = "As docs/rules.md tells; ids are those of this API."


@extend_schema_field(
    {
        "type": "object",
        "properties": {
            "do": {"type": "string", "enum": list(Do.values)},
            "value": {"description": "A choice, an id, tags or minutes, as `do` wants it."},
            "text": {"type": "string", "description": "What is written."},
        },
        "required": ["do"],
    }
)
class StepField(serializers.JSONField):
    """One step of a rule."""


def _events(**given: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(list(OCCASIONS)), max_length=len(OCCASIONS), **given)


class RuleShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    is_active = serializers.BooleanField()
    place = serializers.IntegerField(min_value=0, help_text="The smallest is looked at first.")
    conditions = Flat()
    steps = serializers.ListField(child=StepField())
    times_done = serializers.IntegerField(min_value=0)
    last_done_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    last_error_at = serializers.DateTimeField(allow_null=True)


class TriggerShape(RuleShape):
    events = serializers.ListField(child=serializers.CharField())


class AutomationShape(RuleShape):
    is_once = serializers.BooleanField()


class RuleBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    is_active = serializers.BooleanField(required=False)
    conditions = Flat(required=False, help_text="As docs/conditions.md tells.")
    steps = serializers.ListField(child=StepField(), min_length=1, max_length=MAX_STEPS, help_text=STEP_HELP)
    brand = brand_field()


class TriggerBody(RuleBody):
    events = _events(min_length=1, help_text="When one of these happens to a ticket, it is looked at.")


class AutomationBody(RuleBody):
    is_once = serializers.BooleanField(
        required=False, help_text="Once for each ticket: needed where the steps leave the conditions true."
    )


class RuleNoun(OrderedNoun[Ruled]):
    """What triggers and automations have in common."""

    tag, area, permission = TAG, Area.SETTINGS, Permission.CONFIGURE_ROUTING
    model: type[Ruled]
    own: str

    def rows(self, caller: Caller) -> QuerySet[Ruled]:
        return self.model._default_manager.filter(brand__in=caller.viewer.brand_ids)

    def dressed(self, rows: list[Ruled]) -> list[Ruled]:
        """Have each carry the public ids of the queues its steps name. One query; none where none does."""
        keys = {int(step["value"]) for row in rows for step in row.steps if step["do"] == Do.QUEUE}
        found = dict(Queue.objects.filter(pk__in=keys).values_list("pk", "public_id")) if keys else {}
        for row in rows:
            row.queue_ids = {str(pk): public_id for pk, public_id in found.items()}  # type: ignore[attr-defined]
        return rows

    def told(self, row: Ruled) -> dict[str, Any]:
        return {
            **ordered_told(row),
            "steps": with_queues(row.steps, row.queue_ids),  # type: ignore[attr-defined]  # of `dressed`
            "times_done": row.firings_count,
            "last_done_at": timestamp(row.last_fired_at),
            "last_error": row.last_error,
            "last_error_at": timestamp(row.last_error_at),
            self.own: getattr(row, self.own),
        }

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Ruled:
        return self.change(caller, self.model(brand=brand), given)

    def change(self, caller: Caller, row: Ruled, given: dict[str, Any]) -> Ruled:
        if "steps" in given:
            queues = Queue.objects.filter(brand=row.brand_id).values_list("public_id", "pk")
            given["steps"] = with_queues(given["steps"], {public_id: str(pk) for public_id, pk in queues})
        fill(row, given)
        save_rule(rule=row, fields=sorted(given), by=caller.actor)
        return self.rows(caller).get(pk=row.pk)

    def delete(self, caller: Caller, row: Ruled) -> None:
        delete_rule(rule=row, by=caller.actor)


def with_queues(steps: Sequence[Any], names: Mapping[str, str]) -> list[Any]:
    """Give steps with each queue by its other name: what is stored is its key, what goes out its public id."""

    def named(step: Any) -> Any:
        if not isinstance(step, dict) or step.get("do") != Do.QUEUE or not isinstance(step.get("value"), str):
            return step
        return {**step, "value": names.get(step["value"], "")}

    return [named(step) for step in steps]


class TriggerNoun(RuleNoun[Trigger]):
    """Rules that answer what happens."""

    name, many, one, own, model = "trigger", "triggers", "a trigger", "events", Trigger
    shape, body = TriggerShape, TriggerBody


class AutomationNoun(RuleNoun[Automation]):
    """Rules that look at the clock, every minute."""

    name, many, one, own, model = "automation", "automations", "an automation", "is_once", Automation
    shape, body = AutomationShape, AutomationBody


class DoneStep(Output):
    do = serializers.CharField()
    value = serializers.JSONField()
    called = serializers.CharField(allow_blank=True, help_text="What the value was called then.")
    why = serializers.ChoiceField(["", *[each.value for each in Why]], help_text="Why it did nothing; empty: done.")


class FiringShape(Output):
    id = serializers.CharField()
    at = serializers.DateTimeField()
    ticket = serializers.CharField()
    number = serializers.IntegerField(min_value=1)
    outcome = serializers.ChoiceField(Firing.Outcome.choices)
    event = serializers.CharField(allow_blank=True, help_text="What it answered; empty for an automation.")
    steps = DoneStep(many=True)
    led_by = serializers.ListField(child=serializers.CharField(), help_text="Names of the rules that led here.")
    error = serializers.CharField(allow_blank=True)


class Held(Output):
    words = serializers.CharField()
    holds = serializers.BooleanField()


class WouldDo(Output):
    words = serializers.CharField()
    why_not = serializers.CharField(allow_blank=True, help_text="Why it would do nothing; empty: it would be done.")


class TrialShape(Output):
    holds = serializers.BooleanField()
    all = Held(many=True)
    any = Held(many=True)
    steps = WouldDo(many=True)
    was_done = serializers.BooleanField(help_text="It is done once for each ticket, and was to this one.")


class OfRuleView(BusinessView):
    """Base: what concerns one rule and tickets. A key needs to read both."""

    area = Area.SETTINGS
    model: type[Rule]

    def rule(self, public_id: str) -> Rule:
        """Give one of the caller's brands. Raises NotFound, NotAllowed."""
        if not self.caller.may_reach(Area.TICKETS, writes=False):
            raise NotAllowed
        return one_of(self.model._default_manager.filter(brand__in=self.viewer.brand_ids), public_id)


def firings_view(model: type[Rule], noun: str, one: str) -> type[BusinessView]:
    """Give the view of what rules of a kind did."""

    class FiringsView(OfRuleView):
        @operation(
            f"list{noun}Firings",
            f"List what {one} did",
            TAG,
            {200: answer(f"{noun}FiringsAnswer", firings=FiringShape(many=True), meta=Meta())},
            parameters=(path_id("public_id", one), AFTER, LIMIT),
            refuses=(400, 404),
        )
        def get(self, request: Request, public_id: str) -> Response:
            """Give what it did to tickets that you see, the newest first; kept for 90 days."""
            page, meta = self.page(seen_firings(self.viewer, self.rule(public_id)), newest_first=True)
            return Response({"firings": [_firing_told(each) for each in page], "meta": meta})

    FiringsView.model = model
    return FiringsView


def trial_view(model: type[Rule], noun: str, one: str) -> type[BusinessView]:
    """Give the view that tries a rule of a kind."""

    class TrialView(OfRuleView):
        @operation(
            f"try{noun}",
            f"Try {one} on a ticket",
            TAG,
            {200: answer(f"{noun}TrialAnswer", trial=TrialShape())},
            parameters=(path_id("public_id", one), query("ticket", "Id of a ticket of the same brand.")),
            refuses=(400, 404),
        )
        def get(self, request: Request, public_id: str) -> Response:
            """Say what it would do to a ticket now; nothing is changed."""
            rule = self.rule(public_id)
            ticket = ticket_for_viewer(self.viewer, self.asked("ticket"), rule.brand_id)
            trial = trial_of(rule, ticket)
            return Response(
                {
                    "trial": {
                        "holds": trial.holds,
                        "all": [{"words": words, "holds": holds} for words, holds in trial.all],
                        "any": [{"words": words, "holds": holds} for words, holds in trial.any],
                        "steps": [{"words": words, "why_not": why} for words, why in trial.steps],
                        "was_done": trial.was_done,
                    }
                }
            )

    TrialView.model = model
    return TrialView


def _firing_told(firing: Firing) -> dict[str, Any]:
    return {
        "id": firing.public_id,
        "at": timestamp(firing.at),
        "ticket": firing.ticket.public_id,
        "number": firing.ticket.number,
        "outcome": firing.outcome,
        "event": firing.occasion,
        "steps": [
            {
                "do": step["do"],
                # A queue is named by its label: it may be gone.
                "value": None if step["do"] == Do.QUEUE else step.get("value"),
                "called": str(step.get("label", "")),
                "why": step.get("why", ""),
            }
            for step in firing.steps
        ],
        "led_by": [link["name"] for link in firing.chain],
        "error": firing.error,
    }
