"""What stands beside a case on its page: the answers, every follow-up and what came of it. Read in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise

from cases.models import Answer, Attachment, Case, Extension, Pause, SupervisionNotice
from cases.models.case import CaseQuerySet
from cases.vocabulary import AnswerMeans, AttachmentKind, CaseState, SignatureKind, StoodIn
from followups.models import (
    Conclusion,
    Evaluation,
    EvaluationChannel,
    FollowUpAttempt,
    LateAnswer,
    Means,
    NotEvaluatedBecause,
    RectificationNotice,
    Satisfaction,
    SecondLook,
    Solved,
    UnevaluatedRound,
)
from foundation.residents.names import mask_name
from web.desk.read_along import rows_of
from web.desk.said_later import LATE, LOOK, Late, Look, late, look
from web.desk.suspended import ASKED, Suspended, extended, paused

Words = str | Promise


@dataclass(frozen=True)
class Told:
    """One attempt to tell the resident the answer."""

    at: datetime
    by: str
    means: Words
    is_reached: bool
    text: str
    signature_kind: Words
    unsigned_reason: str
    signature: str | None
    """The public id of the picture."""


@dataclass(frozen=True)
class Attempt:
    at: datetime
    by: str
    means: Words
    remark: str


@dataclass(frozen=True)
class Said:
    at: datetime
    by: str
    channel: Words
    is_contacted: bool
    solved: Words
    satisfaction: Words
    reasons: str
    remark: str
    is_entered_by_resident: bool
    stood_in: Words
    signature: str | None


@dataclass(frozen=True)
class ClosedUnasked:
    at: datetime
    by: str
    because: Words


@dataclass(frozen=True)
class Notice:
    at: datetime
    number: str
    department: str
    reasons: str


@dataclass(frozen=True)
class Merged:
    """Another resident's case that goes on with this one."""

    number: str
    title: str
    resident: str
    """Masked; empty: anonymous."""
    state: Words
    notice: str
    """The number of the rectification notice about the result it shares, where this reader may open it."""


@dataclass(frozen=True)
class Pressed:
    """A supervision notice, and what it was answered."""

    number: str
    department: str
    """Empty: the desk."""
    wanted: str
    due_at: datetime
    by: str
    at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    is_withdrawn: bool


@dataclass(frozen=True)
class Filed:
    """A file of the resident or of a department; signatures stand with what was signed."""

    public_id: str
    name: str
    kind: Words
    size: int
    is_image: bool


@dataclass(frozen=True)
class Concluded:
    letter: str
    review_body: str
    by: str
    at: datetime


@dataclass
class FollowUpRound:
    number: int
    attempts: list[Attempt] = field(default_factory=list)
    """Those that reached nobody; one that did is told by what was said."""
    said: Said | None = None
    closed: ClosedUnasked | None = None
    notice: Notice | None = None
    late: list[Late] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)


@dataclass(frozen=True)
class Beside:
    answers: list[Told]
    follow_ups: list[FollowUpRound]
    """The last round first."""
    other_cases: int
    files: list[Filed]
    merged: list[Merged]
    pressed: list[Pressed]
    concluded: list[Concluded]
    """One, or none."""
    pauses: list[Suspended]
    extensions: list[Suspended]
    further: Mapping[str, Any]


def beside(
    case: Case, others: CaseQuerySet, merged: CaseQuerySet, further: Mapping[str, ArraySubquery] = MappingProxyType({})
) -> Beside:
    """others: the further cases of the resident that may be counted for this reader; merged: those they may know of.

    further: what another part of the page reads along; it comes back as it is.
    """
    row = (
        Case.objects.filter(pk=case.pk)
        .values(
            told=rows_of(
                Answer.objects.order_by("answered_at", "pk"),
                at="answered_at",
                by="answered_by__name",
                means="means",
                is_reached="is_reached",
                text="text",
                signature_kind="signature_kind",
                unsigned_reason="unsigned_reason",
                signature="signature__public_id",
            ),
            attempts=rows_of(
                FollowUpAttempt.objects.filter(is_reached=False).order_by("-at", "-pk"),
                round="round",
                at="at",
                by="by__name",
                means="means",
                remark="remark",
            ),
            said=rows_of(
                Evaluation.objects.all(),
                round="round",
                at="at",
                by="recorded_by__name",
                channel="channel",
                is_contacted="is_contacted",
                solved="solved",
                satisfaction="satisfaction",
                reasons="reasons",
                remark="remark",
                is_entered_by_resident="is_entered_by_resident",
                stood_in="stood_in",
                signature="signature__public_id",
            ),
            closed=rows_of(
                UnevaluatedRound.objects.all(), round="round", at="at", by="closed_by__name", because="because"
            ),
            late=rows_of(LateAnswer.objects.order_by("-at", "-pk"), **LATE),
            looks=rows_of(SecondLook.objects.order_by("-at", "-pk"), **LOOK),
            notices=rows_of(
                RectificationNotice.objects.all(),
                round="round",
                at="issued_at",
                number="number",
                department="department__name",
                reasons="reasons",
            ),
            files=rows_of(
                Attachment.objects.exclude(kind=AttachmentKind.SIGNATURE).order_by("uploaded_at", "pk"),
                public_id="public_id",
                name="name",
                kind="kind",
                size="size",
                content_type="content_type",
            ),
            merged=rows_of(
                merged.order_by("registered_at", "pk"),
                of="main_case",
                number="number",
                title="title",
                state="state",
                name="resident__name",
                sex="resident__sex",
                notice="notice",
            ),
            pressed=rows_of(
                SupervisionNotice.objects.order_by("-issued_at", "-pk"),
                number="number",
                department="slip__department__name",
                wanted="wanted",
                due_at="due_at",
                by="issued_by__name",
                at="issued_at",
                answer="answer",
                answered_by="answered_by__name",
                answered_at="answered_at",
                withdrawn_at="withdrawn_at",
            ),
            concluded=rows_of(
                Conclusion.objects.all(),
                letter="letter",
                review_body="review_body",
                by="concluded_by__name",
                at="concluded_at",
            ),
            stood_still=rows_of(
                Pause.objects.order_by("-asked_at", "-pk"),
                department="slip__department__name",
                reason="reason",
                is_shelved="is_shelved",
                text="text",
                ends_at="ends_at",
                ended_at="ended_at",
                **ASKED,
            ),
            extended=rows_of(
                Extension.objects.order_by("-asked_at", "-pk"),
                department="slip__department__name",
                working_days="working_days",
                text="reason",
                old_due_at="old_due_at",
                new_due_at="new_due_at",
                **ASKED,
            ),
            others=Coalesce(Subquery(_count(others)), 0),
            **further,
        )
        .get()
    )
    return Beside(
        answers=[_told(answer) for answer in row["told"]],
        follow_ups=_rounds(row),
        other_cases=row["others"],
        files=[_filed(one) for one in row["files"]],
        merged=[_merged(one) for one in row["merged"]],
        pressed=[_pressed(one) for one in row["pressed"]],
        concluded=[Concluded(one["letter"], one["review_body"], one["by"], _at(one)) for one in row["concluded"]],
        pauses=[paused(one) for one in row["stood_still"]],
        extensions=[extended(one) for one in row["extended"]],
        further={name: value for name, value in row.items() if name in further},
    )


def _count(others: CaseQuerySet) -> QuerySet[Any, Any]:
    # All of one hall, so the group is one: a number, or nothing where there is no row.
    counted: QuerySet[Any, Any] = others.order_by().values("hall").annotate(count=Count("pk"))
    return counted.values("count")


def _rounds(row: Any) -> list[FollowUpRound]:
    rounds: defaultdict[int, FollowUpRound] = defaultdict(lambda: FollowUpRound(0))
    for one in row["attempts"]:
        attempt = Attempt(_at(one), one["by"], Means(one["means"]).label, one["remark"])
        rounds[one["round"]].attempts.append(attempt)
    for one in row["said"]:
        rounds[one["round"]].said = _said(one)
    for one in row["closed"]:
        because = NotEvaluatedBecause(one["because"]).label
        rounds[one["round"]].closed = ClosedUnasked(_at(one), one["by"], because)
    for one in row["late"]:
        rounds[one["round"]].late.append(late(one))
    for one in row["looks"]:
        rounds[one["round"]].looks.append(look(one))
    for one in row["notices"]:
        notice = Notice(_at(one), one["number"], one["department"] or "", one["reasons"])
        rounds[one["round"]].notice = notice
    for number, found in rounds.items():
        found.number = number
    return [rounds[number] for number in sorted(rounds, reverse=True)]


def _told(one: dict[str, Any]) -> Told:
    return Told(
        at=_at(one),
        by=one["by"],
        means=AnswerMeans(one["means"]).label,
        is_reached=one["is_reached"],
        text=one["text"],
        signature_kind=SignatureKind(one["signature_kind"]).label,
        unsigned_reason=one["unsigned_reason"],
        signature=one["signature"],
    )


def _filed(one: dict[str, Any]) -> Filed:
    return Filed(
        public_id=one["public_id"],
        name=one["name"],
        kind=AttachmentKind(one["kind"]).label,
        size=one["size"],
        is_image=one["content_type"].startswith("image/"),
    )


def _merged(one: dict[str, Any]) -> Merged:
    return Merged(
        number=one["number"],
        title=one["title"],
        resident=mask_name(one["name"], sex=one["sex"]) if one["name"] else "",
        state=CaseState(one["state"]).label,
        notice=one["notice"] or "",
    )


def _pressed(one: dict[str, Any]) -> Pressed:
    return Pressed(
        number=one["number"],
        department=one["department"] or "",
        wanted=one["wanted"],
        due_at=_at(one, "due_at"),
        by=one["by"],
        at=_at(one),
        answer=one["answer"],
        answered_by=one["answered_by"] or "",
        answered_at=_at(one, "answered_at") if one["answered_at"] else None,
        is_withdrawn=one["withdrawn_at"] is not None,
    )


def _said(one: dict[str, Any]) -> Said:
    return Said(
        at=_at(one),
        by=one["by"] or "",
        channel=EvaluationChannel(one["channel"]).label,
        is_contacted=one["is_contacted"],
        solved=Solved(one["solved"]).label,
        satisfaction=Satisfaction(one["satisfaction"]).label,
        reasons=one["reasons"],
        remark=one["remark"],
        is_entered_by_resident=one["is_entered_by_resident"],
        stood_in=StoodIn(one["stood_in"]).label if one["stood_in"] else "",
        signature=one["signature"],
    )


def _at(one: dict[str, Any], name: str = "at") -> datetime:
    """Inside an object the database writes moments as text."""
    return datetime.fromisoformat(one[name])
