"""What may be uploaded: type by content, size and count limits, pictures re-encoded without their metadata.

The name and the type that a browser sends are not believed. Pictures are decoded and written anew, so that nothing of
the original bytes (EXIF, position, hidden payloads) reaches the disk.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from foundation.refusals import Refused

MOST_FILES = 9
LARGEST_FILE = 10 * 1024 * 1024  # bytes
LARGEST_PICTURE = 60_000_000  # pixels, before decoding: a phone takes 12 to 50 million
LONGEST_SIDE = 4096  # pixels, after
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MOST_ZIP_MEMBERS = 2000
LARGEST_UNZIPPED = 200 * 1024 * 1024  # bytes
PNG_START = b"\x89PNG\r\n\x1a\n"

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = {PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx", "image/jpeg": ".jpg", "image/png": ".png"}

register_heif_opener()


@dataclass(frozen=True)
class CleanFile:
    """A file that was looked into and found harmless; pictures are already re-encoded."""

    name: str
    content_type: str
    content: bytes


def inspect(file: File[bytes]) -> CleanFile:
    """Look into an uploaded file. Raises Refused, naming the file, for all that is not in the list."""
    name = PurePath((file.name or "").replace("\\", "/")).name or _("file")
    if (file.size or 0) > LARGEST_FILE:
        raise Refused(_("%(name)s is larger than 10 MB.") % {"name": name}, field="attachments")
    if not file.size:
        raise Refused(_("%(name)s is empty.") % {"name": name}, field="attachments")
    content = file.read()
    if content.startswith(b"%PDF-"):
        return CleanFile(_named(name, PDF), PDF, content)
    if content.startswith(b"PK\x03\x04"):
        office = _office_type(content)
        if office:
            return CleanFile(_named(name, office), office, content)
        raise _refused_type(name)
    content_type, picture = _re_encoded(name, content)
    return CleanFile(_named(name, content_type), content_type, picture)


def inspect_signature(content: bytes) -> CleanFile:
    """A drawn signature: a small PNG. Raises Refused for anything else."""
    if not content.startswith(PNG_START) or len(content) > LARGEST_FILE:
        raise Refused(_("The signature did not arrive; please sign once more."), field="signature_kind")
    content_type, picture = _re_encoded(_("Signature"), content)
    return CleanFile(_("Signature") + ".png", content_type, picture)


def _office_type(content: bytes) -> str:
    """DOCX or XLSX by what is inside; '' for other archives, broken ones, and those that unpack to something huge."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        # Broken, or made by a packer the library does not know.
        return ""
    names = {member.filename for member in members}
    if len(members) > MOST_ZIP_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNZIPPED:
        return ""
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else ""


def _re_encoded(name: str, content: bytes) -> tuple[str, bytes]:
    """The picture written anew: PNG stays PNG, all else becomes JPEG, turned upright, without metadata."""
    try:
        with Image.open(io.BytesIO(content), formats=PICTURE_FORMATS) as opened:
            if opened.width * opened.height > LARGEST_PICTURE:
                raise _too_many_pixels(name)
            is_png = opened.format == "PNG"
            upright = ImageOps.exif_transpose(opened)
            picture = upright.convert("RGBA" if is_png and _has_transparency(upright) else "RGB")
    except UnidentifiedImageError as error:
        raise _refused_type(name) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError) as error:
        # The words of Pillow and of the HEIC decoder for pictures that are cut off or lie about themselves.
        raise Refused(_("%(name)s is damaged and cannot be read.") % {"name": name}, field="attachments") from error
    # Comments and colour profiles would otherwise be written into the new file.
    picture.info = {}
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    buffer = io.BytesIO()
    if is_png:
        picture.save(buffer, "PNG", optimize=True)
        return "image/png", buffer.getvalue()
    picture.save(buffer, "JPEG", quality=88)
    return "image/jpeg", buffer.getvalue()


def _has_transparency(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _named(name: str, content_type: str) -> str:
    """The sender's name with the ending that the content really has."""
    return f"{PurePath(name).stem[:100] or 'file'}{ENDINGS[content_type]}"


def _too_many_pixels(name: str) -> Refused:
    return Refused(_("%(name)s has too many pixels.") % {"name": name}, field="attachments")


def _refused_type(name: str) -> Refused:
    return Refused(
        _("%(name)s is not a photo, PDF, Word or Excel file, whatever its name says.") % {"name": name},
        field="attachments",
    )
