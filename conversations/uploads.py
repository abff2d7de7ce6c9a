"""Looking at an uploaded file before it is kept: what it really is, and what it may be called."""

import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import BinaryIO

import filetype
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from conversations.errors import UploadRefused

MAX_NAME = 120
MAX_PIXELS = 50_000_000
IMAGES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
# Shown by the browser in place; everything else is offered as a download.
INLINE = frozenset(IMAGES)
TEXTS = {
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".log": "text/plain",
    ".md": "text/plain",
    ".json": "application/json",
}
# Files that run or script when opened: refused by name and, where they have a signature, by it.
REFUSED_ENDINGS = frozenset(
    [
        ".svg",
        ".svgz",
        ".html",
        ".htm",
        ".xhtml",
        ".xml",
        ".js",
        ".mjs",
        ".exe",
        ".dll",
        ".bat",
        ".cmd",
        ".com",
        ".msi",
        ".scr",
        ".vbs",
        ".ps1",
        ".sh",
        ".jar",
        ".apk",
        ".app",
        ".lnk",
        ".hta",
    ]
)
REFUSED_TYPES = frozenset(
    {"application/x-msdownload", "application/x-executable", "application/vnd.android.package-archive"}
)
ZIP_OFFICE = frozenset(
    {".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub", ".hwpx", ".key", ".pages", ".numbers"}
)


def file_size(count: int) -> str:
    """Give a number of bytes as people read it: "5 B", "12.3 kB", "50 MB", a thousand to each step."""
    if count < 1000:
        return f"{count} B"
    size, unit = (count / 1000, "kB") if count < 1_000_000 else (count / 1_000_000, "MB")
    return f"{size:.1f}".removesuffix(".0") + f" {unit}"


@dataclass(frozen=True)
class Inspected:
    """What an upload is. `width` and `height` are pixels of an image."""

    name: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None


def safe_name(name: str) -> str:
    """Give a file name with no path, no control characters, NFC, at most 120 characters, never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    clean = re.sub(r'[<>:"|?*]', "_", clean)
    stem, dot, ending = clean.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: MAX_NAME - len(ending) - 1] or 'file'}.{ending}"
    return clean[:MAX_NAME] or "file"


def inspect(file: BinaryIO, *, name: str, size: int) -> Inspected:
    """Say what the file is, by its bytes. Raises UploadRefused (empty, too large, unwanted, not as named)."""
    if size == 0:
        raise UploadRefused(_("This file is empty."), field="file")
    if size > settings.UPLOAD_MAX_BYTES:
        most = settings.UPLOAD_MAX_BYTES
        said = format_lazy(_("This file is too large. At most {size}."), size=file_size(most))
        raise UploadRefused(said, field="file", limit=most)
    name = safe_name(name)
    ending = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    guess = filetype.guess(head)
    media_type = guess.mime if guess else ""
    if ending in REFUSED_ENDINGS or media_type in REFUSED_TYPES or _looks_like_markup(head):
        raise UploadRefused(_("Files of this kind are not accepted."), field="file")
    if media_type in IMAGES:
        return _inspect_image(file, name, media_type, size)
    if ending in {*IMAGES.values(), ".jpeg"}:
        raise UploadRefused(_("This file is not the image its name says."), field="file")
    if not media_type and ending == ".pdf":
        raise UploadRefused(_("This file is not what its name says."), field="file")
    if not media_type:
        media_type = TEXTS.get(ending, "application/octet-stream") if _is_text(head) else "application/octet-stream"
    elif media_type == "application/zip" and ending in ZIP_OFFICE:
        media_type = "application/octet-stream"
    elif ending in TEXTS or (ending == ".pdf") != (media_type == "application/pdf"):
        raise UploadRefused(_("This file is not what its name says."), field="file")
    return Inspected(name, media_type, size)


def _looks_like_markup(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").lower()[:1024]
    return start.startswith((b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"mz", b"\x7felf", b"#!"))


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head


def _inspect_image(file: BinaryIO, name: str, media_type: str, size: int) -> Inspected:
    """Open the image's header: refuse what does not decode, and what would unpack to more than 50 megapixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                width, height = image.size
                frames = getattr(image, "n_frames", 1)
                if width * height * frames > MAX_PIXELS * 4 or width * height > MAX_PIXELS:
                    raise UploadRefused(_("This image has too many pixels."), field="file", limit=MAX_PIXELS)
                image.verify()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UploadRefused(_("This image has too many pixels."), field="file", limit=MAX_PIXELS) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise UploadRefused(_("This image cannot be read."), field="file") from None
    finally:
        file.seek(0)
    stem, dot, ending = name.rpartition(".")
    if not dot or f".{ending.lower()}" not in {IMAGES[media_type], ".jpeg" if media_type == "image/jpeg" else ""}:
        name = f"{stem or name}{IMAGES[media_type]}"
    return Inspected(name, media_type, size, width, height)
