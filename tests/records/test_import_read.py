"""A register is read by what is in it, whatever program wrote it; what is hostile is refused in words."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from foundation.refusals import Refused
from records.importing import reading
from records.importing.actions import head_of
from records.importing.mapping import guess
from records.importing.reading import lines
from tests.records.registers import HEADINGS, ROWS, as_csv, as_xlsx

WRITTEN = [HEADINGS, *(row[: max(place for place, cell in enumerate(row) if cell) + 1] for row in ROWS)]
"""As they are read: empty cells at the end of a row say nothing."""


def read(content: bytes) -> list[list[str]]:
    return [line.cells for line in lines(io.BytesIO(content))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_offices_use_reads_the_same(encoding: str) -> None:
    assert read(as_csv(encoding=encoding)) == WRITTEN


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_programs_separate_otherwise(delimiter: str) -> None:
    content = "\r\n".join(delimiter.join(row) for row in [HEADINGS, *ROWS]).encode()
    assert read(content) == WRITTEN


def test_excel_reads_the_same() -> None:
    assert read(as_xlsx()) == WRITTEN


def test_numbers_and_dates_of_excel_are_written_as_a_person_would() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["编号", "电话", "反映时间"])
    book.active.append([7, 13805716021.0, datetime(2024, 3, 4, 9, 30)])
    buffer = io.BytesIO()
    book.save(buffer)
    assert read(buffer.getvalue())[1] == ["7", "13805716021", "2024-03-04 09:30:00"]


def test_rows_are_counted_as_they_stand_in_the_file() -> None:
    content = '编号,内容\n1,"两\n行"\n\n2,后来\n'.encode()
    assert [(line.number, line.cells[0]) for line in lines(io.BytesIO(content))] == [(1, "编号"), (2, "1"), (5, "2")]


def test_a_formula_is_never_calculated_and_counts_as_what_it_showed() -> None:
    content = as_xlsx(
        [["=1+1", "2024-03-04", '=HYPERLINK("http://example.org")', "", "漏水", "", "", "", ""]], calculates=True
    )
    assert read(content)[1][:3] == ["", "2024-03-04", ""]


def test_a_csv_file_that_is_called_xlsx_is_read_as_what_it_is() -> None:
    assert reading.kind_of(io.BytesIO(as_csv())) == "csv"
    assert reading.kind_of(io.BytesIO(as_xlsx())) == "xlsx"


def bomb(size: int) -> bytes:
    buffer = io.BytesIO(as_xlsx())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/padding.xml", "w") as member:
        for _mebibyte in range(size):
            member.write(b" " * 1024 * 1024)
    return buffer.getvalue()


def entities() -> bytes:
    """A billion laughs in a part of a workbook."""
    source, target = zipfile.ZipFile(io.BytesIO(as_xlsx())), io.BytesIO()
    laughs = '<!DOCTYPE sst [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/workbook.xml":
                text = f"<?xml version='1.0'?>{laughs}]><workbook>&j;</workbook>".encode()
            archive.writestr(name, text)
    return target.getvalue()


HOSTILE = {
    "nothing": b"",
    "blank lines": b"\n\n\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "excel of the old kind": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "an archive that is no workbook": as_xlsx()[:200],
    "a workbook cut off": as_xlsx()[:-400],
    "an open quotation mark": '编号,内容\n1,"没有结束\n2,别的\n'.encode(),
    "a cell of megabytes": ("编号,内容\n1," + "长" * 200_000 + "\n").encode(),
    "a bomb": bomb(65),
    "a billion laughs": entities(),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_register_is_refused_in_words(what: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(HOSTILE[what])
    assert len(str(refusal.value)) > 5


def test_a_million_rows_are_refused_at_the_first_one_too_many() -> None:
    content = b"a,b\n" + b"1,2\n" * 1_000_000
    with pytest.raises(Refused, match="20000"):
        read(content)


def test_a_sheet_of_a_million_empty_rows_ends_after_the_gap() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["编号", "内容"])
    book.active["A1000000"] = "far away"
    buffer = io.BytesIO()
    book.save(buffer)
    assert read(buffer.getvalue()) == [["编号", "内容"]]


def test_the_first_rows_are_read_without_the_rest() -> None:
    head = head_of(io.BytesIO(b"a,b\n" + b"1,2\n" * 1_000_000))
    assert len(head.rows) == 8


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (HEADINGS,
         ["outside_number", "received_at", "name", "phone", "matter", "nature", "category", "answer", "answered_at"]),
        (["number", "author", "subject", "sent_at", "text", "category"],
         ["outside_number", "name", "title", "received_at", "matter", "category"]),
        (["序号", "来访日期", "来访人", "联系方式", "来访事由", "办理情况", "接待人", "备注"],
         ["outside_number", "received_at", "name", "phone", "matter", "answer", "owner", None]),
        (["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"],
         ["outside_number", "name", "title", "received_at", "matter", "answer", "answered_at"]),
        (["  姓 名（必填）", "PHONE"], [None, "phone"]),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_the_headings_of_offices(headings: list[str], expected: list[str | None]) -> None:
    found = {column: field for field, column in guess(headings).items()}
    assert [found.get(column) for column in range(len(headings))] == expected
