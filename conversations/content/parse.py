"""From what came in to what is stored, or one clear refusal."""

from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from conversations.content.text import answers_text, html_of_markdown, location_text, safe_html, text_of_html
from conversations.content.types import CONTENT, TEXT_CHARS
from conversations.errors import InvalidContent
from conversations.incoming import is_storable

Writer = Literal["contact", "business", "system"]
MAY_WRITE: dict[Writer, frozenset[str]] = {
    "contact": frozenset({"text", "image", "file", "location", "formResponse"}),
    "business": frozenset(
        {"text", "image", "file", "carousel", "list", "form", "location", "template"},
    ),
    "system": frozenset({"rating"}),
}
# Which number of pydantic's error context is the limit, and what to say of it.
LIMITS: dict[str, tuple[str, str | Promise]] = {
    "string_too_long": ("max_length", _("This is too long.")),
    "string_too_short": ("min_length", _("This is too short.")),
    "too_long": ("max_length", _("There are too many of these.")),
    "too_short": ("min_length", _("At least one is needed.")),
    "less_than_equal": ("le", _("This number is too large.")),
    "greater_than_equal": ("ge", _("This number is too small.")),
    "greater_than": ("gt", _("This number is too small.")),
    "metadata": ("limit", _("Metadata must be flat and at most 4 KB.")),
    "literal_error": ("expected", _("This is not one of the known values.")),
    "union_tag_invalid": ("expected_tags", _("This type is not known.")),
}
OTHERS: dict[str, str | Promise] = {
    "missing": _("This is required."),
    "union_tag_not_found": _("This needs a type."),
    "uri": _("This must be an address that begins with http:// or https://."),
}


def parse_content(raw: object, *, by: Writer) -> dict[str, Any]:
    """Give content as it is stored: checked, HTML made safe, Markdown turned into HTML, fallback words added.

    `by` says whose words they are: customers may not send what only a business shows (cards, forms), nor the reverse,
    and only the product itself asks for a rating.
    Raises InvalidContent with the dotted path of the field, and the limit where there is one.
    """
    try:
        content = CONTENT.validate_python(raw).model_dump(exclude_none=True)
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False)[0]) from None
    if content["type"] not in MAY_WRITE[by]:
        raise InvalidContent(_("This type cannot be sent here."), field="type")
    if not is_storable(content):
        raise InvalidContent(_("This holds a character that cannot be stored."), field="content")
    _check_actions(content, by)
    return _complete(content)


def _refusal(error: ErrorDetails) -> InvalidContent:
    path = [str(part) for part in error["loc"]]
    # The first part of the path is the name of the union's branch, which the sender never wrote.
    field = ".".join(path[1:]) or "type"
    if error["type"] in LIMITS:
        key, text = LIMITS[error["type"]]
        return InvalidContent(text, field=field, limit=str(error.get("ctx", {}).get(key, "")))
    return InvalidContent(OTHERS.get(error["type"], _("This is not of the expected kind.")), field=field)


def _check_actions(content: dict[str, Any], by: Writer) -> None:
    actions = content.get("actions", [])
    if by == "contact" and actions:
        raise InvalidContent(_("Customers cannot send buttons."), field="actions")
    if sum(bool(action.get("openOnReceive")) for action in actions) > 1:
        raise InvalidContent(_("Only one view may open by itself."), field="actions", limit=1)


def _complete(content: dict[str, Any]) -> dict[str, Any]:
    match content["type"]:
        case "text" | "image" | "file":
            _complete_words(content)
        case "form":
            _check_form(content)
        case "formResponse":
            content["textFallback"] = answers_text(content["fields"])
        case "location":
            content["text"] = location_text(content)
    return content


def _complete_words(content: dict[str, Any]) -> None:
    markdown, source = content.pop("markdownText", None), content.get("htmlText")
    if markdown is not None and source is not None:
        raise InvalidContent(_("Give either htmlText or markdownText."), field="markdownText")
    if markdown is not None:
        content["htmlText"] = html_of_markdown(markdown)
    elif source is not None:
        content["htmlText"] = safe_html(source)
    if "htmlText" in content and not content.get("text"):
        content["text"] = text_of_html(content["htmlText"])[:TEXT_CHARS]
    if content["type"] == "text" and not content.get("text", "").strip() and not content.get("actions"):
        raise InvalidContent(_("A message needs words."), field="text")


def _check_form(content: dict[str, Any]) -> None:
    names = [field["name"] for field in content["fields"]]
    if len(set(names)) != len(names):
        raise InvalidContent(_("Two fields have the same name."), field="fields")
    for position, field in enumerate(content["fields"]):
        if (field["type"] == "select") != ("options" in field):
            raise InvalidContent(_("Only a choice has options, and it needs them."), field=f"fields.{position}.options")
        if field.get("minSize", 1) > field.get("maxSize", 128):
            raise InvalidContent(_("This is larger than maxSize."), field=f"fields.{position}.minSize")
