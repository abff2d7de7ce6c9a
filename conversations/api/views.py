"""The client API: one view per operation, for the widget and mobile apps alike."""

from datetime import UTC
from typing import Any, cast

from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import limits, live, queries
from conversations.actions import contacts, messages, presence, ratings, sessions, visitors
from conversations.actions.attachments import store_upload
from conversations.actions.conversations import start_conversation
from conversations.api import operations
from conversations.api import serializers as shapes_in
from conversations.api.auth import ClientTokenAuthentication, IsEndUser
from conversations.api.body import JSONBody
from conversations.errors import InvalidContent, NotFound, NotSignedIn
from conversations.events import Actor
from conversations.incoming import MAX_KEY, is_seq, json_in, moment_in, number_in
from conversations.models import Channel, Conversation, Identity, Session
from conversations.shapes import attachment_shape, contact_shape, conversation_shape, message_shape

# What stands in an address for the conversation that is made when missing, and for one that a message begins.
DEFAULT, NEW = "default", "new"
MAX_IN_QUERY = 999_999_999


class ClientView(APIView):
    """Base: an end user, known by their token, within their rate limit and that of their network address.

    Who is blocked may read.
    """

    authentication_classes = [ClientTokenAuthentication]
    permission_classes = [IsEndUser]
    parser_classes = [JSONBody]
    limit = "read"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        address = limits.address_of(request)
        limits.spend("address", address)
        super().initial(request, *args, **kwargs)
        limits.spend(self.limit, str(self.identity.pk))
        if request.method not in SAFE_METHODS:
            queries.refuse_blocked(self.identity, address)

    @property
    def identity(self) -> Identity:
        return cast(Identity, self.request.user)

    def given(self, serializer: type[shapes_in.Input]) -> dict[str, Any]:
        """Give the body, checked. Raises ValidationError."""
        body = serializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def conversation(self, public_id: str) -> Conversation:
        """Give the caller's conversation; `default` is made by a message and by nothing else. Raises NotFound."""
        if public_id == DEFAULT:
            return queries.default_of_contact(self.identity.contact)
        return queries.conversation_for_contact(self.identity.contact, public_id)

    def shape_of(self, public_id: str) -> dict[str, Any]:
        """Give the caller's conversation as they see it. Raises NotFound."""
        contact = self.identity.contact
        return conversation_shape(queries.own_view(contact, self.conversation(public_id)).conversations[0])


class SessionView(APIView):
    """Let an end user in, or out."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []
    parser_classes = [JSONBody]

    @operations.start_session
    def post(self, request: Request) -> Response:
        """Start or resume: anonymously by `client_id`, with a `token` given earlier, or signed in by a `jwt`."""
        caller = limits.address_of(request)
        limits.spend("session", caller)
        body = shapes_in.Start(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        channel = Channel.objects.select_related("brand").filter(key=given["key"], state=Channel.State.ACTIVE).first()
        if channel is None:
            raise NotFound(field="key")
        admitted = _admit(channel, given, caller)
        contact = admitted.identity.contact
        return Response(
            {
                "token": admitted.token,
                "socket": "/ws/client/",
                "contact": contact_shape(contact),
                "brand": {"name": channel.brand.name, "locale": channel.brand.locale},
                "may_write": not queries.is_blocked(admitted.identity, caller),
                **_told(queries.overview(contact)),
            },
            status=201,
        )

    @operations.end_session
    def delete(self, request: Request) -> Response:
        """Sign out: the token stops working and its sockets close."""
        token = ClientTokenAuthentication().authenticate(request)
        if token is None:
            raise NotSignedIn
        visitors.sign_out(token=token[1])
        return Response(status=204)


def _told(overview: queries.Overview) -> dict[str, Any]:
    return {
        "unread": overview.unread,
        "conversations": [conversation_shape(each) for each in overview.conversations],
    }


def _admit(channel: Channel, given: dict[str, Any], caller: str) -> visitors.Admitted:
    known = _resume(channel, given.get("token", ""), caller)
    if given.get("jwt"):
        identity = known.identity if known else None
        return visitors.sign_in(
            channel=channel, jwt=given["jwt"], identity=identity, client_id=given.get("client_id", ""), caller=caller
        )
    if known:
        return known
    if not given.get("client_id"):
        raise InvalidContent(field="client_id")
    profile = {name: given.get(name, "") for name in ("locale", "page", "time_zone")}
    return visitors.admit_visitor(channel=channel, client_id=given["client_id"], profile=profile, caller=caller)


def _resume(channel: Channel, token: str, caller: str) -> visitors.Admitted | None:
    """Give whom an earlier token lets in on this channel; a token that ended is no reason to keep anyone out."""
    if not token:
        return None
    try:
        identity = visitors.identity_of_token(token, caller=caller)
    except NotSignedIn:
        return None
    return visitors.Admitted(identity, token) if identity.channel_id == channel.pk else None


class MeView(ClientView):
    """What the end user says of themselves."""

    @operations.change_me
    def patch(self, request: Request) -> Response:
        """Change name, email, phone or language."""
        contact = self.identity.contact
        contact = contacts.update_contact(
            contact=contact, changes=self.given(shapes_in.Me), by=Actor.of_contact(contact)
        )
        return Response({"contact": contact_shape(contact)})


class ConversationsView(ClientView):
    """The end user's conversations."""

    @operations.list_conversations
    def get(self, request: Request) -> Response:
        """List them, newest first; page with `before`, the cursor of the page before."""
        contact, before = self.identity.contact, _cursor(request.query_params.get("before", ""))
        found = queries.overview(contact, before=before, limit=queries.PAGE + 1).conversations
        page, has_more = found[: queries.PAGE], len(found) > queries.PAGE
        return Response(
            {
                "conversations": [conversation_shape(each) for each in page],
                "meta": {"has_more": has_more, "before": _cursor_of(page[-1].conversation) if has_more else None},
            }
        )

    @operations.start_conversation
    def post(self, request: Request) -> Response:
        """Start a new one."""
        limits.spend("send", str(self.identity.pk))
        given = self.given(shapes_in.NewConversation)
        made = start_conversation(
            identity=self.identity, client_id=given.get("client_id", ""), metadata=given.get("metadata")
        )
        return Response({"conversation": self.shape_of(made.public_id)}, status=201)


def _cursor_of(conversation: Conversation) -> str:
    # In microseconds, as rows have them: of a shorter moment, rows between two pages would be lost.
    moment = (conversation.last_message_at or conversation.created_at).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}_{conversation.pk}"


def _cursor(text: str) -> tuple[Any, int] | None:
    if not text:
        return None
    moment, _, key = text.rpartition("_")
    parsed, pk = moment_in(moment), number_in(key, MAX_KEY)
    if parsed is None or pk is None:
        raise InvalidContent(field="before")
    return parsed, pk


class ConversationView(ClientView):
    """One conversation of the end user."""

    @operations.read_conversation
    def get(self, request: Request, public_id: str) -> Response:
        """Give it."""
        return Response({"conversation": self.shape_of(public_id)})


class EndView(ClientView):
    """The end of a session, where the brand lets customers end it."""

    limit = "send"

    @operations.end_live_session
    def post(self, request: Request, public_id: str) -> Response:
        """End the live session; the history stays."""
        conversation = self.conversation(public_id)
        by = Actor.of_contact(self.identity.contact)
        sessions.end_session(conversation=conversation, ended_by=Session.EndedBy.CONTACT, by=by)
        return Response({"conversation": self.shape_of(public_id)})


class MessagesView(ClientView):
    """The thread."""

    @operations.read_messages
    def get(self, request: Request, public_id: str) -> Response:
        """Page it both ways: the newest messages, or those `before` or `after` a seq; at most 100, oldest first."""
        before, after, limit = (_number(request, name) for name in ("before", "after", "limit"))
        conversation = self.conversation(public_id)
        page = queries.thread(conversation, internal=False, before=before, after=after, limit=limit or queries.PAGE)
        return Response(
            {
                "messages": [message_shape(each, conversation) for each in page.messages],
                "meta": {"has_before": page.has_before, "has_after": page.has_after},
            }
        )

    @operations.send_message
    def post(self, request: Request, public_id: str) -> Response:
        """Send a message; 200 with the stored one when this `client_id` was already here."""
        limits.spend("send", str(self.identity.pk))
        given = self.given(shapes_in.NewMessage)
        posted = messages.receive(
            identity=self.identity,
            conversation=None if public_id in {DEFAULT, NEW} else self.conversation(public_id),
            begins_new=public_id == NEW,
            content=given["content"],
            client_id=given["client_id"],
            metadata=given.get("metadata"),
        )
        shape = message_shape(posted.message, posted.message.conversation)
        return Response({"message": shape}, status=201 if posted.created else 200)


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    number = number_in(text, MAX_IN_QUERY)
    if number is None:
        raise InvalidContent(field=name)
    return number


class ActivityView(ClientView):
    """Typing, and marks of delivery and reading."""

    @operations.record_activity
    def post(self, request: Request, public_id: str) -> Response:
        """Record one."""
        given = self.given(shapes_in.Activity)
        conversation = self.conversation(public_id)
        contact = self.identity.contact
        seq = given.get("seq", conversation.last_seq)
        match given["type"]:
            case "conversation:read":
                messages.mark_read(conversation=conversation, contact=contact, seq=seq)
            case "conversation:delivered":
                messages.mark_delivered(conversation=conversation, contact=contact, seq=seq)
            case typing:
                live.announce(live.contact_typing(conversation, contact, is_typing=typing == "typing:start"))
        return Response(status=204)


class PostbackView(ClientView):
    """A pressed button that makes no message."""

    limit = "send"

    @operations.press_postback
    def post(self, request: Request, public_id: str) -> Response:
        """Record it."""
        given = self.given(shapes_in.Postback)
        message = queries.message_of(self.conversation(public_id), given["message"])
        messages.press_postback(identity=self.identity, message=message, payload=given["payload"])
        return Response(status=204)


class RatingView(ClientView):
    """How the end user found it."""

    limit = "send"

    @operations.rate
    def post(self, request: Request, public_id: str) -> Response:
        """Answer a message of the type `rating`, or change the answer; repeating one changes nothing."""
        given, conversation = self.given(shapes_in.Rating), self.conversation(public_id)
        message = ratings.answer_rating(
            message=queries.message_of(conversation, given["message"]),
            score=given["score"],
            reasons=given.get("reasons", ()),
            comment=given.get("comment", ""),
            by=self.identity.contact,
        )
        return Response({"message": message_shape(message, conversation)})


class AttachmentsView(ClientView):
    """Files."""

    parser_classes = [MultiPartParser]
    limit = "upload"

    @operations.upload_file
    def post(self, request: Request) -> Response:
        """Upload one file; send it by putting its `url` into an image or file message."""
        file = request.FILES.get("file")
        if file is None:
            raise InvalidContent(field="file")
        contact = self.identity.contact
        attachment = store_upload(brand=contact.brand, file=file, contact=contact)
        return Response({"attachment": attachment_shape(attachment, request)}, status=201)


class PollView(ClientView):
    """What sockets would bring, for networks that block them."""

    @operations.poll
    def get(self, request: Request) -> Response:
        """Give messages after the seqs in `after` ({"<conversation>": <seq>}), and conversations as they are now."""
        try:
            seen = json_in(request.query_params.get("after", "{}"))
        except ValueError:
            seen = None
        if not isinstance(seen, dict) or not all(is_seq(seq) for seq in seen.values()):
            raise InvalidContent(field="after")
        contact = self.identity.contact
        presence.asked(self.identity)
        overview = queries.overview(contact)
        own = {each.conversation.pk: each.conversation for each in overview.conversations}
        told = {pk: seen[each.public_id] for pk, each in own.items() if each.public_id in seen}
        missed = queries.missed_pages({pk: seq for pk, seq in told.items() if seq < own[pk].last_public_seq})
        return Response(
            {
                "messages": [message_shape(each, own[each.conversation_id]) for each in missed],
                "may_write": not queries.is_blocked(self.identity, limits.address_of(request)),
                **_told(overview),
            }
        )
