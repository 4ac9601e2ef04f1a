"""Old registers for the tests: rows as an office kept them, written as one program or another would."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from foundation.organization.models import Staff
from records.importing.actions import Setting, hand_in, head_of, set_up
from records.importing.job import claim, go_on
from records.importing.mapping import guess
from records.models import ImportJob
from tests.builders import Town, category
from tests.matters import SHANGHAI

HEADINGS = ["登记号", "反映时间", "姓名", "电话", "诉求内容", "诉求类型", "类别", "答复内容", "答复时间"]
LEAK = [
    "1",
    "2024-03-04 09:30",
    "王秀兰",
    "13805716021",
    "三栋二单元楼顶漏水，卧室墙面发霉。",
    "求助",
    "室内上下水渗漏",
    "",
    "",
]
NOISE = ["2", "2024年3月5日 10时15分", "匿名", "", "楼下烧烤店每晚吵到一点。", "投诉", "商铺噪声", "", ""]
PENSION = [
    "3",
    "2024/3/6 8:00",
    "李建国",
    "0571-88886666",
    "请问养老保险在哪里补缴？",
    "咨询",
    "养老保险",
    "请到劳动保障服务站二号窗口办理。",
    "2024/3/7 16:00",
]
LIFT = [
    "4",
    "2023-12-29",
    "王秀兰",
    "138 0571 6021",
    "电梯停运三天。",
    "",
    "电梯停运",
    "已修复运行。",
    "2024-01-31 10:00",
]
ROWS = [LEAK, NOISE, PENSION, LIFT]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI)


def as_csv(
    rows: Sequence[Sequence[str]] = ROWS, *, headings: Sequence[str] = HEADINGS, encoding: str = "utf-8"
) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([headings, *rows])
    return buffer.getvalue().encode(encoding)


def as_xlsx(
    rows: Sequence[Sequence[Any]] = ROWS, *, headings: Sequence[str] = HEADINGS, calculates: bool = False
) -> bytes:
    """calculates: what begins with = is a formula, not a text."""
    book = Workbook()
    assert book.active is not None
    for row in [headings, *rows]:
        book.active.append(list(row))
    for row_of_cells in book.active.iter_rows():
        for cell in row_of_cells:
            if cell.data_type == "f" and not calculates:
                cell.data_type = "s"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def handed_in(town: Town, content: bytes, *, name: str = "台账.csv", by: Staff | None = None) -> ImportJob:
    return hand_in(hall=town.north, asked_by=by or town.chen, file=io.BytesIO(content), name=name, now=NOW)


def begun(town: Town, content: bytes, *, begins: bool = True, **more: Any) -> ImportJob:
    job = handed_in(town, content)
    setting: dict[str, Any] = {
        "actor": town.lin,
        "mapping": guess(head_of(io.BytesIO(content)).headings),
        "category": category(town.north),
    }
    return set_up(job_id=job.pk, asked_by=town.chen, setting=Setting(**setting | more), now=NOW, begins=begins)


def worked(job: ImportJob, *, now: datetime = NOW) -> ImportJob:
    own = claim(now=now, job_id=job.pk)
    assert own is not None
    go_on(own, clock=lambda: now)
    return ImportJob.objects.get(pk=job.pk)


def taken_in(town: Town, content: bytes, **more: Any) -> ImportJob:
    return worked(begun(town, content, **more))


def write(folder: Path, content: bytes, name: str = "台账.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
