"""The content types and their actions, with the limits of the platform API (Sunshine Conversations v2).

Field names are the platform's own, because content is stored and shown as it was sent. Unknown fields are dropped.
`share` is no action of this version and is refused like any unknown type.
"""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, StringConstraints, TypeAdapter
from pydantic_core import PydanticCustomError

from conversations.decide import MAX_METADATA_BYTES, metadata_problem

TEXT_CHARS = 4096
TITLE_CHARS = 128
URI_CHARS = 2048
MAX_BUTTONS = 25
# A file of this installation is kept by its path: the host in front of it may change, and is nobody's to choose.
OWN_FILE = re.compile(r"^/files/[0-9a-f]{24}/[\w-]{43}/[^\s/]+$")


def _http_uri(value: str) -> str:
    if not value.lower().startswith(("http://", "https://")) or any(c.isspace() for c in value):
        raise PydanticCustomError("uri", "not an http(s) address")
    return value


def _file_address(value: str) -> str:
    return value if OWN_FILE.match(value) else _http_uri(value)


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    if metadata_problem(value):
        raise PydanticCustomError("metadata", "not flat or over the limit", {"limit": MAX_METADATA_BYTES})
    return value


Text = Annotated[str, StringConstraints(max_length=TEXT_CHARS)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=TITLE_CHARS)]
Label = Annotated[str, StringConstraints(max_length=TITLE_CHARS)]
Payload = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_CHARS)]
Uri = Annotated[str, StringConstraints(min_length=1, max_length=URI_CHARS), AfterValidator(_http_uri)]
FileAddress = Annotated[str, StringConstraints(min_length=1, max_length=URI_CHARS), AfterValidator(_file_address)]
Metadata = Annotated[dict[str, Any], AfterValidator(_flat)]


class Part(BaseModel):
    """Base of all: unknown fields are dropped, types are not guessed."""

    model_config = ConfigDict(extra="ignore", strict=True)


class Action(Part):
    text: Title
    metadata: Metadata | None = None


class Link(Action):
    type: Literal["link"]
    uri: Uri
    default: bool | None = None
    extraChannelOptions: dict[str, Any] | None = None


class Webview(Action):
    type: Literal["webview"]
    uri: Uri
    fallback: Uri
    size: Literal["compact", "tall", "full"] | None = None
    default: bool | None = None
    openOnReceive: bool | None = None
    extraChannelOptions: dict[str, Any] | None = None


class Reply(Action):
    type: Literal["reply"]
    payload: Payload
    iconUrl: Uri | None = None


class Postback(Action):
    type: Literal["postback"]
    payload: Payload


class Buy(Action):
    type: Literal["buy"]
    amount: Annotated[int, Field(gt=0, le=10**12)]
    currency: Annotated[str, StringConstraints(pattern="^[a-z]{3}$")]


class LocationRequest(Action):
    type: Literal["locationRequest"]


AnyAction = Annotated[Link | Webview | Reply | Postback | Buy | LocationRequest, Discriminator("type")]
ItemAction = Annotated[Link | Webview | Postback | Buy, Discriminator("type")]
Actions = Annotated[list[AnyAction], Field(min_length=1, max_length=MAX_BUTTONS)]


class Content(Part):
    """Base of the content types."""

    blockChatInput: bool | None = None


class Worded(Content):
    """Content that may come with words: plain, or as HTML or Markdown, of which only one."""

    text: Text | None = None
    htmlText: Text | None = None
    markdownText: Text | None = None
    actions: Actions | None = None


class TextContent(Worded):
    type: Literal["text"]
    payload: Payload | None = None


class Media(Worded):
    mediaUrl: FileAddress
    altText: Label | None = None
    mediaType: Label | None = None
    mediaSize: Annotated[int, Field(ge=0)] | None = None
    attachmentId: Label | None = None


class ImageContent(Media):
    type: Literal["image"]


class FileContent(Media):
    type: Literal["file"]


class Item(Part):
    title: Title
    description: Label | None = None
    mediaUrl: Uri | None = None
    mediaType: Label | None = None
    altText: Label | None = None
    size: Literal["compact", "large"] | None = None
    actions: Annotated[list[ItemAction], Field(min_length=1, max_length=3)]
    metadata: Metadata | None = None


Items = Annotated[list[Item], Field(min_length=1, max_length=10)]


class DisplaySettings(Part):
    imageAspectRatio: Literal["horizontal", "square"] | None = None


class CarouselContent(Content):
    type: Literal["carousel"]
    items: Items
    displaySettings: DisplaySettings | None = None
    text: Text | None = None


class ListContent(Content):
    type: Literal["list"]
    items: Items
    actions: Annotated[list[ItemAction], Field(min_length=1, max_length=10)] | None = None
    text: Text | None = None


class Option(Part):
    name: Title
    label: Title


class FormField(Part):
    type: Literal["email", "select", "text"]
    name: Title
    label: Title
    placeholder: Label | None = None
    minSize: Annotated[int, Field(ge=1, le=256)] | None = None
    maxSize: Annotated[int, Field(ge=1, le=256)] | None = None
    options: Annotated[list[Option], Field(min_length=1, max_length=200)] | None = None
    format: Literal["integer", "decimal"] | None = None


class FormContent(Content):
    type: Literal["form"]
    fields: Annotated[list[FormField], Field(min_length=1, max_length=20)]
    text: Text | None = None
    submitted: bool = False


class Answer(Part):
    type: Literal["email", "select", "text"]
    name: Title
    label: Title
    text: Annotated[str, StringConstraints(max_length=256)] | None = None
    email: Label | None = None
    select: Annotated[list[Option], Field(max_length=200)] | None = None


class FormResponseContent(Content):
    type: Literal["formResponse"]
    fields: Annotated[list[Answer], Field(min_length=1, max_length=20)]
    quotedMessageId: Annotated[str, StringConstraints(max_length=24)] | None = None
    textFallback: str | None = None


class Coordinates(Part):
    lat: Annotated[float, Field(ge=-90, le=90, strict=False, allow_inf_nan=False)]
    long: Annotated[float, Field(ge=-180, le=180, strict=False, allow_inf_nan=False)]


class Place(Part):
    address: Annotated[str, StringConstraints(max_length=512)] | None = None
    name: Label | None = None


class LocationContent(Content):
    type: Literal["location"]
    coordinates: Coordinates
    location: Place | None = None
    text: Text | None = None


class RatingAnswer(Part):
    score: Annotated[int, Field(ge=1, le=5)]
    reasons: Annotated[list[Title], Field(max_length=10)] = []
    comment: Annotated[str, StringConstraints(max_length=1000)] = ""
    at: str


class RatingContent(Content):
    """How the customer found it: asked with no `answer`, which comes in later and may change until `until`."""

    type: Literal["rating"]
    text: Text
    scale: Literal[2, 3, 5]
    # What is chosen from. Whatever it is, `words` name the points, worst first; none: very bad, bad, okay, good, great.
    look: Literal["faces", "numbers", "words"] = "faces"
    words: Annotated[list[Title], Field(max_length=5)] = []
    # Offered with a score of `low` or less.
    reasons: Annotated[list[Title], Field(max_length=10)] = []
    low: Annotated[int, Field(ge=0, le=5)] = 0
    until: str
    closed: bool = False
    answer: RatingAnswer | None = None


class TemplateContent(Content):
    type: Literal["template"]
    template: dict[str, Any]


AnyContent = Annotated[
    TextContent
    | ImageContent
    | FileContent
    | CarouselContent
    | ListContent
    | FormContent
    | FormResponseContent
    | LocationContent
    | RatingContent
    | TemplateContent,
    Discriminator("type"),
]
CONTENT: TypeAdapter[Content] = TypeAdapter(AnyContent)
CONTENT_TYPES: dict[str, type[Content]] = {
    get_args(each.model_fields["type"].annotation)[0]: each for each in get_args(get_args(AnyContent)[0])
}
