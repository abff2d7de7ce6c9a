"""How the OpenAPI document of the business API describes what its operations share."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers

from conversations.api.document import refusals
from conversations.business.views import MAX_KEY_CHARS, MAX_PAGE, MAX_QUERY_CHARS

Output = serializers.Serializer[Any]
PREFIX = "/api/v1/"
AFTER = OpenApiParameter(
    "after",
    {"type": "string", "maxLength": MAX_QUERY_CHARS},
    OpenApiParameter.QUERY,
    description="The `meta.after` of the page before.",
)
LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
    OpenApiParameter.QUERY,
    description="How many at most; 50 if absent.",
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS, "pattern": "^[-a-zA-Z0-9_]+$"},
    OpenApiParameter.HEADER,
    description="Your own id of this call: the same call with it again, within 24 hours, is done once.",
)


class Meta(serializers.Serializer[Any]):
    has_more = serializers.BooleanField()
    after = serializers.CharField(allow_null=True, help_text="Give it as `after` for the next page.")


def query(name: str, text: str, **bounds: Any) -> OpenApiParameter:
    """Give a parameter of the query."""
    schema = {"type": "string", "maxLength": MAX_QUERY_CHARS} | bounds
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=text)


def path_id(name: str, of: str) -> OpenApiParameter:
    """Give the id in an address."""
    schema = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}
    return OpenApiParameter(name, schema, OpenApiParameter.PATH, description=f"Id of {of}.")


def answer(name: str, **fields: Any) -> Any:
    """Give the shape of an answer: its fields are serializers."""
    return inline_serializer(name, fields)


def operation(
    operation_id: str,
    summary: str,
    tag: str,
    answers: dict[int, Any],
    *,
    body: Any = None,
    parameters: tuple[OpenApiParameter, ...] = (),
    refuses: tuple[int, ...] = (),
    **more: Any,
) -> Any:
    """Describe an operation. Each may refuse with 401, 403 and 429; one with a body with 400 and 415 too."""
    also = {400, 415} if body is not None else set()
    statuses = sorted({401, 403, *also, *refuses})
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        request=body,
        parameters=list(parameters),
        responses={**answers, **refusals(*statuses)},
        **more,
    )


def only_business(endpoints: list[tuple[Any, ...]], **_given: Any) -> list[tuple[Any, ...]]:
    """Leave the operations of the business API (a hook of drf-spectacular)."""
    return [each for each in endpoints if each[0].startswith(PREFIX)]


def only_client(endpoints: list[tuple[Any, ...]], **_given: Any) -> list[tuple[Any, ...]]:
    """Leave the operations of the client API (a hook of drf-spectacular)."""
    return [each for each in endpoints if each[0].startswith("/client/v1/")]


SETTINGS: dict[str, Any] = {
    "TITLE": "Madang business API",
    "DESCRIPTION": "For systems of a brand and apps of its people. Errors have one shape; ids are opaque strings.",
    "VERSION": "1",
    "PREPROCESSING_HOOKS": ["conversations.business.document.only_business"],
    "POSTPROCESSING_HOOKS": ["conversations.api.document.add_content_types"],
}
