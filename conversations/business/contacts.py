"""Contacts, and who of them may not write for now."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.actions import blocking
from conversations.actions.contacts import EXTERNAL_ID_CHARS, make_contact, update_contact
from conversations.business.callers import Caller
from conversations.business.document import AFTER, LIMIT, Meta, answer, operation, path_id
from conversations.business.nouns import CHANGE, DELETE, MAKE, Noun
from conversations.business.shapes import (
    BlockShape,
    ContactShape,
    Flat,
    IdentityShape,
    block_told,
    contact_told,
    identity_told,
)
from conversations.business.views import BusinessView, Input, one_of
from conversations.errors import InvalidContent, NotAllowed
from conversations.models import Block, Brand, Contact, Identity
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
    external_id = serializers.CharField(
        required=False,
        max_length=EXTERNAL_ID_CHARS,
        help_text="Your own system's id, for a new one; only a system's key may give it.",
    )
    brand = serializers.CharField(required=False, max_length=24, help_text="Where you are in several.")


class ContactNoun(Noun[Contact]):
    """Contacts: most come by writing. A system may add those whom it knows."""

    name, many, one, tag = "contact", "contacts", "a contact", TAG
    area, permission = Area.CONTACTS, Permission.EDIT_CONTACTS
    shape, body = ContactShape, ContactBody
    does = frozenset({MAKE, CHANGE})
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

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> Contact:
        external_id = given.pop("external_id", "")
        if external_id and caller.key is None:
            raise NotAllowed
        return make_contact(brand=brand, values=given, external_id=external_id, by=caller.actor)

    def change(self, caller: Caller, row: Contact, given: dict[str, Any]) -> Contact:
        return update_contact(contact=row, changes=given, by=caller.actor)


class IdentitiesView(BusinessView):
    """By which ways somebody writes."""

    area = Area.CONTACTS

    @operation(
        "listIdentities",
        "List a contact's identities",
        TAG,
        {200: answer("IdentitiesAnswer", identities=IdentityShape(many=True), meta=Meta())},
        parameters=(path_id("public_id", "a contact"), AFTER, LIMIT),
        refuses=(400, 404),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Give the ways a contact writes by; a block of the kind identity names one of them."""
        contact = one_of(contacts_seen(self.viewer), public_id)
        page, meta = self.page(Identity.objects.filter(contact=contact).select_related("channel"))
        with_address = self.viewer.may(contact.brand_id, Permission.BLOCK_ADDRESSES)
        told = [identity_told(each, with_address=with_address) for each in page]
        return Response({"identities": told, "meta": meta})


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
