"""What a resident added by themselves, and why they wanted to withdraw, leaves the house with them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.actions.add_information import add_information
from cases.actions.withdraw import wish_withdrawal
from cases.models import Case
from cases.uploads import CleanFile
from foundation.ledger.models import Text
from foundation.ledger.verify import verify
from reception.models import Visit
from records.erasure import erase_resident
from tests import matters
from tests.builders import Town
from tests.cases.course_steps import refuse_withdrawal, withdraw
from tests.matters import MONDAY

ADDED, WISH, CHECKED = "我家在三栋二单元五零一。", "儿子让我不要再闹了。", "王秀兰本人说没有提出过。"
PHOTO = CleanFile("three-two-501.pdf", "application/pdf", b"%PDF-1.4 photo")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_words_files_and_wishes_from_outside_are_erased_with_the_resident(town: Town, media: Path):
    case = matters.accepted(town)
    add_information(case_id=case.pk, text=ADDED, files=[PHOTO], submission_key=uuid.uuid4(), now=MONDAY)
    wish_withdrawal(case_id=case.pk, now=MONDAY, wish=WISH)
    refuse_withdrawal(case, town.lin, MONDAY, checked=CHECKED)
    wish_withdrawal(case_id=case.pk, now=MONDAY, wish=WISH)
    withdraw(case, town.lin, MONDAY, text=WISH)
    assert case.resident is not None
    erase_resident(
        resident_id=case.resident.pk, actor=town.chen, reason="本人书面申请", now=MONDAY + timedelta(days=30)
    )
    left = " ".join(
        [
            *map(str, Text.objects.filter(content__isnull=False).values_list("content", flat=True)),
            *Visit.objects.values_list("matter", flat=True),
            *Case.objects.get(pk=case.pk).attachments.values_list("name", flat=True),
        ]
    )
    for words in (ADDED, WISH, CHECKED, PHOTO.name):
        assert words not in left
    assert [file for file in media.rglob("*") if file.is_file()] == []
    assert list(verify()) == []
