"""The complaint form: registration, confirmation, investigation, finding, measures and result on one paper."""

from __future__ import annotations

from collections import defaultdict

from cases.models import TransferSlip
from cases.vocabulary import GONE_SLIP_STATES, Verdict
from complaints.models import ComplaintKind
from complaints.rights import may_see_measures
from web.desk.complaint_sheet import drawn, lead_among, read
from web.desk.papers.choices import ticked
from web.desk.papers.of_case import last_answers
from web.desk.papers.of_department import is_named, visits_of
from web.desk.papers.sheet import Found, Known, Reader, Sheet


def find_complaint(known: Known, reader: Reader) -> list[Found]:
    case = known.case
    held = (slip["department"] for slip in known.slips if slip["state"] not in GONE_SLIP_STATES)
    may = reader.is_of_hall(case) or any(reader.has(department) for department in held)
    return [Found(case.number)] if may and case.is_complaint_or_report() else []


def load_complaint(sheets: list[Sheet], reader: Reader) -> None:
    cases = [sheet.case for sheet in sheets]
    rows, visits, answers = read(cases), visits_of(cases), last_answers(cases)
    slips: defaultdict[int, list[TransferSlip]] = defaultdict(list)
    for slip in TransferSlip.objects.filter(case__in=cases).select_related("department", "handler").order_by("pk"):
        slips[slip.case_id].append(slip)
    for sheet in sheets:
        case, row = sheet.case, rows[sheet.case.pk]
        # Asked here of all cases at once; otherwise each would ask for its own.
        case.__dict__["lead_of_round"] = lead_among(slips[case.pk], case.round)
        complaint = drawn(case, row, slips[case.pk], sees_measures=may_see_measures(case, reader.staff))
        kind = row["lodged"][0]["kind"] if row["lodged"] else ""
        sheet.facts = {
            "complaint": complaint,
            "kinds": ticked(ComplaintKind, kind),
            "verdicts": ticked(Verdict, case.finding),
            "visits": visits[case.pk],
            "answer": answers.get((case.pk, case.round)),
            "is_named": is_named(case),
        }
