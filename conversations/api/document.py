"""The OpenAPI document: the refusals operations share, and the content types as the code that checks them has them."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from pydantic.json_schema import models_json_schema

from conversations.api.serializers import CONTENT, CONTENT_TO_SEND, Error
from conversations.content.parse import MAY_WRITE
from conversations.content.types import CONTENT_TYPES

PREFIX = "content."
REASONS = {
    400: "Something in the call is at fault; `field` names it, `limit` the limit.",
    401: "No token, one that ended, or a JWT that does not hold.",
    403: "Known, and not allowed.",
    404: "Not there, or not yours: the two look alike.",
    409: "It does not fit the state of things, for example there is no session to end.",
    415: "The body is of another media type.",
    429: "Too many calls; wait the seconds in Retry-After.",
}
CODES = {
    400: ("invalid_content", "This is too long.", "text", "4096"),
    401: ("unauthorized", "Sign in first.", None, None),
    403: ("forbidden", "You may not do this.", None, None),
    404: ("not_found", "Not found.", None, None),
    409: ("session_already_ended", "This session has already ended.", None, None),
    415: ("unsupported_media_type", 'Unsupported media type "text/plain" in request.', None, None),
    429: ("too_many_requests", "Too many requests. Wait a moment.", None, 24),
}


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """Give these refusals as responses of an operation, with 429, which each may have."""
    return {status: _refusal(status) for status in (*statuses, 429)}


def _refusal(status: int) -> OpenApiResponse:
    code, title, field, limit = CODES[status]
    value = {"error": {"code": code, "title": title, "field": field, "limit": limit}}
    example = OpenApiExample(code, value=value, response_only=True, status_codes=[str(status)])
    return OpenApiResponse(Error, REASONS[status], [example])


def seq_parameter(name: str, text: str, maximum: int = 999_999_999, minimum: int = 0) -> OpenApiParameter:
    """Give a whole number of the query."""
    bounds = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return OpenApiParameter(name, bounds, OpenApiParameter.QUERY, description=text)


CONVERSATION = OpenApiParameter(
    "public_id",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.PATH,
    description="Id of one of your conversations, or `default`: the one that writing makes when missing.",
)


def add_content_types(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add every content type and action as the schema of the code that checks it (a hook of drf-spectacular)."""
    result["components"]["schemas"] |= content_schemas()
    return result


def content_schemas(ref: str = "#/components/schemas/") -> dict[str, Any]:
    """Give the schemas of the content types by component name; `ref` is where they stand in the document."""
    pairs = [(each, "validation") for each in CONTENT_TYPES.values()]
    _, found = models_json_schema(pairs, ref_template=f"{ref}{PREFIX}{{model}}")  # type: ignore[arg-type]  # a literal
    schemas = {f"{PREFIX}{name}": schema for name, schema in found["$defs"].items()}
    for name, types in ((CONTENT, CONTENT_TYPES), (CONTENT_TO_SEND, MAY_WRITE["contact"])):
        refs = {kind: f"{ref}{PREFIX}{CONTENT_TYPES[kind].__name__}" for kind in sorted(types)}
        schemas[name] = {
            "oneOf": [{"$ref": target} for target in refs.values()],
            "discriminator": {"propertyName": "type", "mapping": refs},
        }
    return schemas
