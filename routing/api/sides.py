"""Side conversations: asking somebody else beside a ticket."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.document import KEY, answer, operation, path_id, query
from conversations.business.views import BusinessView, Input, one_named
from conversations.incoming import MAX_KEY
from conversations.permissions import Permission
from conversations.scopes import Area
from conversations.shapes import timestamp
from routing import queries
from routing.actions import sides
from routing.api.shapes import Named, Output, named
from routing.models import Group, SideConversation, SideMessage
from routing.queries.calls import ticket_for_viewer

TAG = "Side conversations"
TICKET = path_id("public_id", "a ticket")
OF = path_id("public_id", "a side conversation")


class SideShape(Output):
    id = serializers.CharField()
    kind = serializers.ChoiceField(SideConversation.Kind.choices)
    subject = serializers.CharField()
    state = serializers.ChoiceField(SideConversation.State.choices)
    participants = serializers.ListField(child=serializers.CharField(), help_text="By email: addresses.")
    group = Named(allow_null=True, help_text="As a ticket: who is asked.")
    child = serializers.CharField(allow_null=True, help_text="As a ticket: its id, which you may not see.")
    has_news = serializers.BooleanField(help_text="An answer came that nobody looked at.")
    created_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class SideMessageShape(Output):
    id = serializers.CharField()
    sender = serializers.CharField()
    is_answer = serializers.BooleanField()
    text = serializers.CharField()
    state = serializers.ChoiceField(SideMessage.State.choices)
    created_at = serializers.DateTimeField()


class NewSide(Input):
    subject = serializers.CharField(help_text=f"At most {sides.SUBJECT_CHARS} characters.")
    text = serializers.CharField(help_text=f"At most {sides.TEXT_CHARS} characters.")
    participants = serializers.ListField(
        child=serializers.CharField(max_length=254),
        required=False,
        max_length=sides.MAX_PARTICIPANTS,
        help_text="Email addresses; or else a group.",
    )
    group = serializers.CharField(required=False, max_length=24, help_text="Id of the group that gets a ticket.")


class SideReply(Input):
    text = serializers.CharField(help_text=f"At most {sides.TEXT_CHARS} characters.")


SIDE = answer("SideAnswer", side_conversation=SideShape())


def side_told(side: SideConversation) -> dict[str, Any]:
    """Show a side conversation, read with its group and child."""
    return {
        "id": side.public_id,
        "kind": side.kind,
        "subject": side.subject,
        "state": side.state,
        "participants": side.participants,
        "group": named(side.group),
        "child": side.child.public_id if side.child else None,
        "has_news": side.has_news,
        "created_at": timestamp(side.created_at),
        "last_at": timestamp(side.last_at),
    }


def side_message_told(message: SideMessage) -> dict[str, Any]:
    """Show an entry of a side conversation."""
    return {
        "id": message.public_id,
        "sender": message.sender,
        "is_answer": message.is_answer,
        "text": message.text,
        "state": message.state,
        "created_at": timestamp(message.created_at),
    }


class SidesView(BusinessView):
    """Those of a ticket."""

    area = Area.TICKETS

    @operation(
        "listSideConversations",
        "List side conversations",
        TAG,
        {200: answer("SidesAnswer", side_conversations=SideShape(many=True))},
        parameters=(TICKET,),
        refuses=(404,),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Give those of a ticket, last written in first; at most 100. Beside a follow-up stand those answered on it."""
        found = queries.sides_of(ticket_for_viewer(self.viewer, public_id))
        return Response({"side_conversations": [side_told(each) for each in found]})

    @operation(
        "openSideConversation",
        "Open a side conversation",
        TAG,
        {201: SIDE},
        body=NewSide,
        parameters=(TICKET, KEY),
        refuses=(404,),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Ask by email, or by a ticket of another group, as a person; the customer sees nothing of it."""
        person = self.person
        ticket = ticket_for_viewer(self.viewer, public_id)
        self.require(ticket.brand_id, Permission.REPLY)
        given = self.given(NewSide)
        side = sides.open_side(
            ticket=ticket,
            subject=given["subject"],
            text=given["text"],
            participants=given.get("participants", ()),
            group=one_named(Group.objects.filter(brand=ticket.brand_id), given.get("group"), "group"),
            by=person,
        )
        return Response({"side_conversation": side_told(side)}, status=201)


class SideView(BusinessView):
    """One."""

    area = Area.TICKETS

    @operation(
        "readSideConversation",
        "Read a side conversation",
        TAG,
        {
            200: answer(
                "SideThread",
                side_conversation=SideShape(),
                messages=SideMessageShape(many=True),
                before=serializers.CharField(allow_null=True, help_text="Give it as `before` for older messages."),
            )
        },
        parameters=(OF, query("before", "The `before` of the answer before.")),
        refuses=(400, 404),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Give it with its newest 50 messages, or those before; oldest first."""
        side = queries.side_for_viewer(self.viewer, public_id)
        rows, has_more = queries.side_messages(side, self.number("before", MAX_KEY))
        return Response(
            {
                "side_conversation": side_told(side),
                "messages": [side_message_told(each) for each in rows],
                "before": str(rows[0].pk) if has_more else None,
            }
        )


class OwnSideView(BusinessView):
    """Base: doing something in one, in person."""

    area = Area.TICKETS
    in_person = True

    def side(self, public_id: str) -> SideConversation:
        """Give one that the caller may write in. Raises NotFound, NotAllowed."""
        found = queries.side_for_viewer(self.viewer, public_id)
        self.require(found.brand_id, Permission.REPLY)
        return found


class ReplyToSideView(OwnSideView):
    """Writing further."""

    @operation(
        "replyToSideConversation",
        "Write in a side conversation",
        TAG,
        {201: answer("SideMessageAnswer", message=SideMessageShape())},
        body=SideReply,
        parameters=(OF, KEY),
        refuses=(404,),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Write further; a closed one is open again."""
        side = self.side(public_id)
        message = sides.reply_to_side(side=side, text=self.given(SideReply)["text"], by=self.person)
        return Response({"message": side_message_told(message)}, status=201)


class SeeSideView(OwnSideView):
    """Having looked."""

    @operation("seeSideConversation", "Mark answers as seen", TAG, {204: None}, parameters=(OF, KEY), refuses=(404,))
    def post(self, request: Request, public_id: str) -> Response:
        """Note that somebody looked at what came in."""
        sides.see_side(side=self.side(public_id))
        return Response(status=204)


class CloseSideView(OwnSideView):
    """The end."""

    @operation(
        "closeSideConversation", "Close a side conversation", TAG, {200: SIDE}, parameters=(OF, KEY), refuses=(404,)
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Say that nothing more is expected; an answer opens it again."""
        sides.close_side(side=self.side(public_id), by=self.person)
        return Response({"side_conversation": side_told(queries.side_for_viewer(self.viewer, public_id))})
