"""What conditions can ask: for whoever writes them from outside."""

from collections.abc import Callable

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import answer, operation, query
from conversations.business.views import BusinessView
from conversations.errors import InvalidContent
from conversations.scopes import Area
from routing.actions.service_levels import policy_fields
from routing.api.shapes import Output
from routing.decide.conditions import Field, Kind, Operator
from routing.queries.compiled import automation_fields, view_fields
from routing.queries.facts import fields_of

# By the noun whose conditions they are.
OF: dict[str, Callable[[int], dict[str, Field]]] = {
    "queues": fields_of,
    "skill-rules": fields_of,
    "triggers": fields_of,
    "automations": automation_fields,
    "views": view_fields,
    "service-levels": policy_fields,
}


class Choice(Output):
    value = serializers.CharField()
    label = serializers.CharField(help_text="In the caller's language.")  # type: ignore[assignment]  # no label of the serializer


class ConditionField(Output):
    field = serializers.CharField(help_text="What a condition names as `field`.")
    label = serializers.CharField(help_text="In the caller's language.")  # type: ignore[assignment]  # no label of the serializer
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    takes_key = serializers.BooleanField(help_text="true: a key stands after it, as in `contact.properties.plan`.")
    is_language = serializers.BooleanField(help_text="true: it takes the code of a language, such as ko or en.")
    operators = serializers.ListField(child=serializers.ChoiceField([each.value for each in Operator]))
    choices = Choice(many=True, help_text="Of a choice or a schedule: the values there are in this brand.")


class ConditionFieldsView(BusinessView):
    """What conditions are made of."""

    area = Area.SETTINGS

    @operation(
        "readConditionFields",
        "Read what conditions can ask",
        "Conditions",
        {200: answer("ConditionFieldsAnswer", condition_fields=ConditionField(many=True))},
        parameters=(
            query("of", f"Whose conditions: {', '.join(OF)}.", enum=[*OF]),
            query("brand", "Id of a brand, where you are in several."),
        ),
        refuses=(400, 404),
    )
    def get(self, request: Request) -> Response:
        """Give the fields, with operators and choices, that conditions of this noun take in the brand."""
        fields = OF.get(self.asked("of"))
        if fields is None:
            raise InvalidContent(field="of", limit=", ".join(OF))
        found = fields(self.brand(self.asked("brand")).pk)
        # Own fields stand one by one beside what is keyed by them.
        within = {field.within for field in found.values()}
        return Response({"condition_fields": [_told(each) for each in found.values() if each.path not in within]})


def _told(field: Field) -> dict[str, object]:
    return {
        "field": field.path,
        "label": str(field.label),
        "kind": field.kind.value,
        "takes_key": field.is_keyed,
        "is_language": field.is_language,
        "operators": [operator.value for operator in field.operators],
        "choices": [{"value": value, "label": str(label)} for value, label in field.choices or ()],
    }
