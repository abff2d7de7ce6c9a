"""What a page adds begins with what the model begins with, also where the form has a field of its own for it."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import RequestFactory

from conversations.models import Brand, Role
from tests.factories import make_user

EMPTY: tuple[object, ...] = (None, "", "[]", "{}", [], (), {}, False)


# Pages that only show take no rows.
ADDED = [model for model, page in admin.site._registry.items() if getattr(page, "may_add", False)]


@pytest.mark.parametrize("model", sorted(ADDED, key=str), ids=str)
def test_an_add_page_begins_with_the_models_defaults(brand: Brand, model: type[models.Model]) -> None:
    page, request = admin.site._registry[model], RequestFactory().get("/")
    request.user = make_user("root", brand, role=Role.ADMIN)
    request.user.is_superuser = True
    assert page.has_add_permission(request)
    form, fresh = page.get_form(request)(), model()
    told = {field.name: form[field.name].value() for field in model._meta.concrete_fields if field.name in form.fields}
    # A page may begin with more than the model does, never with less: what need not be filled in is saved empty.
    lost = {
        name
        for name, value in told.items()
        if fresh.serializable_value(name) and value in EMPTY and not form.fields[name].required
    }
    assert lost == set()
