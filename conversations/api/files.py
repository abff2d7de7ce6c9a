"""Handing out uploaded files to whoever has their address."""

from django.http import FileResponse, Http404, HttpRequest
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from conversations.models import Attachment
from conversations.uploads import INLINE


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
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
