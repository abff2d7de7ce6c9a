"""Keeping somebody from writing, and letting them write again."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import live
from conversations.errors import InvalidContent, NotFound
from conversations.events import Actor, BlockLifted, ContactBlocked, append
from conversations.models import Block, Brand, Contact, Conversation, Identity, User
from conversations.networks import WIDEST, is_too_wide, network_of
from conversations.queries.blocks import live_blocks

MAX_REASON = 200
MAX_EMAIL = 128
MAX_BLOCKS = 5000
TOLD_AT_ONCE = 100


@transaction.atomic
def block(
    *,
    brand: Brand,
    kind: str,
    by: Actor,
    value: str = "",
    contact: Contact | None = None,
    reason: str = "",
    expires_at: datetime | None = None,
    conversation: Conversation | None = None,
) -> Block:
    """Have a contact, an identity, an email, or an address or range of a brand write nothing any more.

    Open sockets are closed on commit. An earlier block of the same is lifted by it. `contact` is whom it is made for;
    of kind contact, `value` is not asked. `conversation` is where a line of the thread shall tell of it.
    Raises InvalidContent naming value, reason or expires_at and the limit, NotFound for a contact that is gone.
    """
    reason = reason.strip().replace("\x00", "")
    if len(reason) > MAX_REASON:
        raise InvalidContent(field="reason", limit=MAX_REASON)
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidContent(_("Choose a moment that is still to come."), field="expires_at")
    if contact is not None:
        _keep(contact)
    value, contact = _named(brand, kind, value, contact)
    # Also the lock by which two who block the same come one after the other.
    Brand.objects.filter(pk=brand.pk).update(has_blocks=True)
    Block.objects.filter(brand=brand, kind=kind, value=value, lifted_at=None).update(lifted_at=timezone.now())
    if live_blocks(brand.pk).count() >= MAX_BLOCKS:
        raise InvalidContent(_("There are too many blocks. Lift some first."), field="value", limit=MAX_BLOCKS)
    made = Block.objects.create(
        brand=brand,
        kind=kind,
        value=value,
        contact=contact,
        reason=reason,
        made_by=User.objects.filter(public_id=by.id).first() if by.kind == "agent" else None,
        expires_at=expires_at,
    )
    ends = expires_at.isoformat() if expires_at else ""
    whom = contact.public_id if contact else ""
    fact = ContactBlocked(block=made.public_id, kind=kind, value=value, contact=whom, expires_at=ends)
    append(fact, brand_id=brand.pk, conversation=conversation, by=by)
    _close_out(made)
    _tell_agents(made)
    return made


@transaction.atomic
def lift(*, block: Block, by: Actor, conversation: Conversation | None = None) -> Block:
    """Let whom a block names write again. One that was lifted before stays as it is."""
    # The lock of `block`: whether a brand has blocks is decided by one at a time.
    Brand.objects.filter(pk=block.brand_id).update(has_blocks=True)
    is_lifted = Block.objects.filter(pk=block.pk, lifted_at=None).update(lifted_at=timezone.now())
    if not live_blocks(block.brand_id).exists():
        Brand.objects.filter(pk=block.brand_id).update(has_blocks=False)
    if not is_lifted:
        return block
    whom = block.contact.public_id if block.contact else ""
    fact = BlockLifted(block=block.public_id, kind=block.kind, value=block.value, contact=whom)
    append(fact, brand_id=block.brand_id, conversation=conversation, by=by)
    _tell_agents(block)
    return block


def carry_blocks(*, surviving: Contact, discarded: Contact) -> None:
    """Have the blocks of a contact that is merged away hold for the one that stays. The caller is in a transaction."""
    # The identities of the one go with it: what was blocked of them is from now on the person.
    person = [Block.Kind.CONTACT, Block.Kind.IDENTITY]
    found = live_blocks(surviving.brand_id).filter(contact__in=[surviving, discarded], kind__in=person)
    longest = max(found, key=lambda each: (each.expires_at is None, each.expires_at or each.created_at), default=None)
    if longest:
        named = Q(contact=discarded, kind__in=person) | Q(contact=surviving, kind=Block.Kind.CONTACT)
        Block.objects.filter(named, lifted_at=None).exclude(pk=longest.pk).update(lifted_at=timezone.now())
        Block.objects.filter(pk=longest.pk).update(
            kind=Block.Kind.CONTACT, value=surviving.public_id, contact=surviving
        )
        live.announce_blocked(surviving.pk)
    Block.objects.filter(contact=discarded).update(contact=surviving)


def _keep(contact: Contact) -> None:
    """Lock a contact, so that no merge takes it away meanwhile. Raises NotFound where one did."""
    if not list(Contact.objects.select_for_update().filter(pk=contact.pk).values_list("pk")):
        raise NotFound


def _named(brand: Brand, kind: str, value: str, contact: Contact | None) -> tuple[str, Contact | None]:
    """Give what a block names, normalised, and whom it concerns."""
    match kind:
        case Block.Kind.CONTACT if contact is not None:
            return contact.public_id, contact
        case Block.Kind.IDENTITY:
            identity = Identity.objects.select_related("contact").filter(public_id=value, contact__brand=brand).first()
            if identity and (contact is None or identity.contact_id == contact.pk):
                return identity.public_id, identity.contact
        case Block.Kind.EMAIL:
            return _email(value), contact
        case Block.Kind.ADDRESS:
            return _network(value), contact
    raise InvalidContent(field="value" if kind in Block.Kind.values else "kind")


def _email(value: str) -> str:
    email = value.strip().lower()
    if len(email) > MAX_EMAIL:
        raise InvalidContent(field="value", limit=MAX_EMAIL)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidContent(error.messages[0], field="value") from None
    return email


def _network(value: str) -> str:
    network = network_of(value)
    if network is None:
        text = _("Write an address or a range, for example 203.0.113.7 or 203.0.113.0/24.")
        raise InvalidContent(text, field="value")
    if is_too_wide(network):
        limit = f"/{WIDEST[6 if ':' in network else 4]}"
        words = _("This range is too wide. The widest is %(limit)s.") % {"limit": limit}
        raise InvalidContent(words, field="value", limit=limit)
    return network


def _close_out(made: Block) -> None:
    """Have the open sockets that a new block concerns look again whether they may stay."""
    if made.kind == Block.Kind.ADDRESS:
        live.announce_blocked_network(made.brand_id, made.value)
    elif made.kind == Block.Kind.EMAIL:
        _close_out_email(made)
    if made.contact_id and made.kind != Block.Kind.ADDRESS:
        live.announce_blocked(made.contact_id)


def _close_out_email(made: Block) -> None:
    """Tell those of this email, given or vouched for; where they are very many, whoever is there looks once."""
    # One query for each, so that each goes by its own index.
    given = Contact.objects.alias(lower=Lower("email")).filter(brand=made.brand_id, lower=made.value).exclude(email="")
    vouched = Contact.objects.filter(brand=made.brand_id, verified_email=made.value)
    found = {*given.values_list("pk", flat=True)[: TOLD_AT_ONCE + 1], *vouched.values_list("pk", flat=True)}
    if len(found) > TOLD_AT_ONCE:
        live.announce_blocked_visitors(made.brand_id)
    else:
        live.announce_blocked(*found)


def _tell_agents(block: Block) -> None:
    if block.contact:
        live.announce_changed(block.brand_id, f"contact-{block.contact.public_id}")
