"""What the client API takes in and gives out: shapes and limits; the rules themselves stand in the actions.

Inputs check what comes in. Outputs describe what `conversations.shapes` gives, for the OpenAPI document; tests hold
live answers against them.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations.models import Session
from conversations.models.message import AuthorKind

Input = serializers.Serializer[Any]
Output = serializers.Serializer[Any]
# Components that conversations.api.document adds, made of the content types themselves.
CONTENT, CONTENT_TO_SEND = "content.Any", "content.ToSend"


def _component(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@extend_schema_field(_component(CONTENT))
class StoredContent(serializers.JSONField):
    """Content of any type, as it is stored."""


@extend_schema_field(_component(CONTENT_TO_SEND))
class ContentToSend(serializers.JSONField):
    """Content of a type that an end user may send."""


@extend_schema_field({"type": ["integer", "string", "null"]})
class Limit(serializers.JSONField):
    """A number or a list of what is allowed; null where there is none."""


# --- in -----------------------------------------------------------------------------------------------------------


class Start(Input):
    key = serializers.CharField(max_length=40, help_text="The channel's public key.")
    client_id = serializers.CharField(
        required=False,
        max_length=128,
        help_text="The device's own random secret, 16 to 128 characters. Needed unless a token or jwt lets in.",
    )
    token = serializers.CharField(
        required=False, max_length=64, allow_blank=True, help_text="A token given earlier; while it holds, it is kept."
    )
    jwt = serializers.CharField(required=False, max_length=8192, help_text="Signed by the website for its user.")
    locale = serializers.CharField(
        required=False, max_length=64, allow_blank=True, help_text="The visitor's language, as en or ko-KR."
    )
    time_zone = serializers.CharField(
        required=False, max_length=64, allow_blank=True, help_text="The visitor's time zone, as Asia/Seoul."
    )
    page = serializers.CharField(
        required=False, max_length=2048, allow_blank=True, help_text="Address of the page the visitor is on."
    )


class Me(Input):
    name = serializers.CharField(required=False, max_length=128, allow_blank=True)
    email = serializers.CharField(required=False, max_length=128, allow_blank=True)
    phone = serializers.CharField(required=False, max_length=32, allow_blank=True)
    locale = serializers.CharField(required=False, max_length=64, allow_blank=True)


class NewConversation(Input):
    client_id = serializers.CharField(
        required=False, max_length=64, help_text="Your own id for it: a retry with it is the same conversation."
    )
    metadata = serializers.DictField(required=False, help_text="Flat, at most 4 KB.")


class NewMessage(Input):
    client_id = serializers.CharField(
        max_length=64, help_text="Your own id for it: a retry with it is the same message."
    )
    content = ContentToSend()
    metadata = serializers.DictField(required=False, help_text="Flat, at most 4 KB.")


class Activity(Input):
    type = serializers.ChoiceField(["typing:start", "typing:stop", "conversation:read", "conversation:delivered"])
    seq = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, help_text="Up to and with this one; the newest if absent."
    )


class Postback(Input):
    message = serializers.CharField(max_length=24, help_text="Id of the message whose button was pressed.")
    payload = serializers.CharField(max_length=4096, help_text="The button's own.")


class Rating(Input):
    message = serializers.CharField(max_length=24, help_text="Id of the message that asks.")
    score = serializers.IntegerField(min_value=1, max_value=5, help_text="1 is the worst, the scale the best.")
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=128),
        required=False,
        max_length=10,
        help_text="Of those the message has.",
    )
    comment = serializers.CharField(required=False, max_length=1000, allow_blank=True)


class Upload(Input):
    file = serializers.FileField(help_text="At most 50 MB unless the installation says otherwise.")


# --- out ----------------------------------------------------------------------------------------------------------


class ErrorBody(Output):
    code = serializers.CharField(help_text="Stable, for machines.")
    title = serializers.CharField(help_text="For people, in the language of the request.")
    field = serializers.CharField(allow_null=True, help_text="Dotted path of what was at fault.")
    limit = Limit(allow_null=True, help_text="The limit that was passed; the seconds to wait with 429.")


class Error(Output):
    error = ErrorBody()


class Contact(Output):
    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    locale = serializers.CharField(allow_blank=True)
    signed_in = serializers.BooleanField(help_text="Whether the website vouched for them by a JWT.")


class Author(Output):
    type = serializers.ChoiceField(AuthorKind.choices)
    id = serializers.CharField(allow_blank=True, help_text="Empty for bots, the system and people who are gone.")
    name = serializers.CharField(allow_blank=True)


class Message(Output):
    id = serializers.CharField()
    conversation = serializers.CharField()
    seq = serializers.IntegerField(min_value=1, help_text="Gives the order. Notes of agents take one too.")
    previous = serializers.IntegerField(
        min_value=0, help_text="The seq of the message before it that you should hold; 0 for the first."
    )
    author = Author()
    content = StoredContent()
    metadata = serializers.DictField()
    client_id = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField(help_text="UTC, milliseconds.")
    quoted = serializers.CharField(allow_null=True, help_text="Id of the message it answers.")


class Marks(Output):
    delivered_seq = serializers.IntegerField()
    read_seq = serializers.IntegerField()


class SessionState(Output):
    state = serializers.ChoiceField([Session.State.ACTIVE.value, Session.State.INACTIVE.value, "none"])
    ended_by = serializers.ChoiceField(
        ["", *Session.EndedBy.values], help_text="Who ended the last session, where none is live; empty: nobody yet."
    )


class Standing(Output):
    position = serializers.IntegerField(
        allow_null=True, min_value=1, max_value=101, help_text="Place in line; 101: behind a hundred others."
    )
    minutes = serializers.IntegerField(
        allow_null=True, min_value=1, help_text="About how long the wait will be, rounded up; null: nobody knows."
    )
    text = serializers.CharField(allow_blank=True, help_text="The brand's own words for those who wait.")
    agent = serializers.CharField(allow_blank=True, help_text="Name of who answers now; empty while they wait.")


class Answerer(Output):
    type = serializers.ChoiceField([kind for kind in AuthorKind.values if kind != AuthorKind.CONTACT])
    name = serializers.CharField(allow_blank=True)


class Conversation(Output):
    id = serializers.CharField()
    display_name = serializers.CharField(allow_blank=True)
    last_seq = serializers.IntegerField(min_value=0)
    last_message_at = serializers.DateTimeField(allow_null=True)
    preview = serializers.CharField(allow_blank=True, help_text="The beginning of the last message.")
    preview_author = serializers.ChoiceField(["", *AuthorKind.values])
    author = Answerer(allow_null=True, help_text="Who of the business wrote last.")
    unread = serializers.IntegerField(min_value=0)
    read_seq = serializers.IntegerField(min_value=0, help_text="How far you have read.")
    business = Marks(help_text="How far the business has received and read.")
    session = SessionState()
    standing = Standing(
        allow_null=True,
        help_text="How they wait for a person, or who is here; null where the brand has nothing told, or nobody waits.",
    )
    may_end = serializers.BooleanField(help_text="Whether the end user may end the session now.")
    created_at = serializers.DateTimeField()


class BrandShown(Output):
    name = serializers.CharField()
    locale = serializers.CharField()


MAY_WRITE_HELP = "False: show what there is, and no place to write. What is sent all the same is refused as `blocked`."


class Started(Output):
    token = serializers.CharField(help_text="Show it as Authorization: Bearer in every other call.")
    socket = serializers.CharField(help_text="Path of the socket.")
    contact = Contact()
    brand = BrandShown()
    may_write = serializers.BooleanField(help_text=MAY_WRITE_HELP)
    unread = serializers.IntegerField(min_value=0)
    conversations = Conversation(many=True)


class ContactAnswer(Output):
    contact = Contact()


class ConversationAnswer(Output):
    conversation = Conversation()


class ListMeta(Output):
    has_more = serializers.BooleanField()
    before = serializers.CharField(allow_null=True, help_text="Give it as `before` for the next page.")


class ConversationList(Output):
    conversations = Conversation(many=True)
    meta = ListMeta()


class ThreadMeta(Output):
    has_before = serializers.BooleanField()
    has_after = serializers.BooleanField()


class Thread(Output):
    messages = Message(many=True)
    meta = ThreadMeta()


class MessageAnswer(Output):
    message = Message()


class Attachment(Output):
    id = serializers.CharField()
    url = serializers.CharField(help_text="Put it into the mediaUrl of an image or file message.")
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(min_value=1)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class AttachmentAnswer(Output):
    attachment = Attachment()


class Polled(Output):
    messages = Message(many=True)
    may_write = serializers.BooleanField(help_text=MAY_WRITE_HELP)
    conversations = Conversation(many=True)
    unread = serializers.IntegerField(min_value=0)
