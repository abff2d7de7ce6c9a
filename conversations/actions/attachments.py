"""Keeping uploaded files."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import queries
from conversations.content.types import TITLE_CHARS
from conversations.errors import InvalidContent, NotFound
from conversations.models import Attachment, Brand, Contact, User
from conversations.models.ids import new_public_id
from conversations.secrets import new_token
from conversations.uploads import inspect

# An outbox may keep a message for as long as its browser was away.
UNSENT_KEPT = timedelta(days=30)
FILE_ADDRESS = re.compile(r"/files/([0-9a-f]{24})/([\w-]{43})/")
DROPPED_AT_ONCE = 500


@transaction.atomic
def store_upload(
    *, brand: Brand, file: UploadedFile[bytes], contact: Contact | None = None, user: User | None = None
) -> Attachment:
    """Keep a file under a name of our own and a key nobody can guess. Raises UploadRefused; then nothing is kept."""
    found = inspect(file, name=file.name or "", size=file.size or 0)  # type: ignore[arg-type]  # reads like a file
    attachment = Attachment(
        brand=brand,
        contact=contact,
        user=user,
        key=new_token(),
        name=found.name,
        media_type=found.media_type,
        size=found.size,
        width=found.width,
        height=found.height,
    )
    attachment.file.save(new_public_id(), file, save=True)
    return attachment


def keep_files_of(content: dict[str, Any]) -> None:
    """Have the uploaded files stay that a message names, wherever in it: as what it shows, in a link, in its words."""
    for public_id, key in set(FILE_ADDRESS.findall(json.dumps(content))):
        Attachment.objects.filter(public_id=public_id, key=key).update(is_sent=True)


def keep_files(*, files: Sequence[Attachment], kept_for: Attachment.KeptFor) -> None:
    """Have uploaded files stay though no message names them, until `release_files`.

    The caller is in a transaction. Raises InvalidContent (field "files") where one has gone.
    """
    if Attachment.objects.filter(pk__in=[file.pk for file in files]).update(kept_for=kept_for) != len(files):
        raise InvalidContent(_("A file is not there any more. Upload it again."), field="files")


def release_files(*, files: Sequence[Attachment]) -> None:
    """Let kept files go as others do that were uploaded now and never sent: an outbox may hold them."""
    found = Attachment.objects.filter(pk__in=[file.pk for file in files])
    found.update(kept_for="", created_at=timezone.now())


def drop_unsent(*, limit: int = DROPPED_AT_ONCE) -> int:
    """Delete files that were uploaded more than a month ago, never sent and not kept, oldest first; say how many."""
    found = Attachment.objects.filter(is_sent=False, kept_for="", created_at__lt=timezone.now() - UNSENT_KEPT)
    dropped = 0
    for attachment in found.order_by("created_at")[:limit]:
        # Sent or kept at this very moment, it stays: the row is asked once more.
        gone, _rows = Attachment.objects.filter(pk=attachment.pk, is_sent=False, kept_for="").delete()
        if gone:
            attachment.file.delete(save=False)
        dropped += gone
    return dropped


def with_own_file(content: dict[str, Any], *, contact: Contact) -> dict[str, Any]:
    """Give an image or file content with what is stored of its file, whatever the sender said of it, address included.

    A contact sends only what they uploaded: a picture from elsewhere would tell its host who looks at it, and a file
    could be anything. Raises InvalidContent.
    """
    not_there = InvalidContent(_("Upload the file first, and send the address you were given."), field="mediaUrl")
    try:
        attachment = queries.attachment_of_contact(contact, content["mediaUrl"])
    except NotFound:
        raise not_there from None
    if content["type"] == "image" and attachment.width is None:
        raise InvalidContent(_("This file is not an image."), field="type")
    # From now on it stays; one that went at this very moment is not there to be sent.
    if not Attachment.objects.filter(pk=attachment.pk).update(is_sent=True):
        raise not_there
    return content | {
        "mediaUrl": attachment.path,
        "altText": attachment.name[:TITLE_CHARS],
        "mediaType": attachment.media_type,
        "mediaSize": attachment.size,
        "attachmentId": attachment.public_id,
    }
