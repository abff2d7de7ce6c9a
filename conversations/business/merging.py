"""Merging two contacts who are one person, and taking that back."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import queries
from conversations.actions.merging import foresee, merge_customers, undo_merge
from conversations.business.contacts import TAG
from conversations.business.document import KEY, Output, answer, operation, path_id, query
from conversations.business.shapes import ContactShape, contact_told
from conversations.business.views import BusinessView, Input, one_named, one_of
from conversations.errors import InvalidContent
from conversations.models import Contact
from conversations.permissions import Permission
from conversations.queries import contacts_seen
from conversations.scopes import Area

OF = path_id("public_id", "the contact who stays")


class Lost(Output):
    name = serializers.CharField(help_text="A field, or a property.")
    value = serializers.JSONField()


class Preview(Output):
    is_refused = serializers.BooleanField(help_text="To your own system they are two people.")
    conversations = serializers.IntegerField(min_value=0, help_text="That move.")
    identities = serializers.IntegerField(min_value=0, help_text="That move.")
    lost = Lost(many=True)
    may_undo = serializers.BooleanField()


class MergeBody(Input):
    contact = serializers.CharField(max_length=24, help_text="Id of the contact who goes.")


class MergeShape(Output):
    id = serializers.CharField()
    may_undo = serializers.BooleanField(help_text="Within 30 days.")


class OfTwoView(BusinessView):
    """Base: two contacts."""

    area = Area.CONTACTS

    def surviving(self, public_id: str) -> Contact:
        """Give the one who stays. Raises NotFound, NotAllowed."""
        found = one_of(contacts_seen(self.viewer), public_id)
        self.require(found.brand_id, Permission.MERGE_CONTACTS)
        return found

    def other(self, public_id: str) -> Contact:
        """Give the one who goes. Raises InvalidContent naming `contact`."""
        found = one_named(contacts_seen(self.viewer), public_id, "contact")
        if found is None:
            raise InvalidContent(field="contact")
        return found


class PreviewView(OfTwoView):
    """What would happen."""

    @operation(
        "previewContactMerge",
        "Preview a merge",
        TAG,
        {200: answer("PreviewAnswer", preview=Preview())},
        parameters=(OF, query("contact", "Id of the contact who goes.")),
        refuses=(400, 404),
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Say what merging would move and lose; nothing is changed."""
        surviving = self.surviving(public_id)
        foreseen = foresee(surviving=surviving, discarded=self.other(self.asked("contact")))
        return Response(
            {
                "preview": {
                    "is_refused": foreseen.plan.is_refused,
                    "conversations": foreseen.conversations,
                    "identities": foreseen.identities,
                    "lost": [{"name": name, "value": value} for name, value in foreseen.plan.dropped],
                    "may_undo": foreseen.may_undo,
                }
            }
        )


class MergeContactView(OfTwoView):
    """Merging."""

    in_person = True

    @operation(
        "mergeContact",
        "Merge a contact into this one",
        TAG,
        {200: answer("MergeAnswer", merge=MergeShape(), contact=ContactShape())},
        body=MergeBody,
        parameters=(OF, KEY),
        refuses=(404,),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Give everything of another contact to this one, and remove the other."""
        surviving = self.surviving(public_id)
        other = self.other(self.given(MergeBody)["contact"])
        made = merge_customers(surviving=surviving, discarded=other, by=self.person)
        told = {"id": made.public_id, "may_undo": not made.has_dropped}
        return Response({"merge": told, "contact": contact_told(made.surviving)})


class UndoMergeView(BusinessView):
    """Taking back."""

    area = Area.CONTACTS

    @operation(
        "undoContactMerge",
        "Undo a merge",
        TAG,
        {200: answer("UnmergedAnswer", contact=ContactShape())},
        parameters=(path_id("public_id", "a merge"), KEY),
        refuses=(404, 409),
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Make two contacts of one again, and give the one who is back."""
        found = queries.merge_for_viewer(self.viewer, public_id)
        self.require(found.brand_id, Permission.MERGE_CONTACTS)
        return Response({"contact": contact_told(undo_merge(merge=found, by=self.caller.actor))})
