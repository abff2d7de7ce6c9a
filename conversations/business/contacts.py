"""Contacts, and who of them may not write for now."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from rest_framework import serializers

from conversations.actions import blocking
from conversations.actions.contacts import update_contact
from conversations.business.callers import Caller
from conversations.business.nouns import CHANGE, DELETE, MAKE, Noun
from conversations.business.shapes import BlockShape, ContactShape, Flat, block_told, contact_told
from conversations.business.views import Input, one_of
from conversations.errors import InvalidContent, NotAllowed
from conversations.models import Block, Brand, Contact
from conversations.permissions import Permission
from conversations.queries.blocks import live_blocks
from conversations.queries.seen import contacts_seen
from conversations.scopes import Area
from conversations.search import has_words

TAG = "Contacts"


class ContactBody(Input):
    name = serializers.CharField(required=False, allow_blank=True, help_text="At most 128 characters.")
    email = serializers.CharField(required=False, allow_blank=True, help_text="At most 128 characters.")
    phone = serializers.CharField(required=False, allow_blank=True, help_text="At most 32 characters.")
    locale = serializers.CharField(required=False, allow_blank=True, help_text="As en or ko-KR.")
    properties = Flat(required=False, help_text="Merged key by key; null removes one. Flat, at most 4 KB.")


class ContactNoun(Noun[Contact]):
    """Contacts: they come by writing, so none is made here."""

    name, many, one, tag = "contact", "contacts", "a contact", TAG
    area, permission = Area.CONTACTS, Permission.EDIT_CONTACTS
    shape, body = ContactShape, ContactBody
    does = frozenset({CHANGE})
    filters = (
        ("q", "Words of their name, email, phone or external id."),
        ("email", "Their email."),
        ("external_id", "Your own system's id."),
    )

    def rows(self, caller: Caller) -> QuerySet[Contact]:
        return contacts_seen(caller.viewer)

    def narrowed(self, rows: QuerySet[Contact], asked: dict[str, str]) -> QuerySet[Contact]:
        if has_words(asked["q"]):
            rows = rows.filter(terms__found=asked["q"])
        if asked["email"]:
            rows = rows.alias(lower=Lower("email")).filter(lower=asked["email"].lower())
        return rows.filter(external_id=asked["external_id"]) if asked["external_id"] else rows

    def told(self, row: Contact) -> dict[str, Any]:
        return contact_told(row)

    def change(self, caller: Caller, row: Contact, given: dict[str, Any]) -> Contact:
        return update_contact(contact=row, changes=given, by=caller.actor)


class BlockBody(Input):
    kind = serializers.ChoiceField(Block.Kind.choices)
    value = serializers.CharField(
        required=False,
        max_length=128,
        help_text="The id of an identity, an email, or an address or range, as the kind says; not for a contact.",
    )
    contact = serializers.CharField(required=False, max_length=24, help_text="Id of the contact it is made for.")
    reason = serializers.CharField(required=False, allow_blank=True, help_text="At most 200 characters.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="null: for good.")
    brand = serializers.CharField(required=False, max_length=24, help_text="Where you are in several.")


class BlockNoun(Noun[Block]):
    """Blocks that hold now. Who may not block network addresses does not see them."""

    name, many, one, tag = "block", "blocks", "a block", TAG
    area, permission = Area.CONTACTS, Permission.BLOCK_CONTACTS
    shape, body = BlockShape, BlockBody
    does = frozenset({MAKE, DELETE})

    def rows(self, caller: Caller) -> QuerySet[Block]:
        found = Block.objects.none()
        for brand_id in caller.viewer.brands_where(Permission.BLOCK_CONTACTS):
            live = live_blocks(brand_id)
            if not caller.viewer.may(brand_id, Permission.BLOCK_ADDRESSES):
                live = live.exclude(kind=Block.Kind.ADDRESS)
            found |= live
        return found.select_related("contact")

    def told(self, row: Block) -> dict[str, Any]:
        return block_told(row)

    def check(self, caller: Caller, brand_id: int, row: Block | None, given: dict[str, Any]) -> None:
        kind = row.kind if row else given["kind"]
        of_addresses = kind == Block.Kind.ADDRESS
        permission = Permission.BLOCK_ADDRESSES if of_addresses else Permission.BLOCK_CONTACTS
        if not caller.viewer.may(brand_id, permission):
            raise NotAllowed

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Block:
        contact = None
        if named := given.get("contact"):
            contact = one_of(contacts_seen(caller.viewer).filter(brand=brand), named)
        elif given["kind"] == Block.Kind.CONTACT:
            raise InvalidContent(field="contact")
        return blocking.block(
            brand=brand,
            kind=given["kind"],
            value=given.get("value", ""),
            contact=contact,
            reason=given.get("reason", ""),
            expires_at=given.get("expires_at"),
            by=caller.actor,
        )

    def delete(self, caller: Caller, row: Block) -> None:
        blocking.lift(block=row, by=caller.actor)
