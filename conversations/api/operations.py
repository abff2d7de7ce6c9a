"""How the OpenAPI document describes each operation of the client API: what it takes, answers and refuses."""

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

from conversations.api import serializers
from conversations.api.document import CONVERSATION, refusals, seq_parameter

# The library's hint says strings; what it writes into the document are these.
NOBODY, BY_TOKEN = cast(Any, [{}]), cast(Any, [{"clientToken": []}])

start_session = extend_schema(
    operation_id="startSession",
    summary="Start or resume",
    tags=["Session"],
    auth=NOBODY,
    request=serializers.Start,
    responses={201: serializers.Started, **refusals(400, 401, 403, 404, 415)},
    examples=[
        OpenApiExample("As a visitor", value={"key": "demo", "client_id": "8f14e45fceea167a5a36"}, request_only=True),
        OpenApiExample("As a signed-in user", value={"key": "demo", "jwt": "eyJhbGciOi…"}, request_only=True),
    ],
)
end_session = extend_schema(
    operation_id="endSession",
    summary="Sign out",
    tags=["Session"],
    auth=BY_TOKEN,
    request=None,
    responses={204: None, **refusals(401)},
)
change_me = extend_schema(
    operation_id="changeMe",
    summary="Say who you are",
    tags=["Session"],
    request=serializers.Me,
    responses={200: serializers.ContactAnswer, **refusals(400, 401, 403, 415)},
    examples=[OpenApiExample("A name", value={"name": "Maya Okafor"}, request_only=True)],
)
list_conversations = extend_schema(
    operation_id="listConversations",
    summary="List conversations",
    tags=["Conversations"],
    parameters=[OpenApiParameter("before", str, description="The `meta.before` of the page before.")],
    responses={200: serializers.ConversationList, **refusals(400, 401)},
)
start_conversation = extend_schema(
    operation_id="startConversation",
    summary="Start one more conversation",
    tags=["Conversations"],
    request=serializers.NewConversation,
    responses={201: serializers.ConversationAnswer, **refusals(400, 401, 403, 415)},
)
read_conversation = extend_schema(
    operation_id="readConversation",
    summary="Read one conversation",
    tags=["Conversations"],
    parameters=[CONVERSATION],
    responses={200: serializers.ConversationAnswer, **refusals(401, 404)},
)
end_live_session = extend_schema(
    operation_id="endLiveSession",
    summary="End the session",
    tags=["Conversations"],
    parameters=[CONVERSATION],
    request=None,
    responses={200: serializers.ConversationAnswer, **refusals(401, 403, 404, 409)},
)
read_messages = extend_schema(
    operation_id="readMessages",
    summary="Read messages",
    tags=["Messages"],
    parameters=[
        CONVERSATION,
        seq_parameter("before", "Those before this seq, the newest of them."),
        seq_parameter("after", "Those after this seq, the oldest of them."),
        seq_parameter("limit", "How many at most; 50 if absent, and never more than 100.", 999_999_999),
    ],
    responses={200: serializers.Thread, **refusals(400, 401, 404)},
)
send_message = extend_schema(
    operation_id="sendMessage",
    summary="Send a message",
    tags=["Messages"],
    parameters=[CONVERSATION],
    request=serializers.NewMessage,
    responses={
        201: serializers.MessageAnswer,
        200: serializers.MessageAnswer,
        **refusals(400, 401, 403, 404, 409, 415),
    },
    examples=[
        OpenApiExample(
            "Text",
            value={"client_id": "m-1", "content": {"type": "text", "text": "Is the tent waterproof?"}},
            request_only=True,
        ),
        OpenApiExample(
            "A place",
            value={"client_id": "m-2", "content": {"type": "location", "coordinates": {"lat": 37.5, "long": 127}}},
            request_only=True,
        ),
    ],
)
record_activity = extend_schema(
    operation_id="recordActivity",
    summary="Type, and mark as read",
    tags=["Messages"],
    parameters=[CONVERSATION],
    request=serializers.Activity,
    responses={204: None, **refusals(400, 401, 403, 404, 415)},
    examples=[OpenApiExample("Read", value={"type": "conversation:read", "seq": 7}, request_only=True)],
)
press_postback = extend_schema(
    operation_id="pressPostback",
    summary="Press a postback button",
    tags=["Messages"],
    parameters=[CONVERSATION],
    request=serializers.Postback,
    responses={204: None, **refusals(400, 401, 403, 404, 409, 415)},
)
rate = extend_schema(
    operation_id="rate",
    summary="Rate",
    tags=["Messages"],
    parameters=[CONVERSATION],
    request=serializers.Rating,
    responses={200: serializers.MessageAnswer, **refusals(400, 401, 403, 404, 409, 415)},
    examples=[OpenApiExample("Good", value={"message": "6b06086fd008ee10dc1e75c3", "score": 5}, request_only=True)],
)
upload_file = extend_schema(
    operation_id="uploadFile",
    summary="Upload a file",
    tags=["Files"],
    request={"multipart/form-data": serializers.Upload},
    responses={201: serializers.AttachmentAnswer, **refusals(400, 401, 403, 415)},
)
poll = extend_schema(
    operation_id="poll",
    summary="Poll, where sockets are blocked",
    tags=["Messages"],
    parameters=[
        OpenApiParameter(
            "after",
            str,
            description='JSON: the last seq you hold of each conversation, as {"<conversation>": 7}.',
            examples=[OpenApiExample("One conversation", value='{"6b06086fd008ee10dc1e75c3": 7}')],
        )
    ],
    responses={200: serializers.Polled, **refusals(400, 401)},
)
