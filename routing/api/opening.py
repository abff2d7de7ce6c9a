"""What opens a ticket: who asks, and their words."""

from rest_framework import serializers

from conversations.actions.contacts import EXTERNAL_ID_CHARS, Person
from conversations.business.callers import Caller
from conversations.business.views import Input, those_named
from conversations.content.types import TEXT_CHARS
from conversations.errors import InvalidContent, NotAllowed
from conversations.models import Brand, Contact
from conversations.queries import contacts_seen
from routing.api.named import Values
from routing.api.shapes import PRIORITY_OF
from routing.decide.tickets import SUBJECT_CHARS


class PersonBody(Input):
    id = serializers.CharField(required=False, max_length=24, help_text="Of a contact; or else one of the next two.")
    external_id = serializers.CharField(
        required=False, max_length=EXTERNAL_ID_CHARS, help_text="Your own system's id; only a system's key may give it."
    )
    email = serializers.CharField(required=False, max_length=128)
    name = serializers.CharField(required=False, max_length=128, help_text="Of somebody who is new.")


class NewTicket(Input):
    contact = PersonBody(help_text="Who asks; added where nobody is known by the external id or the email.")
    subject = serializers.CharField(help_text=f"At most {SUBJECT_CHARS} characters.")
    text = serializers.CharField(help_text=f"Their words; at most {TEXT_CHARS} characters.")
    client_id = serializers.CharField(
        required=False, max_length=64, help_text="Your own id for it: a retry with it is the same ticket."
    )
    priority = serializers.ChoiceField(list(PRIORITY_OF), required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False, max_length=200, help_text="At most 20.")
    values = Values(required=False)
    form = serializers.CharField(required=False, max_length=24, help_text="Id of a ticket form.")
    group = serializers.CharField(required=False, max_length=24, help_text="Id of a group.")
    brand = serializers.CharField(required=False, max_length=24, help_text="Where you are in several.")


def asker(caller: Caller, brand: Brand, given: dict[str, str]) -> Contact | Person:
    """Give whom a PersonBody means. Raises InvalidContent, NotAllowed."""
    ways = [name for name in ("id", "external_id", "email") if given.get(name)]
    if len(ways) != 1:
        raise InvalidContent(field="contact")
    if ways == ["id"]:
        seen = contacts_seen(caller.viewer).filter(brand=brand)
        return those_named(seen, [given["id"]], "contact.id")[0]
    # Somebody who sees only some customers would learn of the others.
    if caller.viewer.is_restricted or (ways == ["external_id"] and caller.key is None):
        raise NotAllowed
    return Person(brand, given.get("external_id", ""), given.get("email", ""), given.get("name", ""))
