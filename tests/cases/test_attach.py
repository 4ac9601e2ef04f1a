"""Files of a case: under random names, once each, for those who see the case."""

from __future__ import annotations

import pytest

from cases.actions.attach import attach
from cases.actions.bar import bar
from cases.models import Attachment, Case, TransferSlip
from cases.uploads import CleanFile
from foundation.organization.models import Staff
from foundation.refusals import NotAllowed, Refused, WrongState
from tests import matters
from tests.builders import Town
from tests.cases.steps import accept, archive, fresh, kinds, last_entry, march, refused
from tests.matters import MONDAY


def paper(words: str = "漏水照片") -> CleanFile:
    return CleanFile(f"{words}.pdf", "application/pdf", b"%PDF-1.7 " + words.encode())


def add(
    case: Case | TransferSlip,
    by: Staff | None,
    *files: CleanFile,
    slip: TransferSlip | None = None,
    kind: str = "resident",
) -> list[Attachment]:
    return attach(case_id=fresh(case).pk, files=files or [paper()], kind=kind, actor=by, now=march(2, 11), slip=slip)


@pytest.fixture
def case(town: Town) -> Case:
    return matters.registered(town)


def test_the_name_on_the_disk_tells_nothing_of_the_senders(town: Town, case: Case):
    (file,) = add(case, town.lin)
    assert (file.name, file.content_type, file.uploaded_by, file.size) == (
        "漏水照片.pdf",
        "application/pdf",
        town.lin,
        21,
    )
    assert file.file.name == f"attachments/{file.public_id.hex[:2]}/{file.public_id.hex}"
    assert file.file.read() == b"%PDF-1.7 " + "漏水照片".encode()


def test_the_record_holds_the_fingerprint(town: Town, case: Case):
    (file,) = add(case, town.lin)
    entry = last_entry(case)
    assert kinds(case)[-1] == "case.files_added"
    assert entry.payload["files"] == [{"id": str(file.public_id), "sha256": file.sha256, "size": 21}]
    assert entry.texts == {"name_1": "漏水照片.pdf"}


def test_open_forms_stay_good(town: Town, case: Case):
    drawn = fresh(case).transition_no
    add(case, town.mei)
    assert accept(case, town.lin, transition_no=drawn).state == "accepted"


def test_the_same_file_is_kept_once_however_often_it_is_sent(town: Town, case: Case):
    assert len(add(case, town.lin, paper("一"), paper("二"), paper("一"))) == 2
    assert add(case, town.lin, paper("二")) == []
    assert case.attachments.count() == 2
    assert kinds(case).count("case.files_added") == 1


def test_nine_files_at_a_time_and_no_more(town: Town, case: Case):
    files = [paper(str(number)) for number in range(10)]
    with refused(Refused, case, field="attachments"):
        add(case, town.lin, *files)
    assert [file.name for file in add(case, town.lin, *files[:9])] == [f"{number}.pdf" for number in range(9)]


def test_evidence_hangs_on_its_slip(town: Town):
    slip = matters.signed(town)
    (file,) = add(slip, town.wang, slip=slip, kind="evidence")
    assert (file.slip, file.kind, last_entry(slip).payload["on_slip"]) == (slip, "evidence", slip.number)


def test_a_slip_of_another_case_is_refused(town: Town, case: Case):
    slip = matters.signed(town)
    with refused(NotAllowed, case):
        add(case, town.lin, slip=slip)


def test_whoever_does_not_see_the_case_adds_nothing(town: Town, case: Case):
    for person in (town.wang, town.zhao, town.gu, town.he, town.lu, town.han, town.jiang, town.xu):
        with refused(NotAllowed, case):
            add(case, person)
    bar(case_id=case.pk, staff=town.mei, reason="被投诉", actor=town.lin, now=MONDAY)
    with refused(NotAllowed, case):
        add(case, town.mei)


def test_residents_add_files_without_any_staff(town: Town, case: Case):
    (file,) = add(case, None)
    assert file.uploaded_by is None


def test_a_closed_case_is_read_only(town: Town):
    case = archive(matters.informed(town), town.mei)
    with refused(WrongState, case):
        add(case, town.lin)
