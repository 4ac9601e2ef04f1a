"""A complaint about handler Wang, on its way through the procedure, and its buttons in one line each."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cases.actions.sign import Signature
from cases.models import Case, TransferSlip
from complaints.actions import classify as classes
from complaints.actions import decide, find, hear
from complaints.actions.investigate import add_record
from complaints.actions.lodge import lodge
from complaints.models import (
    Apology,
    Complaint,
    ComplaintSubject,
    Correction,
    Finding,
    Hearing,
    InvestigationRecord,
    Sanction,
)
from foundation.organization.models import Staff
from tests.builders import Town
from tests.cases.steps import accept, contact, drawn, fresh, investigate, report, sign_in, transfer
from tests.matters import MONDAY, registered

HOUR = timedelta(hours=1)
ABOUT = "维修师傅态度恶劣，还多收了钱。"


def lodged(town: Town, *about: Staff, nature: str = "complaint", now: datetime = MONDAY, **more: Any) -> Case:
    case = registered(town, now=now, nature=nature, matter=ABOUT, channel="letter", **more)
    lodge(case_id=case.pk, about_staff=about, about=ABOUT, actor=town.lin, now=now)
    return fresh(case)


def looked_into(town: Town, *about: Staff, now: datetime = MONDAY, **more: Any) -> TransferSlip:
    """Qian of the works department investigates it since an hour."""
    case = accept(lodged(town, *about, now=now, **more), town.lin, now)
    slip = sign_in(transfer(case, town.lin, town.works, now), town.zhao, town.qian, now)
    if not slip.case.is_anonymous:
        slip = contact(slip, town.qian, now)
    return investigate(slip, town.qian, now)


def in_feedback(town: Town, *about: Staff, now: datetime = MONDAY, **more: Any) -> Case:
    return fresh(report(looked_into(town, *about, now=now, **more), town.qian, now + HOUR))


def _case(subject: Case | TransferSlip, by: Staff, at: datetime, transition_no: int | None) -> dict[str, Any]:
    case = fresh(subject)
    return {"case_id": case.pk, "transition_no": drawn(case, transition_no), "actor": by, "now": at}


def classify(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    kind: str = "conduct",
    transition_no: int | None = None,
) -> Complaint:
    return classes.classify(**_case(case, by, at, transition_no), kind=kind)


def name_subject(
    case: Case | TransferSlip,
    by: Staff,
    staff: Staff,
    at: datetime = MONDAY,
    *,
    reason: str = "居民补充说是这位师傅。",
    transition_no: int | None = None,
) -> ComplaintSubject:
    return classes.name_subject(**_case(case, by, at, transition_no), staff=staff, reason=reason)


def record(
    slip: TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    kind: str = "interview",
    transition_no: int | None = None,
    **more: Any,
) -> InvestigationRecord:
    words: dict[str, Any] = {"text": "当天确实多收了二百元。", "happened_at": at}
    if kind == "interview":
        words |= {"heard": "邻居李某", "signature": Signature("paper")}
    elif kind == "site_check":
        words |= {"place": "三栋二单元"}
    return add_record(
        slip_id=slip.pk, transition_no=drawn(slip, transition_no), actor=by, now=at, kind=kind, **(words | more)
    )


def ask(
    case: Case | TransferSlip,
    by: Staff,
    staff: Staff,
    at: datetime = MONDAY,
    *,
    allegations: str = "有居民反映，三月一日上门维修时多收费用。请书面说明经过。",
    transition_no: int | None = None,
) -> Hearing:
    return hear.open_hearing(**_case(case, by, at, transition_no), staff=staff, allegations=allegations)


def answer_for(
    case: Case | TransferSlip,
    by: Staff,
    staff: Staff,
    at: datetime = MONDAY,
    *,
    account: str = "本人说明如附件。",
    transition_no: int | None = None,
    **more: Any,
) -> Hearing:
    return hear.record_account(**_case(case, by, at, transition_no), staff=staff, account=account, **more)


def excuse(
    case: Case | TransferSlip,
    by: Staff,
    staff: Staff,
    at: datetime = MONDAY,
    *,
    because: str = "refused",
    reason: str = "两次书面通知，拒绝说明。",
    transition_no: int | None = None,
) -> Hearing:
    return hear.excuse_hearing(**_case(case, by, at, transition_no), staff=staff, because=because, reason=reason)


def answer(
    hearing: Hearing, by: Staff, at: datetime = MONDAY, *, account: str = "按公示价格收费。", **more: Any
) -> Hearing:
    return hear.give_account(public_id=hearing.public_id, actor=by, now=at, account=account, **more)


def find_out(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    verdict: str = "unfounded",
    reasons: str = "有收据为证。",
    transition_no: int | None = None,
    **more: Any,
) -> Finding:
    return find.record_finding(**_case(case, by, at, transition_no), verdict=verdict, reasons=reasons, **more)


def sanction(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    kind: str = "criticism",
    text: str = "在部门会议上批评。",
    transition_no: int | None = None,
    **more: Any,
) -> Sanction:
    return decide.decide_sanction(**_case(case, by, at, transition_no), kind=kind, text=text, **more)


def apologise(
    case: Case | TransferSlip,
    by: Staff,
    at: datetime = MONDAY,
    *,
    kind: str = "apology",
    text: str = "就多收费用一事向居民致歉。",
    transition_no: int | None = None,
) -> Apology:
    return decide.decide_apology(**_case(case, by, at, transition_no), kind=kind, text=text)


def confirm_correction(
    case: Case | TransferSlip,
    by: Staff,
    sanction: Sanction,
    at: datetime = MONDAY,
    *,
    note: str = "已公示收费项目，到现场看过。",
    transition_no: int | None = None,
) -> Correction:
    return decide.confirm_correction(**_case(case, by, at, transition_no), sanction_id=sanction.pk, note=note)
