"""Changing what is known of a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.actions.blocking import carry_blocks
from conversations.actions.configuration import hold_brand
from conversations.decide import MAX_METADATA_BYTES, metadata_problem
from conversations.errors import InvalidContent
from conversations.events import Actor, ContactChanged, ContactMade, ContactMerged, append
from conversations.models import Attachment, Brand, Contact, Conversation, Identity, Message, Participant
from conversations.search import initials, terms

MAX_PROPERTY_CHARS = 64
EXTERNAL_ID_CHARS = 1024
LIMITS = {"name": 128, "email": 128, "phone": 32, "locale": 64}


def contact_terms(contact: Contact) -> str:
    """Give what search finds a contact by: name and its initial consonants, email, phone, the business's own id."""
    return terms(" ".join([contact.name, initials(contact.name), contact.email, contact.phone, contact.external_id]))


@dataclass(frozen=True)
class Person:
    """Whom the business's own system means: by its own id, or by an email; `name` is for one who is new."""

    brand: Brand
    external_id: str = ""
    email: str = ""
    name: str = ""


@transaction.atomic
def make_contact(*, brand: Brand, values: Mapping[str, Any], external_id: str = "", by: Actor) -> Contact:
    """Add a contact who has written nothing yet, with name, email, phone, locale and properties.

    Raises InvalidContent naming the field and the limit, `external_id` too where somebody has it.
    """
    external_id = external_id.strip()
    if len(external_id) > EXTERNAL_ID_CHARS or "\x00" in external_id:
        raise InvalidContent(field="external_id", limit=EXTERNAL_ID_CHARS)
    contact = Contact(brand=brand, external_id=external_id)
    for field, value in values.items():
        _set(contact, field, value)
    contact.terms = contact_terms(contact)
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError:
        raise InvalidContent(_("There is a customer of this id already."), field="external_id") from None
    append(ContactMade(contact=contact.public_id), brand_id=brand.pk, by=by)
    live.announce_changed(brand.pk, f"contact-{contact.public_id}")
    return contact


@transaction.atomic
def contact_of(*, person: Person, by: Actor) -> Contact:
    """Give whom a system means, added where there is nobody; of several of one email, a verified one, then the first.

    Raises InvalidContent as `make_contact`.
    """
    if bool(person.external_id) == bool(person.email):
        raise InvalidContent(field="contact")
    # Two calls for somebody new: the second finds whom the first has added.
    hold_brand(person.brand.pk)
    found = Contact.objects.filter(brand=person.brand)
    if person.external_id:
        found = found.filter(external_id=person.external_id.strip())
    else:
        found = found.alias(lower=Lower("email")).filter(lower=person.email.strip().lower())
    if (contact := found.order_by("-is_verified", "pk").first()) is not None:
        return contact
    values = {"name": person.name, "email": person.email}
    return make_contact(brand=person.brand, values=values, external_id=person.external_id, by=by)


@transaction.atomic
def update_contact(*, contact: Contact, changes: dict[str, Any], by: Actor) -> Contact:
    """Change name, email, phone, locale or properties (merged key by key; null removes).

    Raises InvalidContent naming the field and the limit, also for a field that cannot be changed.
    """
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    changed = [field for field, value in changes.items() if _set(locked, field, value)]
    if changed:
        locked.terms = contact_terms(locked)
        locked.save(update_fields=[*changed, "terms", "updated_at"])
        append(ContactChanged(contact=locked.public_id, fields=changed), brand_id=locked.brand_id, by=by)
        live.announce_changed(locked.brand_id, f"contact-{locked.public_id}")
    return locked


def _set(contact: Contact, field: str, value: Any) -> bool:
    if field == "properties":
        if not isinstance(value, dict):
            raise InvalidContent(field=field)
        merged = {**contact.properties, **value}
        value = {key: item for key, item in merged.items() if item is not None}
        if problem := metadata_problem(value):
            raise InvalidContent(problem, field=field, limit=MAX_METADATA_BYTES)
    elif field not in LIMITS:
        raise InvalidContent(field=field)
    else:
        value = _text(field, value)
    if getattr(contact, field) == value:
        return False
    setattr(contact, field, value)
    return True


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str | None):
        raise InvalidContent(field=field)
    text = (value or "").strip().replace("\x00", "")
    if len(text) > LIMITS[field]:
        raise InvalidContent(field=field, limit=LIMITS[field])
    if field == "email" and text:
        try:
            validate_email(text)
        except ValidationError as error:
            raise InvalidContent(error.messages[0], field=field) from None
    if field == "phone" and text and not any(char.isdecimal() for char in text):
        raise InvalidContent(_("A phone number has digits."), field=field)
    return text


@transaction.atomic
def set_contact_field_values(*, contact: Contact, changes: Mapping[str, Any], by: Actor) -> Contact:
    """Set values of the brand's own fields by key; None takes one away. Whoever knows the fields checked them."""
    locked = Contact.objects.select_for_update().get(pk=contact.pk)
    values = {key: value for key, value in {**locked.field_values, **changes}.items() if value is not None}
    changed = sorted(key for key in changes if values.get(key) != locked.field_values.get(key))
    if changed:
        locked.field_values = values
        locked.save(update_fields=["field_values", "updated_at"])
        fields = [f"field:{key}" for key in changed]
        append(ContactChanged(contact=locked.public_id, fields=fields), brand_id=locked.brand_id, by=by)
        live.announce_changed(locked.brand_id, f"contact-{locked.public_id}")
    return locked


def merge_contact(
    *, surviving: Contact, discarded: Contact, by: Actor | None = None, keeps_identities: bool = False
) -> None:
    """Give everything of one contact to another, and remove the one. The caller is in a transaction.

    `keeps_identities`: whoever is the one by a device or an address is the other from now on; without it they go.
    `by` is the surviving contact itself where nobody is given.

    What the discarded one begins meanwhile waits for the locks and then fails; nothing acknowledged goes with them.
    Raises OperationalError when somebody who writes is in the way: the caller tries the transaction again.
    """
    give_way_to_writers()
    # In the order in which a message takes them: its conversation when it is stored, its author when it commits.
    list(Conversation.objects.select_for_update().filter(contact=discarded).order_by("pk"))
    both = Contact.objects.select_for_update().filter(pk__in=[surviving.pk, discarded.pk]).order_by("pk")
    held = {each.pk: each.field_values for each in both}
    # What only the one had filled in goes on with the other.
    if more := held.get(discarded.pk):
        values = {**more, **held.get(surviving.pk, {})}
        Contact.objects.filter(pk=surviving.pk).update(field_values=values)
    Conversation.objects.filter(default_for=discarded).update(default_for=None)
    moved = Conversation.objects.filter(contact=discarded)
    newest = moved.order_by("-pk").first()
    # Client ids are unique within one contact; those kept let a retry after signing in find what it began.
    taken = Conversation.objects.filter(contact=surviving).exclude(client_id="").values_list("client_id", flat=True)
    moved.filter(client_id__in=list(taken)).update(client_id="")
    moved.update(contact=surviving)
    if newest and not Conversation.objects.filter(default_for=surviving).exists():
        Conversation.objects.filter(pk=newest.pk).update(default_for=surviving)
    Participant.objects.filter(contact=discarded).update(contact=surviving)
    Message.objects.filter(author_contact=discarded).update(author_contact=surviving)
    Attachment.objects.filter(contact=discarded).update(contact=surviving)
    carry_blocks(surviving=surviving, discarded=discarded)
    if keeps_identities:
        Identity.objects.filter(contact=discarded).update(contact=surviving)
    else:
        # The device that was anonymous starts afresh after signing out: its own identity goes with the contact.
        Identity.objects.filter(contact=discarded).delete()
    append(
        ContactMerged(surviving=surviving.public_id, discarded=discarded.public_id),
        brand_id=surviving.brand_id,
        by=by or Actor.of_contact(surviving),
    )
    live.announce_signed_out(discarded.pk)
    discarded.delete()
    live.announce_changed(surviving.brand_id, f"contact-{surviving.public_id}", "inbox")


def give_way_to_writers() -> None:
    """Have this transaction, not a message's, be the one that fails when they wait for each other.

    A conversation begun between two locks can close such a circle. PostgreSQL looks for circles after one second of
    waiting (its deadlock_timeout) and ends whoever has waited that long: this one never does.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
