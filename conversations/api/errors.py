"""One shape for every refusal: {"error": {"code", "title", "field", "limit"}}."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from conversations.errors import ConversationsError, NotFound, TooManyRequests


def error_shape(error: ConversationsError) -> dict[str, Any]:
    """Give an error as clients read it; `field` and `limit` are null where they say nothing."""
    return {
        "code": error.code,
        "title": str(error.text),
        "field": error.field or None,
        "limit": error.limit,
    }


def render_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view; unknown ones are not caught: a 500 is a report."""
    if isinstance(error, ConversationsError):
        headers = {"Retry-After": str(error.limit)} if isinstance(error, TooManyRequests) else {}
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return Response({"error": error_shape(error)}, status=error.status, headers=headers)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, exceptions.ValidationError):
        field, title = _first(error.detail)
        return Response({"error": {"code": "bad_request", "title": title, "field": field, "limit": None}}, status=400)
    if isinstance(error, exceptions.APIException):
        code = "bad_request" if isinstance(error, exceptions.ParseError) else error.default_code
        return Response(
            {"error": {"code": code, "title": str(error.detail), "field": None, "limit": None}},
            status=error.status_code,
        )
    return None


@csrf_exempt
def nothing_here(request: HttpRequest, path: str) -> JsonResponse:
    """Answer an address the API does not have as it answers everything else."""
    return JsonResponse({"error": error_shape(NotFound())}, status=404)


def _first(detail: Any, path: tuple[str, ...] = ()) -> tuple[str | None, str]:
    if isinstance(detail, dict) and detail:
        name, inner = next(iter(detail.items()))
        return _first(inner, path if name == "non_field_errors" else (*path, str(name)))
    if isinstance(detail, list) and detail:
        return _first(detail[0], path)
    return ".".join(path) or None, str(detail)
