"""What may be uploaded is told by what is inside, never by the name; pictures are painted anew."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from contextlib import suppress
from functools import cache
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override
from PIL import ExifTags, Image, PngImagePlugin

from cases.uploads import CleanFile, inspect, inspect_signature
from foundation.refusals import Refused

MEGABYTE = 1024 * 1024
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SECRET = "30.2741N 120.1551E"


def looked_into(name: str, content: bytes) -> CleanFile:
    # What the browser claims is always a harmless picture here; nobody believes it.
    return inspect(SimpleUploadedFile(name, content, content_type="image/jpeg"))


def refusal(name: str, content: bytes) -> str:
    with override("en"), pytest.raises(Refused) as info:
        looked_into(name, content)
    assert info.value.field == "attachments"
    return str(info.value)


@cache
def photo(form: str, width: int = 60, height: int = 40, *, mode: str = "RGB", secretive: bool = False) -> bytes:
    """A small picture of noise; secretive: the place it was taken at stands in every corner of the format."""
    buffer = io.BytesIO()
    more: dict[str, dict[str, Any]] = {form: {}}
    if secretive:
        exif = Image.Exif()
        exif[ExifTags.Base.ImageDescription] = SECRET
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", SECRET)
        words.add_itxt("Place", SECRET)
        profile = SECRET.encode() * 20
        more = {
            "JPEG": {"exif": exif, "comment": SECRET.encode(), "icc_profile": profile},
            "PNG": {"exif": exif, "pnginfo": words, "icc_profile": profile},
            "WEBP": {"exif": exif, "icc_profile": profile},
            "HEIF": {"exif": exif},
        }
    Image.effect_noise((width, height), 50).convert(mode).save(buffer, form, **more[form])
    return buffer.getvalue()


def archive(*members: str, unpacked: int | None = None) -> bytes:
    """A zip file; unpacked: how many bytes its first member says it holds."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for member in members:
            packed.writestr(member, "<xml/>")
        if unpacked is not None:
            packed.infolist()[0].file_size = unpacked
    return buffer.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of that size."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


# What is taken.


def test_a_pdf_is_kept_as_it_is():
    clean = looked_into("合同.pdf", b"%PDF-1.7 contract")
    assert (clean.name, clean.content_type, clean.content) == ("合同.pdf", "application/pdf", b"%PDF-1.7 contract")


@pytest.mark.parametrize(
    ("inside", "name", "kind"), [("word/document.xml", "a.docx", DOCX), ("xl/workbook.xml", "a.xlsx", XLSX)]
)
def test_word_and_excel_are_known_by_what_is_inside(inside: str, name: str, kind: str):
    content = archive("[Content_Types].xml", inside)
    assert looked_into("a.zip", content) == CleanFile(name, kind, content)


@pytest.mark.parametrize(("form", "kept_as"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "JPEG"), ("HEIF", "JPEG")])
def test_pictures_are_painted_anew_and_everything_reads_them(form: str, kept_as: str):
    clean = looked_into("现场.heic", photo(form))
    picture = Image.open(io.BytesIO(clean.content))
    assert (picture.format, picture.size) == (kept_as, (60, 40))
    assert (clean.content_type, clean.name) == (
        f"image/{kept_as.lower()}",
        {"JPEG": "现场.jpg", "PNG": "现场.png"}[kept_as],
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_where_and_when_a_photo_was_taken_does_not_reach_the_disk(form: str):
    original = photo(form, secretive=True)
    assert SECRET.encode() in original or form == "PNG"
    clean = looked_into("a.jpg", original)
    assert SECRET.encode() not in clean.content
    picture = Image.open(io.BytesIO(clean.content))
    assert not picture.getexif()
    assert not {"exif", "icc_profile", "comment", "Comment", "Place"} & picture.info.keys()


def test_a_photo_taken_with_the_phone_held_upright_stands_upright():
    exif, buffer = Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (60, 40)).save(buffer, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(looked_into("a.jpg", buffer.getvalue()).content)).size == (40, 60)


def test_a_large_photo_is_made_smaller():
    clean = looked_into("a.jpg", photo("JPEG", 4200, 20))
    assert Image.open(io.BytesIO(clean.content)).width == 4096


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "LA", "1"])
def test_pictures_of_every_kind_of_colour_are_read(mode: str):
    form = "JPEG" if mode == "CMYK" else "PNG"
    buffer = io.BytesIO()
    Image.new(mode, (10, 10)).save(buffer, form)
    assert looked_into("a", buffer.getvalue()).content_type == f"image/{form.lower()}"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\王\\合同.exe", "合同.pdf"),
        (".pdf", ".pdf.pdf"),
        ("长" * 200 + ".pdf", "长" * 100 + ".pdf"),
    ],
)
def test_the_name_loses_its_folders_and_gets_the_ending_of_what_is_inside(sent: str, kept: str):
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    # Past the framework's own care, which takes the folders off first.
    vars(file)["_name"] = sent
    assert inspect(file).name == kept


# What is refused.

NOT_WHAT_IT_SAYS = "is not a photo, PDF, Word or Excel file, whatever its name says"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", b"MZ\x90\x00" + bytes(200)),
        ("photo.png", b"\x7fELF" + bytes(200)),
        ("photo.jpg", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("report.pdf", b"<html><body onload=alert(1)>"),
        ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("picture.png", b'<?xml version="1.0"?><svg onload="alert(1)"/>'),
        ("a.docx", archive("payload.exe")),
        ("a.docx", archive("[Content_Types].xml", "ppt/presentation.xml")),
        ("a.docx", b"PK\x03\x04" + bytes(100)),
        ("a.gif", b"GIF89a" + bytes(50)),
        ("words.txt", "三栋漏水".encode()),
    ],
)
def test_anything_else_is_refused_whatever_its_name_says(name: str, content: bytes):
    assert NOT_WHAT_IT_SAYS in refusal(name, content)


def test_a_picture_in_a_format_that_is_not_in_the_list_is_refused():
    assert NOT_WHAT_IT_SAYS in refusal("a.jpg", photo("BMP"))
    assert NOT_WHAT_IT_SAYS in refusal("a.jpg", photo("TIFF"))


@pytest.mark.parametrize("name", ["word/vbaProject.bin", "WORD/VBAPROJECT.BIN", "xl/vbaProject.bin"])
def test_documents_with_macros_are_refused(name: str):
    refusal("a.docx", archive("[Content_Types].xml", "word/document.xml", name))


def test_a_document_that_would_unpack_to_hundreds_of_megabytes_is_refused():
    bomb = archive("word/document.xml", "[Content_Types].xml", unpacked=300 * MEGABYTE)
    assert len(bomb) < 1000
    refusal("a.docx", bomb)


def test_a_document_of_thousands_of_parts_is_refused():
    refusal("a.docx", archive("word/document.xml", "[Content_Types].xml", *(f"word/{n}" for n in range(2000))))


def test_a_file_of_twenty_megabytes_is_refused_by_its_size_and_its_name():
    assert refusal("合同.pdf", b"%PDF-1.7" + bytes(20 * MEGABYTE)) == "合同.pdf is larger than 10 MB."


def test_ten_megabytes_to_the_byte_are_taken_one_more_is_not():
    content = b"%PDF-" + bytes(10 * MEGABYTE - 5)
    assert len(looked_into("a.pdf", content).content) == 10 * MEGABYTE
    assert "larger" in refusal("a.pdf", content + b"\0")


def test_an_empty_file_is_refused():
    assert refusal("a.pdf", b"") == "a.pdf is empty."


@pytest.mark.parametrize(("width", "height"), [(8000, 8000), (10_000, 10_000), (30_000, 30_000), (60_000_001, 1)])
def test_a_few_bytes_that_unpack_to_a_gigantic_picture_are_refused_undecoded(width: int, height: int):
    bomb = png_of(width, height)
    assert len(bomb) < 200
    assert "too many pixels" in refusal("a.png", bomb)


def test_a_picture_with_a_gigantic_comment_is_refused():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "x" * 2 * MEGABYTE, zip=True)
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG", pnginfo=words)
    assert "damaged" in refusal("a.png", buffer.getvalue())


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_picture_that_was_cut_off_on_the_way_is_refused(form: str):
    content = photo(form)
    assert "damaged" in refusal("a.png", content[: len(content) * 2 // 3])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_however_a_picture_is_broken_it_is_read_or_refused_in_words(form: str):
    chance = random.Random(2026)
    content = photo(form, secretive=True)
    for number in range(60):
        broken = bytearray(content if number % 2 else content[: chance.randrange(13, len(content))])
        for _place in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        with suppress(Refused):
            assert looked_into("a", bytes(broken)).content_type in ("image/jpeg", "image/png")


# Signatures.


def test_a_drawn_signature_is_a_png_and_stays_transparent():
    clean = inspect_signature(photo("PNG", mode="RGBA"))
    assert (clean.content_type, Image.open(io.BytesIO(clean.content)).mode) == ("image/png", "RGBA")


@pytest.mark.parametrize("content", [b"", b"data:image/png;base64,iVBOR", photo("JPEG"), b"\x89PNG\r\n\x1a\nnonsense"])
def test_anything_but_a_png_is_no_signature(content: bytes):
    with pytest.raises(Refused):
        inspect_signature(content)


def test_a_document_of_a_packer_nobody_knows_is_refused_in_words():
    document = bytearray(archive("[Content_Types].xml", "word/document.xml"))
    # The version that is needed to unpack the first part, in the directory at the end.
    document[document.index(b"PK\x01\x02") + 6] = 254
    assert refusal("报告.docx", bytes(document))
