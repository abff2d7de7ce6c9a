"""Answers of a form against the form itself: each field answered once, in its kind and within its limits."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from conversations.errors import InvalidContent

# The platform API's defaults (contract, section 7).
MIN_SIZE, MAX_SIZE = 1, 128


def check_answers(form: Mapping[str, Any], response: Mapping[str, Any]) -> None:
    """Refuse a formResponse that is no answer to this form. Raises InvalidContent naming the field of the response."""
    given = {answer["name"]: (position, answer) for position, answer in enumerate(response["fields"])}
    if len(given) != len(response["fields"]):
        raise InvalidContent(_("Two fields have the same name."), field="fields")
    asked = {field["name"]: field for field in form["fields"]}
    for name, (position, _answer) in given.items():
        if name not in asked:
            raise InvalidContent(_("The form has no such field."), field=f"fields.{position}.name")
    for name, field in asked.items():
        if name not in given:
            raise InvalidContent(_("This is required."), field=f"fields.{name}")
        position, answer = given[name]
        _check_answer(field, answer, f"fields.{position}")


def _check_answer(field: Mapping[str, Any], answer: Mapping[str, Any], path: str) -> None:
    kind = field["type"]
    if answer["type"] != kind:
        raise InvalidContent(field=f"{path}.type", limit=kind)
    value = answer.get(kind)
    if not value:
        raise InvalidContent(_("This is required."), field=f"{path}.{kind}")
    if kind == "select":
        _check_options(field, answer, f"{path}.select")
    elif kind == "email":
        try:
            validate_email(value)
        except ValidationError as error:
            raise InvalidContent(error.messages[0], field=f"{path}.email") from None
    elif not field.get("minSize", MIN_SIZE) <= len(value) <= field.get("maxSize", MAX_SIZE):
        limit = f"{field.get('minSize', MIN_SIZE)}-{field.get('maxSize', MAX_SIZE)}"
        raise InvalidContent(_("This is not of the asked length."), field=f"{path}.text", limit=limit)


def _check_options(field: Mapping[str, Any], answer: Mapping[str, Any], path: str) -> None:
    known = {option["name"] for option in field["options"]}
    if any(option["name"] not in known for option in answer["select"]):
        raise InvalidContent(_("This is not one of the known values."), field=path)
