"""The tags that are in use."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import answer, operation, query
from conversations.business.views import BusinessView
from conversations.scopes import Area
from routing.api.shapes import Output
from routing.queries.tags import LOOKED_AT, used_tags


class TagShape(Output):
    name = serializers.CharField()
    tickets = serializers.IntegerField(min_value=1, max_value=LOOKED_AT, help_text="How many of them have it.")


class TagsView(BusinessView):
    """Tags of tickets."""

    area = Area.TICKETS

    @operation(
        "listTags",
        "List the tags in use",
        "Tickets",
        {200: answer("TagsAnswer", tags=TagShape(many=True))},
        parameters=(query("brand", "Id of a brand; all of yours if absent."),),
        refuses=(404,),
    )
    def get(self, request: Request) -> Response:
        """Give the tags of the newest 2,000 tickets you see, the most used first; at most 200."""
        named = self.asked("brand")
        used = used_tags(self.viewer, self.brand(named).pk if named else None)
        return Response({"tags": [{"name": name, "tickets": count} for name, count in used]})
