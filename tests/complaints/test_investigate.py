"""Interviews, site checks and evidence are written down while a department investigates, and never altered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from cases.actions.sign import Signature
from cases.models import Attachment
from cases.uploads import CleanFile
from complaints.models import InvestigationRecord
from foundation.refusals import NotAllowed, Refused, Stale, WrongState
from tests.builders import Town
from tests.cases.steps import fresh, last_entry, march, refused, report
from tests.complaints.procedure import looked_into, record
from tests.matters import MONDAY, investigating, signed

PHOTO = CleanFile("收据.jpg", "image/jpeg", b"photo")
DRAWN = CleanFile("Signature.png", "image/png", b"drawn")


def test_an_interview_is_kept_with_who_was_heard_and_their_signature(town: Town) -> None:
    slip = looked_into(town)
    kept = record(
        slip,
        town.qian,
        march(3, 10),
        happened_at=march(3, 9),
        heard=" 邻居李某 ",
        place="三栋楼下",
        signature=Signature("tablet", image=DRAWN),
        files=[PHOTO],
    )
    assert (kept.heard, kept.place, kept.signature_kind, kept.recorded_by) == (
        "邻居李某",
        "三栋楼下",
        "tablet",
        town.qian,
    )
    assert kept.signature is not None
    assert kept.signature.kind == "signature"
    assert [(file.name, file.kind, file.slip) for file in kept.files.all()] == [("收据.jpg", "evidence", slip)]
    entry = last_entry(slip)
    assert (entry.kind, entry.happened_at, entry.payload["kind"]) == ("slip.record_added", march(3, 9), "interview")
    assert entry.texts["text"] == "当天确实多收了二百元。"


def test_site_checks_and_evidence_stand_in_the_order_in_which_they_happened(town: Town) -> None:
    slip = looked_into(town)
    record(slip, town.qian, march(4, 10), kind="evidence", files=[PHOTO])
    record(slip, town.qian, march(5, 10), kind="site_check", happened_at=march(3, 10))
    record(slip, town.zhao, march(6, 10), signature=Signature("none", unsigned_reason="不愿签字"))
    assert list(InvestigationRecord.objects.values_list("kind", "recorded_by__username")) == [
        ("site_check", "qian"),
        ("evidence", "qian"),
        ("interview", "zhao"),
    ]


def test_a_photo_the_case_holds_already_is_not_stored_twice(town: Town) -> None:
    slip = looked_into(town)
    record(slip, town.qian, kind="evidence", files=[PHOTO, PHOTO])
    record(slip, town.qian, kind="site_check", files=[PHOTO])
    assert Attachment.objects.count() == 1
    assert [kept.files.count() for kept in InvestigationRecord.objects.all()] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("interview", {"heard": " "}, "heard"),
        ("interview", {"text": ""}, "text"),
        ("interview", {"signature": None}, "signature_kind"),
        ("interview", {"signature": Signature("none")}, "unsigned_reason"),
        ("site_check", {"place": ""}, "place"),
        ("evidence", {}, "attachments"),
        ("rumour", {}, "kind"),
        ("interview", {"happened_at": MONDAY + timedelta(minutes=1)}, "happened_at"),
    ],
)
def test_what_is_missing_is_said_at_its_field(town: Town, kind: str, change: dict[str, Any], field: str) -> None:
    slip = looked_into(town)
    with refused(Refused, slip, field=field):
        record(slip, town.qian, kind=kind, **change)


@pytest.mark.parametrize("who", ["lin", "chen", "feng", "gu", "he", "lu"])
def test_only_who_works_the_slip_writes_records(town: Town, who: str) -> None:
    slip = looked_into(town)
    with refused(NotAllowed, slip):
        record(slip, getattr(town, who))


def test_whom_it_is_about_writes_no_record_though_they_work_in_the_department(town: Town) -> None:
    slip = looked_into(town, town.wang)
    with refused(NotAllowed, slip):
        record(slip, town.wang)


def test_records_are_written_while_it_is_investigated_and_only_about_complaints(town: Town) -> None:
    slip = signed(town, nature="complaint")
    with refused(WrongState, slip):
        record(slip, town.wang)
    slip = looked_into(town)
    report(slip, town.qian)
    with refused(WrongState, slip):
        record(slip, town.qian)
    slip = investigating(town)
    with refused(WrongState, slip):
        record(slip, town.wang)


def test_an_older_page_records_nothing_twice(town: Town) -> None:
    slip = looked_into(town)
    drawn = slip.transition_no
    record(slip, town.qian, transition_no=drawn)
    with refused(Stale, slip):
        record(slip, town.qian, transition_no=drawn)
    assert fresh(slip).investigation_records.count() == 1


@pytest.mark.parametrize("change", [{"kind": "evidence"}, {"recorded_at": MONDAY - timedelta(days=1)}])
def test_a_record_is_never_altered_nor_deleted_only_its_words_can_be_erased(town: Town, change: dict[str, Any]) -> None:
    kept = record(looked_into(town), town.qian)
    rows = InvestigationRecord.objects.filter(pk=kept.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    assert rows.update(text="***", heard="***") == 1
