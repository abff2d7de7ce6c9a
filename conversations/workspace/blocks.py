"""What a thread and a customer's panel say of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from conversations import queries
from conversations.access import AgentRequest
from conversations.models import Block, Contact, Identity
from conversations.permissions import Permission

# How long, in hours, as the form offers it; empty is for good.
LENGTHS = (
    ("1", _("1 hour")),
    ("24", _("1 day")),
    ("168", _("1 week")),
    ("", _("For good")),
)
ADDRESSES_SHOWN = 3
WAYS_SHOWN = 3


@dataclass(frozen=True)
class Held:
    """A block, and whether the viewer may lift it."""

    block: Block
    may_lift: bool


def asked_for(kind: str) -> Permission:
    """Give what somebody must be permitted to make or lift a block of a kind."""
    return Permission.BLOCK_ADDRESSES if kind == Block.Kind.ADDRESS else Permission.BLOCK_CONTACTS


def held_of(request: AgentRequest, contact: Contact) -> list[Held]:
    """Give the blocks that hold for a customer. No query in a brand without blocks."""
    found = queries.blocks_of(contact)
    return [Held(each, request.viewer.may(contact.brand_id, asked_for(each.kind))) for each in found]


def block_context(request: AgentRequest, contact: Contact) -> dict[str, Any]:
    """Give what a customer's panel shows of blocks, and offers to block."""
    may_addresses = request.viewer.may(contact.brand_id, Permission.BLOCK_ADDRESSES)
    return {
        "held": held_of(request, contact),
        "may_block": request.viewer.may(contact.brand_id, Permission.BLOCK_CONTACTS),
        "addresses": _addresses(contact) if may_addresses else [],
        "ways": _newest(contact)[:WAYS_SHOWN],
        "lengths": LENGTHS,
    }


def _addresses(contact: Contact) -> Sequence[str]:
    addresses = dict.fromkeys(each.last_address for each in _newest(contact) if each.last_address)
    return list(addresses)[:ADDRESSES_SHOWN]


def _newest(contact: Contact) -> Sequence[Identity]:
    return sorted(contact.identities.all(), key=lambda each: each.last_seen_at, reverse=True)
