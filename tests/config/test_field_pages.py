"""The console's pages of fields and forms."""

from typing import Any

import pytest
from django.test import Client

from conversations.models import Brand, Event, Role
from routing.models import CustomField, TicketForm
from tests.factories import make_brand, make_user, signed_in
from tests.routing.test_fields import field_of, form_of


@pytest.fixture
def ada(brand: Brand) -> Client:
    return signed_in(make_user("ada", brand, role=Role.ADMIN))


def errors_of(answer: Any) -> Any:
    return answer.context["adminform"].form.errors


def test_admin_makes_changes_and_deletes_a_field(ada: Client, brand: Brand) -> None:
    given = {"brand": brand.pk, "of": "ticket", "kind": "select", "label": "Size", "key": "size", "options": ""}
    add = "/admin/routing/customfield/add/"
    assert "options" in errors_of(ada.post(add, given))
    assert "key" in errors_of(ada.post(add, given | {"options": "S", "key": "Not a key"}))
    ada.post(add, given | {"options": "Small\n Large \nSmall\n"})
    field = CustomField.objects.get()
    assert field.options == ["Small", "Large"]
    change = f"/admin/routing/customfield/{field.pk}/change/"
    ada.post(change, {"label": "Our size", "key": "other", "options": "Small\nLarge", "is_required_to_solve": "on"})
    field.refresh_from_db()
    assert (field.label, field.key, field.is_required_to_solve) == ("Our size", "size", True)
    assert "Our size" in ada.get("/admin/routing/customfield/").content.decode()
    ada.post(f"/admin/routing/customfield/{field.pk}/delete/", {"post": "yes"})
    told = Event.objects.filter(type="configuration.changed").order_by("pk")
    assert [event.payload["change"] for event in told] == ["created", "label, is_required_to_solve", "deleted"]


def test_fields_are_moved(ada: Client, brand: Brand) -> None:
    field_of(brand, "first")
    second = field_of(brand, "second")
    ada.post(f"/admin/routing/customfield/{second.pk}/move/", {"to": "up"})
    assert [field.key for field in CustomField.objects.order_by("order")] == ["second", "first"]


def test_form_gets_its_fields_in_order_and_an_address(ada: Client, brand: Brand) -> None:
    first, second, third = (field_of(brand, key) for key in ("first", "second", "third"))
    theirs = field_of(make_brand("other"), "theirs")
    given = {"brand": brand.pk, "name": "Returns", f"place_{third.pk}": "1", f"place_{first.pk}": "2"}
    assert f"place_{theirs.pk}" not in ada.get("/admin/routing/ticketform/add/").content.decode()
    made = ada.post("/admin/routing/ticketform/add/", given | {"for_customers": "on", "title_en": "Send it back"})
    form = TicketForm.objects.get()
    assert form.field_keys == ["third", "first"] and form.channel is not None and form.channel.kind == "form"
    page = ada.get(made["Location"]).content.decode()
    assert f"http://testserver/forms/{form.public_id}/" in page and "&lt;iframe src=" in page
    change = f"/admin/routing/ticketform/{form.pk}/change/"
    ada.post(change, {"name": "Returns", f"place_{second.pk}": "1", "for_agents": "on"})
    form.refresh_from_db()
    assert (form.field_keys, form.for_customers) == (["second"], False)
    assert Client().get(f"/forms/{form.public_id}/").status_code == 404
    assert "&lt;iframe" not in ada.get(change).content.decode()
    ada.post(f"/admin/routing/ticketform/{form.pk}/delete/", {"post": "yes"})
    assert not TicketForm.objects.exists()


def test_name_of_a_form_is_taken_once(ada: Client, brand: Brand) -> None:
    form_of(brand, "Returns", is_default=True)
    assert "name" in errors_of(ada.post("/admin/routing/ticketform/add/", {"brand": brand.pk, "name": "Returns"}))
    ada.post("/admin/routing/ticketform/add/", {"brand": brand.pk, "name": "Refunds", "is_default": "on"})
    assert list(TicketForm.objects.filter(is_default=True).values_list("name", flat=True)) == ["Refunds"]
