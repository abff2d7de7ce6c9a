"""A brand's own fields of tickets and contacts, the forms that show them, and a contact's values."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.business.callers import Caller
from conversations.business.document import answer, operation, path_id
from conversations.business.nouns import Noun
from conversations.business.shapes import ContactShape, contact_told
from conversations.business.views import BusinessView, Input, one_of
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.queries import contacts_seen
from conversations.scopes import Area
from routing.actions.fields import MAX_FIELDS, delete_field, save_field, set_contact_values
from routing.actions.forms import delete_form, save_form
from routing.api.named import OrderedNoun, Values, brand_field, fill
from routing.api.shapes import Output
from routing.decide.field_values import KEY_CHARS, MAX_OPTIONS, FieldKind
from routing.models import CustomField, TicketForm

TAG = "Fields and forms"
KEPT = ("of", "key", "label", "kind", "options", "pattern", "help")
SAID = ("label_en", "label_ko", "help_en", "help_ko", "options_en", "options_ko")
FIELD = (*KEPT, *SAID, "is_required_to_solve", "shown_to_customer", "is_required_for_customer")
MADE_SO = "It stays as it is made."


class FieldShape(Output):
    id = serializers.CharField()
    of = serializers.ChoiceField(CustomField.Of.choices)
    key = serializers.CharField(help_text="By which its value stands in `values`.")
    label = serializers.CharField()  # type: ignore[assignment]  # no label of the serializer
    kind = serializers.ChoiceField(FieldKind.choices)
    options = serializers.ListField(child=serializers.CharField(), help_text="Of a choice.")
    pattern = serializers.CharField(allow_blank=True, help_text="Of a text of a pattern.")
    help = serializers.CharField(allow_blank=True)
    label_en = serializers.CharField(allow_blank=True, help_text="For customers; empty: label.")
    label_ko = serializers.CharField(allow_blank=True)
    help_en = serializers.CharField(allow_blank=True)
    help_ko = serializers.CharField(allow_blank=True)
    options_en = serializers.ListField(child=serializers.CharField(), help_text="As many as options, or none.")
    options_ko = serializers.ListField(child=serializers.CharField())
    is_required_to_solve = serializers.BooleanField()
    shown_to_customer = serializers.BooleanField()
    is_required_for_customer = serializers.BooleanField(help_text="A web form is taken only with it filled in.")
    place = serializers.IntegerField(min_value=0)


class FieldBody(Input):
    of = serializers.ChoiceField(CustomField.Of.choices, required=False, help_text=f"ticket if absent. {MADE_SO}")
    key = serializers.CharField(help_text=f"Small letters, digits and _; at most {KEY_CHARS}. {MADE_SO}")
    label = serializers.CharField(help_text="At most 100 characters.")  # type: ignore[assignment]  # no label of the serializer
    kind = serializers.ChoiceField(FieldKind.choices, required=False, help_text=f"text if absent. {MADE_SO}")
    options = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=MAX_OPTIONS, help_text="Of a choice: all of them."
    )
    pattern = serializers.CharField(required=False, allow_blank=True, max_length=500)
    help = serializers.CharField(required=False, allow_blank=True, help_text="At most 200 characters.")
    label_en = serializers.CharField(required=False, allow_blank=True, help_text="For customers; empty: label.")
    label_ko = serializers.CharField(required=False, allow_blank=True)
    help_en = serializers.CharField(required=False, allow_blank=True)
    help_ko = serializers.CharField(required=False, allow_blank=True)
    options_en = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=MAX_OPTIONS, help_text="As many as options, or none."
    )
    options_ko = serializers.ListField(child=serializers.CharField(), required=False, max_length=MAX_OPTIONS)
    is_required_to_solve = serializers.BooleanField(required=False)
    shown_to_customer = serializers.BooleanField(required=False)
    is_required_for_customer = serializers.BooleanField(required=False, help_text="Only where customers see it.")
    brand = brand_field()


class FieldNoun(OrderedNoun[CustomField]):
    """What a brand keeps of tickets and contacts besides what every brand does."""

    name, many, one, tag, area = "field", "fields", "a field", TAG, Area.SETTINGS
    shape, body = FieldShape, FieldBody

    def rows(self, caller: Caller) -> QuerySet[CustomField]:
        return CustomField.objects.filter(brand__in=caller.viewer.brand_ids)

    def told(self, row: CustomField) -> dict[str, Any]:
        return {"id": row.public_id, **{name: getattr(row, name) for name in FIELD}, "place": row.order}

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> CustomField:
        return self.change(caller, CustomField(brand=brand), given)

    def change(self, caller: Caller, row: CustomField, given: dict[str, Any]) -> CustomField:
        fill(row, given)
        return save_field(field=row, fields=sorted(given), by=caller.actor)

    def delete(self, caller: Caller, row: CustomField) -> None:
        delete_field(field=row, by=caller.actor)


PAGE = ("title_en", "title_ko", "intro_en", "intro_ko", "takes_files")
FORM = ("name", "field_keys", "for_agents", "for_customers", "is_default", *PAGE)


class TicketFormShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    field_keys = serializers.ListField(child=serializers.CharField(), help_text="Keys of ticket fields, in order.")
    for_agents = serializers.BooleanField()
    for_customers = serializers.BooleanField(help_text="On the web, at /forms/<id>.")
    is_default = serializers.BooleanField(help_text="What tickets without a form of their own have.")
    title_en = serializers.CharField(allow_blank=True)
    title_ko = serializers.CharField(allow_blank=True)
    intro_en = serializers.CharField(allow_blank=True)
    intro_ko = serializers.CharField(allow_blank=True)
    takes_files = serializers.BooleanField()


class TicketFormBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    field_keys = serializers.ListField(child=serializers.CharField(), required=False, max_length=MAX_FIELDS)
    for_agents = serializers.BooleanField(required=False)
    for_customers = serializers.BooleanField(required=False)
    is_default = serializers.BooleanField(required=False)
    title_en = serializers.CharField(required=False, allow_blank=True, help_text="At most 100 characters.")
    title_ko = serializers.CharField(required=False, allow_blank=True, help_text="At most 100 characters.")
    intro_en = serializers.CharField(required=False, allow_blank=True, help_text="At most 500 characters.")
    intro_ko = serializers.CharField(required=False, allow_blank=True, help_text="At most 500 characters.")
    takes_files = serializers.BooleanField(required=False)
    brand = brand_field()


class TicketFormNoun(Noun[TicketForm]):
    """Which fields a ticket shows."""

    name, many, one, tag, area = "ticket_form", "ticket_forms", "a ticket form", TAG, Area.SETTINGS
    shape, body = TicketFormShape, TicketFormBody

    def rows(self, caller: Caller) -> QuerySet[TicketForm]:
        return TicketForm.objects.filter(brand__in=caller.viewer.brand_ids).select_related("channel")

    def told(self, row: TicketForm) -> dict[str, Any]:
        return {"id": row.public_id, **{name: getattr(row, name) for name in FORM}}

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> TicketForm:
        return self.change(caller, TicketForm(brand=brand), given)

    def change(self, caller: Caller, row: TicketForm, given: dict[str, Any]) -> TicketForm:
        fill(row, given)
        return save_form(form=row, fields=sorted(given), by=caller.actor)

    def delete(self, caller: Caller, row: TicketForm) -> None:
        delete_form(form=row, by=caller.actor)


class ValuesBody(Input):
    values = Values()


class ContactValuesView(BusinessView):
    """What stands in a contact's fields."""

    area = Area.CONTACTS

    @operation(
        "changeContactValues",
        "Fill in a contact's fields",
        TAG,
        {200: answer("ContactValuesAnswer", contact=ContactShape())},
        body=ValuesBody,
        parameters=(path_id("public_id", "a contact"),),
        refuses=(404,),
    )
    def patch(self, request: Request, public_id: str) -> Response:
        """Fill in what is given; the rest stays."""
        contact = one_of(contacts_seen(self.viewer), public_id)
        self.require(contact.brand_id, Permission.EDIT_CONTACTS)
        values = self.given(ValuesBody)["values"]
        changed = set_contact_values(contact=contact, values=values, by=self.caller.actor)
        return Response({"contact": contact_told(changed)})
