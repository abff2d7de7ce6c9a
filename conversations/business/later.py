"""Answers that go out later."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import queries
from conversations.actions import scheduled
from conversations.api.serializers import StoredContent
from conversations.business.document import KEY, Output, answer, operation, path_id
from conversations.business.shapes import MessageShape, message_told
from conversations.business.views import BusinessView, Input
from conversations.errors import InvalidContent
from conversations.incoming import MAX_SEQ
from conversations.models import ScheduledReply
from conversations.moments import MOST, is_choosable
from conversations.permissions import Permission
from conversations.scopes import Area
from conversations.shapes import timestamp

TAG = "Scheduled replies"
OF = path_id("public_id", "a scheduled reply")


class ScheduledShape(Output):
    id = serializers.CharField()
    conversation = serializers.CharField()
    author = serializers.CharField(allow_blank=True, help_text="Whose words they are.")
    content = StoredContent()
    send_at = serializers.DateTimeField()
    if_contact_writes = serializers.ChoiceField(ScheduledReply.Otherwise.choices)
    state = serializers.ChoiceField(ScheduledReply.State.choices)
    reason = serializers.CharField(allow_blank=True, help_text="Why it was not sent.")
    created_at = serializers.DateTimeField()


class NewScheduled(Input):
    content = StoredContent(help_text="As that of a message.")
    send_at = serializers.DateTimeField(help_text="Within a year.")
    client_id = serializers.CharField(max_length=64, help_text="Your own id for it: a retry with it is the same one.")
    if_contact_writes = serializers.ChoiceField(
        ScheduledReply.Otherwise.choices, required=False, help_text="What becomes of it then; cancel if absent."
    )
    seen_seq = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEQ,
        help_text="The newest seq you had on screen: what comes after it was written first. The newest if absent.",
    )


def scheduled_told(reply: ScheduledReply) -> dict[str, Any]:
    """Show an answer that waits, read with its conversation and author."""
    return {
        "id": reply.public_id,
        "conversation": reply.conversation.public_id,
        "author": reply.author.name if reply.author else "",
        "content": reply.content,
        "send_at": timestamp(reply.send_at),
        "if_contact_writes": reply.if_contact_writes,
        "state": reply.state,
        "reason": reply.reason,
        "created_at": timestamp(reply.created_at),
    }


class ScheduledRepliesView(BusinessView):
    """What waits in a conversation."""

    area = Area.CONVERSATIONS

    @operation(
        "listScheduledReplies",
        "List scheduled replies",
        TAG,
        {200: answer("ScheduledRepliesAnswer", scheduled_replies=ScheduledShape(many=True))},
        parameters=(path_id("public_id", "a conversation"),),
        refuses=(404,),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Give what waits in a conversation, the next to go out first; at most 20."""
        conversation = queries.conversation_for_viewer(self.viewer, public_id)
        found = queries.waiting_replies(conversation)
        return Response({"scheduled_replies": [scheduled_told(each) for each in found]})

    @operation(
        "scheduleReply",
        "Schedule a reply",
        TAG,
        {201: answer("ScheduledReplyAnswer", scheduled_reply=ScheduledShape())},
        body=NewScheduled,
        parameters=(path_id("public_id", "a conversation"), KEY),
        refuses=(404,),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Have your answer go out at a moment; as a person only."""
        author = self.person
        conversation = queries.conversation_for_viewer(self.viewer, public_id)
        self.require(conversation.brand_id, Permission.REPLY)
        given = self.given(NewScheduled)
        if not is_choosable(given["send_at"], timezone.now()):
            raise InvalidContent(_("Choose a time from now to a year from now."), field="send_at", limit=MOST.days)
        reply = scheduled.schedule_reply(
            conversation=conversation,
            author=author,
            content=given["content"],
            send_at=given["send_at"],
            seen_seq=given.get("seen_seq", conversation.last_seq),
            if_contact_writes=given.get("if_contact_writes", ScheduledReply.Otherwise.CANCEL),
            client_id=given["client_id"],
        )
        return Response({"scheduled_reply": scheduled_told(reply)}, status=201)


class ScheduledReplyView(BusinessView):
    """One that waits."""

    area = Area.CONVERSATIONS

    @operation(
        "cancelScheduledReply", "Cancel a scheduled reply", TAG, {204: None}, parameters=(OF,), refuses=(404, 409)
    )
    def delete(self, request: Request, public_id: str) -> Response:
        """Have it not go out."""
        reply = queries.scheduled_reply_for_viewer(self.viewer, public_id)
        self.require(reply.conversation.brand_id, Permission.REPLY)
        scheduled.cancel_reply(reply=reply, by=self.caller.actor)
        return Response(status=204)


class SendNowView(BusinessView):
    """Not waiting any longer."""

    area = Area.CONVERSATIONS
    in_person = True

    @operation(
        "sendScheduledReply",
        "Send a scheduled reply now",
        TAG,
        {200: answer("SentNow", message=MessageShape())},
        parameters=(OF, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Send it at once, as the words of whoever wrote it, whatever the customer wrote meanwhile."""
        reply = queries.scheduled_reply_for_viewer(self.viewer, public_id)
        self.require(reply.conversation.brand_id, Permission.REPLY)
        message = scheduled.send_now(reply=reply, by=self.person)
        return Response({"message": message_told(message, reply.conversation)})
