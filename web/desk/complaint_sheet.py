"""The complaint sheet on the page of a case: from what was said to what followed. Read in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet
from django.utils.functional import Promise

from cases.models import Case, CaseDeadline, TransferSlip
from cases.vocabulary import GONE_SLIP_STATES, CaseState, PartRole, SignatureKind, Verdict
from complaints.models import (
    Apology,
    ApologyKind,
    Complaint,
    ComplaintKind,
    ConfirmMeans,
    Finding,
    Hearing,
    InvestigationRecord,
    NotHeardBecause,
    RecordKind,
    Sanction,
    SanctionKind,
)
from foundation.deadlines.models import ClockKind
from web.desk.read_along import rows_of
from web.desk.verbs.form import Verb

Words = str | Promise
Row = dict[str, Any]


@dataclass(frozen=True)
class FileOf:
    public_id: str
    name: str
    is_image: bool


@dataclass(frozen=True)
class Recorded:
    kind: Words
    at: datetime
    place: str
    heard: str
    text: str
    signature_kind: Words
    unsigned_reason: str
    signature: str | None
    by: str
    department: str
    files: list[FileOf]


@dataclass(frozen=True)
class Heard:
    """One asking of one person."""

    allegations: str
    asked_at: datetime
    asked_by: str
    account: str
    accounted_at: datetime | None
    is_on_paper: bool
    because: Words
    reason: str
    files: list[FileOf]


@dataclass(frozen=True)
class Subject:
    """One of those it is about."""

    name: str
    hearings: list[Heard]

    @property
    def is_settled(self) -> bool:
        return any(one.accounted_at or one.because for one in self.hearings)

    @property
    def is_asked(self) -> bool:
        return any(not (one.accounted_at or one.because) for one in self.hearings)


@dataclass(frozen=True)
class Found:
    round: int
    verdict: Words
    is_true: bool
    reasons: str
    department: str
    person: str
    other: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Followed:
    kind: Words
    person: str
    text: str
    correct_by: date | None
    by: str
    at: datetime
    corrected: str
    """How we know that it was put right; empty as long as nobody has confirmed it, and once it was erased."""
    corrected_by: str
    corrected_at: datetime | None


@dataclass(frozen=True)
class Public:
    kind: Words
    is_public: bool
    text: str
    by: str
    at: datetime


@dataclass
class ComplaintSheet:
    kind: Words = ""
    classified_by: str = ""
    classified_at: datetime | None = None
    about: str = ""
    lodged_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    confirm_means: Words = ""
    corrections: str = ""
    lead: TransferSlip | None = None
    """The responsible department; its handler is the investigator."""
    plan_clock: CaseDeadline | None = None
    subjects: list[Subject] = field(default_factory=list)
    records: list[Recorded] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    """The last first: it holds."""
    sanctions: list[Followed] = field(default_factory=list)
    """Empty for who may not read them; whether there are any says has_measures."""
    has_measures: bool = False
    apologies: list[Public] = field(default_factory=list)
    may_classify: bool = False
    keeps_from_telling: bool = False
    """The resident is to be told, and the finding is missing."""

    @property
    def unheard(self) -> list[str]:
        return [subject.name for subject in self.subjects if not subject.is_settled]

    @property
    def finding(self) -> Found | None:
        return self.findings[0] if self.findings else None


def complaint_sheet(
    case: Case,
    row: Mapping[str, Any],
    verbs: Sequence[Verb],
    slips: Sequence[TransferSlip],
    clocks: Sequence[CaseDeadline],
    *,
    sees_measures: bool,
) -> ComplaintSheet | None:
    """None for what is neither a complaint nor a report. row: the family read; verbs, slips, clocks: as on the page."""
    if not case.is_complaint_or_report():
        return None
    sheet = drawn(case, row, slips, sees_measures=sees_measures)
    offered = {verb.name for verb in verbs}
    sheet.may_classify = "classify" in offered
    lead_id = sheet.lead.pk if sheet.lead else None
    sheet.plan_clock = next(
        (one for one in clocks if one.is_running and one.kind == ClockKind.PLAN and one.slip_id == lead_id), None
    )
    return sheet


def drawn(case: Case, row: Mapping[str, Any], slips: Sequence[TransferSlip], *, sees_measures: bool) -> ComplaintSheet:
    """The sheet itself, on the page and on paper alike."""
    sheet = _with_lodging(ComplaintSheet(), row["lodged"])
    sheet.lead = lead_among(slips, case.round)
    heard: defaultdict[int, list[Heard]] = defaultdict(list)
    files = _files(row["hearing_files"])
    for one in row["heard"]:
        heard[one["staff"]].append(_heard(one, files[one["pk"]]))
    barred = [part for part in case.active_parts if part.role == PartRole.BARRED]
    sheet.subjects = [Subject(part.staff.name, heard[part.staff_id]) for part in barred]
    files = _files(row["record_files"])
    sheet.records = [_recorded(one, files[one["pk"]]) for one in row["records"]]
    sheet.findings = [_found(one) for one in row["found"]]
    sheet.has_measures = any(one["kind"] != SanctionKind.NONE for one in row["followed"])
    sheet.sanctions = [_followed(one) for one in row["followed"]] if sees_measures else []
    sheet.apologies = [_public(one) for one in row["public"]]
    sheet.keeps_from_telling = case.state == CaseState.FEEDBACK and case.wants_finding()
    return sheet


def family() -> dict[str, ArraySubquery]:
    """All that the room complaints holds of a case, to be read along with the case."""
    return {
        "lodged": rows_of(
            Complaint.objects.all(),
            kind="kind",
            classified_by="classified_by__name",
            classified_at="classified_at",
            about="about",
            lodged_at="lodged_at",
            confirmed_at="confirmed_at",
            confirmed_by="confirmed_by__name",
            confirm_means="confirm_means",
            corrections="corrections",
        ),
        "records": rows_of(
            InvestigationRecord.objects.order_by("happened_at", "pk"),
            pk="pk",
            kind="kind",
            at="happened_at",
            place="place",
            heard="heard",
            text="text",
            signature_kind="signature_kind",
            unsigned_reason="unsigned_reason",
            signature="signature__public_id",
            by="recorded_by__name",
            department="slip__department__name",
        ),
        "record_files": _files_of(InvestigationRecord.files.through.objects.all(), "investigationrecord"),
        "heard": rows_of(
            Hearing.objects.order_by("opened_at", "pk"),
            pk="pk",
            staff="staff",
            allegations="allegations",
            asked_at="opened_at",
            asked_by="opened_by__name",
            account="account",
            accounted_at="accounted_at",
            is_on_paper="is_on_paper",
            because="not_heard_because",
            reason="reason",
        ),
        "hearing_files": _files_of(Hearing.files.through.objects.all(), "hearing"),
        "found": rows_of(
            Finding.objects.order_by("-found_at", "-pk"),
            round="round",
            verdict="verdict",
            reasons="reasons",
            department="responsible_department__name",
            person="responsible_staff__name",
            other="responsible_other",
            by="found_by__name",
            at="found_at",
        ),
        "followed": rows_of(
            Sanction.objects.order_by("decided_at", "pk"),
            kind="kind",
            person="staff__name",
            text="text",
            correct_by="correct_by",
            by="decided_by__name",
            at="decided_at",
            corrected="correction__note",
            corrected_by="correction__confirmed_by__name",
            corrected_at="correction__confirmed_at",
        ),
        "public": rows_of(
            Apology.objects.order_by("-decided_at", "-pk"),
            kind="kind",
            text="text",
            by="decided_by__name",
            at="decided_at",
        ),
    }


def read(cases: Iterable[Case]) -> dict[int, Row]:
    """The same of many cases: one query for any number of them."""
    rows = Case.objects.filter(pk__in=[case.pk for case in cases]).values("pk", **family())
    return {row["pk"]: {**row} for row in rows}


def lead_among(slips: Iterable[TransferSlip], number: int) -> TransferSlip | None:
    """The lead slip of a round that is still its department's: its handler is the investigator."""
    leads = (slip for slip in slips if slip.round == number and slip.is_lead)
    return next((slip for slip in leads if slip.state not in GONE_SLIP_STATES), None)


def _files_of(rows: QuerySet[Any], owner: str) -> ArraySubquery:
    # What was erased with the resident has a row and no file.
    held = rows.exclude(attachment__file="").order_by("attachment__uploaded_at", "attachment")
    return rows_of(
        held,
        of=f"{owner}__case",
        owner=owner,
        public_id="attachment__public_id",
        name="attachment__name",
        content_type="attachment__content_type",
    )


def _files(rows: list[Row]) -> defaultdict[int, list[FileOf]]:
    files: defaultdict[int, list[FileOf]] = defaultdict(list)
    for one in rows:
        is_image = one["content_type"].startswith("image/")
        files[one["owner"]].append(FileOf(one["public_id"], one["name"], is_image))
    return files


def _with_lodging(sheet: ComplaintSheet, rows: list[Row]) -> ComplaintSheet:
    for one in rows:
        sheet.kind = ComplaintKind(one["kind"]).label if one["kind"] else ""
        sheet.classified_by, sheet.classified_at = one["classified_by"] or "", _at(one["classified_at"])
        sheet.about, sheet.lodged_at = one["about"], _at(one["lodged_at"])
        sheet.confirmed_by, sheet.confirmed_at = one["confirmed_by"] or "", _at(one["confirmed_at"])
        sheet.confirm_means = ConfirmMeans(one["confirm_means"]).label if one["confirm_means"] else ""
        sheet.corrections = one["corrections"]
    return sheet


def _recorded(one: Row, files: list[FileOf]) -> Recorded:
    return Recorded(
        kind=RecordKind(one["kind"]).label,
        at=datetime.fromisoformat(one["at"]),
        place=one["place"],
        heard=one["heard"],
        text=one["text"],
        signature_kind=SignatureKind(one["signature_kind"]).label if one["signature_kind"] else "",
        unsigned_reason=one["unsigned_reason"],
        signature=one["signature"],
        by=one["by"],
        department=one["department"],
        files=files,
    )


def _heard(one: Row, files: list[FileOf]) -> Heard:
    return Heard(
        allegations=one["allegations"],
        asked_at=datetime.fromisoformat(one["asked_at"]),
        asked_by=one["asked_by"],
        account=one["account"],
        accounted_at=_at(one["accounted_at"]),
        is_on_paper=one["is_on_paper"],
        because=NotHeardBecause(one["because"]).label if one["because"] else "",
        reason=one["reason"],
        files=files,
    )


def _found(one: Row) -> Found:
    return Found(
        round=one["round"],
        verdict=Verdict(one["verdict"]).label,
        is_true=one["verdict"] != Verdict.UNFOUNDED,
        reasons=one["reasons"],
        department=one["department"] or "",
        person=one["person"] or "",
        other=one["other"],
        by=one["by"],
        at=datetime.fromisoformat(one["at"]),
    )


def _followed(one: Row) -> Followed:
    return Followed(
        kind=SanctionKind(one["kind"]).label,
        person=one["person"] or "",
        text=one["text"],
        correct_by=date.fromisoformat(one["correct_by"]) if one["correct_by"] else None,
        by=one["by"],
        at=datetime.fromisoformat(one["at"]),
        corrected=one["corrected"] or "",
        corrected_by=one["corrected_by"] or "",
        corrected_at=_at(one["corrected_at"]),
    )


def _public(one: Row) -> Public:
    return Public(
        kind=ApologyKind(one["kind"]).label,
        is_public=one["kind"] != ApologyKind.NONE,
        text=one["text"],
        by=one["by"],
        at=datetime.fromisoformat(one["at"]),
    )


def _at(moment: str | None) -> datetime | None:
    """Inside an object the database writes moments as text."""
    return datetime.fromisoformat(moment) if moment else None
