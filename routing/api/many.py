"""What is done to several tickets: one change to each of them, and merging two."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import KEY, answer, operation, path_id
from conversations.business.views import Input
from conversations.errors import ConversationsError, InvalidContent, NotFound
from conversations.permissions import Permission
from routing import queries
from routing.actions import agents
from routing.actions.many import apply_changes
from routing.actions.merging import merge_tickets
from routing.api.shapes import Output, TicketShape
from routing.api.tickets import TAG, OneTicketView, TicketBody
from routing.errors import InvalidChange
from routing.queries.calls import seen_tickets

AT_ONCE = 100


class ManyBody(Input):
    tickets = serializers.ListField(
        child=serializers.CharField(max_length=24), min_length=1, max_length=AT_ONCE, help_text="Ids."
    )
    changes = TicketBody(partial=True, help_text="As those of one ticket.")


class Done(Output):
    ticket = serializers.CharField()
    changed = serializers.BooleanField()
    code = serializers.CharField(allow_blank=True, help_text="Why it was refused; empty: it was not.")
    title = serializers.CharField(allow_blank=True, help_text="That in words.")


class ManyView(OneTicketView):
    """Many at once."""

    is_many = True

    @operation(
        "changeTickets",
        "Change many tickets",
        TAG,
        {200: answer("ManyAnswer", results=Done(many=True))},
        body=ManyBody,
        parameters=(KEY,),
        refuses=(404,),
    )
    def post(self, request: Request) -> Response:
        """Make the same changes to each, each on its own: one that refuses stays as it was, and says why."""
        given = self.given(ManyBody)
        self._refuse_unknown(dict(request.data)["changes"])
        names = list(dict.fromkeys(given["tickets"]))
        found = {each.public_id: each for each in seen_tickets(self.viewer).filter(public_id__in=names)}
        if len(found) != len(names):
            raise NotFound
        for brand_id in {each.brand_id for each in found.values()}:
            self.require(brand_id, Permission.CHANGE_TICKETS)
        return Response({"results": [self._done(found[name], dict(given["changes"])) for name in names]})

    def _refuse_unknown(self, changes: dict[str, Any]) -> None:
        known = TicketBody().fields
        if unknown := sorted(set(changes) - set(known)):
            raise InvalidContent(field=f"changes.{unknown[0][:100]}", limit=", ".join(known))

    def _done(self, ticket: Any, changes: dict[str, Any]) -> dict[str, Any]:
        told = {"ticket": ticket.public_id, "changed": False, "code": "", "title": ""}
        try:
            changed = apply_changes(ticket=ticket, changes=self.changes(ticket, changes), by=self.caller.actor)
        except ConversationsError as error:
            return told | {"code": error.code, "title": str(error.text)}
        return told | {"changed": changed.before != changed.after}


class IntoBody(Input):
    into = serializers.CharField(max_length=24, help_text="Id of the ticket that goes on.")
    note = serializers.CharField(required=False, allow_blank=True, help_text="At most 2,000 characters.")


class MergeView(OneTicketView):
    """Two about one thing."""

    in_person = True

    @operation(
        "mergeTicket",
        "Merge a ticket into another",
        TAG,
        {200: answer("MergedAnswer", ticket=TicketShape())},
        body=IntoBody,
        parameters=(path_id("public_id", "the ticket that is closed"), KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Close it because another one of the brand goes on with it. It cannot be undone."""
        ticket = self.ticket(public_id, Permission.CHANGE_TICKETS, Permission.SOLVE)
        given = self.given(IntoBody)
        target = queries.merge_target(self.viewer, ticket, given["into"])
        if target is None:
            raise InvalidChange(field="into")
        by = agents.agent_of(self.person)
        merge_tickets(source=ticket, target=target, by=by, note=given.get("note", ""))
        return self.answer(ticket)
