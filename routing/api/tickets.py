"""Tickets: listed, read, changed, taken, passed on, and why they wait or are whose they are."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import AFTER, KEY, LIMIT, Meta, answer, operation, path_id, query
from conversations.business.views import BusinessView, Input, meta, one_named
from conversations.errors import InvalidContent, NotAllowed, NotFound
from conversations.permissions import Permission
from conversations.scopes import Area
from conversations.shapes import attachment_shape
from routing import queries
from routing.actions import agents, macros, tickets, transfers
from routing.actions.many import Changes, apply_changes, asked_for
from routing.actions.opening import open_ticket_by_api
from routing.api.named import Values
from routing.api.opening import NewTicket, asker
from routing.api.shapes import PRIORITY_OF, TicketShape, UsedFile, ticket_told, tickets_told
from routing.decide.tickets import SUBJECT_CHARS
from routing.errors import InvalidChange
from routing.models import Agent, Group, Queue, Ticket, TicketForm
from routing.queries.calls import matching, seen_tickets, ticket_for_viewer
from routing.queries.lists import is_cursor

TAG = "Tickets"
OF = path_id("public_id", "a ticket")
TICKET = answer("TicketAnswer", ticket=TicketShape())
VIEWS = ("mine", "mentions", "unassigned", "open", "risk", "snoozed", "ended")
MAX_NUMBER = 2**31 - 1


class TicketBody(Input):
    status = serializers.ChoiceField([each for each in Ticket.Status.values if each != "new"], required=False)
    priority = serializers.ChoiceField(list(PRIORITY_OF), required=False)
    subject = serializers.CharField(required=False, allow_blank=True, help_text=f"At most {SUBJECT_CHARS} characters.")
    group = serializers.CharField(required=False, allow_null=True, max_length=24, help_text="Id; null takes it out.")
    assignee = serializers.CharField(
        required=False, allow_null=True, max_length=24, help_text="Id of an agent; null puts it back."
    )
    tags = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=200, help_text="All of them; at most 20."
    )
    add_tags = serializers.ListField(child=serializers.CharField(), required=False, max_length=200)
    remove_tags = serializers.ListField(child=serializers.CharField(), required=False, max_length=200)
    snoozed_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Within a year; null brings it back."
    )
    form = serializers.CharField(
        required=False, allow_null=True, max_length=24, help_text="Id of a ticket form; null: the default one."
    )
    values = Values(required=False)


class TransferBody(Input):
    agent = serializers.CharField(required=False, max_length=24, help_text="Exactly one of agent, group and queue.")
    group = serializers.CharField(required=False, max_length=24)
    queue = serializers.CharField(required=False, max_length=24)
    note = serializers.CharField(required=False, allow_blank=True, help_text="At most 2,000 characters.")


class NoteBody(Input):
    note = serializers.CharField(required=False, allow_blank=True, help_text="At most 2,000 characters.")


class MacroUse(Input):
    macro = serializers.CharField(max_length=24, help_text="Id of a macro.")


class TicketsView(BusinessView):
    """Tickets."""

    area = Area.TICKETS

    @operation(
        "listTickets",
        "List tickets",
        TAG,
        {200: answer("TicketsAnswer", tickets=TicketShape(many=True), meta=Meta())},
        parameters=(
            query("view", f"{', '.join(VIEWS)}, or the id of a view, in its order; alone or with after and limit."),
            query("status", "Only those.", enum=Ticket.Status.values),
            query("assignee", "Id of an agent, or none."),
            query("group", "Id of a group, or none."),
            query("tag", "A tag they have."),
            query("number", "The number that people see.", type="integer", minimum=1, maximum=MAX_NUMBER),
            query("q", "Words of the conversation."),
            AFTER,
            LIMIT,
        ),
        refuses=(400, 404),
    )
    def get(self, request: Request) -> Response:
        """Give a page: of a view in its order, or of all, the newest ticket first."""
        if view := self.asked("view"):
            return self._of_view(view)
        status = self.asked("status")
        if status and status not in Ticket.Status.values:
            raise InvalidContent(field="status", limit=", ".join(Ticket.Status.values))
        found = matching(
            seen_tickets(self.viewer),
            number=self.number("number", MAX_NUMBER),
            status=status,
            assignee=self.asked("assignee"),
            group=self.asked("group"),
            tag=self.asked("tag"),
            words=self.asked("q"),
        )
        page, told = self.page(found, newest_first=True)
        return Response({"tickets": tickets_told(page), "meta": told})

    @operation(
        "makeTicket",
        "Open a ticket",
        TAG,
        {201: TICKET, 204: None},
        body=NewTicket,
        parameters=(KEY,),
        refuses=(404, 409),
    )
    def post(self, request: Request) -> Response:
        """Open one for a contact, in a conversation of its own that begins with their words; 204 where you do not see
        it."""
        given = self.given(NewTicket)
        brand = self.brand(given.get("brand", ""))
        self.require(brand.pk, Permission.CHANGE_TICKETS)
        made = open_ticket_by_api(
            contact=asker(self.caller, brand, given["contact"]),
            by=self.caller.actor,
            subject=given["subject"],
            text=given["text"],
            client_id=given.get("client_id", ""),
            priority=PRIORITY_OF[given.get("priority", "normal")],
            tags=given.get("tags", ()),
            values=given.get("values"),
            form=one_named(TicketForm.objects.filter(brand=brand), given.get("form"), "form"),
            group=one_named(Group.objects.filter(brand=brand), given.get("group"), "group"),
        )
        fresh = seen_tickets(self.viewer).filter(pk=made.pk).first()
        return Response({"ticket": ticket_told(fresh)}, status=201) if fresh else Response(status=204)

    def _of_view(self, view: str) -> Response:
        after, limit = self.asked("after"), self.page_size()
        if after and not is_cursor(after):
            raise InvalidContent(field="after")
        if view in VIEWS:
            page = queries.inbox(self.viewer, view, after=after, limit=limit)
        else:
            page = queries.saved_page(self.viewer, queries.view_for_viewer(self.viewer, view), after=after, limit=limit)
        return Response({"tickets": tickets_told(page.tickets), "meta": meta(page.after)})


class OneTicketView(BusinessView):
    """Base: a view of one ticket."""

    area = Area.TICKETS

    def ticket(self, public_id: str, *permissions: Permission) -> Ticket:
        """Give a ticket the caller sees and may do this to. Raises NotFound, NotAllowed."""
        found = ticket_for_viewer(self.viewer, public_id)
        for permission in permissions:
            self.require(found.brand_id, permission)
        return found

    def answer(self, ticket: Ticket) -> Response:
        """Show the ticket as it is now; 204 where it is with people whose work the caller does not see."""
        fresh = seen_tickets(self.viewer).filter(pk=ticket.pk).first()
        return Response({"ticket": ticket_told(fresh)}) if fresh else Response(status=204)

    def changes(self, ticket: Ticket, given: dict[str, Any]) -> Changes:
        """Give what a TicketBody asks for. Raises NotAllowed, InvalidChange, InvalidContent."""
        agent = self._agent(ticket, given["assignee"]) if "assignee" in given else None
        groups = Group.objects.filter(brand=ticket.brand_id)
        changes = Changes(
            status=given.get("status", ""),
            priority=PRIORITY_OF[given["priority"]] if "priority" in given else None,
            subject=given.get("subject"),
            group=one_named(groups, given.get("group"), "group"),
            no_group="group" in given and not given["group"],
            assignee=agent,
            no_assignee="assignee" in given and agent is None,
            tags=tuple(given["tags"]) if "tags" in given else None,
            add_tags=tuple(given.get("add_tags", ())),
            remove_tags=tuple(given.get("remove_tags", ())),
            snooze_until=given.get("snoozed_until"),
            wakes="snoozed_until" in given and given["snoozed_until"] is None,
            form=one_named(TicketForm.objects.filter(brand=ticket.brand_id), given.get("form"), "form"),
            no_form="form" in given and not given["form"],
            values=given.get("values"),
        )
        self.require_changes(changes, ticket)
        return changes

    def require_changes(self, changes: Changes, ticket: Ticket) -> None:
        """Raise NotAllowed unless the caller may make these changes to a ticket."""
        for permission in asked_for(changes, ticket, self.viewer.user):
            self.require(ticket.brand_id, permission)

    def _agent(self, ticket: Ticket, public_id: str | None) -> Agent | None:
        found = queries.target_of(ticket, "agent", public_id) if public_id else None
        if public_id and not isinstance(found, Agent):
            raise InvalidChange(field="assignee")
        return found if isinstance(found, Agent) else None


class TicketView(OneTicketView):
    """One ticket."""

    @operation("readTicket", "Read a ticket", TAG, {200: TICKET}, parameters=(OF,), refuses=(404,))
    def get(self, request: Request, public_id: str) -> Response:
        """Give it."""
        return Response({"ticket": ticket_told(self.ticket(public_id))})

    @operation(
        "changeTicket",
        "Change a ticket",
        TAG,
        {200: TICKET, 204: None},
        body=TicketBody(partial=True),
        parameters=(OF,),
        refuses=(404, 409),
    )
    def patch(self, request: Request, public_id: str) -> Response:
        """Make all of the changes, or none; 204 where you do not see it any more afterwards."""
        ticket = self.ticket(public_id)
        given = self.given(TicketBody, partial=True)
        changes = self.changes(ticket, given)
        apply_changes(ticket=ticket, changes=changes, by=self.caller.actor)
        return self.answer(ticket)


class TakeView(OneTicketView):
    """Taking."""

    in_person = True

    @operation("takeTicket", "Take a ticket", TAG, {200: TICKET, 204: None}, parameters=(OF, KEY), refuses=(404, 409))
    def post(self, request: Request, public_id: str) -> Response:
        """Make it yours, where nobody has it."""
        ticket = self.ticket(public_id, Permission.CHANGE_TICKETS)
        tickets.take_ticket(ticket=ticket, agent=agents.agent_of(self.person), by=self.caller.actor)
        return self.answer(ticket)


class ReleaseView(OneTicketView):
    """Putting back."""

    @operation(
        "releaseTicket", "Put a ticket back", TAG, {200: TICKET, 204: None}, parameters=(OF, KEY), refuses=(404, 409)
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Put it back among the unassigned."""
        ticket = self.ticket(public_id, Permission.CHANGE_TICKETS)
        if ticket.assignee and ticket.assignee.user_id != self.viewer.user.pk:
            self.require(ticket.brand_id, Permission.ASSIGN_OTHERS)
        tickets.release_ticket(ticket=ticket, by=self.caller.actor)
        return self.answer(ticket)


class TransferView(OneTicketView):
    """Passing on."""

    @operation(
        "transferTicket",
        "Pass a ticket on",
        TAG,
        {200: TICKET, 204: None},
        body=TransferBody,
        parameters=(OF, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Pass it on to an agent, who has it at once, or to a group or a queue, where it waits; with a note."""
        ticket = self.ticket(public_id, Permission.ASSIGN_OTHERS)
        given = self.given(TransferBody)
        agent = queries.target_of(ticket, "agent", given["agent"]) if given.get("agent") else None
        if given.get("agent") and agent is None:
            raise InvalidChange(field="agent")
        transfers.transfer_ticket(
            ticket=ticket,
            by=self.caller.actor if self.caller.key else agents.agent_of(self.person),
            to_agent=agent if isinstance(agent, Agent) else None,
            to_group=one_named(Group.objects.filter(brand=ticket.brand_id), given.get("group"), "group"),
            to_queue=one_named(Queue.objects.filter(brand=ticket.brand_id), given.get("queue"), "queue"),
            note=given.get("note", ""),
        )
        return self.answer(ticket)


class EscalateView(OneTicketView):
    """Passing up."""

    @operation(
        "escalateTicket",
        "Escalate a ticket",
        TAG,
        {200: TICKET, 204: None},
        body=NoteBody,
        parameters=(OF, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Send it to the group that its own group escalates to."""
        ticket = self.ticket(public_id, Permission.ASSIGN_OTHERS)
        by = self.caller.actor if self.caller.key else agents.agent_of(self.person)
        transfers.escalate_ticket(ticket=ticket, by=by, note=self.given(NoteBody).get("note", ""))
        return self.answer(ticket)


class UseMacroView(OneTicketView):
    """Macros at work."""

    in_person = True

    @operation(
        "useMacro",
        "Use a macro",
        TAG,
        {
            200: answer(
                "Applied",
                text=serializers.CharField(allow_blank=True, help_text="For your composer; nothing is sent."),
                audience=serializers.ChoiceField(["public", "internal"]),
                files=UsedFile(many=True),
            )
        },
        body=MacroUse,
        parameters=(OF, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Make a macro's changes to the ticket, and give its text with the placeholders filled, and its files."""
        ticket = self.ticket(public_id)
        macro = queries.macro_for_viewer(self.viewer, self.given(MacroUse)["macro"])
        if macro.brand_id != ticket.brand_id:
            raise NotFound
        self.require(ticket.brand_id, Permission.NOTE if macro.is_note else Permission.REPLY)
        self.require_changes(macros.changes_of(macro, self.person), ticket)
        applied = macros.apply_macro(macro=macro, conversation=ticket.conversation, ticket=ticket, user=self.person)
        audience = "internal" if applied.is_note else "public"
        files = [attachment_shape(file, request) for file in applied.files]
        return Response({"text": applied.text, "audience": audience, "files": files})


class TakeNextView(BusinessView):
    """The next one."""

    area = Area.TICKETS
    in_person = True

    @operation("takeNext", "Take the next ticket", TAG, {200: TICKET}, parameters=(KEY,), refuses=(404, 409))
    def post(self, request: Request) -> Response:
        """Take the first of what waits that you could take; 404 where nothing does."""
        brand_ids = self.viewer.brands_to_take_from()
        if not brand_ids:
            raise NotAllowed
        taken = transfers.take_next_of(agent=agents.agent_of(self.person), brand_ids=brand_ids)
        return Response({"ticket": ticket_told(ticket_for_viewer(self.viewer, taken.public_id))})
