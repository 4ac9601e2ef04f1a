"""The rows that did not come in, as a file of the same columns and the reason: mend it and hand it in again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _
from openpyxl import Workbook

from records.importing import reading
from records.importing.job import opened
from records.importing.mapping import FIELDS
from records.models import ImportJob
from records.sheets import as_text, as_text_in_csv

BYTE_ORDER_MARK = "\ufeff"


def rows_to_mend(job: ImportJob) -> Iterator[list[str]]:
    """The headings, then each row as it stands in the file, with where it stands there and what is wrong with it."""
    faults = {fault.line: fault for fault in job.faults.all()}
    with opened(job) as file:
        lines = reading.lines(file)
        headings = next(lines).cells
        yield [*headings, _("Row"), _("What is to be mended")]
        for line in lines:
            fault = faults.get(line.number)
            if fault is None:
                continue
            cells = [*line.cells, *[""] * (len(headings) - len(line.cells))][: len(headings)]
            column = job.mapping.get(fault.field)
            where = headings[column] if column is not None and column < len(headings) else FIELDS.get(fault.field, "")
            yield [*cells, str(line.number), f"{where}: {fault.reason}" if where else fault.reason]


def to_mend(job: ImportJob) -> tuple[bytes, str]:
    """The file and its kind, as the register came: CSV with a byte-order mark, or XLSX."""
    with opened(job) as file:
        kind = reading.kind_of(file)
    return (_xlsx(job) if kind == reading.XLSX else _csv(job)), kind


def _csv(job: ImportJob) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([as_text_in_csv(cell) for cell in row] for row in rows_to_mend(job))
    # Without the mark Excel would read UTF-8 as GBK.
    return (BYTE_ORDER_MARK + buffer.getvalue()).encode()


def _xlsx(job: ImportJob) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows_to_mend(job):
        sheet.append([as_text(sheet, cell) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
