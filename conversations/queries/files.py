"""Uploaded files."""

from urllib.parse import urlsplit

from django.db.models import Q

from conversations.errors import NotFound
from conversations.models import Attachment, Contact
from conversations.queries.viewers import Viewer

# "", "files", public id, key, name
ATTACHMENT_PARTS = 5


def attachment_named(address: str) -> dict[str, str] | None:
    """Give by which public id and key an address names an uploaded file, whatever the host is called."""
    parts = urlsplit(address).path.split("/")
    if len(parts) != ATTACHMENT_PARTS or parts[1] != "files":
        return None
    return {"public_id": parts[2], "key": parts[3]}


def attachment_of_contact(contact: Contact, address: str) -> Attachment:
    """Give the file a contact uploaded, by its address. Raises NotFound."""
    named = attachment_named(address)
    found = Attachment.objects.filter(contact=contact, **named).first() if named else None
    if found is None:
        raise NotFound
    return found


def attachment_for_viewer(viewer: Viewer, public_id: str) -> Attachment:
    """Give a file of the viewer's brands that they uploaded, or that is kept for all of its brand. Raises NotFound."""
    theirs = Q(user=viewer.user) | Q(kept_for=Attachment.KeptFor.BRAND)
    found = Attachment.objects.filter(theirs, brand_id__in=viewer.brand_ids, public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
