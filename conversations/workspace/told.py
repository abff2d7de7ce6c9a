"""Telling the page in words what was done, beside the fragment that shows it."""

import json

from django.http import HttpResponse


def told(response: HttpResponse, text: str, *, undo: str = "", values: dict[str, str] | None = None) -> HttpResponse:
    """Have the page say `text` for a moment; with `undo`, an address to post `values` to, it offers to take it back."""
    words: dict[str, object] = {"text": text}
    if undo:
        words |= {"undo": undo, "values": values or {}}
    response.headers["HX-Trigger"] = json.dumps({"told": words})
    return response
