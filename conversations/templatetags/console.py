"""What the console's templates ask for themselves."""

from html import unescape
from typing import Any

from django import template
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import strip_tags

register = template.Library()


@register.simple_tag
def readable(field: Any, request: HttpRequest | None) -> str:
    """Give what stands in a field that is only shown; what it links to is no link for whoever may not open that page.

    `field` is an AdminReadonlyField.
    """
    contents = str(field.contents())
    target = getattr(_model_field(field), "related_model", None)
    page = admin.site._registry.get(target) if isinstance(target, type) else None
    if page is None or request is None or page.has_view_permission(request):
        return contents
    return unescape(strip_tags(contents))


def _model_field(field: Any) -> Any:
    named = {each.name: each for each in field.form.instance._meta.get_fields()}
    return named.get(field.field["field"]) if isinstance(field.field["field"], str) else None
