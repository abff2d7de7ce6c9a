"""Letting end users in: as an anonymous visitor of one browser, or as someone their website vouches for."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from conversations import live
from conversations.actions.contacts import contact_terms, merge_contact
from conversations.decide import Known, decide_sign_in
from conversations.errors import Blocked, InvalidContent, NotSignedIn, TokenRefused
from conversations.events import Actor, ContactChanged, append
from conversations.models import Channel, ClientToken, Contact, Identity
from conversations.networks import address_in
from conversations.queries.blocks import is_address_blocked
from conversations.secrets import fingerprint, new_token
from conversations.tokens import LEEWAY_S, Claims, read_token

MIN_CLIENT_ID, MAX_CLIENT_ID = 16, 128
SEEN_EVERY = timedelta(minutes=5)
SIGN_IN_ATTEMPTS = 5
DROPPED_AT_ONCE = 10_000


@dataclass(frozen=True)
class Admitted:
    """Who was let in, and the token to show from now on. It is given once: only its hash is kept."""

    identity: Identity
    token: str


def admit_visitor(
    *, channel: Channel, client_id: str, profile: dict[str, Any] | None = None, caller: str = ""
) -> Admitted:
    """Let an anonymous visitor in, as the contact this browser already is or as a new one.

    `client_id` is the browser's own secret, 16 to 128 random characters: who has it is that visitor. Only its hash is
    kept. However many calls come at once, they make one contact. `caller` is their network address.
    Raises InvalidContent, and Blocked for somebody new from an address that is blocked.
    """
    if not MIN_CLIENT_ID <= len(client_id) <= MAX_CLIENT_ID:
        raise InvalidContent(field="client_id", limit=f"{MIN_CLIENT_ID}-{MAX_CLIENT_ID}")
    address = f"device:{fingerprint(client_id)}"
    identity = _find(channel, address) or _make(channel, address, profile or {}, caller)
    return Admitted(identity, _issue_token(identity))


def _find(channel: Channel, address: str) -> Identity | None:
    found = Identity.objects.select_related("contact", "channel__brand")
    return found.filter(channel=channel, address=address).first()


def _make(channel: Channel, address: str, profile: dict[str, Any], caller: str, **contact_fields: Any) -> Identity:
    if is_address_blocked(channel.brand, caller):
        raise Blocked
    try:
        with transaction.atomic():
            contact = Contact.objects.create(
                brand_id=channel.brand_id, locale=str(profile.get("locale") or "")[:64], **contact_fields
            )
            return Identity.objects.create(
                contact=contact, channel=channel, address=address, profile=profile, last_address=address_in(caller)
            )
    except IntegrityError:
        found = _find(channel, address)
        if found is None:
            raise
        return found


def _issue_token(identity: Identity, expires_at: datetime | None = None) -> str:
    token = new_token()
    ClientToken.objects.create(identity=identity, token_hash=fingerprint(token), expires_at=expires_at)
    return token


def identity_of_token(token: str, *, caller: str = "") -> Identity:
    """Give whom a client token lets in, and note now and then that they were here, and from which address.

    Raises NotSignedIn.
    """
    now = timezone.now()
    row = (
        ClientToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), token_hash=fingerprint(token))
        .select_related("identity__contact", "identity__channel__brand")
        .first()
    )
    if row is None or row.identity.channel.state == Channel.State.PAUSED:
        raise NotSignedIn
    if row.identity.last_seen_at < now - SEEN_EVERY:
        told = {"last_address": address_in(caller)} if caller else {}
        Identity.objects.filter(pk=row.identity.pk).update(last_seen_at=now, **told)
    return row.identity


def sign_in(
    *, channel: Channel, jwt: str, identity: Identity | None = None, client_id: str = "", caller: str = ""
) -> Admitted:
    """Let in whom a signed token names; the history of the anonymous visitor they were becomes theirs.

    That is `identity`, or the browser of this `client_id`. A token that does not hold leaves nobody behind.
    The client token ends with the JWT (60 s later at most). Raises Blocked as `admit_visitor`. Raises TokenRefused: its
    code is the contract's reason,
    `identity_conflict` among them, for a verified email that already belongs to another external id.
    """
    claims = read_token(jwt, brand_id=channel.brand_id)
    _refuse_conflict(channel, claims)
    if identity is None and client_id:
        identity = admit_visitor(channel=channel, client_id=client_id, caller=caller).identity
    for _attempt in range(SIGN_IN_ATTEMPTS - 1):
        try:
            return _sign_in(channel, claims, identity, caller)
        except (IntegrityError, OperationalError):
            # Another device signed in as the same person, or the visitor wrote meanwhile: soon all of that is there.
            time.sleep(random.uniform(0.01, 0.1))  # noqa: S311  # keeps no secret
    return _sign_in(channel, claims, identity, caller)


@transaction.atomic
def _sign_in(channel: Channel, claims: Claims, given: Identity | None, caller: str) -> Admitted:
    # Read anew: another device's sign-in may have changed or removed it.
    identity = Identity.objects.select_related("contact").filter(pk=given.pk).first() if given else None
    visitor = identity.contact if identity else None
    owner = Contact.objects.filter(brand=channel.brand_id, external_id=claims.external_id).first()
    _refuse_conflict(channel, claims)
    decision = decide_sign_in(external_id=claims.external_id, visitor=_known(visitor), owner=_known(owner))
    address = f"user:{fingerprint(claims.external_id)}"
    if decision.merge is not None and visitor is not None and owner is not None:
        merge_contact(surviving=owner, discarded=visitor)
    if decision.become is not None and decision.adopt_id and identity is not None:
        Identity.objects.filter(pk=identity.pk).update(address=address)
        ClientToken.objects.filter(identity=identity).delete()
    admitted = _find(channel, address)
    if admitted is None and owner is not None:
        admitted = Identity.objects.create(
            contact=owner, channel=channel, address=address, last_address=address_in(caller)
        )
    elif admitted is None:
        admitted = _make(channel, address, {}, caller, external_id=claims.external_id)
    _vouch(admitted.contact, claims)
    expires_at = datetime.fromtimestamp(claims.expires_at + LEEWAY_S, tz=UTC) if claims.expires_at else None
    return Admitted(admitted, _issue_token(admitted, expires_at))


def _known(contact: Contact | None) -> Known | None:
    return Known(contact.pk, contact.external_id, contact.is_verified) if contact else None


def _refuse_conflict(channel: Channel, claims: Claims) -> None:
    """An email that is verified for one external id does not sign in another (contract section 6)."""
    if not (claims.email and claims.email_verified):
        return
    taken = Contact.objects.filter(brand=channel.brand_id, verified_email=claims.email)
    if taken.exclude(external_id=claims.external_id).exists():
        raise TokenRefused(code="identity_conflict")


def _vouch(contact: Contact, claims: Claims) -> None:
    """Write down what the token vouches for."""
    told: dict[str, str | bool] = {"external_id": claims.external_id, "is_verified": True}
    if claims.name:
        told["name"] = claims.name
    if claims.email and claims.email_verified:
        told |= {"email": claims.email, "verified_email": claims.email}
    changed = [field for field, value in told.items() if getattr(contact, field) != value]
    if not changed:
        return
    for field in changed:
        setattr(contact, field, told[field])
    contact.terms = contact_terms(contact)
    contact.save(update_fields=[*changed, "terms", "updated_at"])
    append(
        ContactChanged(contact=contact.public_id, fields=changed),
        brand_id=contact.brand_id,
        by=Actor.of_contact(contact),
    )


def drop_expired_tokens(*, limit: int = DROPPED_AT_ONCE) -> int:
    """Delete client tokens that let nobody in any more, the oldest first; say how many."""
    ended = ClientToken.objects.filter(expires_at__lt=timezone.now()).order_by("expires_at")
    return ClientToken.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:limit])).delete()[0]


@transaction.atomic
def sign_out(*, token: str) -> None:
    """End a client token and close the sockets that came in by it."""
    row = ClientToken.objects.filter(token_hash=fingerprint(token)).select_related("identity").first()
    if row:
        row.delete()
        live.announce_signed_out(row.identity.contact_id, row.token_hash)
