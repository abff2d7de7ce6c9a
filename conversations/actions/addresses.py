"""People by an address that nobody vouched for: whoever writes an email into a form says so, and nothing proves it."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations.actions.contacts import contact_terms
from conversations.models import Channel, Contact, Identity
from conversations.models.ids import new_public_id
from conversations.networks import address_in


def identity_by_email(*, channel: Channel, email: str, name: str = "", locale: str = "", caller: str = "") -> Identity:
    """Give whom this email names on channels of this kind, made when it is new. `caller` is their network address.

    Never somebody who is verified, nor anybody known from another kind of channel: the visitor of a widget who typed an
    email there would read what its owner writes here. Name and language of somebody known stay.
    """
    address = f"email:{email.lower()}"
    known = Identity.objects.select_related("contact", "channel__brand").filter(
        channel__brand=channel.brand_id, channel__kind=channel.kind, address=address, contact__is_verified=False
    )
    if found := known.filter(channel=channel).first():
        Identity.objects.filter(pk=found.pk).update(last_seen_at=timezone.now(), last_address=address_in(caller))
        return found
    elsewhere = known.order_by("pk").first()
    if Identity.objects.filter(channel=channel, address=address).exists():
        # Its owner is verified by now: this one is somebody who says to be them.
        address = f"{address}:{new_public_id()}"
    try:
        with transaction.atomic():
            contact = elsewhere.contact if elsewhere else _contact(channel, email, name, locale)
            return Identity.objects.create(
                contact=contact, channel=channel, address=address, last_address=address_in(caller)
            )
    except IntegrityError:
        return known.get(channel=channel)


def _contact(channel: Channel, email: str, name: str, locale: str) -> Contact:
    contact = Contact(brand_id=channel.brand_id, name=name[:128], email=email, locale=locale[:64])
    contact.terms = contact_terms(contact)
    contact.save()
    return contact


def identity_of_contact(*, channel: Channel, contact: Contact) -> Identity:
    """Give a contact's identity on a channel that the business writes for them in, made when it is missing."""
    found, _made = Identity.objects.get_or_create(
        channel=channel, address=f"contact:{contact.public_id}", defaults={"contact": contact}
    )
    return found
