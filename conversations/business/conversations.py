"""Conversations, their messages, their sessions, and files for them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import queries
from conversations.actions import messages, sessions
from conversations.actions.attachments import store_upload
from conversations.api.document import seq_parameter
from conversations.api.serializers import Attachment, StoredContent, ThreadMeta
from conversations.business.document import AFTER, KEY, LIMIT, Meta, answer, operation, path_id, query
from conversations.business.shapes import (
    ContactShape,
    ConversationShape,
    MessageShape,
    contact_told,
    conversation_told,
    message_told,
)
from conversations.business.views import BusinessView, Input
from conversations.content import plain_text
from conversations.errors import InvalidContent
from conversations.incoming import MAX_SEQ
from conversations.models import Contact, Conversation, Message, Session
from conversations.permissions import Permission
from conversations.queries.seen import conversations_seen
from conversations.scopes import Area
from conversations.shapes import attachment_shape

TAG = "Conversations"
OF = path_id("public_id", "a conversation")
CONVERSATION = answer("ConversationAnswer", conversation=ConversationShape())


class NewMessage(Input):
    content = StoredContent(
        help_text='Of any type that the business writes, for example {"type": "text", "text": "Hi"}.'
    )
    audience = serializers.ChoiceField(
        Message.Audience.choices, required=False, help_text="internal: a note, which the customer never sees."
    )
    client_id = serializers.CharField(
        required=False, max_length=64, help_text="Your own id for it: a retry with it is the same message."
    )
    metadata = serializers.DictField(required=False, help_text="Flat, at most 4 KB.")
    seen_seq = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEQ,
        help_text="The newest seq you had on screen: where others wrote after it, nothing is sent.",
    )
    quoted = serializers.CharField(required=False, max_length=24, help_text="Id of the message it answers.")


class Read(Input):
    seq = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_SEQ, help_text="Up to and with this one; the newest if absent."
    )


class Upload(Input):
    file = serializers.FileField(help_text="At most 50 MB unless the installation says otherwise.")
    brand = serializers.CharField(required=False, help_text="Where you are in several.")


def conversations_of(view: BusinessView) -> QuerySet[Conversation]:
    """Give the conversations the caller may see, with all that is shown of one."""
    return conversations_seen(view.viewer).select_related("contact", "channel", "holder", "session")


class ConversationsView(BusinessView):
    """Conversations."""

    area = Area.CONVERSATIONS

    @operation(
        "listConversations",
        "List conversations",
        TAG,
        {200: answer("ConversationsAnswer", conversations=ConversationShape(many=True), meta=Meta())},
        parameters=(query("contact", "Id of a contact: theirs only."), AFTER, LIMIT),
        refuses=(400,),
    )
    def get(self, request: Request) -> Response:
        """Give a page, the newest conversation first."""
        rows = conversations_of(self)
        if contact := self.asked("contact"):
            rows = rows.filter(contact__public_id=contact)
        page, meta = self.page(rows, newest_first=True)
        return Response({"conversations": [conversation_told(each) for each in page], "meta": meta})


class ConversationView(BusinessView):
    """One conversation."""

    area = Area.CONVERSATIONS

    @operation("readConversation", "Read a conversation", TAG, {200: CONVERSATION}, parameters=(OF,), refuses=(404,))
    def get(self, request: Request, public_id: str) -> Response:
        """Give it."""
        found = queries.conversation_for_viewer(self.viewer, public_id)
        return Response({"conversation": conversation_told(found)})


class MessagesView(BusinessView):
    """The thread, with notes."""

    area = Area.CONVERSATIONS

    @operation(
        "readMessages",
        "Read messages",
        TAG,
        {200: answer("ThreadAnswer", messages=MessageShape(many=True), meta=ThreadMeta())},
        parameters=(
            OF,
            seq_parameter("before", "Those before this seq, the newest of them.", MAX_SEQ),
            seq_parameter("after", "Those after this seq, the oldest of them.", MAX_SEQ),
            LIMIT,
        ),
        refuses=(400, 404),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Page it both ways: the newest messages, or those `before` or `after` a seq; oldest first."""
        before, after, limit = self.number("before", MAX_SEQ), self.number("after", MAX_SEQ), self.page_size()
        conversation = queries.conversation_for_viewer(self.viewer, public_id)
        page = queries.thread(conversation, internal=True, before=before, after=after, limit=limit)
        return Response(
            {
                "messages": [message_told(each, conversation) for each in page.messages],
                "meta": {"has_before": page.has_before, "has_after": page.has_after},
            }
        )

    @operation(
        "postMessage",
        "Reply, or write a note",
        TAG,
        {201: answer("MessageAnswer", message=MessageShape()), 200: answer("MessageAgain", message=MessageShape())},
        body=NewMessage,
        parameters=(OF, KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Write into the thread; 200 with the stored one when this `client_id` was already here."""
        conversation = queries.conversation_for_viewer(self.viewer, public_id)
        given = self.given(NewMessage)
        is_note = given.get("audience") == Message.Audience.INTERNAL
        self.require(conversation.brand_id, Permission.NOTE if is_note else Permission.REPLY)
        quoted = queries.message_of(conversation, given["quoted"]) if given.get("quoted") else None
        posted = messages.post_message(
            conversation=conversation,
            author=self.caller.author,
            content=given["content"],
            audience=Message.Audience.INTERNAL if is_note else Message.Audience.PUBLIC,
            client_id=given.get("client_id", ""),
            metadata=given.get("metadata"),
            seen_seq=None if is_note else given.get("seen_seq"),
            mentions=queries.mentioned(conversation, _words(given["content"])) if is_note else (),
            quoted=quoted,
        )
        shape = message_told(posted.message, conversation)
        return Response({"message": shape}, status=201 if posted.created else 200)


def _words(content: Any) -> str:
    is_text = isinstance(content, dict) and content.get("type") == "text" and isinstance(content.get("text"), str)
    return plain_text(content) if is_text else ""


class MentionsView(BusinessView):
    """Being called."""

    area = Area.CONVERSATIONS
    in_person = True

    @operation(
        "listMentions",
        "List notes that mention you",
        TAG,
        {200: answer("MentionsAnswer", messages=MessageShape(many=True))},
    )
    def get(self, request: Request) -> Response:
        """Give the notes that mention you and that you have not read, the newest first; at most 100."""
        found = queries.unread_mentions(self.viewer)
        return Response({"messages": [message_told(each, each.conversation) for each in found]})


class ReadView(BusinessView):
    """How far one has read."""

    area = Area.CONVERSATIONS
    in_person = True

    @operation("markRead", "Mark as read", TAG, {204: None}, body=Read, parameters=(OF, KEY), refuses=(404,))
    def post(self, request: Request, public_id: str) -> Response:
        """Record how far you have read. Who may not answer leaves no mark: the customer would wait for them."""
        conversation = queries.conversation_for_viewer(self.viewer, public_id)
        self.require(conversation.brand_id, Permission.REPLY)
        seq = self.given(Read).get("seq", conversation.last_seq)
        messages.mark_read(conversation=conversation, user=self.person, seq=seq)
        return Response(status=204)


class EndView(BusinessView):
    """The end of a session."""

    area = Area.CONVERSATIONS

    @operation("endSession", "End the session", TAG, {200: CONVERSATION}, parameters=(OF, KEY), refuses=(404, 409))
    def post(self, request: Request, public_id: str) -> Response:
        """End the live session; the history stays, and the customer's next word begins another."""
        conversation = queries.conversation_for_viewer(self.viewer, public_id)
        self.require(conversation.brand_id, Permission.REPLY)
        sessions.end_session(conversation=conversation, ended_by=Session.EndedBy.AGENT, by=self.caller.actor)
        found = queries.conversation_for_viewer(self.viewer, public_id)
        return Response({"conversation": conversation_told(found)})


class AttachmentsView(BusinessView):
    """Files."""

    area = Area.CONVERSATIONS
    parser_classes = [MultiPartParser]

    @operation(
        "uploadFile",
        "Upload a file",
        TAG,
        {201: answer("AttachmentAnswer", attachment=Attachment())},
        body={"multipart/form-data": Upload},
        refuses=(404,),
    )
    def post(self, request: Request) -> Response:
        """Keep one file; send it by putting its `url` into the mediaUrl of an image or file message."""
        brand = self.brand(request.POST.get("brand", ""))
        self.require(brand.pk, Permission.NOTE)
        file = request.FILES.get("file")
        if file is None:
            raise InvalidContent(field="file")
        person = None if self.caller.key else self.person
        attachment = store_upload(brand=brand, file=file, user=person)
        return Response({"attachment": attachment_shape(attachment, request)}, status=201)


class FoundMessage(MessageShape):
    contact = serializers.CharField(help_text="Id of the contact whose conversation it stands in.")


class SearchView(BusinessView):
    """Words."""

    area = Area.CONVERSATIONS

    @operation(
        "search",
        "Search",
        TAG,
        {200: answer("Found", contacts=ContactShape(many=True), messages=FoundMessage(many=True))},
        parameters=(query("q", "Words, or the beginnings of words; all must be there.", minLength=1),),
        refuses=(400,),
    )
    def get(self, request: Request) -> Response:
        """Find contacts and messages that hold all the words, the newest first; at most 20 of each."""
        found = queries.search(self.viewer, self.asked("q"))
        contacts: list[Contact] = list(found.contacts) if self.caller.may_reach(Area.CONTACTS, writes=False) else []
        return Response(
            {
                "contacts": [contact_told(each) for each in contacts],
                "messages": [
                    message_told(each, each.conversation) | {"contact": each.conversation.contact.public_id}
                    for each in found.messages
                ],
            }
        )
