"""Keeping uploaded files."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from conversations.models import Attachment, Brand, Contact, User
from conversations.models.ids import new_public_id
from conversations.secrets import new_token
from conversations.uploads import inspect


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
