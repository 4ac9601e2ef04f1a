"""A register's file as rows of text, whatever office program wrote it: by what is in it, not by its name.

CSV in UTF-8 (with or without byte-order mark), GB 18030 with all it grew out of, or UTF-16; XLSX. Nothing in a file is
ever calculated: of a formula counts the value that was stored with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from foundation.refusals import Refused
from records.sheets import CALCULATED

MOST_ROWS = 20_000
MOST_COLUMNS = 60
LARGEST_FILE = 20 * 1024 * 1024  # bytes
LARGEST_UNZIPPED = 64 * 1024 * 1024  # bytes
MOST_ZIP_MEMBERS = 500
LONGEST_CELL = 32_767  # what a cell of Excel holds
LONGEST_GAP = 1000
"""Empty rows in the middle of a sheet; a million of them cost as much to read as a million rows."""

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
CSV, XLSX = "csv", "xlsx"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BROKEN = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    NotImplementedError,
    EOFError,
    OSError,
)
"""The words of the library for files that are cut off or lie about themselves; defusedxml refuses by a ValueError."""


class Line(NamedTuple):
    number: int
    """Where it stands in the file, counted as a person does; of a cell with several lines, the first."""
    cells: list[str]


def kind_of(file: BinaryIO) -> str:
    """CSV or XLSX. Raises Refused for what is certainly neither."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start.startswith(OLD_EXCEL):
        raise Refused(_("This is an Excel file of the old kind. Open it and save it as .xlsx, then choose that one."))
    return XLSX if start.startswith(ZIP) else CSV


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of the contents. Raises Refused where there is nothing, or too much."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    if size > LARGEST_FILE:
        raise Refused(_("The file is larger than 20 MB. Split the register, for instance by years."))
    if not size:
        raise Refused(_("The file is empty."))
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def lines(file: BinaryIO) -> Iterator[Line]:
    """The headings, then every row that holds anything. Raises Refused, at the latest at the row too many."""
    rows = _of_xlsx(file) if kind_of(file) == XLSX else _of_csv(file)
    count = 0
    for line in rows:
        while line.cells and not line.cells[-1]:
            line.cells.pop()
        if not line.cells:
            continue
        count += 1
        # The first is the headings.
        if count > MOST_ROWS + 1:
            raise Refused(
                _("The file has more than %(most)d rows. Split the register, for instance by years.")
                % {"most": MOST_ROWS}
            )
        yield line
    if not count:
        raise Refused(_("The file is empty."))


def _of_csv(file: BinaryIO) -> Iterator[Line]:
    file.seek(0)
    text = _decoded(file.read(LARGEST_FILE + 1))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(
                _("Row %(line)d cannot be read: a quotation mark is not closed, or stands where none may stand.")
                % {"line": begins}
            ) from error
        yield Line(begins, [_tidy(cell) for cell in cells[:MOST_COLUMNS]])
        begins = reader.line_num + 1


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        # UTF-8 first: hardly any text in GB 18030 is also right UTF-8.
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refused(_("This is neither a CSV file in UTF-8 or GBK nor an Excel file (.xlsx), whatever its name says."))


def _delimiter(text: str) -> str:
    """What the headings are separated by: programs write commas, tabs or, in some countries, semicolons."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max((",", "\t", ";"), key=first.count)


def _of_xlsx(file: BinaryIO) -> Iterator[Line]:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
        if len(members) > MOST_ZIP_MEMBERS or sum(member.file_size for member in members) > LARGEST_UNZIPPED:
            raise Refused(_("The Excel file unpacks to something very large. Save it anew, or split the register."))
        file.seek(0)
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # Files of some programs say wrongly how large they are.
        sheet.reset_dimensions()
        gap = 0
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
            cells = [_text(value) for value in row]
            gap = 0 if any(cells) else gap + 1
            if gap > LONGEST_GAP:
                return
            yield Line(number, cells)
    except BROKEN as error:
        raise Refused(_("The Excel file is damaged and cannot be read. Open it and save it anew.")) from error


def _text(value: object) -> str:
    """As it stands on the sheet, dates in one spelling; a whole number without the decimals that Excel gives it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _tidy(str(value))


def _tidy(cell: str) -> str:
    # As our own files of rows to mend write what Excel would calculate.
    if cell.startswith("'") and cell[1:].startswith(CALCULATED):
        cell = cell[1:]
    return cell.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()[: LONGEST_CELL + 1]
