"""The editor of files: a form field that keeps the ids of uploaded files, as js/console/attach.js edits it.

Each file is uploaded as it is chosen; what the form sends is ids, in their order.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations.actions.attachments import store_upload
from conversations.errors import InvalidContent, UploadRefused
from conversations.models import Attachment, Brand, User
from routing.models.macro import MOST_FILES


class FilesInput(forms.Widget):
    """Files with name and size, each of which can be removed."""

    use_fieldset = True
    # What is shown.
    files: Sequence[Attachment] = ()
    # Where a file goes; the brand to send with it where the form has no choice of one.
    upload: str = ""
    brand_id: int | None = None

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "files": self.files,
            "upload": self.upload,
            "brand": self.brand_id or "",
            "most": MOST_FILES,
        }
        return SafeString(render_to_string("routing/_files.html", context))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name))


class FilesField(forms.Field):
    """Ids of uploaded files. Who reads the form looks them up, and sets the widget's `files`."""

    widget = FilesInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != (data or []))


def take_upload(request: HttpRequest, brand: Brand, user: User) -> HttpResponse:
    """Keep a file that the editor sends; answers JSON: its id, name and size in words, or the refusal."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise InvalidContent(field="file")
        kept = store_upload(brand=brand, file=file, user=user)
    except (InvalidContent, UploadRefused) as error:
        return JsonResponse({"error": {"code": error.code, "title": str(error.text)}}, status=error.status)
    return JsonResponse({"id": kept.public_id, "name": kept.name, "size": filesizeformat(kept.size)}, status=201)
