"""What a paper is, what a sheet of it is, and who reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from cases.models import Answer, Case, Extension, Part, SupervisionNotice, TransferSlip
from cases.powers import knows_identity
from cases.vocabulary import GONE_SLIP_STATES, SlipKind, SlipState
from followups.models import Conclusion, Evaluation, FollowUpAttempt, RectificationNotice, UnevaluatedRound
from foundation.organization.models import Role, Staff
from web.desk.read_along import rows_of

Words = str | Promise
Row = dict[str, Any]


@dataclass(frozen=True)
class Reader:
    """Who holds the paper in their hands after it was printed."""

    staff: Staff

    def is_of_hall(self, case: Case) -> bool:
        return self.staff.sees_all_content or case.hall_id in self.staff.content_hall_ids

    def has(self, department_id: int | None) -> bool:
        return department_id is not None and department_id in self.staff.department_ids()

    def heads(self, department_id: int | None) -> bool:
        return department_id is not None and department_id in self.staff.department_ids(Role.HEAD)

    def knows_identity(self, case: Case) -> bool:
        return knows_identity(case, self.staff)


@dataclass(frozen=True)
class Known:
    """What there is of a case, as far as it decides which papers exist: one query for any number of cases."""

    case: Case
    slips: list[Row]
    shared_slips: list[Row]
    """Of its main case, whose result it has."""
    extensions: list[Row]
    supervision_notices: list[Row]
    rectification_notices: list[Row]
    answered_rounds: set[int]
    followed_rounds: set[int]
    is_concluded: bool

    def departments_behind(self, round_number: int) -> list[int]:
        """Whose results the round was answered with, as TransferSlip.objects.answering."""
        if self.case.round_is_shared(round_number):
            return [slip["department"] for slip in self.shared_slips]
        asked = (round_number, SlipState.REPORTED)
        return [slip["department"] for slip in self.slips if (slip["round"], slip["state"]) == asked]

    def lead_department(self, round_number: int) -> int | None:
        """Whose result the round ended with."""
        for slip in self.slips:
            if (slip["round"], slip["kind"], slip["state"]) == (round_number, SlipKind.LEAD, SlipState.REPORTED):
                return int(slip["department"])
        return None

    def may_see_slip(self, slip_id: int | None, reader: Reader) -> bool:
        """As TransferSlip.objects.visible_to: the hall's people all, a department those it holds."""
        if reader.is_of_hall(self.case):
            return True
        return any(
            slip["pk"] == slip_id and slip["state"] not in GONE_SLIP_STATES and reader.has(slip["department"])
            for slip in self.slips
        )


@dataclass(frozen=True)
class Found:
    """One sheet that can be printed: the row it is drawn from, what numbers it, and the round it belongs to."""

    number: str
    row: int = 0
    round: int = 0


@dataclass
class Sheet:
    paper: Paper
    case: Case
    found: Found
    hint: str = ""
    """What tells it from others of its kind, where there are several."""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return self.found.number

    @property
    def url(self) -> str:
        return self.paper.address(self.case, self.found)


def by_case(case: Case, found: Found, *, name: str) -> str:
    address = reverse("desk:print_paper", args=[case.number, name])
    return f"{address}?round={found.round}" if found.round else address


@dataclass(frozen=True)
class Paper:
    name: str
    label: Words
    template: str
    find: Callable[[Known, Reader], list[Found]]
    """The sheets of a case that exist and that this reader may print."""
    load: Callable[[list[Sheet], Reader], None]
    """Fills the facts of any number of sheets in a fixed number of queries."""
    own_address: Callable[[Case, Found], str] | None = None

    def address(self, case: Case, found: Found) -> str:
        return self.own_address(case, found) if self.own_address else by_case(case, found, name=self.name)


def known(cases: Iterable[Case]) -> list[Known]:
    by_id = {case.pk: case for case in cases}
    rows = Case.objects.filter(pk__in=by_id).values(
        "pk",
        all_slips=rows_of(
            TransferSlip.objects.order_by("round", "pk"),
            pk="pk", number="number", round="round", kind="kind", state="state", department="department",
        ),
        shared=rows_of(TransferSlip.objects.all(), of="shared_with", department="department"),
        all_extensions=rows_of(
            Extension.objects.order_by("asked_at", "pk"), pk="pk", slip="slip", slip_number="slip__number"
        ),
        pressed=rows_of(
            SupervisionNotice.objects.order_by("issued_at", "pk"), pk="pk", number="number", slip="slip"
        ),
        rectified=rows_of(
            RectificationNotice.objects.order_by("round"),
            pk="pk", number="number", round="round", department="department",
        ),
        answered=_rounds(Answer.objects.filter(is_reached=True)),
        attempted=_rounds(FollowUpAttempt.objects.all()),
        evaluated=_rounds(Evaluation.objects.all()),
        unevaluated=_rounds(UnevaluatedRound.objects.all()),
        concluded=Exists(Conclusion.objects.filter(case=OuterRef("pk"))),
    )  # fmt: skip
    found: dict[int, Row] = {row["pk"]: {**row} for row in rows}
    return [_known(case, found[case.pk]) for case in by_id.values()]


def _known(case: Case, row: Row) -> Known:
    return Known(
        case=case,
        slips=row["all_slips"],
        shared_slips=row["shared"],
        extensions=row["all_extensions"],
        supervision_notices=row["pressed"],
        rectification_notices=row["rectified"],
        answered_rounds=set(row["answered"]),
        followed_rounds={*row["attempted"], *row["evaluated"], *row["unevaluated"]},
        is_concluded=row["concluded"],
    )


def _rounds(rows: QuerySet[Any]) -> ArraySubquery:
    return ArraySubquery(rows.filter(case=OuterRef("pk")).order_by("round").values("round").distinct())


def slips_behind(cases: Iterable[Case], staff: Staff) -> defaultdict[tuple[int, int], list[TransferSlip]]:
    """Whose results each round was answered with, by case and round, as TransferSlip.objects.answering.

    The result of a main case is not for a reader who is barred from it.
    """
    by_id = {case.pk: case for case in cases}
    slips = TransferSlip.objects.exclude_barred(staff).select_related("case", "department", "handler").order_by("pk")
    behind: defaultdict[tuple[int, int], list[TransferSlip]] = defaultdict(list)
    for slip in slips.filter(case__in=by_id, state=SlipState.REPORTED).defer("case__search"):
        if not by_id[slip.case_id].round_is_shared(slip.round):
            behind[slip.case_id, slip.round].append(slip)
    shared: QuerySet[Any] = slips.filter(shared_with__in=by_id).annotate(answered=F("shared_with"))
    for slip in shared.defer("case__search"):
        behind[slip.answered, 1].append(slip)
    return behind


def meet_people(cases: Iterable[Case]) -> None:
    """Who is part of each case, in one query instead of one a case; powers of alike cases are asked once."""
    listed = list(cases)
    parts: dict[int, list[Part]] = {case.pk: [] for case in listed}
    for part in Part.objects.filter(case__in=listed, ended_at=None).select_related("staff").order_by("pk"):
        parts[part.case_id].append(part)
    lacking: dict[tuple[int, frozenset[int]], dict[Role, bool]] = {}
    for case in listed:
        case.active_parts = parts[case.pk]
        case.lacking = lacking.setdefault((case.hall_id, frozenset(case.barred_ids)), {})
