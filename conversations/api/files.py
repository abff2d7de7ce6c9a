"""Handing out uploaded files to whoever has their address."""

from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.core.files.base import File
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpRequest
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from conversations.models import Attachment
from conversations.uploads import INLINE

CHUNK_BYTES = 64 * 1024


async def _chunks(file: File[bytes]) -> AsyncIterator[bytes]:
    try:
        while chunk := await sync_to_async(file.read)(CHUNK_BYTES):
            yield chunk
    finally:
        await sync_to_async(file.close)()


@require_safe
def attachment(request: HttpRequest, public_id: str, key: str, name: str) -> FileResponse:
    """Give the bytes unchanged, as something that can neither run nor be taken for another type."""
    found = Attachment.objects.filter(public_id=public_id).first()
    if found is None or not constant_time_compare(found.key, key):
        raise Http404
    response = FileResponse(
        found.file.open("rb"),
        as_attachment=found.media_type not in INLINE,
        filename=found.name,
        content_type=found.media_type,
    )
    if isinstance(request, ASGIRequest):
        # What is read in the request's own thread is held whole before the first byte goes.
        response.streaming_content = _chunks(found.file)
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
