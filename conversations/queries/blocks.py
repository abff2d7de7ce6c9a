"""Who is blocked: looked up in brands that block anybody, and in no other."""

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from conversations.errors import Blocked, NotFound
from conversations.models import Block, Brand, Contact, Identity
from conversations.networks import networks_holding
from conversations.queries.viewers import Viewer

BLOCKS_SHOWN = 5
# What is blocked of a person, whichever address they come from.
OF_A_PERSON = (Block.Kind.CONTACT, Block.Kind.IDENTITY, Block.Kind.EMAIL)


def live_blocks(brand_id: int) -> QuerySet[Block]:
    """Give the blocks that hold now: neither lifted nor over."""
    return Block.objects.filter(brand=brand_id, lifted_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    )


def is_blocked(identity: Identity, address: str = "") -> bool:
    """Say whether an end user who comes from this address may write nothing. One query; none in a brand without blocks.

    The identity carries its channel's brand, as `identity_of_token` gives it.
    """
    brand = identity.channel.brand
    if not brand.has_blocks:
        return False
    who = Q(kind=Block.Kind.IDENTITY, value=identity.public_id) | _person(identity.contact)
    return live_blocks(brand.pk).filter(who | _address(address)).exists()


def is_address_blocked(brand: Brand, address: str) -> bool:
    """Say whether nobody who comes from this address may write. One query; none in a brand without blocks."""
    return brand.has_blocks and live_blocks(brand.pk).filter(_address(address)).exists()


def is_email_blocked(brand: Brand, email: str, address: str) -> bool:
    """Say whether whoever gives this email from this address may write nothing. One query; none without blocks."""
    if not brand.has_blocks:
        return False
    named = Q(kind=Block.Kind.EMAIL, value=email.lower())
    return live_blocks(brand.pk).filter(named | _address(address)).exists()


def blocked_among(brand_id: int, contacts: Collection[int]) -> set[int]:
    """Give those of these contacts of a brand who are blocked as a person, wherever they come from. One query."""
    own = Q(contact=OuterRef("pk"), kind__in=OF_A_PERSON)
    named = Q(kind=Block.Kind.EMAIL) & (Q(value=Lower(OuterRef("email"))) | Q(value=OuterRef("verified_email")))
    found = Contact.objects.filter(pk__in=contacts).filter(Exists(live_blocks(brand_id).filter(own | named)))
    return set(found.values_list("pk", flat=True))


def refuse_blocked(identity: Identity, address: str = "") -> None:
    """Raise Blocked for an end user who may write nothing. As many queries as `is_blocked`."""
    if is_blocked(identity, address):
        raise Blocked


def blocks_of(contact: Contact) -> Sequence[Block]:
    """Give the blocks that keep a customer from writing, by any of their ways, newest first; at most 5.

    At most two queries; none in a brand without blocks. The contact carries its brand.
    """
    if not contact.brand.has_blocks:
        return []
    ways = list(contact.identities.values_list("public_id", "last_address")[:100])
    networks = {network for _way, address in ways for network in networks_holding(address)}
    who = Q(kind=Block.Kind.IDENTITY, value__in=[way for way, _address in ways]) | _person(contact)
    found = live_blocks(contact.brand_id).filter(who | Q(kind=Block.Kind.ADDRESS, value__in=networks))
    return list(found.select_related("made_by", "contact").order_by("-pk")[:BLOCKS_SHOWN])


def block_for_viewer(viewer: Viewer, public_id: str) -> Block:
    """Give a block of the viewer's brands that is not lifted. Raises NotFound."""
    found = Block.objects.filter(brand_id__in=viewer.brand_ids, public_id=public_id, lifted_at=None).first()
    if found is None:
        raise NotFound
    return found


def _person(contact: Contact) -> Q:
    emails = {email.lower() for email in (contact.email, contact.verified_email) if email}
    by_email = Q(kind=Block.Kind.EMAIL, value__in=emails)
    return Q(contact=contact.pk, kind__in=OF_A_PERSON) | by_email


def _address(address: str) -> Q:
    return Q(kind=Block.Kind.ADDRESS, value__in=networks_holding(address))
